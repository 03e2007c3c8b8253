import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EnrolError, enrol } from '../../../agent/uplink/enrol.ts';
import { IdentityError, loadIdentity } from '../../../agent/uplink/identity.ts';
import { signReport, verifyReport } from '../../../shared/wire/signature.ts';
import { FakeCollector, type Reply } from './fake-collector.ts';
import { reportOf, scratch } from './helpers.ts';

const answer = (agentId = 'agent-7'): Reply => ({
  status: 201,
  body: { agentId, school: { id: 'th-7', name: 'Tiểu học 7' }, serverTime: '2026-11-24T04:00:00.000Z' },
});

async function collectorThat(reply: Reply | 'hang-up'): Promise<FakeCollector> {
  const collector = await FakeCollector.start();
  collector.instead = () => reply;
  return collector;
}

describe('enrolment', () => {
  it('shows the code and the public half of a key, and keeps the identity for its owner alone', async () => {
    const dir = path.join(scratch(), 'data');
    const collector = await collectorThat(answer());
    const identity = await enrol(dir, collector.url, '  MA-GHI-DANH-1 ');
    const [request] = collector.received;
    const sent = JSON.parse(request?.body ?? '');
    expect([request?.path, sent.code, Object.keys(sent.publicKey)]).toEqual([
      '/api/v1/enrol',
      'MA-GHI-DANH-1',
      ['kty', 'crv', 'x'],
    ]);
    expect(request?.body).not.toContain(identity.privateKey.d);
    expect(await loadIdentity(dir)).toEqual(identity);
    expect(statSync(path.join(dir, 'identity.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['identity.json']);
    const report = reportOf('01930000-0000-7000-8000-000000000000', 'agent-7');
    expect(await verifyReport(await signReport(report, identity.privateKey), 'agent-7', sent.publicKey)).toEqual(
      report,
    );
  });

  it('shows the same key again when the answer got lost, and a new one after a success', async () => {
    const dir = scratch();
    const collector = await collectorThat('hang-up');
    await expect(enrol(dir, collector.url, 'MA-GHI-DANH')).rejects.toThrow(EnrolError);
    collector.instead = () => answer();
    await enrol(dir, collector.url, 'MA-GHI-DANH');
    await enrol(dir, collector.url, 'MA-KHAC-1234');
    const keys = collector.received.map(({ body }) => JSON.parse(body).publicKey.x);
    expect([keys[0] === keys[1], keys[1] === keys[2]]).toEqual([true, false]);
  });

  it.each<[string, Reply | 'hang-up', RegExp]>([
    [
      'the collector’s own words',
      { status: 410, body: { error: { code: 'code-expired', message: 'Mã đã hết hạn' } } },
      /^Mã đã hết hạn \(code-expired\)$/,
    ],
    ['a wrong code without words', { status: 401, body: '' }, /sai, đã dùng hoặc hết hạn/],
    ['too many tries', { status: 429, body: '' }, /đợi/],
    ['a broken collector', { status: 502, body: '<html>' }, /thử lại sau/],
    ['another program', { status: 404, body: 'Not Found' }, /không phải collector/],
    ['a portal', { status: 200, body: '<html>' }, /không phải collector/],
    ['a redirect', { status: 302, headers: { location: '/' }, body: '' }, /không phải collector/],
    ['no answer', 'hang-up', /không nối được/],
  ])('says in one line what is wrong: %s', async (_, reply, line) => {
    const dir = scratch();
    const collector = await collectorThat(reply);
    const error = await enrol(dir, collector.url, 'MA-GHI-DANH').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EnrolError);
    expect((error as EnrolError).message).toMatch(line);
    expect(await loadIdentity(dir)).toBeNull();
  });

  it('keeps the earlier identity when a new enrolment fails', async () => {
    const dir = scratch();
    const collector = await collectorThat(answer());
    const first = await enrol(dir, collector.url, 'MA-GHI-DANH');
    collector.instead = () => ({ status: 401, body: '' });
    await expect(enrol(dir, collector.url, 'MA-SAI-12345')).rejects.toThrow(EnrolError);
    await expect(enrol(dir, collector.url, 'ngắn')).rejects.toThrow(/8–64/);
    expect(await loadIdentity(dir)).toEqual(first);
  });

  it('refuses a damaged identity, and closes one that others can read', async () => {
    const dir = scratch();
    const collector = await collectorThat(answer());
    await enrol(dir, collector.url, 'MA-GHI-DANH');
    const file = path.join(dir, 'identity.json');
    chmodSync(file, 0o644);
    await loadIdentity(dir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 40));
    await expect(loadIdentity(dir)).rejects.toThrow(IdentityError);
  });
});
