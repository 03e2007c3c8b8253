import { createServer } from 'node:http';
import { Listener } from './listen.ts';
import { PC_MODES, type PcMode } from './pc.ts';

/** A simulated Wi-Fi access point: the web page by which such devices are managed. */
export class SimulatedAccessPoint {
  mode: PcMode = 'on';
  readonly #listener = new Listener(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<title>AP</title>');
    }),
  );

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  async start(host?: string, port?: number): Promise<this> {
    await this.#listener.open(host, port);
    return this;
  }

  async set(mode: PcMode): Promise<void> {
    this.mode = mode;
    if (mode === 'on') await this.#listener.open();
    else await this.#listener.close();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
}

export const ACCESS_POINT_MODES = PC_MODES;
export const startAccessPoint = (host?: string, port?: number): Promise<SimulatedAccessPoint> =>
  new SimulatedAccessPoint().start(host, port);
