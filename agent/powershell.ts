import { runTool, type Tool } from './run-tool.ts';

/**
 * Asks Windows PowerShell. A script sets `$answer`; its JSON comes back as base64 behind a mark, so that neither the
 * console's code page nor what modules print around it can change a name. Scripts are constants: nothing that a host or
 * a person names is ever put into one.
 */

const MARK = 'thdt:';
/** Where a policy forbids the conversion (constrained language mode), the JSON comes as it is. */
const TAIL = `
$json = ConvertTo-Json -Compress -Depth 4 -InputObject $answer
try { '${MARK}' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)) } catch { $json }
`;
const HEAD = "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'\n";

/** Arguments that carry the script whole, whatever it contains: -EncodedCommand takes base64 of UTF-16LE. */
export function powerShellArgs(script: string): string[] {
  const encoded = Buffer.from(HEAD + script + TAIL, 'utf16le').toString('base64');
  return ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-EncodedCommand', encoded];
}

/** What `$answer` was; `undefined` with `ok` is an answer that does not answer, such as none at all with exit code 0. */
export async function askPowerShell(
  script: string,
  signal: AbortSignal,
  timeoutMs = 25_000,
): Promise<{ answer: unknown; why: Tool['why'] }> {
  const { output, why } = await runTool('powershell.exe', powerShellArgs(script), timeoutMs, signal);
  return { answer: output === null ? undefined : answerIn(output), why };
}

/** The answer in what PowerShell printed; undefined where there is none. Never throws. */
export function answerIn(output: string): unknown {
  // A redirected console may write UTF-16: the zero bytes and the byte order mark go, base64 stays.
  const text = output.replaceAll('\0', '').replace(/^\uFEFF|^\uFFFD{2}/, '');
  const marked = new RegExp(`^${MARK}([A-Za-z0-9+/=]+)\\s*$`, 'm').exec(text)?.[1];
  try {
    if (marked === undefined) return text.includes('\uFFFD') ? undefined : JSON.parse(text);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(marked, 'base64')));
  } catch {
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** ConvertTo-Json may write one object for a list of one, or `{"value":[…],"Count":1}`; null is "could not ask". */
export function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (isRecord(value) && Array.isArray(value.value)) return value.value;
  return isRecord(value) ? [value] : undefined;
}
