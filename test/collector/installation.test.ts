import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from '../../collector/api/schemas/installation.ts';
import { enrolAgent, type Harness, makeSchool, newKeys, sample, startHarness } from './harness.ts';

/** What the installation page shows: installers to download, codes with what became of them, and who has arrived. */

let harness: Harness;
let schoolId: string;
const BOARD = 'a'.repeat(32);
const machineOf = (n: number) => ({ smbios: `${n}`.padEnd(32, 'b'), board: BOARD, disk: null, macs: [] });

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const shown = async (): Promise<Installation> =>
  (await harness.ask('GET', `/schools/${schoolId}/installation`)).body as Installation;
const enrol = async (code: string, more: object = {}) => {
  const { publicKey } = await newKeys();
  return harness.ask('POST', '/enrol', { code, publicKey, hostname: 'PC-01', version: '0.1.0', ...more });
};

describe('downloads', () => {
  const EXE = 'thdt-agent-0.1.0-windows-x64.exe';
  const fetchFile = (name: string) => harness.app.inject(`/api/v1/downloads/${encodeURIComponent(name)}`);

  test('what an administrator put there is listed with its digest and served to anybody, nothing else', async () => {
    schoolId = await makeSchool(harness);
    expect((await shown()).downloads).toEqual([]);
    const directory = join(harness.directory, 'downloads');
    mkdirSync(directory);
    writeFileSync(join(directory, EXE), 'MZ installer');
    writeFileSync(join(directory, 'thdt-agent_0.10.0_amd64.deb'), '!<arch>');
    writeFileSync(join(directory, 'ghi-chu.txt'), 'secret');
    symlinkSync(join(harness.directory, 'thdt.sqlite'), join(directory, 'thdt-agent-0.2.0-windows-x64.exe'));
    mkdirSync(join(directory, 'thdt-agent_0.3.0_arm64.deb'));
    const sha256 = createHash('sha256').update('MZ installer').digest('hex');
    const { downloads } = await shown();
    expect(downloads.map(({ name, version, system }) => [name, version, system])).toEqual([
      ['thdt-agent_0.10.0_amd64.deb', '0.10.0', 'debian-amd64'],
      [EXE, '0.1.0', 'windows'],
    ]);
    expect(downloads[1]).toMatchObject({ bytes: 12, sha256 });

    const file = await fetchFile(EXE);
    expect([file.statusCode, file.body]).toEqual([200, 'MZ installer']);
    expect(file.headers).toMatchObject({
      'content-length': '12',
      'content-disposition': `attachment; filename="${EXE}"`,
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
    });
    writeFileSync(join(directory, EXE), 'MZ another one');
    expect((await shown()).downloads[1]?.sha256).not.toBe(sha256);
    for (const name of [
      'ghi-chu.txt',
      'thdt-agent-0.2.0-windows-x64.exe',
      'thdt-agent_0.3.0_arm64.deb',
      '../thdt.sqlite',
      `../downloads/${EXE}`,
      `${EXE}\n`,
      `${EXE}\0.exe`,
      'THDT-AGENT-0.1.0-WINDOWS-X64.EXE',
    ])
      expect((await fetchFile(name)).statusCode, name).toBe(404);
  });
});

describe('the way of an installation', () => {
  test('a code, an agent that enrols by it, and its first report with what it measured', async () => {
    schoolId = await makeSchool(harness);
    expect(await shown()).toMatchObject({ codes: [], arrivals: [], relay: null });
    const told: string[] = [];
    const ending = new AbortController();
    const listening = (async () => {
      for await (const change of harness.context.live.changes(ending.signal)) told.push(change.schoolId);
    })();
    const agent = await enrolAgent(harness, schoolId);
    const [code] = (await shown()).codes;
    expect(code).toMatchObject({ kind: 'site', maxMachines: 1, machines: 1, refused: 0 });
    const waiting = (await shown()).arrivals;
    expect(waiting).toMatchObject([{ agentId: agent.id, kind: 'site', codeId: code!.id, firstReportAt: null }]);
    const at = Date.now();
    const send = async (report: ReturnType<typeof agent.report>) =>
      harness.context.ingest.take(await agent.sign(report));
    await send(agent.report([]));
    expect((await shown()).arrivals).toMatchObject([{ firstMeasured: [], firstReportAt: expect.any(String) }]);
    const heard = (await shown()).arrivals[0]!.firstReportAt;
    const report = agent.report([
      sample('lan-reach', 'a', at),
      sample('lan-reach', 'b', at, {}, 'timeout'),
      sample('antivirus', 'pc', at),
    ]);
    await send({ ...report, health: { ...report.health, relayPort: 8265 } });
    await send(agent.report([sample('camera', 'c', at)]));
    expect(await shown()).toMatchObject({
      arrivals: [
        {
          firstReportAt: heard,
          firstMeasured: [
            { probe: 'lan-reach', samples: 2, ok: 1 },
            { probe: 'antivirus', samples: 1, ok: 1 },
          ],
        },
      ],
    });
    // The last report says that nothing is passed on any more.
    expect((await shown()).relay).toBeNull();
    await send({ ...report, id: agent.report([]).id, health: { ...report.health, relayPort: 8265 } });
    expect((await shown()).relay).toEqual({ hostname: 'may-chu', port: 8265 });
    ending.abort();
    await listening;
    expect(told).toContain(schoolId);
  });

  test('a code that is shown in vain says so: used up, full, of the other kind; a word that is no code says nothing', async () => {
    schoolId = await makeSchool(harness);
    const site = (await harness.ask('POST', `/schools/${schoolId}/enrolments`, {})).body as {
      id: string;
      code: string;
    };
    const pcs = (await harness.ask('POST', `/schools/${schoolId}/endpoint-codes`, { maxMachines: 1, days: 1 }))
      .body as {
      id: string;
      code: string;
    };
    expect((await enrol(site.code)).status).toBe(201);
    expect((await enrol(site.code)).body.error.code).toBe('code-refused');
    expect((await enrol(site.code.toLowerCase())).body.error.code).toBe('code-refused');
    expect((await enrol(pcs.code, { machine: machineOf(1) })).status).toBe(201);
    expect((await enrol(pcs.code, { machine: machineOf(2) })).body.error.code).toBe('code-full');
    expect((await enrol('KHONG-CO-MA-NAY')).status).toBe(403);
    const { codes, arrivals } = await shown();
    expect(codes.find(({ id }) => id === site.id)).toMatchObject({ machines: 1, refused: 2, by: 'Quản trị' });
    expect(codes.find(({ id }) => id === pcs.id)).toMatchObject({ machines: 1, maxMachines: 1, refused: 1 });
    expect(codes.every(({ refusedAt }) => refusedAt !== null)).toBe(true);
    expect(arrivals.map(({ codeId }) => codeId).sort()).toEqual([site.id, pcs.id].sort());
    expect(JSON.stringify(codes)).not.toContain(site.code);
  });

  test('a copy of another PC’s disk is named with whose it is', async () => {
    schoolId = await makeSchool(harness);
    const path = `/schools/${schoolId}/endpoint-codes`;
    const { code } = (await harness.ask('POST', path, { maxMachines: 5, days: 1 })).body;
    const first = (await enrol(code, { machine: machineOf(1), hostname: 'PC-GOC' })).body;
    await enrol(code, { machine: machineOf(2), hostname: 'PC-SAO', formerAgent: first.agentId });
    const { arrivals } = await shown();
    expect(arrivals.map(({ hostname, cloneOf }) => [hostname, cloneOf]).sort()).toEqual([
      ['PC-GOC', null],
      ['PC-SAO', 'PC-GOC'],
    ]);
  });
});
