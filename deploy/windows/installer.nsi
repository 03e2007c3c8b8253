; Installer of the THĐT agent for 64-bit Windows, compiled on Linux: npm run package:windows.
; Double-click asks for role, address and code. Silent, for group policy: setup.exe /S /CODE=… /COLLECTOR=… [/ROLE=endpoint|site] [/D=folder]
; Exit codes: 0 installed, 1 cancelled, 2 failed (the reason stands in install.log of the data folder).
Unicode true
Target amd64-unicode
!ifdef FAST
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif
ManifestDPIAware true
ManifestSupportedOS all
RequestExecutionLevel admin
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "nsDialogs.nsh"
!include "x64.nsh"

; VERSION (1.2.3), STAGE (folder with node.exe, nssm.exe, app\), OUT are given by the packager.
!define SERVICE "THDTAgent"
!define SERVICE_KEY "System\CurrentControlSet\Services\${SERVICE}"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\THDTAgent"
!define RELAY_PORT 8265
; Where an installation says that the data folder is its own.
!define OWN_KEY "Software\THDT\Agent"

Name "THĐT Agent ${VERSION}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\THDT"
ShowInstDetails show
ShowUninstDetails show
VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=1066 "ProductName" "THĐT Agent"
VIAddVersionKey /LANG=1066 "FileDescription" "Tác tử đo hạ tầng trường học điện tử"
VIAddVersionKey /LANG=1066 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1066 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1066 "LegalCopyright" "GPL-3.0-or-later"

Var Role
Var Collector
Var Code
Var Data
Var IsOurs
Var RoleSite
Var CollectorField
Var CodeField
Var Step

!insertmacro MUI_PAGE_WELCOME
Page custom AskPage AskLeave
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_TEXT "Tác tử đang chạy và sẽ tự chạy mỗi khi bật máy. Báo cáo đầu tiên tới máy chủ trong khoảng một phút: xem dòng của trường trên trang cài đặt chuyển sang màu xanh."
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Vietnamese"

; Runs a program without a window. Its exit code is in $0; its output goes to the details list.
!macro Run COMMAND
  nsExec::ExecToLog '${COMMAND}'
  Pop $0
!macroend

; The same, and a failure ends the installation: half an agent is worse than none.
!macro Must STEP COMMAND
  StrCpy $Step "${STEP}"
  nsExec::ExecToLog '${COMMAND}'
  Pop $0
  ${If} $0 != 0
    Call Failed
  ${EndIf}
!macroend

; $R0 holds the command line, $1 an option's name with its "=". Leaves the value in $0, empty when it is not there. FileFunc's
; GetOptions ends a value at the next slash, of which an address has two.
Function Option
  StrLen $2 $1
  StrCpy $3 -1
  StrCpy $0 ""
  ${Do}
    IntOp $3 $3 + 1
    StrCpy $4 $R0 $2 $3
    ${If} $4 == ""
      Return
    ${EndIf}
  ${LoopUntil} $4 == $1
  IntOp $3 $3 + $2
  StrCpy $5 " "
  StrCpy $4 $R0 1 $3
  ${If} $4 == '"'
    StrCpy $5 '"'
    IntOp $3 $3 + 1
  ${EndIf}
  ${Do}
    StrCpy $4 $R0 1 $3
    ${If} $4 == ""
    ${OrIf} $4 == $5
      Return
    ${EndIf}
    StrCpy $0 "$0$4"
    IntOp $3 $3 + 1
  ${Loop}
FunctionEnd
!macro Option NAME VARIABLE
  StrCpy $1 "${NAME}"
  Call Option
  StrCpy ${VARIABLE} $0
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Cần Windows 64 bit." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetShellVarContext all
  StrCpy $Data "$APPDATA\THDT"
  ${GetParameters} $R0
  !insertmacro Option "/ROLE=" $Role
  !insertmacro Option "/COLLECTOR=" $Collector
  !insertmacro Option "/CODE=" $Code
  ; An upgrade goes where the first installation went.
  ReadRegStr $R1 HKLM "${KEY}" "InstallLocation"
  ${If} $R1 != ""
    StrCpy $INSTDIR $R1
  ${EndIf}
  ; A folder of that name that no installation made is somebody's who waits for an administrator to run what lies in it.
  SetRegView 64
  StrCpy $IsOurs "no"
  ReadRegStr $R1 HKLM "${OWN_KEY}" "Data"
  ReadRegStr $R2 HKLM "${SERVICE_KEY}" "ImagePath"
  ${If} $R1 == $Data
  ${OrIf} $R2 != ""
    StrCpy $IsOurs "yes"
  ${EndIf}
  ${If} $Role == ""
    Call HasSettings
    ${If} $0 == "no"
      StrCpy $Role "endpoint"
    ${EndIf}
  ${EndIf}
FunctionEnd

; $0: whether an earlier installation left its settings.
Function HasSettings
  StrCpy $0 "no"
  ${If} $IsOurs == "yes"
  ${AndIf} ${FileExists} "$Data\agent.json"
    StrCpy $0 "yes"
  ${EndIf}
FunctionEnd

; Makes the data folder for the system and administrators alone, in one step: everybody may make folders beside it, and in a
; new one of them. What bears its name already and is not ours is put aside unread, also where it is a link to elsewhere.
Function OwnData
  StrCpy $Step "lập thư mục dữ liệu $Data"
  ${If} $IsOurs == "no"
  ${AndIf} ${FileExists} "$Data"
    ${GetTime} "" "L" $2 $3 $4 $5 $6 $7 $8
    ClearErrors
    Rename "$Data" "$Data-la-$4$3$2-$6$7$8"
    ${If} ${Errors}
      StrCpy $0 "5"
      Call Failed
    ${EndIf}
  ${EndIf}
  ${If} $IsOurs == "no"
  ${OrIfNot} ${FileExists} "$Data"
    System::Call 'advapi32::ConvertStringSecurityDescriptorToSecurityDescriptorW(w "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", i 1, *p .r2, p 0) i .r1 ?e'
    Pop $0
    ${If} $1 == 0
      Call Failed
    ${EndIf}
    ; SECURITY_ATTRIBUTES of 64 bits, with its padding.
    System::Call '*(i 24, i 0, p r2, i 0, i 0) p .r3'
    System::Call 'kernel32::CreateDirectoryW(w "$Data", p r3) i .r1 ?e'
    Pop $0
    System::Free $3
    System::Call 'kernel32::LocalFree(p r2)'
    ${If} $1 == 0
      Call Failed
    ${EndIf}
  ${EndIf}
  WriteRegStr HKLM "${OWN_KEY}" "Data" "$Data"
  StrCpy $IsOurs "yes"
FunctionEnd

Function AskPage
  ; An upgrade keeps its settings; nobody is asked.
  Call HasSettings
  ${If} $0 == "yes"
  ${AndIf} $Code == ""
    Abort
  ${EndIf}
  !insertmacro MUI_HEADER_TEXT "Nối với Phòng/Sở" "Chép mã và địa chỉ từ trang cài đặt của trường."
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 10u "Mã cài đặt"
  Pop $0
  ${NSD_CreateText} 0 11u 100% 13u "$Code"
  Pop $CodeField
  ${NSD_CreateLabel} 0 32u 100% 10u "Địa chỉ máy chủ (máy của trường: http://TEN-MAY:${RELAY_PORT}; hoặc máy chủ của Phòng/Sở)"
  Pop $0
  ${NSD_CreateText} 0 43u 100% 13u "$Collector"
  Pop $CollectorField
  ${NSD_CreateRadioButton} 0 68u 100% 11u "Máy tính thường: chỉ báo diệt virus và tình trạng của chính máy này"
  Pop $0
  ${If} $Role != "site"
    ${NSD_Check} $0
  ${EndIf}
  ${NSD_CreateRadioButton} 0 81u 100% 11u "Máy đo của trường: đo Internet, mạng LAN, camera (mỗi trường một máy luôn bật)"
  Pop $RoleSite
  ${If} $Role == "site"
    ${NSD_Check} $RoleSite
  ${EndIf}
  ${NSD_SetFocus} $CodeField
  nsDialogs::Show
FunctionEnd

Function AskLeave
  ${NSD_GetText} $CodeField $Code
  ${NSD_GetText} $CollectorField $Collector
  ${NSD_GetState} $RoleSite $0
  StrCpy $Role "endpoint"
  ${If} $0 == ${BST_CHECKED}
    StrCpy $Role "site"
  ${EndIf}
  ${If} $Code == ""
  ${OrIf} $Collector == ""
    MessageBox MB_ICONEXCLAMATION "Cần cả mã cài đặt và địa chỉ máy chủ." /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

; Tells, undoes the service if there was none before, and ends with code 2.
Function Failed
  DetailPrint "Không xong: $Step (mã $0)"
  Call KeepLog
  MessageBox MB_ICONSTOP "Không cài được: $Step (mã $0). Xem $Data\install.log." /SD IDOK
  SetErrorLevel 2
  Quit
FunctionEnd

; One line about how it ended; a silent installation has no window to read.
Function KeepLog
  ${If} $IsOurs == "no"
    Return
  ${EndIf}
  ClearErrors
  FileOpen $1 "$Data\install.log" a
  ${IfNot} ${Errors}
    FileSeek $1 0 END
    ${GetTime} "" "L" $2 $3 $4 $5 $6 $7 $8
    FileWriteUTF16LE $1 "$4-$3-$2 $6:$7:$8 THĐT Agent ${VERSION}: $Step ($0)$\r$\n"
    FileClose $1
  ${EndIf}
FunctionEnd

Section "THĐT Agent"
  SetShellVarContext all
  SetRegView 64
  ; An agent that runs holds node.exe; nothing happens on a first installation.
  ${If} ${FileExists} "$INSTDIR\nssm.exe"
    !insertmacro Run '"$INSTDIR\nssm.exe" stop ${SERVICE}'
  ${EndIf}
  Call OwnData
  SetOutPath "$INSTDIR"
  SetOverwrite on
  RMDir /r "$INSTDIR\app"
  ; What was fetched before is older than what is installed now.
  RMDir /r "$Data\versions"
  ClearErrors
  File /r "${STAGE}\*.*"
  ${If} ${Errors}
    StrCpy $Step "chép tệp vào $INSTDIR"
    StrCpy $0 "1"
    Call Failed
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateDirectory "$Data\logs"
  ; By environment, not by arguments, and by the stack: whatever was typed cannot become another argument.
  Push $Role
  System::Call 'kernel32::SetEnvironmentVariable(t "THDT_ROLE", t s)'
  Push $Collector
  System::Call 'kernel32::SetEnvironmentVariable(t "THDT_COLLECTOR", t s)'
  Push $Code
  System::Call 'kernel32::SetEnvironmentVariable(t "THDT_CODE", t s)'
  !insertmacro Must "ghi cấu hình (mã, địa chỉ)" '"$INSTDIR\node.exe" "$INSTDIR\app\main.mjs" setup --config "$Data\agent.json"'

  ; The service's own account, a member of Users and nothing else. An upgrade finds the service there.
  ReadRegStr $R1 HKLM "${SERVICE_KEY}" "ImagePath"
  ${If} $R1 == ""
    !insertmacro Must "khai dịch vụ" '"$SYSDIR\sc.exe" create ${SERVICE} binPath= "\"$INSTDIR\nssm.exe\"" start= auto obj= "NT SERVICE\${SERVICE}" DisplayName= "THĐT Agent"'
  ${EndIf}
  WriteRegStr HKLM "${SERVICE_KEY}" "Description" "Đo hạ tầng trường học điện tử và gửi về Phòng/Sở"
  ; What nssm reads (its README, "Service parameters"). It has no console to use since Windows 10, hence AppNoConsole.
  !define PARAMETERS "${SERVICE_KEY}\Parameters"
  WriteRegExpandStr HKLM "${PARAMETERS}" "Application" "$INSTDIR\node.exe"
  WriteRegExpandStr HKLM "${PARAMETERS}" "AppParameters" '"$INSTDIR\launcher.mjs" --versions "$Data\versions" run --config "$Data\agent.json"'
  WriteRegExpandStr HKLM "${PARAMETERS}" "AppDirectory" "$Data"
  WriteRegExpandStr HKLM "${PARAMETERS}" "AppStdout" "$Data\logs\agent.log"
  WriteRegExpandStr HKLM "${PARAMETERS}" "AppStderr" "$Data\logs\agent.log"
  WriteRegDWORD HKLM "${PARAMETERS}" "AppNoConsole" 1
  WriteRegDWORD HKLM "${PARAMETERS}" "AppRotateFiles" 1
  WriteRegDWORD HKLM "${PARAMETERS}" "AppRotateOnline" 1
  WriteRegDWORD HKLM "${PARAMETERS}" "AppRotateBytes" 5242880
  WriteRegDWORD HKLM "${PARAMETERS}" "AppRestartDelay" 10000
  WriteRegStr HKLM "${PARAMETERS}\AppExit" "" "Restart"
  ; Who may use the data: the service, the system, administrators.
  ; Elsewhere than in Program Files a folder may be everybody's to change, and the service runs what stands in this one.
  !insertmacro Must "đặt quyền thư mục chương trình" '"$SYSDIR\icacls.exe" "$INSTDIR" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-32-545:(OI)(CI)RX" /T /C /Q'
  !insertmacro Must "đặt quyền thư mục dữ liệu" '"$SYSDIR\icacls.exe" "$Data" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "NT SERVICE\${SERVICE}:(OI)(CI)M" /T /C /Q'

  ; Only the school's own agent is asked by others, and only from the same network.
  !insertmacro Run '"$SYSDIR\netsh.exe" advfirewall firewall delete rule name="THDT Agent relay"'
  ${If} $Role == "site"
    !insertmacro Must "mở cổng ${RELAY_PORT} trong tường lửa" '"$SYSDIR\netsh.exe" advfirewall firewall add rule name="THDT Agent relay" dir=in action=allow program="$INSTDIR\node.exe" protocol=TCP localport=${RELAY_PORT} remoteip=localsubnet profile=domain,private'
  ${EndIf}

  WriteRegStr HKLM "${KEY}" "DisplayName" "THĐT Agent"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "Publisher" "THĐT"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  ${GetSize} "$INSTDIR" "/S=0K" $1 $2 $3
  WriteRegDWORD HKLM "${KEY}" "EstimatedSize" $1
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1

  CreateDirectory "$SMPROGRAMS\THDT"
  CreateShortCut "$SMPROGRAMS\THDT\Kiểm tra tác tử.lnk" "$SYSDIR\cmd.exe" '/k ""$INSTDIR\node.exe" "$INSTDIR\app\main.mjs" doctor --config "$Data\agent.json""'
  ${If} $Role == "site"
    CreateShortCut "$SMPROGRAMS\THDT\Trang của tác tử.lnk" "$INSTDIR\node.exe" '"$INSTDIR\app\main.mjs" open --config "$Data\agent.json"'
  ${EndIf}

  !insertmacro Must "khởi động dịch vụ" '"$INSTDIR\nssm.exe" start ${SERVICE}'
  StrCpy $Step "đã cài"
  Call KeepLog
SectionEnd

Section "Uninstall"
  SetShellVarContext all
  StrCpy $Data "$APPDATA\THDT"
  ${GetParameters} $R0
  ; Waits for the end; unsent reports get three seconds by the agent itself.
  !insertmacro Run '"$INSTDIR\nssm.exe" stop ${SERVICE}'
  !insertmacro Run '"$INSTDIR\nssm.exe" remove ${SERVICE} confirm'
  !insertmacro Run '"$SYSDIR\netsh.exe" advfirewall firewall delete rule name="THDT Agent relay"'
  RMDir /r "$SMPROGRAMS\THDT"
  RMDir /r "$INSTDIR\app"
  Delete "$INSTDIR\node.exe"
  Delete "$INSTDIR\nssm.exe"
  Delete "$INSTDIR\launcher.mjs"
  Delete "$INSTDIR\release-key.json"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${KEY}"
  ; /KEEPDATA: settings, identity and unsent reports stay for a later installation.
  ClearErrors
  ${GetOptions} $R0 "/KEEPDATA" $R1
  ${If} ${Errors}
    RMDir /r "$Data"
    DeleteRegKey HKLM "${OWN_KEY}"
    DeleteRegKey /ifempty HKLM "Software\THDT"
  ${EndIf}
SectionEnd
