import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { formatTime } from '../../shared/vietnamese.ts';
import { compareMachines, type Machine, renewed } from '../../shared/wire/machine.ts';
import { EnrolError, enrol } from './enrol.ts';
import { type Identity, IdentityError, loadIdentity, saveIdentity } from './identity.ts';

/**
 * How an endpoint comes by its identity without a person: by the code in its configuration, again and again until it
 * succeeds. An identity that came with a copied disk is another PC's: it is seen by the hardware and never used.
 */

export interface SelfEnrolOptions {
  dataDir: string;
  /** Base address; undefined where the configuration names none. */
  collector: string | undefined;
  code: string | undefined;
  machine: Machine;
  log: Logger;
  say: (line: string) => void;
  signal: AbortSignal;
  waits?: EnrolWaits;
  random?: () => number;
}
export interface EnrolWaits {
  /** The first try is drawn within this time: the PCs of a room are switched on together. */
  spreadMs: number;
  /** Waits between tries double from the first to the last. */
  minMs: number;
  maxMs: number;
}
export const ENROL_WAITS: EnrolWaits = { spreadMs: 5_000, minMs: 5_000, maxMs: 900_000 };

/** The identity of this machine; null when `signal` aborted. Throws EnrolError `no-code` where nothing can be tried. */
export async function ownIdentity(options: SelfEnrolOptions): Promise<Identity | null> {
  const { dataDir, machine, log } = options;
  const kept = await usable(dataDir, log);
  if (kept?.target !== undefined && compareMachines(kept.machine ?? machine, machine) !== 'other') {
    const now = kept.machine ? renewed(kept.machine, machine) : machine;
    if (JSON.stringify(now) === JSON.stringify(kept.machine)) return kept;
    // A part was changed: held against the parts of the first day, the third change would look like another PC.
    const own = { ...kept, machine: now };
    await saveIdentity(dataDir, own);
    return own;
  }
  if (kept) log.warn({ agent: kept.agentId }, 'the identity on this disk is of another machine: enrolling anew');
  return enrolUntil(options, kept?.agentId);
}

/** Nobody is there to mend a damaged file on a lab's PC, and the code makes another. */
async function usable(dataDir: string, log: Logger): Promise<Identity | null> {
  try {
    return await loadIdentity(dataDir);
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    log.error({ err: error }, 'identity cannot be read: enrolling anew');
    return null;
  }
}

async function enrolUntil(options: SelfEnrolOptions, formerAgent: string | undefined): Promise<Identity | null> {
  const { dataDir, collector, code, machine, log, say, signal, waits = ENROL_WAITS, random = Math.random } = options;
  if (code === undefined || collector === undefined)
    throw new EnrolError('no-code', 'máy này chưa ghi danh: ghi "collector" và "code" vào tệp cấu hình');
  let told: string | null = null;
  let waitMs = waits.spreadMs * random();
  for (let failures = 0; !signal.aborted; failures++) {
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    try {
      return await enrol(dataDir, collector, code, { machine, formerAgent });
    } catch (error) {
      if (!(error instanceof EnrolError)) throw error;
      log.warn({ code: error.code, why: error.message }, 'not enrolled, trying again');
      if (told !== error.code) say(`${formatTime(Date.now())} Chưa ghi danh được, vẫn thử lại: ${error.message}`);
      told = error.code;
    }
    const step = Math.min(waits.maxMs, waits.minMs * 2 ** Math.min(failures, 30));
    waitMs = step * (0.5 + 0.5 * random());
  }
  return null;
}
