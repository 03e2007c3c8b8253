import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newKeys } from '../harness.ts';
import { ask, codeOf, type District, district, download, sign, turnOf } from './district.ts';

/** The speed endpoint over real sockets: what an agent, a careless client and a hostile one can do with it. */

let of: District;
beforeAll(async () => {
  of = await district();
});
afterEach(() => of.closeApps());
afterAll(() => of.close());

describe('a turn', () => {
  test('is given to a signed request of an enrolled agent, and says what it may take', async () => {
    const { base } = await of.serve();
    const { status, body } = await ask(base, await sign(await of.agentOf()));
    expect(status).toBe(200);
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: expect.stringMatching(/Z$/),
      maxSeconds: 40,
      maxBytes: 600e6,
      limitMbps: 200,
    });
  });

  test('is one over all agents; the other is told when to come again, and comes after the release', async () => {
    const { base } = await of.serve();
    const [one, other] = [await of.agentOf(), await of.agentOf()];
    const token = await turnOf(base, one);
    const busy = await ask(base, await sign(other));
    expect(busy).toMatchObject({ status: 409, body: { error: { code: 'speed-busy' } } });
    // Long before the turn lapses: a test takes some seconds.
    expect(Number(busy.retryAfter)).toBe(6);
    expect((await fetch(`${base}/turn?token=another`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(base, await sign(other))).status).toBe(409);
    expect((await fetch(`${base}/turn?token=${token}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(base, await sign(other))).status).toBe(200);
  });

  test('of the same agent takes the place of its old one, whose streams end', async () => {
    const { base } = await of.serve();
    const agent = await of.agentOf();
    const old = await turnOf(base, agent);
    const stream = download(base, old);
    await expect.poll(() => stream.state.bytes).toBeGreaterThan(0);
    const token = await turnOf(base, agent);
    await stream.done;
    expect(stream.state.ended).toBe(true);
    const refused = await fetch(`${base}/download?token=${old}`);
    expect([refused.status, await codeOf(refused)]).toEqual([410, 'speed-lapsed']);
    expect(token).not.toBe(old);
  });

  test('is not given for ever: so many an hour, however many were asked for at once', async () => {
    const { base } = await of.serve({ turnsPerHour: 3 });
    const agent = await of.agentOf();
    const answers = await Promise.all(Array.from({ length: 8 }, async () => ask(base, await sign(agent))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]!.body.error.code).toBe('speed-often');
    expect(Number(refused[0]!.retryAfter)).toBeGreaterThan(3500);
  });

  test('can be switched off, while the address is told all the same', async () => {
    const { base } = await of.serve({ enabled: false });
    const answer = await ask(base, await sign(await of.agentOf()));
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'speed-off' } } });
    expect(await (await fetch(`${base}/address`)).json()).toEqual({ address: '127.0.0.1' });
  });
});

describe('a request for a turn is refused', () => {
  test('when it is shown a second time, in whatever spelling', async () => {
    const { base } = await of.serve();
    const jws = await sign(await of.agentOf());
    expect((await ask(base, jws)).status).toBe(200);
    expect(await ask(base, jws)).toMatchObject({ status: 400, body: { error: { code: 'signature-used' } } });
    // 64 bytes leave 4 bits of the last letter free: 16 letters say the same.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters.indexOf(jws.at(-1)!);
    const respelt = `${jws.slice(0, -1)}${letters[last ^ 1]}`;
    expect((await ask(base, respelt)).status).toBe(400);
  });

  test('when its time is not ours', async () => {
    const { base } = await of.serve();
    const agent = await of.agentOf();
    for (const minutes of [-11, 11]) {
      const answer = await ask(base, await sign(agent, Date.now() + minutes * 60_000));
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'signature-stale' } } });
    }
    expect((await ask(base, await sign(agent, Date.now() - 9 * 60_000))).status).toBe(200);
  });

  test('when the agent is revoked or unknown, or the key or the purpose another', async () => {
    const { base } = await of.serve();
    const [agent, revoked] = [await of.agentOf(), await of.agentOf()];
    await of.harness.store.updateTable('agent').set({ status: 'revoked' }).where('id', '=', revoked.id).execute();
    const { privateKey } = await newKeys();
    const refusals = [
      [await sign(revoked), 403, 'agent-revoked'],
      [await sign({ ...agent, id: 'nobody' }), 401, 'agent-unknown'],
      [await sign(agent, Date.now(), privateKey), 400, 'signature-invalid'],
      [await sign(agent, Date.now(), agent.privateKey, 'thdt-report+jws'), 400, 'report-malformed'],
      [await agent.sign(agent.report([])), 400, 'report-malformed'],
    ] as const;
    for (const [jws, status, code] of refusals)
      expect(await ask(base, jws), code).toMatchObject({ status, body: { error: { code } } });
  });

  test.each([
    ['nothing', ''],
    ['no JWS', 'a.b.c'],
    ['dots', '...'],
    ['HTML', '<html>'],
    ['no algorithm', `${Buffer.from('{"alg":"none","typ":"thdt-speed+jws","kid":"x"}').toString('base64url')}.e30.`],
    ['much', 'x'.repeat(5000)],
  ])('when it is %s', async (_, text) => {
    const { base } = await of.serve();
    const { status, body } = await ask(base, text);
    expect([400, 401, 413]).toContain(status);
    expect(body.error.code).toBeTypeOf('string');
    expect(body.error.message).not.toContain('\n');
  });

  test('when it has another content type', async () => {
    const { base } = await of.serve();
    const answer = await ask(base, JSON.stringify({}), 'application/json');
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'report-malformed' } } });
  });

  test('when one agent asks without end, and costs the others nothing', async () => {
    const { base } = await of.serve({ turnsPerHour: 1 });
    const [loud, quiet] = [await of.agentOf(), await of.agentOf()];
    const token = await turnOf(base, loud);
    for (let asked = 0; asked < 120; asked += 20)
      await Promise.all(Array.from({ length: 20 }, async () => ask(base, await sign(loud))));
    const last = await ask(base, await sign(loud));
    expect(last).toMatchObject({ status: 429, body: { error: { code: 'speed-often' } } });
    await fetch(`${base}/turn?token=${token}`, { method: 'DELETE' });
    expect((await ask(base, await sign(quiet))).status).toBe(200);
  });
});

describe('a download', () => {
  test('is random, uncompressed and never kept', async () => {
    const { base } = await of.serve({ maxBytes: 200_000 });
    const answer = await fetch(`${base}/download?token=${await of.newTurn(base)}`, {
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(answer.headers.get('cache-control')).toContain('no-store');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.length).toBe(200_000);
    const counts = new Array<number>(256).fill(0);
    for (const byte of bytes) counts[byte]!++;
    expect(Math.max(...counts)).toBeLessThan(1.3 * (bytes.length / 256));
  });

  test('ends when the turn lapses, and the token is worth nothing then', async () => {
    const { base } = await of.serve({ maxSeconds: 0.5, limitMbps: 10 });
    const token = await of.newTurn(base);
    const stream = download(base, token);
    await stream.done;
    expect(stream.state.ended).toBe(true);
    expect(stream.state.bytes).toBeGreaterThan(100_000);
    expect(stream.state.bytes).toBeLessThan(1_000_000);
    for (const path of ['download', 'upload']) {
      const answer = await fetch(`${base}/${path}?token=${token}`, { method: path === 'upload' ? 'POST' : 'GET' });
      expect([answer.status, await codeOf(answer)]).toEqual([410, 'speed-lapsed']);
    }
    expect((await ask(base, await sign(await of.agentOf()))).status).toBe(200);
  });

  test('has eight streams and no ninth, until one is closed', async () => {
    const { base } = await of.serve({ limitMbps: 10 });
    const token = await of.newTurn(base);
    const streams = Array.from({ length: 8 }, () => download(base, token));
    await expect.poll(() => streams.every(({ state }) => state.bytes > 0)).toBe(true);
    const ninth = await fetch(`${base}/download?token=${token}`);
    expect([ninth.status, await codeOf(ninth)]).toEqual([409, 'speed-streams']);
    streams[0]!.stop();
    await expect
      .poll(async () => {
        const answer = await fetch(`${base}/download?token=${token}`);
        await answer.body?.cancel();
        return answer.status;
      })
      .toBe(200);
    for (const { stop } of streams) stop();
  });

  test('of one that does not read waits in no buffer of ours, and does not outlive the turn', async () => {
    const { base, port, app } = await of.serve({ limitMbps: null, maxBytes: 1e10, maxSeconds: 3 });
    const token = await of.newTurn(base);
    const sockets = new Set<Socket>();
    app.server.on('connection', (socket: Socket) => sockets.add(socket));
    const readers = Array.from({ length: 8 }, () => {
      const reader = connect(port, '127.0.0.1');
      reader.on('error', () => undefined);
      reader.write(`GET /api/v1/speed/download?token=${token} HTTP/1.1\r\nHost: x\r\n\r\n`);
      reader.pause();
      return reader;
    });
    await expect.poll(() => sockets.size).toBe(8);
    await delay(1000);
    for (const socket of sockets) expect(socket.writableLength).toBeLessThan(1e6);
    // Given up at the end of the turn and a second more, though nobody read the last bytes.
    await expect.poll(() => [...sockets].every(({ destroyed }) => destroyed), { timeout: 10_000 }).toBe(true);
    for (const reader of readers) reader.destroy();
  });
});

describe('an upload', () => {
  const upload = (base: string, token: string, bytes: number, more: RequestInit = {}) =>
    fetch(`${base}/upload?token=${token}`, { method: 'POST', body: Buffer.alloc(bytes), ...more });

  test('is counted to the byte, whatever it calls itself', async () => {
    const { base } = await of.serve({ limitMbps: null });
    const token = await of.newTurn(base);
    for (const type of ['application/octet-stream', 'application/json', 'application/jose', 'text/plain']) {
      const answer = await upload(base, token, 3_333_333, { headers: { 'content-type': type } });
      expect(await answer.json()).toEqual({ bytes: 3_333_333, seconds: expect.any(Number) });
    }
    const empty = await fetch(`${base}/upload?token=${token}`, { method: 'POST' });
    expect(await empty.json()).toEqual({ bytes: 0, seconds: 0 });
  });

  test('without end is cut at the bytes of the turn, with an answer', async () => {
    const { base, port } = await of.serve({ limitMbps: null, maxBytes: 2e6 });
    const token = await of.newTurn(base);
    const endless = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/api/v1/speed/upload?token=${token}`,
      agent: false,
    });
    endless.on('error', () => undefined);
    const closed = new Promise((resolve) => endless.once('close', resolve));
    let sent = 0;
    const pump = () => {
      while (!endless.destroyed && endless.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
    };
    endless.on('drain', pump);
    pump();
    const response = await new Promise<IncomingMessage>((resolve) => endless.once('response', resolve));
    const { bytes } = JSON.parse((await response.toArray()).join('')) as { bytes: number };
    expect(bytes).toBeGreaterThanOrEqual(2e6);
    expect(bytes).toBeLessThan(2.2e6);
    await closed;
    expect(sent).toBeLessThan(30e6);
    const again = await upload(base, token, 1000);
    expect(await again.json()).toMatchObject({ bytes: 0 });
  });

  test('without a turn is refused and not read to its end', async () => {
    const { port } = await of.serve();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    socket.write(
      `POST /api/v1/speed/upload?token=${'x'.repeat(43)} HTTP/1.1\r\nHost: x\r\nContent-Length: 9e9\r\n\r\n`.replace(
        '9e9',
        '9000000000',
      ),
    );
    const sending = setInterval(() => socket.write(Buffer.alloc(16 * 1024)), 20);
    await closed;
    clearInterval(sending);
    expect(text).toContain('HTTP/1.1 410');
    expect(text).toContain('speed-lapsed');
  });

  test('that stops in the middle ends with the turn; one that breaks off frees its place', async () => {
    const { base, port } = await of.serve({ maxSeconds: 1 });
    const token = await of.newTurn(base);
    const head = `POST /api/v1/speed/upload?token=${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`;
    const texts = ['', ''];
    const [silent, broken] = texts.map((_, index) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.on('data', (piece: Buffer) => {
        texts[index] += piece.toString();
      });
      socket.write(head);
      socket.write(Buffer.alloc(1000));
      return socket;
    });
    const closed = new Promise((resolve) => silent!.once('close', resolve));
    await delay(100);
    broken!.resetAndDestroy();
    await closed;
    expect(texts[0]).toContain('"bytes":1000');
    expect((await fetch(`${base}/address`)).status).toBe(200);
  });
});

test('the other pages answer during a test, and the collector closes in the middle of one', async () => {
  const { base, app } = await of.serve({ limitMbps: 200 });
  const token = await of.newTurn(base);
  const streams = Array.from({ length: 8 }, () => download(base, token));
  await expect.poll(() => streams.every(({ state }) => state.bytes > 0)).toBe(true);
  const start = performance.now();
  for (let asked = 0; asked < 20; asked++)
    expect((await fetch(base.replace('/speed', '/overview'), { headers: { cookie: of.harness.cookie } })).status).toBe(
      200,
    );
  expect(performance.now() - start).toBeLessThan(5000);
  await app.close();
  await Promise.all(streams.map(({ done }) => done));
});

test('an upload may last as long as its turn, the head of a request not', async () => {
  const { app } = await of.serve({ maxSeconds: 120 });
  expect(app.server.requestTimeout).toBeGreaterThan(120_000);
  expect(app.server.headersTimeout).toBe(30_000);
  const off = await of.serve({ enabled: false, maxSeconds: 120 });
  expect(off.app.server.requestTimeout).toBe(30_000);
});

test('the address is the one that the caller has, through the proxy of this machine too', async () => {
  const { base } = await of.serve();
  const through = await fetch(`${base}/address`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(await through.json()).toEqual({ address: '203.0.113.7' });
  const inner = await fetch(`${base}/address`, { headers: { 'x-forwarded-for': '::ffff:203.0.113.8' } });
  expect(await inner.json()).toEqual({ address: '203.0.113.8' });
});
