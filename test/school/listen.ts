import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** Listening on loopback, and nowhere else. */

/**
 * Listens at `host`:`port` (0 for any) and says where. macOS has only 127.0.0.1 of 127.0.0.0/8: where another cannot
 * be had, 127.0.0.1 is taken, on a port of its own.
 */
export async function listen(server: Server, host: string, port = 0): Promise<{ address: string; port: number }> {
  if (!/^127\./.test(host)) throw new Error(`${host} is no loopback address`);
  try {
    await listenAt(server, host, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL' || host === '127.0.0.1') throw error;
    await listenAt(server, '127.0.0.1', port);
  }
  const { address, port: bound } = server.address() as AddressInfo;
  return { address, port: bound };
}

function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A TCP server whose connections can all be cut, and which can close and listen again at the same place. */
export class Listener {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();
  #place: { address: string; port: number } | undefined;

  constructor(server: Server = createTcpServer()) {
    this.server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get address(): string {
    return this.#place!.address;
  }

  get port(): number {
    return this.#place!.port;
  }

  async open(host = '127.0.0.1', port = 0): Promise<this> {
    if (this.server.listening) return this;
    this.#place = await listen(this.server, this.#place?.address ?? host, this.#place?.port ?? port);
    return this;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }
}
