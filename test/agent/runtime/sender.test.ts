import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Spool } from '../../../agent/spool/spool.ts';
import { survey } from '../../../agent/spool/survey.ts';
import type { Identity } from '../../../agent/uplink/identity.ts';
import { ODD_ATTEMPTS } from '../../../agent/uplink/parking.ts';
import { Sender, type SenderOptions } from '../../../agent/uplink/sender.ts';
import { StateFile } from '../../../agent/uplink/state.ts';
import { REFUSALS, type RefusalCode } from '../../../shared/wire/report.ts';
import { claimedAgent, signReport } from '../../../shared/wire/signature.ts';
import { FakeCollector, refusal } from './fake-collector.ts';
import { identityOf, reportOf, scratch, silent, until } from './helpers.ts';

/** An agent with `count` reports waiting, and a collector that knows it. Nothing is sent before `start`. */
async function scene(count: number, change: Partial<SenderOptions> = {}) {
  const collector = await FakeCollector.start();
  const identity = await identityOf('agent-1', collector.url);
  collector.keys.set('agent-1', identity.publicKey);
  const dir = scratch();
  const spool = await Spool.open(dir);
  const state = await StateFile.open(dir, silent, 0);
  const keep = async (who: Identity = identity) => {
    const id = uuidv7();
    await spool.add(id, await signReport(reportOf(id, who.agentId), who.privateKey));
    return id;
  };
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await keep());
  const sender = new Sender({
    spool,
    state,
    log: silent,
    collector: () => collector.url,
    identity: () => identity,
    reloadIdentity: async () => {},
    parallel: 1,
    timings: { backoffMinMs: 2, backoffMaxMs: 20, pauseMs: 5, requestMs: 2000 },
    ...change,
  });
  onTestFinished(async () => {
    await sender.stop();
    await state.flush();
  });
  const emptied = () => until('spool is empty', () => spool.pending === 0);
  const idOf = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()).id as string;
  const asked = () => collector.received.map(({ body }) => idOf(body));
  return { collector, identity, dir, spool, state, keep, ids, sender, emptied, idOf, asked };
}

describe('sending', () => {
  it('brings every report, oldest first, and removes what is acknowledged', async () => {
    const { collector, ids, sender, emptied, state, keep } = await scene(5);
    collector.aheadMs = 90_000;
    sender.start();
    await emptied();
    expect(collector.storedIds()).toEqual(ids);
    expect(collector.received[0]).toMatchObject({ path: '/api/v1/reports', contentType: 'application/jose' });
    expect(state.state.lastAcknowledgement).toMatchObject({ id: ids[4], stored: 'new' });
    expect(Math.abs((state.state.clockOffsetMs ?? 0) - 90_000)).toBeLessThan(2000);
    const later = await keep();
    sender.wake();
    await emptied();
    expect(collector.storedIds()).toEqual([...ids, later]);
  });

  it('sends two at once by default', async () => {
    const { collector, sender, emptied } = await scene(6, { parallel: 2 });
    let now = 0;
    let most = 0;
    collector.beforeAck = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 10));
      now--;
      return undefined;
    };
    sender.start();
    await emptied();
    expect([most, collector.stored.size]).toEqual([2, 6]);
  });

  it('sends again what was stored and not acknowledged; it is stored once', async () => {
    const { collector, ids, sender, emptied, state } = await scene(3);
    let hangUps = 0;
    collector.beforeAck = async () => (hangUps++ < 2 ? 'hang-up' : undefined);
    sender.start();
    await emptied();
    expect(collector.storedIds()).toEqual(ids);
    expect(state.state.lastError).toBeNull();
  });

  it.each((Object.keys(REFUSALS) as RefusalCode[]).filter((code) => REFUSALS[code].forever))(
    'sets a report aside on %s and goes on with the next',
    async (code) => {
      const { collector, ids, sender, emptied, dir, idOf } = await scene(3);
      collector.instead = (_, body) => (idOf(body) === ids[0] ? refusal(code, 'lý do') : undefined);
      sender.start();
      await emptied();
      expect(collector.storedIds()).toEqual(ids.slice(1));
      expect((await survey(dir)).rejected).toMatchObject([{ id: ids[0], code, message: 'lý do' }]);
    },
  );

  it('sets a report aside that a proxy finds too large, and says that it was the proxy', async () => {
    const { collector, ids, sender, emptied, dir, idOf } = await scene(2);
    collector.instead = (_, body) => (idOf(body) === ids[0] ? { status: 413, body: '<html>nginx' } : undefined);
    sender.start();
    await emptied();
    const { rejected } = await survey(dir);
    expect(rejected).toMatchObject([{ id: ids[0], code: 'http-413' }]);
    expect(rejected[0]?.message).toContain('proxy');
  });

  it.each(['agent-unknown', 'agent-revoked'] as const)(
    'pauses on %s, loses nothing, and goes on when it is mended',
    async (code) => {
      const { collector, ids, sender, emptied, state, spool } = await scene(3);
      collector.instead = () => refusal(code, 'hãy ghi danh');
      sender.start();
      await until('several tries', () => collector.received.length >= 4);
      expect(spool.pending).toBe(3);
      expect(state.state.paused).toMatchObject({ code, message: 'hãy ghi danh' });
      collector.instead = () => undefined;
      await emptied();
      expect(collector.storedIds()).toEqual(ids);
      expect(state.state.paused).toBeNull();
    },
  );

  it('sets aside what an earlier identity signed when only that one is unknown', async () => {
    const { collector, sender, emptied, keep, dir, ids } = await scene(1);
    const old = await keep(await identityOf('agent-0', collector.url));
    sender.start();
    await emptied();
    expect(collector.storedIds()).toEqual(ids);
    expect((await survey(dir)).rejected).toMatchObject([{ id: old, code: 'agent-unknown' }]);
  });

  it('takes up a new identity that was enrolled while it was paused', async () => {
    const dir = scratch();
    const spool = await Spool.open(dir);
    const collector = await FakeCollector.start();
    let identity = await identityOf('gone', collector.url);
    const next = await identityOf('agent-2', collector.url);
    collector.keys.set('agent-2', next.publicKey);
    const { sender } = await scene(0, {
      spool,
      collector: () => collector.url,
      identity: () => identity,
      reloadIdentity: async () => {
        identity = next;
      },
    });
    for (const who of [identity, next]) {
      const id = uuidv7();
      await spool.add(id, await signReport(reportOf(id, who.agentId), who.privateKey));
    }
    sender.start();
    await until('spool is empty', () => spool.pending === 0);
    expect(collector.received.map(({ body }) => claimedAgent(body))).toEqual(['gone', 'gone', 'agent-2']);
    expect([collector.stored.size, spool.rejected]).toEqual([1, 1]);
  });

  it.each([
    ['5xx', { status: 503, body: '<html>' }],
    ['429', { status: 429, body: { error: { code: 'rate-limit', message: 'chậm lại' } } }],
    ['an unknown code', { status: 422, body: { error: { code: 'not-ours', message: 'm' } } }],
    ['a portal that redirects', { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' }],
    ['a portal that says 200', { status: 200, body: '<html>Đăng nhập' }],
    ['a proxy’s 400', { status: 400, body: 'Bad Request' }],
    [
      'an acknowledgement of another report',
      { status: 200, body: { id: 'x', stored: 'new', serverTime: '2026-11-24T04:00:00.000Z' } },
    ],
    ['an answer without end', { status: 201, body: `{"id":"${'x'.repeat(200_000)}"}` }],
    ['a closed connection', 'hang-up'],
  ] as const)('keeps the report over %s', async (_, reply) => {
    const { collector, ids, sender, emptied, state, spool } = await scene(2);
    collector.instead = () => (collector.received.length <= 5 ? reply : undefined);
    sender.start();
    await until('tries', () => collector.received.length >= 4);
    expect([spool.pending, state.state.lastError !== null]).toEqual([2, true]);
    await emptied();
    expect(collector.storedIds()).toEqual(ids);
  });

  it('gives up on an answer that does not come, and tries again', async () => {
    const timings = { backoffMinMs: 2, backoffMaxMs: 20, pauseMs: 5, requestMs: 100 };
    const { collector, ids, sender, emptied } = await scene(1, { timings });
    let asked = 0;
    collector.instead = () => (asked++ === 0 ? new Promise(() => {}) : undefined);
    sender.start();
    await emptied();
    expect([collector.storedIds(), collector.received.length]).toEqual([ids, 2]);
  });

  it('waits as long as Retry-After says', async () => {
    const { collector, sender, emptied } = await scene(1);
    const times: number[] = [];
    collector.instead = () => {
      times.push(performance.now());
      return times.length === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: '' } : undefined;
    };
    sender.start();
    await emptied();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  });

  it('backs off exponentially, with jitter, up to the longest wait', async () => {
    const waits: number[] = [];
    const { collector, sender } = await scene(1, {
      random: () => {
        waits.push(performance.now());
        return 0.99;
      },
      timings: { backoffMinMs: 20, backoffMaxMs: 160, pauseMs: 5, requestMs: 2000 },
    });
    collector.instead = () => ({ status: 500, body: '' });
    sender.start();
    await until('six failures', () => waits.length >= 7);
    const gaps = waits.slice(1).map((at, index) => at - (waits[index] ?? 0));
    const least = [20, 40, 80, 160, 160, 160].map((ms) => ms * 0.98);
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(least[index] ?? 0);
  });

  it('does not let one report that nobody answers well hold up the others, and does not drop it', async () => {
    const { collector, ids, sender, spool, idOf, asked } = await scene(4);
    collector.instead = (_, body) => (idOf(body) === ids[0] ? { status: 400, body: 'WAF' } : undefined);
    sender.start();
    await until('the others are through', () => spool.pending === 1);
    expect(collector.stored.size).toBe(3);
    expect(asked().slice(0, ODD_ATTEMPTS + 1)).toEqual([...Array(ODD_ATTEMPTS).fill(ids[0]), ids[1]]);
    expect(spool.list()).toEqual([ids[0]]);
    collector.instead = () => undefined;
    await until('it came through', () => spool.pending === 0);
    expect(collector.stored.size).toBe(4);
  });

  it('parks a report that the collector fails over, at once when its neighbour is stored', async () => {
    const timings = { backoffMinMs: 60_000, backoffMaxMs: 60_000, pauseMs: 5, requestMs: 20_000 };
    const { collector, ids, sender, spool, idOf, asked } = await scene(6, { parallel: 2, timings });
    collector.instead = (_, body) => (idOf(body) === ids[0] ? { status: 500, body: 'Internal' } : undefined);
    sender.start();
    // With one wait for each of them this would take minutes.
    await until('the others are through', () => spool.pending === 1);
    expect(collector.storedIds().sort()).toEqual(ids.slice(1));
    expect(asked().filter((id) => id === ids[0])).toHaveLength(1);
    expect(spool.list()).toEqual([ids[0]]);
  });

  it.each([500, 502])(
    'parks a report that is answered with %d ODD_ATTEMPTS times, and tries it again',
    async (status) => {
      const { collector, ids, sender, spool, idOf, asked } = await scene(3);
      collector.instead = (_, body) => (idOf(body) === ids[0] ? { status, body: '' } : undefined);
      sender.start();
      await until('the others are through', () => spool.pending === 1);
      expect(asked().slice(0, ODD_ATTEMPTS + 1)).toEqual([...Array(ODD_ATTEMPTS).fill(ids[0]), ids[1]]);
      collector.instead = () => undefined;
      await until('it came through', () => spool.pending === 0);
    },
  );

  it('waits after every failure of a collector that fails over everything, though all reports are parked', async () => {
    let waits = 0;
    const { collector, sender } = await scene(3, {
      timings: { backoffMinMs: 1, backoffMaxMs: 4, pauseMs: 5, requestMs: 20_000 },
      random: () => {
        waits++;
        return 1;
      },
    });
    collector.instead = () => ({ status: 500, body: '' });
    sender.start();
    await until('each was parked more than once', () => collector.received.length > 10 * ODD_ATTEMPTS);
    // Each of the three gives way to the others once; one more is under way.
    expect(collector.received.length - waits).toBeLessThanOrEqual(4);
  });

  it('sends to where the new identity was enrolled, though the old collector is gone', async () => {
    const [old, next] = [await identityOf('agent-old', 'http://127.0.0.1:9'), await FakeCollector.start()];
    let identity = old;
    const { sender, keep, spool, state } = await scene(0, {
      identity: () => identity,
      collector: () => identity.collector,
      reloadIdentity: async () => {
        if (state.state.lastError) identity = enrolled;
      },
    });
    const enrolled = await identityOf('agent-new', next.url);
    next.keys.set('agent-new', enrolled.publicKey);
    await keep(old);
    const id = await keep(enrolled);
    sender.start();
    await until('spool is empty', () => spool.pending === 0);
    expect(next.storedIds()).toEqual([id]);
  });

  it('ends at once while it waits, and what was under way stays in the spool', async () => {
    const { collector, sender, spool, ids } = await scene(1);
    collector.instead = () => new Promise(() => {});
    sender.start();
    await until('asked', () => collector.received.length === 1);
    await sender.stop();
    expect(spool.list()).toEqual(ids);
  });
});
