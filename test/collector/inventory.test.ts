import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../collector/access/people.ts';
import { checkAudit } from '../../collector/audit/audit.ts';
import { type Found, foundKey } from '../../shared/wire/discovery.ts';
import type { Sample } from '../../shared/wire/report.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness, type TestAgent } from './harness.ts';

/** What agents find on a school's network, from their signed report to a device of the inventory. */

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const NOW = Date.now();
const MINUTE = 60_000;

function found(octet: number, rest: Partial<Found> = {}): Found {
  const mac = `02:00:00:00:00:${octet.toString(16).padStart(2, '0')}`;
  return {
    address: `192.168.1.${octet}`,
    mac,
    vendor: null,
    names: { dns: `may-${octet}` },
    snmp: null,
    printer: null,
    onvif: null,
    ports: [445],
    kind: 'pc',
    kindBy: 'ports',
    via: 'sweep',
    proposedId: `pc-${octet}`,
    ...rest,
  };
}
const met = (device: Found, at = NOW): Sample => sample('discovery', foundKey(device), at, device);

async function start() {
  const school = await makeSchool(harness);
  const agent = await enrolAgent(harness, school);
  const path = `/schools/${school}`;
  const room = (await harness.ask('POST', `${path}/rooms`, { name: 'Tin học 1', kind: 'it', expectedPcs: 3 })).body;
  return { school, agent, path, room };
}
const report = async (agent: TestAgent, samples: Sample[]) =>
  harness.context.ingest.take(await agent.sign(agent.report(samples)));
const proposals = async (path: string) => (await harness.ask('GET', `${path}/proposals`)).body.proposals;
const adoption = (device: Found, name: string, roomId: string | null, rest: object = {}) => ({
  key: foundKey(device),
  kind: 'pc',
  use: 'student',
  roomId,
  name,
  ...rest,
});

describe('a device that an agent found', () => {
  test('is proposed with what is known of it; the same one at its next address stays one proposal', async () => {
    const { agent, path } = await start();
    await report(agent, [met(found(10), NOW - 5 * MINUTE), met(found(11), NOW - 5 * MINUTE)]);
    await report(agent, [met(found(10, { address: '192.168.1.77' }))]);
    const list = await proposals(path);
    expect(list).toHaveLength(2);
    expect(list[0]).toMatchObject({
      key: 'mac-02000000000a',
      state: 'new',
      address: '192.168.1.77',
      firstAt: new Date(NOW - 5 * MINUTE).toISOString(),
      lastAt: new Date(NOW).toISOString(),
    });
    // A report that waited in the spool tells when it was met first, and not where it is.
    await report(agent, [met(found(10, { address: '192.168.1.5' }), NOW - 60 * MINUTE)]);
    expect((await proposals(path))[0]).toMatchObject({
      address: '192.168.1.77',
      firstAt: new Date(NOW - 60 * MINUTE).toISOString(),
    });
    const kept = await harness.store
      .selectFrom('proposal')
      .innerJoin('sample', 'sample.id', 'sample_id')
      .select(['proposal.report_id', 'sample.report_id as of', 'at', 'last_at'])
      .where('key', '=', 'mac-02000000000a')
      .executeTakeFirstOrThrow();
    expect(kept.report_id).toBe(kept.of);
    expect(kept.at).toBe(kept.last_at);
  });

  test('that is described wrongly is stored as a sample and proposes nothing', async () => {
    const { school, agent, path } = await start();
    await report(agent, [
      sample('discovery', 'mac-020000000001', NOW, { ...found(1), extra: true }),
      sample('discovery', 'mac-020000000001', NOW, {}, 'timeout'),
      sample('discovery', 'mac-020000000001', NOW, { ...found(1), ports: [70_000] }),
      sample('discovery', 'mac-0200000000ff', NOW, found(2)),
    ]);
    expect(await proposals(path)).toEqual([]);
    const stored = await harness.store.selectFrom('sample').select('id').where('school_id', '=', school).execute();
    expect(stored).toHaveLength(4);
  });

  test('is no measurement: not on the school page, not a series', async () => {
    const { school, agent, path } = await start();
    await report(agent, [met(found(20)), sample('lan-reach', 'pc-la', NOW - MINUTE, { rttMs: 1 })]);
    const { body } = await harness.ask('GET', path);
    expect(body.unlisted.map(({ probe }: { probe: string }) => probe)).not.toContain('discovery');
    const series = await harness.store.selectFrom('series').select('probe').where('school_id', '=', school).execute();
    expect(series).toEqual([{ probe: 'lan-reach' }]);
  });

  test('that is in the inventory is not proposed; its address follows', async () => {
    const { agent, path, room } = await start();
    const listed = {
      roomId: room.id,
      kind: 'pc',
      use: 'student',
      name: 'Máy 01',
      target: null,
      mac: '02-00-00-00-00-1E',
    };
    const asset = (await harness.ask('POST', `${path}/assets`, listed)).body;
    expect(asset).toMatchObject({ mac: '02:00:00:00:00:1e', address: null });
    await report(agent, [met(found(30))]);
    expect(await proposals(path)).toEqual([]);
    const inventory = async () => (await harness.ask('GET', `${path}/inventory`)).body;
    expect((await inventory()).assets[0]).toMatchObject({ address: '192.168.1.30' });
    await report(agent, [met(found(30, { address: '192.168.1.99' }), NOW + 1)]);
    expect((await inventory()).assets[0]).toMatchObject({ address: '192.168.1.99' });
    expect((await inventory()).rooms[0]).toMatchObject({ expectedPcs: 3, pcs: 1, foundPcs: 1, foundPrinters: 0 });
    // Given to another device by mistake and taken off again: it is new once more.
    await harness.ask('PUT', `/assets/${asset.id}`, { ...listed, mac: null, status: 'expected' });
    await report(agent, [met(found(30), NOW + 2)]);
    expect(await proposals(path)).toMatchObject([{ key: 'mac-02000000001e', state: 'new' }]);
  });
});

describe('adopting', () => {
  test('makes many devices at once with their addresses, audited; then they are not proposed', async () => {
    const { school, agent, path, room } = await start();
    const devices = [40, 41, 42].map((octet) => found(octet));
    await report(
      agent,
      devices.map((device) => met(device)),
    );
    const body = devices.map((device, index) => adoption(device, `Máy ${index}`, room.id));
    const { status, body: answer } = await harness.ask('POST', `${path}/proposals/adopt`, [
      ...body.slice(0, 2),
      { ...body[2], target: 'may-rieng' },
    ]);
    expect([status, answer]).toEqual([200, { done: 3, errors: [] }]);
    expect(await proposals(path)).toEqual([]);
    const { assets, rooms } = (await harness.ask('GET', `${path}/inventory`)).body;
    expect(assets).toMatchObject([
      { name: 'Máy 0', target: 'pc-40', mac: '02:00:00:00:00:28', address: '192.168.1.40', use: 'student' },
      { name: 'Máy 1', target: 'pc-41' },
      { name: 'Máy 2', target: 'may-rieng' },
    ]);
    expect(rooms).toMatchObject([{ pcs: 3, foundPcs: 3, expectedPcs: 3 }]);
    const log = (await harness.ask('GET', `/audit?subject=school/${school}/asset`)).body;
    expect(log).toHaveLength(3);
    expect((await checkAudit(harness.store)).broken).toBeNull();
    const again = await harness.ask('POST', `${path}/proposals/adopt`, [{ ...body[0], target: 'khac' }]);
    expect(again.body).toMatchObject({ done: 0, errors: [{ why: 'đã có trong danh mục' }] });
  });

  test('with one that cannot be adopts none, and says why of each', async () => {
    const { agent, path, room } = await start();
    const other = await start();
    const devices = [50, 51, 52, 53, 54].map((octet) => found(octet));
    await report(
      agent,
      devices.map((device) => met(device)),
    );
    await harness.ask('POST', `${path}/assets`, {
      roomId: null,
      kind: 'pc',
      use: null,
      name: 'Có sẵn',
      target: 'pc-51',
    });
    await harness.ask('POST', `${path}/proposals/ignore`, { keys: [foundKey(devices[2]!)] });
    const { body } = await harness.ask('POST', `${path}/proposals/adopt`, [
      adoption(devices[0]!, 'Tốt', room.id),
      adoption(devices[1]!, 'Trùng mã', room.id),
      adoption(devices[2]!, 'Bỏ qua', room.id),
      adoption(devices[3]!, 'Phòng trường khác', other.room.id),
      adoption(devices[4]!, 'Trùng trong yêu cầu', room.id, { target: 'pc-50' }),
      adoption(found(99), 'Không có', room.id),
    ]);
    expect(body.done).toBe(0);
    expect(body.errors.map(({ why }: { why: string }) => why)).toEqual([
      'mã theo dõi pc-51 đã gán cho thiết bị “Có sẵn”',
      'đang bị bỏ qua: khôi phục trước',
      'phòng không thuộc trường này: chọn lại phòng',
      'mã theo dõi pc-50 đã gán cho thiết bị “Tốt”',
      'không có đề xuất này: tải lại danh sách',
    ]);
    expect((await harness.ask('GET', `${path}/inventory`)).body.assets).toHaveLength(1);
    expect(await proposals(path)).toHaveLength(5);
  });

  test('what is ignored stays so however often it is met, and is taken up again', async () => {
    const { agent, path } = await start();
    const devices = [60, 61].map((octet) => found(octet));
    await report(
      agent,
      devices.map((device) => met(device)),
    );
    const keys = devices.map(foundKey);
    expect((await harness.ask('POST', `${path}/proposals/ignore`, { keys })).body).toEqual({ done: 2, errors: [] });
    await report(agent, [met(found(60, { address: '192.168.1.6' }), NOW + 1)]);
    expect(await proposals(path)).toMatchObject([{ state: 'ignored', address: '192.168.1.6' }, { state: 'ignored' }]);
    const half = await harness.ask('POST', `${path}/proposals/restore`, { keys: [keys[0], 'mac-khong-co'] });
    expect(half.body).toMatchObject({ done: 0, errors: [{ key: 'mac-khong-co' }] });
    expect((await harness.ask('POST', `${path}/proposals/restore`, { keys })).body.done).toBe(2);
    expect((await proposals(path)).map(({ state }: { state: string }) => state)).toEqual(['new', 'new']);
  });
});

test('two expected devices of one school never bear one MAC; the error names the other', async () => {
  const { path } = await start();
  const device = { roomId: null, kind: 'pc', use: null, target: null };
  const first = (await harness.ask('POST', `${path}/assets`, { ...device, name: 'Máy A', mac: '0200.0000.00aa' })).body;
  const second = await harness.ask('POST', `${path}/assets`, { ...device, name: 'Máy B', mac: '02:00:00:00:00:AA' });
  expect(second).toMatchObject({ status: 409, body: { error: { code: 'already-exists' } } });
  expect(second.body.error.message).toContain('“Máy A”');
  await harness.ask('PUT', `/assets/${first.id}`, { ...device, name: 'Máy A', status: 'retired' });
  expect((await harness.ask('POST', `${path}/assets`, { ...device, name: 'Máy B', mac: '0200000000aa' })).status).toBe(
    201,
  );
  const back = await harness.ask('PUT', `/assets/${first.id}`, { ...device, name: 'Máy A', status: 'expected' });
  expect(back.body.error.message).toContain('“Máy B”');
  for (const wrong of [{ mac: '02:00' }, { mac: '02:00:00:00:00:zz' }, { address: '300.1.1.1' }])
    expect((await harness.ask('POST', `${path}/assets`, { ...device, name: 'Sai', ...wrong })).status).toBe(400);
});

test('a device that never answered is not found, however often it was asked', async () => {
  const { agent, path, room } = await start();
  for (const target of ['pc-co', 'pc-khong'])
    await harness.ask('POST', `${path}/assets`, { roomId: room.id, kind: 'pc', use: 'student', name: target, target });
  await report(agent, [
    sample('lan-reach', 'pc-co', NOW - MINUTE, { rttMs: 1 }),
    sample('lan-reach', 'pc-khong', NOW - MINUTE, {}, 'timeout'),
  ]);
  const { rooms } = (await harness.ask('GET', `${path}/inventory`)).body;
  expect(rooms).toMatchObject([{ pcs: 2, foundPcs: 1, expectedPcs: 3, expectedPrinters: null }]);
});

test('a school’s own person sees the proposals and decides none', async () => {
  const { school, agent, path } = await start();
  await report(agent, [met(found(70))]);
  await harness.store
    .insertInto('person')
    .values({
      id: 'truong',
      username: 'truong',
      name: 'T',
      role: 'school',
      password: null,
      school_id: school,
      units: '[]',
    })
    .execute();
  const cookie = `thdt_session=${await openSession(harness.store, 'truong', Date.now())}`;
  const ask = (method: 'GET' | 'POST', url: string, payload?: object) =>
    harness.app.inject({
      method,
      url: `/api/v1${path}${url}`,
      headers: { cookie, 'x-thdt': '1' },
      ...(payload ? { payload } : {}),
    });
  expect((await ask('GET', '/proposals')).json().proposals).toHaveLength(1);
  for (const [url, payload] of [
    ['/proposals/adopt', [adoption(found(70), 'Máy', null)]],
    ['/proposals/ignore', { keys: [foundKey(found(70))] }],
    ['/proposals/restore', { keys: [foundKey(found(70))] }],
  ] as const)
    expect((await ask('POST', url, payload as object)).statusCode).toBe(403);
});
