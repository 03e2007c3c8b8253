import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { formatTime } from '../../shared/vietnamese.ts';
import { type Acknowledgement, REPORT_CONTENT_TYPE } from '../../shared/wire/report.ts';
import type { Spool } from '../spool/spool.ts';
import { judge, type Verdict } from './answer.ts';
import type { Identity } from './identity.ts';
import { Parking } from './parking.ts';
import { NoAnswerError, post } from './post.ts';
import { Renewal, signerOf } from './renewal.ts';
import type { StateFile } from './state.ts';
import { DEFAULT_TIMINGS, type Timings } from './timings.ts';

/** Sends spooled reports, oldest first, until each is acknowledged or known never to be accepted. */

export interface SenderOptions {
  spool: Spool;
  state: StateFile;
  log: Logger;
  /** Tells the person who watches, one line in Vietnamese: the first acknowledgement, a pause and its end. */
  say?: (line: string) => void;
  /** Base address of the collector, asked for each report: it may change with the identity. */
  collector: () => string;
  identity: () => Identity;
  /** Reads the identity from disk again: the agent may have been enrolled anew, and elsewhere, while nothing was taken. */
  reloadIdentity: () => Promise<void>;
  /** Of an endpoint: enrols anew. Rejects when that fails. */
  renew?: () => Promise<void>;
  /** Told each acknowledgement, and null when the collector was not there or could not take a report of anybody. */
  onAnswer?: (answer: Acknowledgement | null) => void;
  timings?: Partial<Timings>;
  /** Reports under way at once. */
  parallel?: number;
  random?: () => number;
}

/**
 * How one attempt ended: acknowledged; done with; a wait that grows with failures in a row; the same unless the fault is the
 * report's own (`suspect`); a wait of a given length, ms.
 */
type Next = 'stored' | 'go-on' | 'back-off' | 'suspect' | number;

export class Sender {
  readonly #options: SenderOptions;
  readonly #timings: Timings;
  readonly #stop = new AbortController();
  readonly #parking: Parking;
  readonly #renewal: Renewal;
  #failures = 0;
  #acknowledged = 0;
  #toldPause: string | null = null;
  #wake = Promise.withResolvers<void>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.#parking = new Parking(this.#timings.backoffMaxMs);
    const { log, identity, renew } = options;
    this.#renewal = new Renewal({ log, identity, renew, everyMs: this.#timings.renewMs });
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Says that a report came into the spool. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Lets the sender go on for at most `graceMs` while there is something to send, then ends it. Nothing is lost by it. */
  async stop(graceMs = 0): Promise<void> {
    const deadline = performance.now() + graceMs;
    // A failure in a row means that waiting helps nobody.
    while (this.#options.spool.pending > 0 && this.#failures === 0 && performance.now() < deadline) await delay(20);
    this.#stop.abort();
    this.#wake.resolve();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#wake = Promise.withResolvers<void>();
      const batch = this.#parking.due(this.#options.spool.ids(), this.#options.parallel ?? 2);
      if (batch.length === 0) {
        await this.#idle();
        continue;
      }
      const asked = await Promise.all(batch.map((id) => this.#attempt(id)));
      const stored = asked.includes('stored');
      const next = asked.map((one, index) =>
        one === 'suspect' ? this.#parking.suspected(batch[index]!, stored) : one,
      );
      if (next.every((one) => one === 'go-on' || one === 'stored')) {
        this.#failures = 0;
        continue;
      }
      const backOffMs = next.includes('back-off') ? this.#backOffMs() : 0;
      await this.#wait(Math.max(backOffMs, ...next.filter((one) => typeof one === 'number')));
      // The collector that does not answer may have been left for another.
      if (backOffMs > 0) await this.#reload();
    }
  }

  /** Until a report comes, or a parked one is due. */
  async #idle(): Promise<void> {
    const parkedMs = this.#parking.nextMs();
    if (!Number.isFinite(parkedMs)) return this.#wake.promise;
    const cancel = new AbortController();
    await Promise.race([this.#wake.promise, delay(Math.max(1, parkedMs), undefined, cancel).catch(() => {})]);
    cancel.abort();
  }

  async #wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }

  /** Exponential with jitter (half to whole of the step), so that the schools of a city do not come back all at once. */
  #backOffMs(): number {
    const { backoffMinMs, backoffMaxMs } = this.#timings;
    const step = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return step * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
  }

  async #attempt(id: string): Promise<Next> {
    try {
      const jws = await this.#options.spool.read(id);
      if (jws === null) {
        this.#options.log.warn({ report: id }, 'report file is gone');
        return 'go-on';
      }
      const sentMs = Date.now();
      const verdict = await this.#send(id, jws);
      return verdict === null ? 'go-on' : await this.#follow(id, jws, verdict, sentMs);
    } catch (error) {
      // The disk refused (full, damaged, read-only): the report stays where it is, and does not hold up the others.
      this.#options.log.error({ err: error, report: id }, 'sending broke off');
      return this.#failed('suspect', error instanceof Error ? error.message : String(error));
    }
  }

  /** Null when the agent is ending: the request was cut by us and says nothing. */
  async #send(id: string, jws: string): Promise<Verdict | null> {
    try {
      const answer = await post(`${this.#options.collector()}/api/v1/reports`, jws, {
        contentType: REPORT_CONTENT_TYPE,
        signal: this.#stop.signal,
        deadlineMs: this.#timings.requestMs,
      });
      return judge(answer, id, Date.now());
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      if (this.#stop.signal.aborted) return null;
      return { kind: 'later', message: error.message, retryAfterMs: null };
    }
  }

  async #follow(id: string, jws: string, verdict: Verdict, sentMs: number): Promise<Next> {
    const { spool, state, log } = this.#options;
    if (verdict.kind === 'stored') this.#options.onAnswer?.(verdict.ack);
    else if (verdict.kind === 'later' || verdict.kind === 'fault' || verdict.kind === 'odd')
      this.#options.onAnswer?.(null);
    switch (verdict.kind) {
      case 'stored': {
        await spool.remove(id);
        this.#parking.forget(id);
        const nowMs = Date.now();
        this.#tell(nowMs);
        state.set({
          lastAcknowledgement: { id, stored: verdict.ack.stored, at: new Date(nowMs).toISOString() },
          // As in NTP: the collector wrote its time half-way between sending and receiving.
          clockOffsetMs: Math.round(Date.parse(verdict.ack.serverTime) - (sentMs + nowMs) / 2),
          acknowledged: state.state.acknowledged + 1,
          paused: null,
          lastError: null,
        });
        log.debug({ report: id, stored: verdict.ack.stored }, 'report acknowledged');
        return 'stored';
      }
      case 'never':
        await this.#setAside(id, verdict.code, verdict.message);
        return 'go-on';
      case 'agent-refused':
        return this.#refused(id, jws, verdict.code, verdict.message);
      case 'later':
        log.warn({ report: id, why: verdict.message }, 'not sent, trying again');
        return this.#failed(verdict.retryAfterMs ?? 'back-off', verdict.message);
      case 'fault':
        log.warn({ report: id, why: verdict.message }, 'the collector failed, trying again');
        return this.#failed('suspect', verdict.message);
      case 'odd':
        log.warn({ report: id, why: verdict.message }, 'answer is not a collector’s');
        return this.#failed('suspect', verdict.message);
    }
  }

  #tell(nowMs: number): void {
    const { state, say } = this.#options;
    if (state.state.paused) say?.(`${formatTime(nowMs)} Gửi lại được: collector đã nhận bản tin`);
    else if (this.#acknowledged === 0) say?.(`${formatTime(nowMs)} Collector đã nhận bản tin đầu tiên`);
    this.#acknowledged++;
    this.#toldPause = null;
  }

  /** Reports of an earlier identity cannot be mended by enrolling again; those of the present one wait for a person. */
  async #refused(id: string, jws: string, code: string, message: string): Promise<Next> {
    const { state, log, identity } = this.#options;
    if (signerOf(jws) !== identity().agentId) {
      await this.#setAside(id, code, `thuộc danh tính cũ của máy này: ${message}`);
      return 'go-on';
    }
    if (await this.#renewal.after(code)) return 'go-on';
    if (state.state.paused?.code !== code) {
      state.set({ paused: { code, message, since: new Date().toISOString() } });
      log.error({ code, message }, 'sending paused: the collector does not take reports of this agent');
    }
    // The state may be that of an earlier run, which nobody who watches this one has seen.
    if (this.#toldPause !== code) {
      this.#toldPause = code;
      this.#options.say?.(`${formatTime(Date.now())} TẠM DỪNG GỬI, số liệu chờ trên đĩa: ${code}: ${oneLine(message)}`);
    }
    await this.#wait(this.#timings.pauseMs);
    await this.#reload();
    return 0;
  }

  /** A damaged identity file is for `status` and `doctor` to tell; the one in memory still signs. */
  async #reload(): Promise<void> {
    await this.#options
      .reloadIdentity()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'identity not read again'));
  }

  async #setAside(id: string, code: string, message: string): Promise<void> {
    const { spool, state, log } = this.#options;
    const dropped = await spool.setAside(id, code, message);
    this.#parking.forget(id);
    if (dropped > 0) state.set({ rejectedDropped: state.state.rejectedDropped + dropped });
    log.error({ report: id, code, message }, 'report set aside');
  }

  #failed(next: Next, message: string): Next {
    this.#options.state.set({ lastError: { message, at: new Date().toISOString() } });
    return next;
  }
}

const oneLine = (text: string) => text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
