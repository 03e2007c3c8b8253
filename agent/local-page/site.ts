import type { Logger } from 'pino';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { changeConfig, type Written } from '../config-file.ts';
import { type Check, examine } from '../doctor.ts';
import type { AnyProbe } from '../probes/probe.ts';
import { IdentityError, loadIdentity } from '../uplink/identity.ts';
import { type ServiceOptions, serve } from '../uplink/service.ts';
import { Live } from './live.ts';
import { Search } from './search.ts';

/**
 * The agent of a school as its page works it: it runs once the machine is enrolled, and again, in the same process, with
 * each change of its configuration. A change ends the schedule as a stop does, so every sample is in the spool before the
 * next begins; and because the process stays, the page stays, and no service manager has to be asked.
 */

export interface SiteOptions extends Omit<ServiceOptions, 'identity' | 'watch'> {
  probes: readonly AnyProbe[];
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
  #config: Config;
  readonly #options: SiteOptions;
  #again = new AbortController();
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
    let told = false;
    let end: 'ended' | 'upgraded' = 'ended';
    while (!signal.aborted && end === 'ended') {
      const identity = await this.#identity();
      if (!identity) {
        if (!told) say('Máy này chưa ghi danh: mở trang của tác tử (lệnh open) hoặc chạy lệnh enroll. Dừng: Ctrl+C');
        told = true;
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
    this.#config = next;
    this.#startAgain();
  }

  #startAgain(): void {
    if (!this.live.isRunning) this.#waked.resolve();
    if (!this.live.isRunning || this.isApplying) return;
    this.isApplying = true;
    const again = this.#again;
    void this.live.noneHeavy(PATIENCE_MS).then(() => again.abort());
  }

  async #identity() {
    try {
      return await loadIdentity(this.#config.dataDir);
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      // The page and doctor tell of it; a new enrolment mends it.
      return null;
    }
  }

  async #wait(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#waked.resolve(), ms);
    await this.#waked.promise;
    clearTimeout(timer);
    this.#waked = Promise.withResolvers<void>();
  }
}
