import type { Logger } from 'pino';
import { formatTime } from '../../shared/vietnamese.ts';
import { type EnrolError, enrol } from './enrol.ts';
import { ENROL_WAITS, type EnrolWaits, enrolAgain } from './enrol-again.ts';
import { codeDigest, type Identity, IdentityError, loadIdentity } from './identity.ts';

/**
 * How the agent of a school comes by its identity when its installer left a code in the configuration. The code is for one
 * machine and one day, so one that is refused stays refused: it is told, and not shown again until the configuration
 * changes. It stays in the file; the identity keeps the digest of the code that it came from, so that a spent one is known.
 */

export interface SiteEnrolOptions {
  dataDir: string;
  /** Base address. */
  collector: string;
  code: string;
  log: Logger;
  say: (line: string) => void;
  signal: AbortSignal;
  waits?: EnrolWaits | undefined;
  random?: (() => number) | undefined;
  /** How it stands, after each failure; null: it is done. */
  onState?: (state: EnrolState | null) => void;
}
export interface EnrolState {
  /** `refused`: a person must bring another code. */
  how: 'trying' | 'refused';
  /** What the last try came to, one line in Vietnamese. */
  message: string;
  /** RFC 3339. */
  at: string;
}

/** One machine a school: there is nobody to be spread from, and a person is watching. */
const SITE_WAITS: EnrolWaits = { ...ENROL_WAITS, spreadMs: 0, maxMs: 300_000 };
/** What the same code will be answered again. Anything else may pass: a network, a login page, a busy district. */
const FINAL: ReadonlySet<string> = new Set(['code-refused', 'code-shape', 'code-expired', 'input-invalid']);

/** An identity of a PC does not sign for a school. */
export const WRONG_ROLE =
  'máy này đã ghi danh là máy tính thường ("endpoint"): xin mã của máy đo rồi ghi danh lại, hoặc đổi "role" về "endpoint"';

/** Whether the code in a configuration is one that this machine has not enrolled by. */
export const isUnspent = (code: string | undefined, identity: Identity | null): code is string =>
  code !== undefined && !(identity?.spentCodes ?? []).includes(codeDigest(code));

/** The identity of this machine as the agent of a school; one of a PC is none. A damaged file is none either: null. */
export async function siteIdentity(dataDir: string): Promise<Identity | null> {
  try {
    const identity = await loadIdentity(dataDir);
    return identity?.target === undefined ? identity : null;
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    return null;
  }
}

/** Enrols by the code; true when it did. False: refused, aborted, or the machine was enrolled meanwhile by another way. */
export async function enrolByCode(options: SiteEnrolOptions): Promise<boolean> {
  const { dataDir, collector, code, log, say, signal, waits = SITE_WAITS, random, onState } = options;
  let told: string | null = null;
  const failed = (error: EnrolError) => {
    const how = FINAL.has(error.code) ? 'refused' : 'trying';
    onState?.({ how, message: error.message, at: new Date().toISOString() });
    const time = formatTime(Date.now());
    if (how === 'refused')
      say(
        `${time} Mã cài đặt không dùng được: ${error.message}. Cài lại với mã mới, hoặc nhập mã mới trên trang của tác tử`,
      );
    else if (told !== error.code) say(`${time} Chưa ghi danh được, vẫn thử lại: ${error.message}`);
    told = error.code;
    return how === 'refused';
  };
  const attempt = async () => {
    if (!isUnspent(code, await siteIdentity(dataDir))) return null;
    return enrol(dataDir, collector, code);
  };
  const identity = await enrolAgain(attempt, { log, signal, waits, random, failed });
  if (!identity) return false;
  onState?.(null);
  say(`${formatTime(Date.now())} Đã ghi danh: ${identity.school.name}`);
  return true;
}
