import type { ReactNode } from 'react';
import { useT } from '../messages/messages.tsx';

/** What a person sees on Windows, drawn: the warning, the installer's page (deploy/windows/installer.nsi), its end. */

const WIDTH = 320;
const HEIGHT = 170;

function Picture({ label, children }: { label: string; children: ReactNode }) {
  return (
    <svg className="install-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {children}
    </svg>
  );
}

function Dialog({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <rect x="1" y="1" width={WIDTH - 2} height={HEIGHT - 2} fill="#f4f5f7" stroke="#8a919c" />
      <rect x="1" y="1" width={WIDTH - 2} height="20" fill="#fff" />
      <text x="8" y="15" fontSize="10">
        {title}
      </text>
      {children}
    </>
  );
}

function PressButton({ x, y, text, main = false }: { x: number; y: number; text: string; main?: boolean }) {
  return (
    <>
      <rect
        x={x}
        y={y}
        width="80"
        height="20"
        fill={main ? '#dbeafe' : '#fff'}
        stroke={main ? '#1c5fb8' : '#8a919c'}
        strokeWidth={main ? 2 : 1}
      />
      <text x={x + 40} y={y + 14} fontSize="10" textAnchor="middle" fontWeight={main ? 700 : 400}>
        {text}
      </text>
    </>
  );
}

export function WarningPicture() {
  const t = useT();
  return (
    <Picture label={t('installPicture1')}>
      <rect x="1" y="1" width={WIDTH - 2} height={HEIGHT - 2} fill="#0b5394" />
      <g fill="#fff" fontSize="10">
        <text x="16" y="34" fontSize="15">
          Windows protected your PC
        </text>
        <text x="16" y="58">
          Microsoft Defender SmartScreen prevented an
        </text>
        <text x="16" y="72">
          unrecognized app from starting.
        </text>
        <text x="16" y="96" textDecoration="underline" fontWeight="700">
          More info
        </text>
      </g>
      <Finger x={70} y={92} n={1} />
      <PressButton x={120} y={130} text="Run anyway" main />
      <Finger x={200} y={140} n={2} />
      <PressButton x={224} y={130} text="Don't run" />
    </Picture>
  );
}

/** Where to click, in order. */
function Finger({ x, y, n }: { x: number; y: number; n: number }) {
  return (
    <g>
      <circle cx={x + 8} cy={y} r="8" fill="#c2410c" />
      <text x={x + 8} y={y + 4} fontSize="10" textAnchor="middle" fill="#fff" fontWeight="700">
        {n}
      </text>
    </g>
  );
}

function Field({ y, label, text, n }: { y: number; label: string; text: string; n: number }) {
  return (
    <>
      <text x="12" y={y} fontSize="10">
        {label}
      </text>
      <rect x="12" y={y + 4} width="270" height="18" fill="#fff" stroke="#8a919c" />
      <text x="18" y={y + 17} fontSize="11" fontFamily="monospace" fontWeight="700">
        {text.length > 38 ? `${text.slice(0, 37)}…` : text}
      </text>
      <Finger x={288} y={y + 13} n={n} />
    </>
  );
}

function Choice({ y, text, on }: { y: number; text: string; on: boolean }) {
  return (
    <>
      <circle cx="18" cy={y - 3} r="5" fill="#fff" stroke="#8a919c" />
      {on && <circle cx="18" cy={y - 3} r="3" fill="#1c5fb8" />}
      <text x="28" y={y} fontSize="10" fontWeight={on ? 700 : 400}>
        {text}
      </text>
    </>
  );
}

export function FormPicture({ kind, code, address }: { kind: 'site' | 'endpoint'; code: string; address: string }) {
  const t = useT();
  return (
    <Picture label={t('installPicture2')}>
      <Dialog title="THĐT Agent">
        <Field y={36} label={t('installPictureCode')} text={code} n={1} />
        <Field y={76} label={t('installPictureAddress')} text={address} n={2} />
        <Choice y={116} text={t('installPicturePc')} on={kind === 'endpoint'} />
        <Choice y={132} text={t('installPictureSite')} on={kind === 'site'} />
        {kind === 'site' && <Finger x={130} y={129} n={3} />}
        <PressButton x={206} y={142} text={t('installPictureInstall')} main />
        <Finger x={288} y={152} n={kind === 'site' ? 4 : 3} />
      </Dialog>
    </Picture>
  );
}

export function EndPicture() {
  const t = useT();
  return (
    <Picture label={t('installPicture3')}>
      <Dialog title="THĐT Agent">
        <circle cx="40" cy="80" r="18" fill="#0b6b4f" />
        <path d="M31 80 l7 7 l12 -14" fill="none" stroke="#fff" strokeWidth="3" />
        <text x="72" y="85" fontSize="13" fontWeight="700">
          {t('installPictureDone')}
        </text>
        <PressButton x={206} y={140} text={t('installPictureFinish')} main />
        <Finger x={288} y={150} n={1} />
      </Dialog>
    </Picture>
  );
}
