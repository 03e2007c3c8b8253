import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { internetSpeed } from '../../agent/probes/internet-speed/internet-speed.ts';
import { buildApp } from '../../collector/app.ts';
import { DEFAULT_SPEED, type SpeedOptions, speedOptions } from '../../collector/speed/options.ts';
import { Seen } from '../../collector/speed/seen.ts';
import { signClaims } from '../../shared/wire/signature.ts';
import { SPEED_TYP, type SpeedTurn } from '../../shared/wire/speed.ts';
import { probeContext } from '../agent/context.ts';
import { enrolAgent, makeSchool, startHarness, type TestAgent } from './harness.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A collector on a real socket, with two agents of one school. */
async function started(speed: Partial<SpeedOptions> = {}) {
  const harness = await startHarness();
  closing.push(() => harness.close());
  const app = await buildApp(harness.context, { speed: { ...DEFAULT_SPEED, ...speed } });
  closing.push(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const school = await makeSchool(harness);
  const agents = [await enrolAgent(harness, school), await enrolAgent(harness, school)] as const;
  const turn = async (agent: TestAgent, jws?: string) => {
    const response = await fetch(`${url}/api/v1/speed/turn`, {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: jws ?? (await sign(agent)),
    });
    const answer = (await response.json()) as SpeedTurn & { error?: { code: string } };
    const body: SpeedTurn & { code?: string } = { ...answer, ...answer.error };
    return { status: response.status, retryAfter: Number(response.headers.get('retry-after')), body };
  };
  const at = (what: string, { token }: { token: string }) => `${url}/api/v1/speed/${what}?token=${token}`;
  return { harness, url, agents, turn, at };
}

let count = 0;
const sign = (agent: TestAgent, at = Date.now(), typ = SPEED_TYP) =>
  signClaims(typ, { agent: agent.id, at: new Date(at).toISOString(), n: count++ }, agent.privateKey);

/** Bytes that arrive until the other end closes, or `ms` are over. */
async function downloaded(url: string, ms: number): Promise<{ bytes: number; seconds: number }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ms) });
  expect(response.status).toBe(200);
  const began = performance.now();
  let bytes = 0;
  try {
    for await (const piece of response.body!) bytes += piece.length;
  } catch {
    // Our own deadline.
  }
  return { bytes, seconds: (performance.now() - began) / 1000 };
}

describe('a turn', () => {
  test('belongs to one agent at a time, until it is given back', async () => {
    const { agents, turn, at } = await started();
    const mine = await turn(agents[0]);
    expect(mine).toMatchObject({ status: 200, body: { maxSeconds: 40, limitMbps: 200 } });
    const busy = await turn(agents[1]);
    expect(busy).toMatchObject({ status: 409, body: { code: 'speed-busy' } });
    expect(busy.retryAfter).toBeGreaterThan(0);
    expect(busy.retryAfter).toBeLessThanOrEqual(40);
    expect((await fetch(at('turn', { token: 'x'.repeat(43) }), { method: 'DELETE' })).status).toBe(204);
    expect((await turn(agents[1])).status).toBe(409);
    expect((await fetch(at('turn', mine.body), { method: 'DELETE' })).status).toBe(204);
    expect((await turn(agents[1])).status).toBe(200);
    expect((await fetch(at('download', mine.body))).status).toBe(410);
  });

  test('lapses by itself, and what is under way then ends', async () => {
    const { agents, turn, at } = await started({ maxSeconds: 1, limitMbps: 8 });
    const { body } = await turn(agents[0]);
    const { bytes, seconds } = await downloaded(at('download', body), 10_000);
    expect(bytes).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(5);
    expect((await fetch(at('download', body))).status).toBe(410);
    expect((await turn(agents[1])).status).toBe(200);
  });

  test('is given to no stranger, no forger, nobody twice for one signature, and not too often', async () => {
    const { agents, turn, harness } = await started({ turnsPerHour: 2 });
    const [one, two] = agents;
    expect(await turn(one, 'not.a.jws')).toMatchObject({ status: 400, body: { code: 'report-malformed' } });
    expect(await turn(one, await sign(one, Date.now(), 'thdt-report+jws'))).toMatchObject({ status: 400 });
    const forged = await signClaims(SPEED_TYP, { agent: one.id, at: new Date().toISOString() }, two.privateKey);
    expect((await turn(one, forged)).body.code).toBe('signature-invalid');
    expect((await turn(one, await sign(one, Date.now() - 3_600_000))).body.code).toBe('signature-stale');
    expect((await turn(one, await sign({ ...one, id: 'nobody' }))).body.code).toBe('agent-unknown');
    expect(await turn(one, 'x'.repeat(100_000))).toMatchObject({ status: 413 });
    const jws = await sign(one);
    expect((await turn(one, jws)).status).toBe(200);
    expect((await turn(one, jws)).body.code).toBe('signature-used');
    expect((await turn(one)).status).toBe(200);
    expect(await turn(one)).toMatchObject({ status: 429, body: { code: 'speed-often' } });
    await harness.store.updateTable('agent').set({ status: 'revoked' }).where('id', '=', two.id).execute();
    expect((await turn(two)).body.code).toBe('agent-revoked');
  });

  test('is given to nobody where the district switched the endpoint off', async () => {
    const { agents, turn, url } = await started({ enabled: false });
    expect(await turn(agents[0])).toMatchObject({ status: 404, body: { code: 'speed-off' } });
    expect(await (await fetch(`${url}/api/v1/speed/address`)).json()).toEqual({ address: '127.0.0.1' });
  });
});

describe('a download', () => {
  test('keeps to the limit, all streams together', { retry: 2 }, async () => {
    const { agents, turn, at } = await started({ limitMbps: 40 });
    const { body } = await turn(agents[0]);
    const streams = await Promise.all([1, 2, 3].map(() => downloaded(at('download', body), 2000)));
    const bytes = streams.reduce((sum, one) => sum + one.bytes, 0);
    expect(bytes).toBeGreaterThan(5e6 * 2 * 0.85);
    expect(bytes).toBeLessThan(5e6 * 2 * 1.1);
  });

  test('ends with the bytes of the turn, and more than eight at once are refused', async () => {
    const { agents, turn, at } = await started({ maxBytes: 2e6, limitMbps: null });
    const { body } = await turn(agents[0]);
    expect((await downloaded(at('download', body), 10_000)).bytes).toBe(2e6);
    const other = await started({ limitMbps: 1 });
    const { body: slow } = await other.turn(other.agents[0]);
    const abort = new AbortController();
    const opened = await Promise.all(
      Array.from({ length: 9 }, () => fetch(other.at('download', slow), { signal: abort.signal })),
    );
    expect(opened.map(({ status }) => status).filter((status) => status !== 200)).toEqual([409]);
    abort.abort();
  });

  test('to a client that does not read fills no memory, and to one that vanished ends', async () => {
    const { agents, turn, at, url } = await started({ limitMbps: null });
    const { body } = await turn(agents[0]);
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${new URL(at('download', body)).pathname}?token=${body.token} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.pause();
    await delay(300);
    const before = process.memoryUsage();
    await delay(1500);
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(30e6);
    socket.destroy();
    // The place of the vanished one is free again.
    await delay(200);
    const { bytes } = await downloaded(at('download', body), 300);
    expect(bytes).toBeGreaterThan(0);
  });
});

describe('an upload', () => {
  const send = (url: string, pieces: number, piece = Buffer.alloc(64 * 1024)) =>
    new Promise<{ status: number; body: { bytes: number; seconds: number } }>((resolve, reject) => {
      const request = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
      });
      let left = pieces;
      const more = () => {
        while (left-- > 0) if (!request.write(piece)) return void request.once('drain', more);
        request.end();
      };
      more();
    });

  test('is counted as it came, without being kept, and cut at the bytes of the turn', async () => {
    const { agents, turn, at } = await started({ limitMbps: null, maxBytes: 20e6 });
    const { body } = await turn(agents[0]);
    const sent = await send(at('upload', body), 50);
    expect(sent).toMatchObject({ status: 200, body: { bytes: 50 * 64 * 1024 } });
    // What goes on for ever is answered and then cut off; the client may see either.
    const endless = await send(at('upload', body), 10_000).catch(() => undefined);
    if (endless) expect(endless.body.bytes).toBeLessThan(20e6);
    expect((await fetch(at('upload', { token: 'no' }), { method: 'POST', body: 'x' })).status).toBe(410);
  });
});

test('an agent measures with it, and several ask in turn', { retry: 2 }, async () => {
  const { agents, url } = await started({ limitMbps: 60 });
  const run = (agent: TestAgent) =>
    internetSpeed.run(
      { id: 'internet' },
      { providers: [{ provider: 'collector' }], seconds: 2, minSeconds: 0.5, certainty: 0.05, upload: 'always' },
      probeContext(AbortSignal.timeout(60_000), {
        collector: {
          url,
          signed: (typ, claims) =>
            signClaims(typ, { ...claims, agent: agent.id, at: new Date().toISOString() }, agent.privateKey),
        },
      }),
    );
  const first = await run(agents[0]);
  expect(first).toMatchObject({ ok: true, values: { provider: 'collector', valid: false } });
  expect(first.values.marks).toContain('server-limited');
  expect(first.values.payloadMbps).toBeGreaterThan(60 * 0.9);
  expect(first.values.payloadMbps).toBeLessThan(60 * 1.08);
  expect(first.values.upload).not.toBeNull();
  // The turn was given back: the next school need not wait for it to lapse.
  expect(await run(agents[1])).toMatchObject({ ok: true });
});

test('the command line says what tests may take, and is told what is out of range', () => {
  expect(speedOptions({})).toEqual(DEFAULT_SPEED);
  expect(speedOptions({ 'no-speed': true, 'speed-mbps': '0', 'speed-turns': '12' })).toMatchObject({
    enabled: false,
    limitMbps: null,
    turnsPerHour: 12,
  });
  for (const flags of [{ 'speed-mbps': '-1' }, { 'speed-seconds': '1e9' }, { 'speed-turns': 'x' }])
    expect(() => speedOptions(flags)).toThrow(TypeError);
});

test('what is remembered of signatures is bounded for each agent', () => {
  const seen = new Seen(2);
  expect(seen.take('a', 's1', 0, 100)).toBe('new');
  expect(seen.take('a', 's1', 50, 100)).toBe('used');
  expect(seen.take('a', 's2', 50, 150)).toBe('new');
  expect(seen.take('a', 's3', 60, 160)).toBe('full');
  expect(seen.take('b', 's1', 60, 160)).toBe('new');
  expect(seen.take('a', 's3', 101, 201)).toBe('new');
});
