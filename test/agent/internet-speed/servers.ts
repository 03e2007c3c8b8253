import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { ProbeContext } from '../../../agent/probes/probe.ts';
import { probeContext } from '../context.ts';

/** Servers on loopback that behave as a line or a hostile host does. */
export interface Served {
  port: number;
  url: string;
  close(): Promise<void>;
}

export async function serveHttp(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, url: `http://127.0.0.1:${port}`, close };
}

export async function serveTcp(onSocket: (socket: Socket) => void): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, url: `http://127.0.0.1:${port}`, close };
}

/**
 * Sends to all responses together at `bytesPerSecond` by the clock, from the first request on; silent while
 * `stalled(elapsedMs)`, and what was not sent then is lost, as on a line.
 */
export function shapedListener(bytesPerSecond: number, stalled = (_elapsedMs: number) => false): RequestListener {
  const open = new Set<Parameters<RequestListener>[1]>();
  let start = 0;
  let last = 0;
  let credit = 0;
  const tick = () => {
    const now = performance.now();
    if (!stalled(now - start)) credit += (bytesPerSecond * (now - last)) / 1000;
    last = now;
    for (const response of open) {
      const part = Math.floor(credit / open.size);
      if (part > 0) response.write(Buffer.alloc(part));
    }
    credit -= open.size * Math.floor(credit / Math.max(1, open.size));
    if (open.size > 0) setTimeout(tick, 5);
    else start = 0;
  };
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.flushHeaders();
    open.add(response);
    response.on('close', () => open.delete(response));
    response.on('error', () => open.delete(response));
    if (start === 0) {
      start = performance.now();
      last = start;
      tick();
    }
  };
}

export function context(timeoutMs = 25_000): ProbeContext & { signal: AbortSignal } {
  return probeContext(AbortSignal.timeout(timeoutMs));
}
