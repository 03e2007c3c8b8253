import { cpSync } from 'node:fs';
import path from 'node:path';
import Type from 'typebox';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { main } from '../../agent/main.ts';
import { type AnyProbe, ok } from '../../agent/probes/probe.ts';
import { startRelay } from '../../agent/relay/relay.ts';
import type { Installation } from '../../collector/api/schemas/installation.ts';
import type { MachineView } from '../../collector/api/schemas/machines.ts';
import type { School } from '../../collector/api/schemas/school.ts';
import type { Machine } from '../../shared/wire/machine.ts';
import { scratch, silent, until, writeConfig } from '../agent/runtime/helpers.ts';
import { type Running, startRunning } from '../collector/running.ts';

/**
 * A room of sixty PCs, each with the real agent in the role `endpoint`, through a real relay to a real collector: only
 * what the hardware and the antivirus say is made up.
 */

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.close());

const SIZE = 60;
/** First looks are drawn over the first interval; a room needs no hours to be played. */
const PACE = { reportEverySeconds: 0.5, schedule: { antivirus: { everySeconds: 2 } } };
interface Pc {
  index: number;
  name: string;
  use: 'student' | 'teaching';
  machine: Machine;
  product: { name: string; on: boolean; upToDate: boolean };
  dir: string;
}
const digest = (kind: string, index: number) => `${kind}${index.toString(16).padStart(31, '0')}`;
const macOf = (index: number) => `00:1a:2b:00:00:${index.toString(16).padStart(2, '0')}`;
/** The last five were never switched on; 20 and 21 have it off; of the teachers' (40–49) 40, 41 and 42 are out of date. */
const OFF = [20, 21];
const EXPIRED = [40, 41, 42];
const NEVER = [55, 56, 57, 58, 59];
const MASTER = 0;
const CLONES = Array.from({ length: 10 }, (_, index) => index + 1);
const RESTORED = [30, 31, 32, 33, 34];
const BOOTS = 3;
const nameOf = (index: number) => `TIN-${String(index).padStart(2, '0')}`;

const pcOf = (index: number): Pc => ({
  index,
  name: nameOf(index),
  use: index >= 40 && index < 50 ? 'teaching' : 'student',
  machine: { smbios: digest('a', index), board: null, disk: digest('d', index), macs: [macOf(index)] },
  product: { name: 'Kaspersky Endpoint Security', on: !OFF.includes(index), upToDate: !EXPIRED.includes(index) },
  dir: scratch(),
});

const antivirusOf = ({ product }: Pc): AnyProbe => ({
  name: 'antivirus',
  schema: Type.Object({ target: Type.Optional(Type.String()) }, { additionalProperties: false }),
  everySeconds: 6 * 3600,
  deadlineMs: 5000,
  heavy: false,
  concurrency: 1,
  targets: ({ target = 'host' }: { target?: string }) => [{ id: target }],
  run: async () => ok({ platform: 'win32', products: [product] }),
});

test('sixty PCs, ten of one disk image, five restored at each start: each is itself once, and the right ones are named', {
  timeout: 60_000,
}, async () => {
  const { admin, base } = running;
  const unit = await admin<{ id: string }>('POST', '/units', { name: 'Phường Bồ Đề', parentId: null });
  const own = { unitId: unit.id, code: 'PT', name: 'Tiểu học Phòng Tin', levels: ['primary'] };
  const { id } = await admin<{ id: string }>('POST', '/schools', own);
  const pcs = Array.from({ length: SIZE }, (_, index) => pcOf(index));
  for (const { index, name, use } of pcs)
    await admin('POST', `/schools/${id}/assets`, {
      roomId: null,
      kind: 'pc',
      use,
      name,
      target: null,
      mac: macOf(index),
    });
  const path_ = `/schools/${id}/endpoint-codes`;
  const { code } = await admin<{ code: string }>('POST', path_, { maxMachines: SIZE, days: 30 });

  const { promise: port, resolve: onListen } = Promise.withResolvers<number>();
  // All PCs of this room have one address.
  const limits = { mostOfOne: 32 };
  const relay = startRelay({ host: '127.0.0.1', port: 0, collector: () => base, log: silent, limits, onListen });
  onTestFinished(() => relay.stop());
  const config = { role: 'endpoint', collector: `http://127.0.0.1:${await port}`, code, log: 'silent' };

  const machines = () => admin<MachineView[]>('GET', `/schools/${id}/machines`);
  /** Machines whose antivirus was told since then. */
  const told = async (since = 0) => {
    const series = running.store.selectFrom('series').select('target').where('school_id', '=', id);
    return (await series.where('probe', '=', 'antivirus').where('last_at', '>', since).execute()).length;
  };
  /** Switches these PCs on together and, once `isDone`, off again. */
  async function together(on: Pc[], isDone: () => Promise<boolean>): Promise<void> {
    const end = new AbortController();
    const errors: string[] = [];
    const runs = on.map((pc) => {
      const file = writeConfig(pc.dir, { ...config, ...PACE });
      return main(['run', '--config', file], {
        probes: [antivirusOf(pc)],
        machine: async () => pc.machine,
        enrolWaits: { spreadMs: 300, minMs: 100, maxMs: 1000 },
        timings: { backoffMinMs: 50, backoffMaxMs: 1000, pauseMs: 50 },
        signal: end.signal,
        stdout: () => undefined,
        stderr: (text) => errors.push(text),
      });
    });
    await until(`${on.length} PCs are done`, isDone, 40_000);
    end.abort();
    expect([await Promise.all(runs), errors]).toEqual([on.map(() => 0), []]);
  }

  await together([pcs[MASTER]!], async () => (await told()) === 1);
  for (const index of CLONES)
    cpSync(path.join(pcs[MASTER]!.dir, 'data'), path.join(pcs[index]!.dir, 'data'), { recursive: true });
  const on = pcs.filter(({ index }) => !NEVER.includes(index));
  await together(on, async () => (await told()) === on.length);
  const restored = pcs.filter(({ index }) => RESTORED.includes(index));
  for (let boot = 2; boot <= BOOTS; boot++) {
    const before = Date.now();
    for (const pc of restored) pc.dir = scratch();
    await together(restored, async () => (await told(before)) === restored.length);
  }

  const all = await machines();
  const byName = new Map(all.map((machine) => [machine.asset?.name, machine]));
  expect([...byName.keys()].sort()).toEqual(on.map(({ name }) => name).sort());
  expect(
    all.every(({ asset, contested, status }) => asset?.by === 'mac' && contested === 0 && status === 'active'),
  ).toBe(true);
  const master = byName.get(nameOf(MASTER))!;
  const named = (holds: (machine: MachineView) => boolean) =>
    all
      .filter(holds)
      .map(({ asset }) => asset!.name)
      .sort();
  expect(named(({ cloneOf }) => cloneOf?.id === master.id)).toEqual(CLONES.map(nameOf));
  expect(named(({ enrolments }) => enrolments === BOOTS)).toEqual(RESTORED.map(nameOf));
  expect(named(({ enrolments }) => enrolments === 1)).toHaveLength(on.length - RESTORED.length);
  const { codes } = await admin<Installation>('GET', `/schools/${id}/installation`);
  expect(codes[0]!.machines).toBe(on.length);

  const verdict = async (rule: string) => {
    const { findings } = await admin<School>('GET', `/schools/${id}`);
    const { state, faults, missing } = findings.find((finding) => finding.rule === rule)!;
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort();
    return { state, faults: names(faults), missing: names(missing) };
  };
  const judged = { state: 'fail', faults: OFF.map(nameOf), missing: NEVER.map(nameOf) };
  await until(
    'the room is judged',
    async () => JSON.stringify(await verdict('III.3.1.b')) === JSON.stringify(judged),
  ).catch(async () => expect(await verdict('III.3.1.b')).toEqual(judged));
  expect((await verdict('III.3.1.a')).faults).toEqual(EXPIRED.map(nameOf));
});
