import type { Logger } from 'pino';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { changeConfig, type Written } from '../config-file.ts';
import { type Check, examine } from '../doctor.ts';
import type { AnyProbe } from '../probes/probe.ts';
import type { EnrolWaits } from '../uplink/enrol-again.ts';
import { loadIdentity } from '../uplink/identity.ts';
import { type ServiceOptions, serve } from '../uplink/service.ts';
import { type EnrolState, enrolByCode, siteIdentity, WRONG_ROLE } from '../uplink/site-enrol.ts';
import { Live } from './live.ts';
import { Search } from './search.ts';

/**
 * The agent of a school as its page works it: it enrols by the code that its installer left, runs once the machine is enrolled, and again, in the same process, with
 * each change of its configuration. A change ends the schedule as a stop does, so every sample is in the spool before the
 * next begins; and because the process stays, the page stays, and no service manager has to be asked.
 */

export interface SiteOptions extends Omit<ServiceOptions, 'identity' | 'watch'> {
  probes: readonly AnyProbe[];
  enrolWaits?: EnrolWaits | undefined;
}

/** The enrolment may come from the command line beside the page, ms. */
const LOOK_MS = 2_000;
/** A speed test that is under way is let end before a change takes hold, ms: its deadline is two minutes. */
const PATIENCE_MS = 150_000;

export interface DoctorState {
  running: boolean;
  /** When it last ended, RFC 3339, and what it found. */
  at: string | null;
  checks: Check[];
}

export class Site {
  readonly live: Live;
  readonly search = new Search();
  readonly probes: readonly AnyProbe[];
  readonly log: Logger;
  readonly signal: AbortSignal;
  doctor: DoctorState = { running: false, at: null, checks: [] };
  /** A change of the configuration that has not taken hold yet. */
  isApplying = false;
  /** How the enrolment by the configuration's code stands; null: there is none, or it is done. */
  enrolment: EnrolState | null = null;
  #config: Config;
  readonly #options: SiteOptions;
  #again = new AbortController();
  /** Ends the tries with the present configuration's code. */
  #tries = new AbortController();
  #waked = Promise.withResolvers<void>();

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#config = options.config;
    this.probes = options.probes;
    this.log = options.log;
    this.signal = options.signal;
    this.live = new Live((name) => options.probes.some((probe) => probe.name === name && probe.heavy));
  }

  get config(): Config {
    return this.#config;
  }

  /** Until the signal aborts, or to go on in another version. Throws when the data directory cannot be used. */
  async run(): Promise<'ended' | 'upgraded'> {
    const { log, say, signal, timings } = this.#options;
    const onEnd = () => this.#waked.resolve();
    signal.addEventListener('abort', onEnd, { once: true });
    this.#enrolByCode();
    let told = '';
    let end: 'ended' | 'upgraded' = 'ended';
    while (!signal.aborted && end === 'ended') {
      const identity = await siteIdentity(this.#config.dataDir);
      if (!identity) {
        const next = await this.#whyNot();
        if (told !== next) say(next);
        told = next;
        await this.#wait(LOOK_MS);
        continue;
      }
      this.#again = new AbortController();
      this.isApplying = false;
      this.live.keepOnly(this.#config);
      end = await serve({
        config: this.#config,
        identity,
        log,
        say,
        signal: AbortSignal.any([signal, this.#again.signal]),
        watch: this.live,
        ...(timings === undefined ? {} : { timings }),
      });
    }
    signal.removeEventListener('abort', onEnd);
    this.#tries.abort();
    await this.search.stop();
    return end;
  }

  /** Changes the file and works by it from then on. Throws ConfigError, with nothing changed, or what the file system says. */
  async change(change: (config: Written) => void, options: { secret?: boolean } = {}): Promise<void> {
    this.#takeOver(await changeConfig(this.#config.file, this.probes, change, options));
  }

  /** Works by the file as it is now. Throws ConfigError when it is no good; then all goes on as it was. */
  reload(): void {
    this.#takeOver(loadConfig(this.#config.file, this.probes));
  }

  /** The machine has been enrolled, perhaps anew. */
  enrolled(): void {
    this.#tries.abort();
    this.enrolment = null;
    this.#startAgain();
  }

  /** Looks for what keeps this machine from its work; what it finds stands in `doctor`. */
  examine(): void {
    if (this.doctor.running) return;
    this.doctor = { ...this.doctor, running: true };
    void examine(this.#config, { inService: true }).then(
      (checks) => {
        this.doctor = { running: false, at: new Date().toISOString(), checks };
      },
      (error: unknown) => {
        this.doctor = { ...this.doctor, running: false };
        this.log.error({ err: error }, 'doctor broke: this is a bug');
      },
    );
  }

  #takeOver(next: Config): void {
    if (next.dataDir !== this.#config.dataDir)
      throw new ConfigError(next.file, '/dataDir', 'đã đổi thư mục dữ liệu: hãy khởi động lại tác tử');
    const { code, collector } = this.#config;
    this.#config = next;
    if (next.code !== code || next.collector !== collector) this.#enrolByCode();
    this.#startAgain();
  }

  #startAgain(): void {
    if (!this.live.isRunning) this.#waked.resolve();
    if (!this.live.isRunning || this.isApplying) return;
    this.isApplying = true;
    const again = this.#again;
    void this.live.noneHeavy(PATIENCE_MS).then(() => again.abort());
  }

  /** What keeps the machine from working, for the person. */
  async #whyNot(): Promise<string> {
    const isOfPc = await loadIdentity(this.#config.dataDir).then(
      (identity) => identity?.target !== undefined,
      // Doctor tells of a damaged one; a new enrolment mends it.
      () => false,
    );
    if (isOfPc) return WRONG_ROLE;
    if (this.#config.code !== undefined) return 'Máy này chưa ghi danh: đang dùng mã trong tệp cấu hình. Dừng: Ctrl+C';
    return 'Máy này chưa ghi danh: mở trang của tác tử (lệnh open) hoặc chạy lệnh enroll. Dừng: Ctrl+C';
  }

  /** Beside what runs: an installed agent that was given another code goes on until that code has enrolled it. */
  #enrolByCode(): void {
    this.#tries.abort();
    this.#tries = new AbortController();
    this.enrolment = null;
    const { dataDir, collector, code } = this.#config;
    if (code === undefined || collector === undefined) return;
    const { log, say, signal, enrolWaits } = this.#options;
    const own = this.#tries.signal;
    const onState = (state: EnrolState | null) => {
      if (!own.aborted) this.enrolment = state;
    };
    const tries = AbortSignal.any([signal, own]);
    enrolByCode({ dataDir, collector, code, log, say, signal: tries, waits: enrolWaits, onState }).then(
      (done) => done && this.#startAgain(),
      (error: unknown) => {
        log.error({ err: error }, 'enrolment ended');
        const message = `không ghi được danh tính vào ${dataDir} (${(error as NodeJS.ErrnoException).code ?? error})`;
        onState({ how: 'refused', message, at: new Date().toISOString() });
      },
    );
  }

  async #wait(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#waked.resolve(), ms);
    await this.#waked.promise;
    clearTimeout(timer);
    this.#waked = Promise.withResolvers<void>();
  }
}
