import { Listener } from './listen.ts';

/** A simulated PC or access point: takes a TCP connection and closes it, or refuses, which is an answer too. */
export const PC_MODES = ['on', 'refusing'] as const;
export type PcMode = (typeof PC_MODES)[number];

export class SimulatedPc {
  mode: PcMode = 'on';
  readonly #listener = new Listener();

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  async start(host?: string, port?: number): Promise<this> {
    this.#listener.server.on('connection', (socket) => socket.end());
    await this.#listener.open(host, port);
    return this;
  }

  /** `refusing`: nothing listens, and the loopback address still answers with a reset. */
  async set(mode: PcMode): Promise<void> {
    this.mode = mode;
    if (mode === 'on') await this.#listener.open();
    else await this.#listener.close();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
}

export const startPc = (host?: string, port?: number): Promise<SimulatedPc> => new SimulatedPc().start(host, port);
