import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Listener } from './listen.ts';
import type { School } from './school.ts';

/**
 * The handle on a practice school: `GET /devices`, and `POST /devices/<id>` with `{"mode":"live"}` to break or repair
 * one. Takes requests to loopback names only and changes by JSON only, so that no web page can make them.
 */
export async function startControl(school: School, port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(school, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => send(response, 500, { error: String(error) }),
    );
  });
  const listener = await new Listener(server).open('127.0.0.1', port);
  return { url: `http://${listener.address}:${listener.port}`, close: () => listener.close() };
}

const MAX_BODY_BYTES = 4096;

async function answer(school: School, request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) {
    return { status: 421, body: { error: 'not a loopback name' } };
  }
  if (request.method === 'GET' && request.url === '/devices') return { status: 200, body: school.devices() };
  const id = /^\/devices\/([a-z0-9-]{1,64})$/.exec(request.url ?? '')?.[1];
  if (request.method !== 'POST' || id === undefined) return { status: 404, body: { error: 'not found' } };
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return { status: 415, body: { error: 'content-type must be application/json' } };
  }
  const mode = modeIn(await bodyOf(request));
  if (mode === undefined) return { status: 400, body: { error: 'body must be {"mode":"…"}' } };
  try {
    await school.set(id, mode);
  } catch (error) {
    if (error instanceof RangeError) return { status: 400, body: { error: error.message } };
    throw error;
  }
  return { status: 200, body: school.devices().find((device) => device.id === id) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) {
    body += String(part);
    if (body.length > MAX_BODY_BYTES) return '';
  }
  return body;
}

function modeIn(body: string): string | undefined {
  try {
    const mode = (JSON.parse(body) as { mode?: unknown } | null)?.mode;
    return typeof mode === 'string' ? mode : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
