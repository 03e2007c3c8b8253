import { statSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Access,
  IDLE_MS,
  LONGEST_MS,
  MAX_WRONG,
  ROTATE_MS,
  readOpening,
  WRONG_WINDOW_MS,
} from '../../../agent/local-page/access.ts';
import { openerOf, openingAddress } from '../../../agent/local-page/open.ts';
import { FakeCollector } from '../runtime/fake-collector.ts';
import { scratch } from '../runtime/helpers.ts';
import { probeOf } from '../runtime/probe-of.ts';
import { ask, type RunningSite, startSite, Tab, tabOf } from './running-site.ts';

describe('the page takes nothing from', () => {
  let site: RunningSite;
  let tab: Tab;
  beforeEach(async () => {
    const config = { probes: { camera: { targets: [{ id: 'cam', note: 'bí mật' }] } } };
    site = await startSite({ probes: [probeOf('camera')], config });
    tab = await tabOf(site);
  });
  const pause = (change: Record<string, string | undefined>, body = '{"minutes":5}') =>
    ask(site.port, 'POST', '/api/pause', tab.headers(change), body);

  it.each([
    ['a name that leads here (DNS rebinding)', { host: 'evil.example', origin: 'http://evil.example' }, 421],
    ['the same with the port', { host: `evil.example:PORT`, origin: 'http://evil.example:PORT' }, 421],
    ['another port’s name', { host: '127.0.0.1:1', origin: 'http://127.0.0.1:1' }, 421],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['another site in an old browser', { origin: 'https://evil.example', 'sec-fetch-site': undefined }, 403],
    ['another server on this PC', { origin: 'http://127.0.0.1:9999', 'sec-fetch-site': 'same-site' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['whoever does not say where from', { origin: undefined, 'sec-fetch-site': undefined }, 403],
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['a form, again', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['who has the cookie alone', { 'x-thdt-key': undefined }, 401],
    ['who has the key alone', { cookie: undefined }, 401],
    ['who guesses', { 'x-thdt-key': 'a'.repeat(43) }, 401],
  ])('%s', async (_, change, status) => {
    const withPort = Object.fromEntries(
      Object.entries(change).map(([name, value]) => [name, value?.replace('PORT', String(site.port))]),
    );
    expect((await pause(withPort)).status).toBe(status);
    expect((await tab.view()).heavyPausedUntil).toBeNull();
    expect((await pause({})).status).toBe(200);
  });

  it('a foreign page that wants to read the state, or to know what is here', async () => {
    for (const site_ of ['cross-site', 'same-site'])
      for (const target of ['/api/state', '/page.js', '/'])
        expect((await ask(site.port, 'GET', target, tab.headers({ 'sec-fetch-site': site_ }))).status).toBe(403);
    // A link that leads here shows the frame of the page, which says nothing of the school.
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', origin: undefined };
    expect((await ask(site.port, 'GET', '/', tab.headers(link))).status).toBe(200);
    const preflight = await ask(site.port, 'OPTIONS', '/api/pause', {
      ...tab.headers({ origin: 'https://evil.example', 'sec-fetch-site': undefined }),
      'access-control-request-method': 'POST',
      'access-control-request-private-network': 'true',
    });
    expect(preflight.status).toBe(405);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('frames, scripts and caches of others: every answer says so', async () => {
    for (const target of ['/', '/page.js', '/api/state', '/none']) {
      const { headers } = await ask(site.port, 'GET', target, tab.headers());
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
      );
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
  });

  it('bodies that are too large, no JSON, or of another shape', async () => {
    expect((await pause({}, `{"minutes":5,"x":"${'y'.repeat(300_000)}"}`)).status).toBe(413);
    for (const body of ['', '{', '[]', 'null', '{}', '{"minutes":0}', '{"minutes":1e9}', '{"minutes":5,"more":1}'])
      expect((await pause({}, body)).status).toBe(400);
    expect((await ask(site.port, 'POST', '/api/constructor', tab.headers(), '{}')).status).toBe(404);
    expect((await ask(site.port, 'GET', '/../agent.json', tab.headers())).status).toBe(404);
    expect((await ask(site.port, 'GET', '/%2e%2e/agent.json', tab.headers())).status).toBe(404);
    expect((await ask(site.port, 'GET', '/api/pause', tab.headers())).status).toBe(404);
  });

  it('many connections that say nothing: the page still answers who is signed in', async () => {
    const idle = Array.from({ length: 40 }, () => connect(site.port, '127.0.0.1'));
    try {
      expect((await tab.view()).phase).toBe('enrol');
    } finally {
      for (const socket of idle) socket.destroy();
    }
  });

  it('other users of the PC: the token is in a file of the owner alone, and opens once', async () => {
    const data = path.join(site.dir, 'data');
    expect(statSync(path.join(data, 'local-page.json')).mode & 0o077).toBe(0);
    const token = await site.token();
    const [one, other] = await Promise.all([new Tab(site.port).enter(token), new Tab(site.port).enter(token)]);
    expect([one.status, other.status].sort()).toEqual([200, 401]);
    const cookie = String([one, other].find(({ status }) => status === 200)?.headers['set-cookie']);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/);
    expect(await site.token()).not.toBe(token);
    const { body } = await ask(site.port, 'GET', '/', tab.headers());
    expect(body).not.toContain('bí mật');
  });

  it('who tries tokens: after some none is looked at', async () => {
    const right = await site.token();
    for (let count = 0; count < MAX_WRONG; count++)
      expect((await new Tab(site.port).enter(`wrong-${count}`)).status).toBe(401);
    const answer = await new Tab(site.port).enter(right);
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '60']);
    // Who is in stays in.
    expect((await tab.view()).phase).toBe('enrol');
  });

  it('a page that has left', async () => {
    expect((await tab.post('leave')).status).toBe(200);
    await expect(tab.view()).rejects.toThrow('401');
  });

  it('listens on loopback alone', async () => {
    const refused = await new Promise((resolve) => {
      const socket = connect(site.port, '127.0.0.2');
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
      socket.once('connect', () => socket.destroy());
    });
    expect(refused).toBe(true);
  });
});

describe('a session', () => {
  it('gets another cookie now and then, and ends when it is idle or old', async () => {
    let now = 0;
    const access = new Access(scratch(), () => now);
    const dir = scratch();
    const held = new Access(dir, () => now);
    await held.open(1);
    await access.open(1);
    const { cookie, key } = (await held.enter((await readOpening(dir))!.token)) as { cookie: string; key: string };
    expect(access.check(cookie, key)).toBeNull();
    expect(held.check(cookie, key)).toEqual({ cookie: null });
    now += ROTATE_MS;
    const next = held.check(cookie, key)?.cookie;
    expect(next).toMatch(/^[\w-]{43}$/);
    now += 10_000;
    // Asked for before the new one had come.
    expect(held.check(cookie, key)).toEqual({ cookie: null });
    now += 30_000;
    expect(held.check(cookie, key)).toBeNull();
    expect(held.check(next!, key)).toEqual({ cookie: null });
    now += IDLE_MS;
    expect(held.check(next!, key)).toBeNull();
  });

  it('lasts no longer than a working day, however busy; wrong tokens are forgotten after a while', async () => {
    let now = 0;
    const dir = scratch();
    const access = new Access(dir, () => now);
    await access.open(1);
    for (let count = 0; count < MAX_WRONG; count++) expect(await access.enter('x')).toBeNull();
    expect(await access.enter((await readOpening(dir))!.token)).toBe('wait');
    now += WRONG_WINDOW_MS;
    let { cookie, key } = (await access.enter((await readOpening(dir))!.token)) as { cookie: string; key: string };
    const begun = now;
    for (; now - begun < LONGEST_MS; now += IDLE_MS / 2) cookie = access.check(cookie, key)!.cookie ?? cookie;
    expect(access.check(cookie, key)).toBeNull();
  });
});

describe('open', () => {
  it('tells its token to the agent alone, not to a program that has taken its port', async () => {
    const site = await startSite({ probes: [], config: { probes: {} } });
    const data = path.join(site.dir, 'data');
    expect(await openingAddress(data)).toBe(`${site.base}/#${await site.token()}`);
    await site.stop();
    await expect(openingAddress(data)).rejects.toThrow(/không phải tác tử/);
    const squatter = await FakeCollector.start();
    squatter.instead = () => ({ status: 200, body: { proof: 'x'.repeat(43) } });
    const dir = scratch();
    await new Access(dir).open(Number(new URL(squatter.url).port));
    await expect(openingAddress(dir)).rejects.toThrow(/không phải tác tử/);
    expect(JSON.stringify(squatter.received)).not.toContain((await readOpening(dir))!.token);
    await expect(openingAddress(scratch())).rejects.toThrow(/chưa mở trang nào/);
  });

  it('starts no shell, and nothing where there is no screen', () => {
    expect(openerOf('win32', {})).toEqual(['rundll32.exe', 'url.dll,FileProtocolHandler']);
    expect(openerOf('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
    expect(openerOf('linux', {})).toBeNull();
  });
});
