import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MachineView } from '../../collector/api/schemas/machines.ts';
import { judgeSchool } from '../../collector/compliance/service.ts';
import type { Machine } from '../../shared/wire/machine.ts';
import { MAX_REPORT_BYTES, REPORT_CONTENT_TYPE, type Report } from '../../shared/wire/report.ts';
import { signClaims } from '../../shared/wire/signature.ts';
import { SPEED_TYP } from '../../shared/wire/speed.ts';
import {
  enrolAgent,
  type Harness,
  makeSchool,
  newKeys,
  sample,
  startHarness,
  type TestAgent,
  testAgent,
} from './harness.ts';

/** PCs with an agent of their own: codes for many, machines known again, what an endpoint may say, links to the inventory. */

let harness: Harness;
let now = Date.parse('2026-11-24T03:00:00.000Z');
const later = (ms: number) => {
  now += ms;
};
const HOUR = 3600_000;
beforeAll(async () => {
  harness = await startHarness(() => now);
});
afterAll(() => harness.close());

let drawn = 0;
/** Hardware that no other PC of these tests has. */
function hardware(change: Partial<Machine> = {}): Machine {
  drawn++;
  const digest = (kind: string) => `${kind}${drawn.toString(16).padStart(31, '0')}`;
  const mac = `00:1a:2b:00:${(drawn >> 8).toString(16).padStart(2, '0')}:${(drawn & 255).toString(16).padStart(2, '0')}`;
  return { smbios: digest('a'), board: digest('b'), disk: digest('d'), macs: [mac], ...change };
}
const NAMELESS: Machine = { smbios: null, board: null, disk: null, macs: [] };

async function school(maxMachines = 50): Promise<{ id: string; code: string; codeId: string; expiresAt: string }> {
  const id = await makeSchool(harness);
  const made = (await harness.ask('POST', `/schools/${id}/endpoint-codes`, { maxMachines, days: 200 })).body;
  return { id, code: made.code, codeId: made.id, expiresAt: made.expiresAt };
}

interface Enrolled {
  status: number;
  error: string | undefined;
  agent: TestAgent;
  target: string;
}
async function enrol(
  code: string,
  machine: Machine | undefined,
  {
    hostname = 'MAY-01',
    keys = undefined as Awaited<ReturnType<typeof newKeys>> | undefined,
    former = undefined as string | undefined,
  } = {},
): Promise<Enrolled> {
  const own = keys ?? (await newKeys());
  const { status, body } = await harness.ask('POST', '/enrol', {
    code,
    publicKey: own.publicKey,
    hostname,
    version: '0.1.0',
    ...(machine ? { machine } : {}),
    ...(former ? { formerAgent: former } : {}),
  });
  const agent = testAgent(body.agentId, body.school?.id, own.privateKey);
  return { status, error: body.error?.code, agent, target: body.target };
}
const antivirus = (target: string, at = now) => sample('antivirus', target, at, { products: [] });
async function send(agent: TestAgent, report: Report) {
  const answer = await harness.app.inject({
    method: 'POST',
    url: '/api/v1/reports',
    headers: { 'content-type': REPORT_CONTENT_TYPE },
    payload: await agent.sign(report),
  });
  return answer.statusCode < 300 ? 'stored' : answer.json().error.code;
}
const tell = ({ agent, target }: Enrolled, machine?: Machine, at = now) => {
  const report = agent.report([antivirus(target, at)], at);
  return send(agent, machine ? { ...report, health: { ...report.health, machine } } : report);
};
const machines = async (id: string): Promise<MachineView[]> =>
  (await harness.ask('GET', `/schools/${id}/machines`)).body;
const audited = async (subject: string, action: string) =>
  (await harness.ask('GET', `/audit?subject=${encodeURIComponent(subject)}`)).body.filter(
    (row: { action: string }) => row.action === action,
  );

describe('a code for many PCs', () => {
  test('enrols so many machines and no more; a machine that it knows comes in again', async () => {
    const { id, code } = await school(2);
    const [first, second] = [hardware(), hardware()];
    const one = await enrol(code, first);
    expect(one).toMatchObject({ status: 201, target: expect.stringMatching(/^may-[a-z0-9]{10}$/) });
    expect((await enrol(` ${code.toLowerCase().replaceAll('-', ' ')} `, second)).status).toBe(201);
    expect(await enrol(code, hardware())).toMatchObject({ status: 403, error: 'code-full' });
    later(HOUR);
    const again = await enrol(code, first);
    expect([again.status, again.target, again.agent.id === one.agent.id]).toEqual([201, one.target, false]);
    expect((await machines(id)).map(({ enrolments }) => enrolments).sort()).toEqual([1, 2]);
    const [listed] = (await harness.ask('GET', `/schools/${id}/installation`)).body.codes;
    expect(listed).toMatchObject({ maxMachines: 2, machines: 2, revokedAt: null, by: 'Quản trị' });
  });

  test('ten thousand made-up machines end at its limit, and one machine at a number of enrolments a day', async () => {
    const { id, code } = await school(5);
    const answers = [];
    for (let index = 0; index < 40; index++) answers.push((await enrol(code, hardware())).status);
    expect([answers.filter((status) => status === 201).length, (await machines(id)).length]).toEqual([5, 5]);
    const own = await school(1);
    const machine = hardware();
    const tries = [];
    for (let index = 0; index < 50; index++) tries.push((await enrol(own.code, machine)).error ?? 'in');
    expect([tries.indexOf('enrol-often'), new Set(tries.slice(48))]).toEqual([48, new Set(['enrol-often'])]);
    const yesterday = { enrolled_at: now - 25 * HOUR };
    await harness.store.updateTable('agent').set(yesterday).where('school_id', '=', own.id).execute();
    expect((await enrol(own.code, machine)).status).toBe(201);
  });

  test('lapses, and ends when it is revoked; whom it enrolled goes on', async () => {
    const { id, code, codeId } = await school();
    const pc = await enrol(code, hardware());
    expect((await harness.ask('POST', `/endpoint-codes/${codeId}/revoke`, {})).status).toBe(204);
    expect((await harness.ask('POST', `/endpoint-codes/${codeId}/revoke`, {})).status).toBe(404);
    expect(await enrol(code, hardware())).toMatchObject({ status: 403, error: 'code-refused' });
    expect(await tell(pc)).toBe('stored');
    expect(await audited(`school/${id}/endpoint-code/${codeId}`, 'code.revoked')).toHaveLength(1);
    const other = await school();
    expect(Date.parse(other.expiresAt) - now).toBe(200 * 24 * HOUR);
    const lapsed = { expires_at: now - 1 };
    await harness.store.updateTable('enrolment_code').set(lapsed).where('id', '=', other.codeId).execute();
    expect(await enrol(other.code, hardware())).toMatchObject({ status: 403, error: 'code-refused' });
  });

  test('and a code for the school’s agent are not taken one for the other, nor used up by it', async () => {
    const { id, code } = await school();
    expect(await enrol(code, undefined)).toMatchObject({ status: 403, error: 'code-refused' });
    const site = (await harness.ask('POST', `/schools/${id}/enrolments`, {})).body.code;
    expect(await enrol(site, hardware())).toMatchObject({ status: 403, error: 'code-refused' });
    expect((await enrol(site, undefined)).status).toBe(201);
  });

  test('is kept as a hash alone, and its description never holds it', async () => {
    const { id, code } = await school();
    const rows = await harness.store.selectFrom('enrolment_code').selectAll().where('school_id', '=', id).execute();
    const list = await harness.ask('GET', `/schools/${id}/installation`);
    expect(JSON.stringify([rows, list.body])).not.toContain(code.replaceAll('-', ''));
    expect(JSON.stringify(list.body)).not.toContain(rows[0]!.code_hash);
  });

  test('answers a lost answer again: the same key on the same machine is the same agent, on another it is not', async () => {
    const { id, code } = await school();
    const keys = await newKeys();
    const machine = hardware();
    const [one, two] = [await enrol(code, machine, { keys }), await enrol(code, machine, { keys })];
    expect([two.agent.id, two.target]).toEqual([one.agent.id, one.target]);
    // The key was in the disk image already.
    const copy = await enrol(code, hardware(), { keys });
    expect([copy.status, copy.target === one.target, copy.agent.id === one.agent.id]).toEqual([201, false, false]);
    expect((await machines(id)).map(({ enrolments }) => enrolments)).toEqual([1, 1]);
  });
});

describe('what an endpoint may say', () => {
  test('is of its own host and its own machine; anything else and all of the report is refused', async () => {
    const { id, code } = await school();
    const [mine, other] = [await enrol(code, hardware()), await enrol(code, hardware())];
    const site = await enrolAgent(harness, id);
    for (const wrong of [
      antivirus(other.target),
      antivirus('pc-hieu-truong'),
      sample('camera', mine.target, now),
      sample('internet-speed', mine.target, now),
      sample('discovery', 'mac-001a2b000001', now),
    ])
      expect(await send(mine.agent, mine.agent.report([antivirus(mine.target), wrong], now))).toBe('endpoint-scope');
    const own = ['antivirus', 'host', 'wifi'].map((probe) => sample(probe, mine.target, now));
    expect(await send(mine.agent, mine.agent.report(own, now))).toBe('stored');
    expect(await send(mine.agent, mine.agent.report([], now))).toBe('stored');
    expect(await send(site, site.report([antivirus('pc-1'), sample('camera', 'cam-1', now)], now))).toBe('stored');
    const targets = await harness.store.selectFrom('series').select('target').where('school_id', '=', id).execute();
    expect(new Set(targets.map(({ target }) => target))).toEqual(new Set([mine.target, 'pc-1', 'cam-1']));
  });

  test('comes from the machine that was enrolled: a copy of its disk is told to enrol, a changed disk is not', async () => {
    const { id, code } = await school();
    const machine = hardware();
    const pc = await enrol(code, machine);
    expect(await tell(pc, machine)).toBe('stored');
    const copied = hardware();
    expect(await tell(pc, copied)).toBe('machine-mismatch');
    later(60_000);
    const copy = await enrol(code, copied, { hostname: 'MAY-02', former: pc.agent.id });
    expect(await tell(copy, copied)).toBe('stored');
    const disk = 'f'.repeat(32);
    expect(await tell(pc, { ...machine, disk })).toBe('stored');
    // The changed disk is known from now on: with it, a lost UUID does not make it another machine.
    expect(await tell(pc, { ...machine, smbios: 'e'.repeat(32), disk })).toBe('stored');
    const [first, second] = await machines(id);
    expect([first!.cloneOf, second!.cloneOf]).toEqual([null, { id: pc.target, hostname: 'MAY-01' }]);
    expect(await audited(`school/${id}/machine/${copy.target}`, 'machine.enrolled')).toMatchObject([
      { by: null, after: { hostname: 'MAY-02', cloneOf: pc.target } },
    ]);
  });

  test('ends when it is replaced, but what was measured before still counts', async () => {
    const { id, code } = await school();
    const machine = hardware();
    const before = await enrol(code, machine);
    const at = now;
    later(HOUR);
    const after = await enrol(code, machine);
    later(60_000);
    expect(after.target).toBe(before.target);
    expect(await tell(after)).toBe('stored');
    expect(await tell(before, undefined, at)).toBe('stored');
    const late = before.agent.report([antivirus(before.target, now)], at);
    expect(await send(before.agent, late)).toBe('agent-replaced');
    expect(await tell(before)).toBe('agent-replaced');
    expect(await audited(`school/${id}/machine/${before.target}`, 'machine.contested')).toHaveLength(1);
    expect(await machines(id)).toMatchObject([{ enrolments: 2, contested: 1, agentId: after.agent.id }]);
  });

  test('two PCs that tell nothing of their hardware and bear one name replace each other, which shows', async () => {
    const { id, code } = await school();
    let left = await enrol(code, NAMELESS, { hostname: 'MAY-CHU' });
    let right: Enrolled | undefined;
    for (let turn = 0; turn < 3; turn++) {
      later(60_000);
      right = await enrol(code, NAMELESS, { hostname: 'may-chu' });
      later(60_000);
      expect(await tell(left, NAMELESS)).toBe('agent-replaced');
      left = await enrol(code, NAMELESS, { hostname: 'MAY-CHU' });
      later(60_000);
      expect(await tell(right, NAMELESS)).toBe('agent-replaced');
    }
    expect(await machines(id)).toMatchObject([{ enrolments: 7, contested: 6 }]);
    expect((await enrol(code, NAMELESS, { hostname: 'MAY-KHAC' })).target).not.toBe(left.target);
  });

  test('hardware that was made up takes over the machine that it copies: the real one enrols anew, both stand in the log', async () => {
    const { id, code } = await school();
    const machine = hardware();
    const real = await enrol(code, machine, { hostname: 'PC-THAT' });
    later(HOUR);
    const thief = await enrol(code, { ...machine }, { hostname: 'PC-GIA' });
    expect(thief.target).toBe(real.target);
    later(60_000);
    expect(await tell(real, machine)).toBe('agent-replaced');
    const back = await enrol(code, machine, { hostname: 'PC-THAT', former: real.agent.id });
    later(60_000);
    expect([back.target, await tell(back, machine), await tell(thief, machine)]).toEqual([
      real.target,
      'stored',
      'agent-replaced',
    ]);
    const log = await audited(`school/${id}/machine/${real.target}`, 'machine.contested');
    expect(log.map((row: { before: object; after: object }) => [row.before, row.after])).toMatchObject([
      [{ hostname: 'PC-GIA' }, { hostname: 'PC-THAT' }],
      [{ hostname: 'PC-THAT' }, { hostname: 'PC-GIA' }],
    ]);
  });

  test('a machine of one school is no machine of another', async () => {
    const [a, b] = [await school(), await school()];
    const machine = hardware();
    const one = await enrol(a.code, machine);
    const two = await enrol(b.code, machine, { former: one.agent.id });
    expect(two.target).not.toBe(one.target);
    expect(await tell(one, machine)).toBe('stored');
    expect(await machines(b.id)).toMatchObject([{ cloneOf: null, enrolments: 1 }]);
  });

  test('the agent of a PC takes no turn of the district’s speed server; revoked, it is told so', async () => {
    const { code } = await school();
    const pc = await enrol(code, hardware());
    const { id: agent, privateKey } = pc.agent;
    const answer = await harness.app.inject({
      method: 'POST',
      url: '/api/v1/speed/turn',
      headers: { 'content-type': REPORT_CONTENT_TYPE },
      payload: await signClaims(SPEED_TYP, { agent, at: new Date(now).toISOString() }, privateKey),
    });
    expect(answer.json().error.code).toBe('agent-unknown');
    await harness.ask('POST', `/agents/${agent}/revoke`, {});
    expect(await tell(pc)).toBe('agent-revoked');
  });

  test('a body that is too large or hardware in a wrong shape is refused in one line', async () => {
    const { code } = await school();
    const bad = [{ smbios: 'x' }, { macs: ['02:00:00:00:00:01'] }, { macs: Array(9).fill('00:1a:2b:00:00:01') }];
    for (const change of bad)
      expect((await enrol(code, hardware(change as Partial<Machine>))).error, JSON.stringify(change)).toBe(
        'input-invalid',
      );
    const answer = await harness.app.inject({
      method: 'POST',
      url: '/api/v1/enrol',
      headers: { 'content-type': 'application/json' },
      payload: `"${'x'.repeat(MAX_REPORT_BYTES)}"`,
    });
    expect(answer.statusCode).toBe(413);
  });

  test('sixty PCs behind one address enrol and report in one minute', async () => {
    const { id, code } = await school(60);
    for (let index = 0; index < 60; index++) {
      const pc = await enrol(code, hardware(), { hostname: `PC-${index}` });
      expect([pc.status, await tell(pc)]).toEqual([201, 'stored']);
    }
    expect(await machines(id)).toHaveLength(60);
  });
});

test('a PC whose name two take in turn is judged by neither, and again once one of them is gone for a day', async () => {
  const { id, code } = await school();
  const device = { roomId: null, kind: 'pc', use: 'student', name: 'PC-07', target: null };
  await harness.ask('POST', `/schools/${id}/assets`, device);
  const machine = hardware();
  const says = async ({ agent, target }: Enrolled, on: boolean) => {
    const products = [{ name: 'Windows Defender', on, upToDate: true, definitionsAt: null }];
    return send(agent, agent.report([sample('antivirus', target, now, { products })], now));
  };
  const finding = async () =>
    (await judgeSchool(harness.store, id, now)).findings.find(({ rule }) => rule === 'III.3.1.b');
  const real = await enrol(code, machine, { hostname: 'PC-07' });
  expect(await says(real, false)).toBe('stored');
  expect(await finding()).toMatchObject({ state: 'fail' });
  later(HOUR);
  const thief = await enrol(code, machine, { hostname: 'PC-07' });
  expect(await says(thief, true)).toBe('stored');
  later(60_000);
  expect(await says(real, false)).toBe('agent-replaced');
  expect(await finding()).toMatchObject({ state: 'insufficient' });
  const back = await enrol(code, machine, { hostname: 'PC-07' });
  later(25 * HOUR);
  expect(await says(back, false)).toBe('stored');
  expect(await finding()).toMatchObject({ state: 'fail' });
});

describe('which device of the inventory a PC is', () => {
  const asset = async (id: string, own: object) =>
    (
      await harness.ask('POST', `/schools/${id}/assets`, {
        roomId: null,
        kind: 'pc',
        use: 'student',
        name: 'Máy',
        target: null,
        ...own,
      })
    ).body.id as string;

  test.each<[string, object[], { hostname?: string; macs?: string[] }, number | null]>([
    ['by its MAC address', [{ mac: '00:1a:2b:ff:00:01' }, {}], { macs: ['00:1a:2b:ff:00:01'] }, 0],
    ['by its name, in any case', [{ name: 'Phòng 1 Máy 2' }, { name: 'khác' }], { hostname: 'PHÒNG 1 MÁY 2' }, 0],
    ['by its name as target', [{ target: 'pc-tin-01' }], { hostname: 'PC-TIN-01' }, 0],
    ['not by a name that two bear', [{ name: 'PC' }, { target: 'pc' }], { hostname: 'PC' }, null],
    [
      'not by a name where the address says otherwise',
      [{ name: 'PC', mac: '00:1a:2b:ff:00:02' }],
      { hostname: 'PC', macs: ['00:1a:2b:ff:00:03'] },
      null,
    ],
    [
      'by its address before a name',
      [{ name: 'PC' }, { mac: '00:1a:2b:ff:00:04' }],
      { hostname: 'PC', macs: ['00:1a:2b:ff:00:04'] },
      1,
    ],
    ['not to a camera', [{ kind: 'camera', use: null, name: 'PC' }], { hostname: 'PC' }, null],
  ])('%s', async (_, devices, { hostname = 'LẠ', macs }, expected) => {
    const { id, code } = await school();
    const ids = [];
    for (const own of devices) ids.push(await asset(id, own));
    await enrol(code, hardware(macs ? { macs } : {}), { hostname });
    const [machine] = await machines(id);
    expect(machine!.asset?.id ?? null).toBe(expected === null ? null : ids[expected]);
    const action = expected === null ? [] : [{ by: null, action: 'machine.linked' }];
    const log = expected === null ? [] : await audited(`school/${id}/asset/${ids[expected]}`, 'machine.linked');
    expect(log).toMatchObject(action);
  });

  test('is found with the next report where the inventory was entered later, unless a person undid the link', async () => {
    const { id, code } = await school();
    const pc = await enrol(code, hardware(), { hostname: 'TIN-07' });
    expect((await machines(id))[0]!.asset).toBeNull();
    const late = await asset(id, { name: 'Tin-07' });
    expect(await tell(pc)).toBe('stored');
    expect((await machines(id))[0]!.asset).toEqual({ id: late, name: 'Tin-07', by: 'name' });
    expect((await harness.ask('PUT', `/machines/${pc.target}/asset`, { assetId: null })).status).toBe(200);
    expect(await tell(pc)).toBe('stored');
    expect((await machines(id))[0]!.asset).toBeNull();
    expect((await harness.ask('PUT', `/machines/${pc.target}/asset`, { assetId: late })).status).toBe(200);
    expect((await machines(id))[0]!.asset).toMatchObject({ id: late, by: 'person' });
    const log = (await harness.ask('GET', `/audit?subject=school/${id}/asset/${late}`)).body;
    expect(log.map((row: { action: string }) => row.action)).toEqual([
      'machine.linked',
      'machine.unlinked',
      'machine.linked',
      'asset.created',
    ]);
  });

  test('a person can say wrong things only so far', async () => {
    const [{ id, code }, other] = [await school(), await school()];
    const [one, two] = [
      await enrol(code, hardware(), { hostname: 'A' }),
      await enrol(code, hardware(), { hostname: 'B' }),
    ];
    const pc = await asset(id, { name: 'Máy 1' });
    const camera = await asset(id, { kind: 'camera', name: 'Cam' });
    const away = await asset(other.id, { name: 'Máy xa' });
    const say = async (target: string, assetId: string | null) =>
      (await harness.ask('PUT', `/machines/${target}/asset`, { assetId })).status;
    expect(await say(one.target, pc)).toBe(200);
    expect(await say(two.target, pc)).toBe(409);
    expect(await say(two.target, camera)).toBe(400);
    expect(await say(two.target, away)).toBe(400);
    expect(await say(two.target, 'khong-co')).toBe(400);
    expect(await say('may-khong-co', pc)).toBe(404);
    expect((await machines(id)).map(({ asset: own }) => own?.id ?? null)).toEqual([pc, null]);
  });

  test('PCs are adopted into the inventory, all or none, with the address that was met on the network', async () => {
    const { id, code } = await school();
    const macs = ['00:1a:2b:ee:00:01', '00:1a:2b:ee:00:02'];
    const [one, two] = [
      await enrol(code, hardware({ macs }), { hostname: 'A' }),
      await enrol(code, hardware(), { hostname: 'B' }),
    ];
    const found = {
      address: '192.168.1.9',
      mac: macs[1],
      vendor: null,
      names: {},
      snmp: null,
      printer: null,
      onvif: null,
      ports: [],
      kind: 'pc',
      kindBy: 'ports',
      via: 'sweep',
      proposedId: 'pc-9',
    };
    const site = await enrolAgent(harness, id);
    await send(site, site.report([sample('discovery', 'mac-001a2bee0002', now, found)], now));
    const take = (items: object[]) => harness.ask('POST', `/schools/${id}/machines/adopt`, items);
    const item = (machineId: string, name: string) => ({ machineId, name, use: 'student', roomId: null });
    const refused = await take([item(one.target, 'Máy A'), item('may-la', 'Máy lạ'), item(one.target, 'Máy A')]);
    expect(refused.body).toMatchObject({ done: 0, errors: [{ key: 'may-la' }, { key: one.target }] });
    expect((await take([item(one.target, 'Máy A'), item(two.target, 'Máy B')])).body).toEqual({ done: 2, errors: [] });
    expect((await take([item(one.target, 'Máy A')])).body.errors).toHaveLength(1);
    const { assets } = (await harness.ask('GET', `/schools/${id}/inventory`)).body;
    expect(assets[0]).toMatchObject({ name: 'Máy A', mac: macs[1], machineId: one.target, target: null });
    expect((await harness.ask('GET', `/schools/${id}/proposals`)).body.proposals).toEqual([]);
  });

  test('the device shows what its PC told, the list of strange targets does not; retired, it lets the PC go', async () => {
    const { id, code } = await school();
    const own = await asset(id, { name: 'TIN-1', target: 'pc-cu' });
    const pc = await enrol(code, hardware(), { hostname: 'tin-1' });
    const lost = await enrol(code, hardware(), { hostname: 'chua-gan' });
    const site = await enrolAgent(harness, id);
    await send(site, site.report([sample('antivirus', 'pc-cu', now - 60_000, { products: [] })], now));
    await send(
      pc.agent,
      pc.agent.report([sample('antivirus', pc.target, now, { products: [{ name: 'ESET', on: true }] })], now),
    );
    await tell(lost);
    later(1000);
    const shown = (await harness.ask('GET', `/schools/${id}`)).body;
    expect(shown.assets[0].antivirus.products).toMatchObject([{ name: 'ESET' }]);
    expect([shown.unlisted, shown.agents.length]).toEqual([[], 1]);
    const { reportId } = shown.assets[0].antivirus;
    expect((await harness.ask('GET', `/reports/${reportId}`)).body.names).toMatchObject({ [pc.target]: 'TIN-1' });
    await harness.ask('PUT', `/assets/${own}`, {
      roomId: null,
      kind: 'pc',
      use: 'student',
      name: 'TIN-1',
      target: 'pc-cu',
      status: 'retired',
    });
    expect((await machines(id)).find(({ id: one }) => one === pc.target)!.asset).toBeNull();
  });
});

test('an id of a report that was stored is never taken over by an endpoint', async () => {
  const { id, code } = await school();
  const site = await enrolAgent(harness, id);
  const report = site.report([], now);
  expect(await send(site, report)).toBe('stored');
  const pc = await enrol(code, hardware());
  expect(await send(pc.agent, { ...pc.agent.report([], now), id: report.id })).toBe('report-conflict');
  expect(await send(pc.agent, { ...pc.agent.report([], now), id: uuidv7() })).toBe('stored');
});
