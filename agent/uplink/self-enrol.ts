import type { Logger } from 'pino';
import { formatTime } from '../../shared/vietnamese.ts';
import { compareMachines, type Machine, renewed } from '../../shared/wire/machine.ts';
import { EnrolError, enrol } from './enrol.ts';
import { type EnrolWaits, enrolAgain } from './enrol-again.ts';
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

function enrolUntil(options: SelfEnrolOptions, formerAgent: string | undefined): Promise<Identity | null> {
  const { dataDir, collector, code, machine, log, say, signal, waits, random } = options;
  if (code === undefined || collector === undefined)
    throw new EnrolError('no-code', 'máy này chưa ghi danh: ghi "collector" và "code" vào tệp cấu hình');
  let told: string | null = null;
  const failed = (error: EnrolError) => {
    if (told !== error.code) say(`${formatTime(Date.now())} Chưa ghi danh được, vẫn thử lại: ${error.message}`);
    told = error.code;
    return false;
  };
  return enrolAgain(() => enrol(dataDir, collector, code, { machine, formerAgent }), {
    log,
    signal,
    waits,
    random,
    failed,
  });
}
