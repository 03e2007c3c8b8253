import type { Logger } from 'pino';
import { claimedAgent } from '../../shared/wire/signature.ts';
import type { Identity } from './identity.ts';

/** Whose a refused report is, and how an endpoint that is not taken any more enrols anew, by itself and not too often. */

/** What an endpoint mends by enrolling anew; a revocation is a person's decision. */
const RENEWABLE: ReadonlySet<string> = new Set(['agent-replaced', 'machine-mismatch', 'agent-unknown']);

export interface RenewalOptions {
  log: Logger;
  identity: () => Identity;
  /** Enrols anew; absent where that is not the agent's to do. Rejects when it fails. */
  renew?: (() => Promise<void>) | undefined;
  /** Least time between two, ms. */
  everyMs: number;
}

export class Renewal {
  readonly #options: RenewalOptions;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** After a refusal with `code`: whether the agent has another name now. */
  async after(code: string): Promise<boolean> {
    const { renew, log, identity, everyMs } = this.#options;
    const now = performance.now();
    if (!renew || !RENEWABLE.has(code) || now - this.#lastMs < everyMs) return false;
    this.#lastMs = now;
    const before = identity().agentId;
    log.warn({ code, agent: before }, 'the collector does not take this identity: enrolling anew');
    try {
      await renew();
    } catch (error) {
      // No reason to wait long: nothing was enrolled that could chase another.
      this.#lastMs = Number.NEGATIVE_INFINITY;
      log.warn({ err: error }, 'not enrolled anew');
    }
    return identity().agentId !== before;
  }
}

/** Null when the file is no signed report. */
export function signerOf(jws: string): string | null {
  try {
    return claimedAgent(jws);
  } catch {
    return null;
  }
}
