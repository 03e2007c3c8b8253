import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { App } from '../../../collector/api/context.ts';
import { buildApp } from '../../../collector/app.ts';
import { DEFAULT_SPEED, type SpeedOptions } from '../../../collector/speed/options.ts';
import { signClaims } from '../../../shared/wire/signature.ts';
import { SPEED_TYP } from '../../../shared/wire/speed.ts';
import { makeSchool, startHarness, type TestAgent } from '../harness.ts';
import { placeAgent } from '../running.ts';

/** A collector whose speed endpoints listen on ports of their own, and what a client of them does. */
export async function district() {
  const harness = await startHarness();
  const schoolId = await makeSchool(harness);
  const apps: App[] = [];
  const agentOf = () => placeAgent(harness.store, schoolId);
  const closeApps = async () => {
    for (const app of apps.splice(0)) await app.close();
  };
  return {
    harness,
    agentOf,
    /** A new endpoint with these options. */
    serve: async (options: Partial<SpeedOptions> = {}) => {
      const app = await buildApp(harness.context, { speed: { ...DEFAULT_SPEED, ...options } });
      apps.push(app);
      await app.listen({ host: '127.0.0.1', port: 0 });
      const { port } = app.server.address() as AddressInfo;
      return { base: `http://127.0.0.1:${port}/api/v1/speed`, port, app };
    },
    /** The turn of an agent that never had one. */
    newTurn: async (base: string) => turnOf(base, await agentOf()),
    closeApps,
    close: async () => {
      await closeApps();
      await harness.close();
    },
  };
}
export type District = Awaited<ReturnType<typeof district>>;

let signed = 0;
/** A fresh signature each time: Ed25519 gives the same one for the same words. */
export const sign = (agent: TestAgent, at = Date.now(), key = agent.privateKey, typ = SPEED_TYP) =>
  signClaims(typ, { agent: agent.id, at: new Date(at).toISOString(), n: signed++ }, key);

export async function ask(base: string, jws: string, contentType = 'application/jose') {
  const answer = await fetch(`${base}/turn`, { method: 'POST', body: jws, headers: { 'content-type': contentType } });
  const retryAfter = answer.headers.get('retry-after');
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever JSON came back; tests say what they expect
  return { status: answer.status, retryAfter, body: (await answer.json()) as any };
}
export async function turnOf(base: string, agent: TestAgent): Promise<string> {
  const { status, body } = await ask(base, await sign(agent));
  expect(status, JSON.stringify(body)).toBe(200);
  return body.token;
}
export const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

/** A download on a connection of its own; `bytes` counts what arrived. */
export function download(base: string, token: string) {
  const state = { bytes: 0, response: undefined as IncomingMessage | undefined, ended: false };
  const asked = get(`${base}/download?token=${token}`, { agent: false });
  const done = new Promise<void>((resolve) => {
    asked.on('error', () => resolve());
    asked.on('response', (response) => {
      state.response = response;
      response.on('data', (piece: Buffer) => {
        state.bytes += piece.length;
      });
      response.on('end', () => {
        state.ended = true;
      });
      response.on('error', () => undefined);
      response.on('close', resolve);
    });
  });
  return { state, done, stop: () => asked.destroy() };
}

/** Bytes a second while these arrive, as Mbps of payload. */
export async function rateOf(downloads: ReturnType<typeof download>[], ms: number): Promise<number> {
  const total = () => downloads.reduce((sum, { state }) => sum + state.bytes, 0);
  const start = performance.now();
  const before = total();
  await delay(ms);
  return ((total() - before) * 8) / 1000 / (performance.now() - start);
}
