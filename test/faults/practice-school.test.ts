import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Overview } from '../../collector/api/schemas/overview.ts';
import type { StoredReport } from '../../collector/api/schemas/school.ts';
import type { SheetAnswer } from '../../collector/api/schemas/scoresheet.ts';
import { verifyReport } from '../../shared/wire/signature.ts';
import { type Chain, ROOT, startChain } from '../chain.ts';

/** The whole chain as `npm start` runs it: broken devices cost what the rubric says, mended ones cost nothing again. */

let chain: Chain;
let cookie: string;
let startedAt: number;
beforeAll(async () => {
  startedAt = Date.now();
  chain = await startChain();
  const answer = await fetch(`${chain.base}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ link: chain.link.split('#')[1] }),
  });
  expect(answer.ok).toBe(true);
  cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
});
afterAll(() => chain?.stop());

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${chain.base}/api/v1${path}`, { headers: { cookie }, signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return (await answer.json()) as T;
}
const item = async (id: string) => {
  const sheet = await get<SheetAnswer>('/schools/practice-school/scoresheet');
  const items = sheet.standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));
  return { sheet, item: items.find((candidate) => candidate.id === id)! };
};
const effects = (found: Awaited<ReturnType<typeof item>>['item']) =>
  Object.fromEntries(found.rules.filter((rule) => rule.effect !== 0).map((rule) => [rule.id, rule.effect]));

/** What each rule takes from the whole sheet. */
const lost = ({ standards }: SheetAnswer) =>
  Object.assign({}, ...standards.flatMap(({ criteria }) => criteria.flatMap(({ items }) => items.map(effects))));

const sum = (effects: Record<string, number>) => Object.values(effects).reduce((total, effect) => total + effect, 0);

/** Asks until `fits`; the seconds since `since`. Throws with the last answer when `withinMs` have passed. */
async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, since: number, withinMs: number) {
  let answer = await ask();
  while (!fits(answer)) {
    if (Date.now() - since > withinMs)
      throw new Error(`not within ${withinMs} ms: ${JSON.stringify(answer).slice(0, 2000)}`);
    await sleep(1000);
    answer = await ask();
  }
  return { answer, seconds: Math.round((Date.now() - since) / 1000) };
}
const mend = (device: string) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'deploy/set-device.ts'), '--data', chain.data, device, 'live']);

test('the district page has measured values within 60 s', async () => {
  const { answer, seconds } = await until(
    () => get<Overview>('/overview'),
    ({ schools }) =>
      schools[0]?.cells.some((cell) => cell.rule === 'III.2.2.a' && /Mbps/.test(cell.figure ?? '')) ?? false,
    startedAt,
    60_000,
  );
  expect(answer.schools[0]).toMatchObject({ id: 'practice-school', practice: true });
  process.stdout.write(`first measured values ${seconds} s after the start\n`);
}, 70_000);

test('the frozen and the dead camera cost one point by III.3.2.a and one by III.3.2.b, each led back to a signed report', async () => {
  const { answer, seconds } = await until(
    () => item('III.3.2'),
    ({ item }) => item.points === 0,
    startedAt,
    150_000,
  );
  process.stdout.write(`both points lost ${seconds} s after the start\n`);
  expect(effects(answer.item)).toEqual({ 'III.3.2.a': -1, 'III.3.2.b': -1 });
  expect(answer.item).toMatchObject({ max: 2, source: 'measured', needsAssessor: false });
  const cameras = answer.item.rules.find((rule) => rule.id === 'III.3.2.a')!.measured!;
  expect(cameras.faults.map((fault) => fault.name).sort()).toEqual(['Camera hành lang', 'Camera sân trường']);

  // Both faults rest on samples of signed reports; the last report of each still verifies.
  for (const [target, state] of [
    ['cam-frozen', 'frozen'],
    ['cam-dead', 'unreachable'],
  ]) {
    const evidence = cameras.evidence.find((entry) => entry.target === target)!;
    const report = await get<StoredReport>(`/reports/${evidence.reportId}`);
    const signed = await verifyReport(report.jws, report.agentId, report.publicKey as JWK);
    expect(signed.samples).toContainEqual(
      expect.objectContaining({ target, at: evidence.at, values: expect.objectContaining({ state }) }),
    );
  }
}, 160_000);

test('mending them gives both points back without a restart, and stopping ends every process', async () => {
  const before = descendants(chain.process.pid!);
  expect(before.length).toBeGreaterThanOrEqual(3);
  const mendedAt = Date.now();
  const { sheet: broken } = await item('III.3.2');
  await Promise.all(['cam-frozen', 'cam-dead'].map(mend));
  const { answer, seconds } = await until(
    () => item('III.3.2'),
    ({ item }) => item.points === 2,
    mendedAt,
    280_000,
  );
  process.stdout.write(`both points back ${seconds} s after mending\n`);
  expect(effects(answer.item)).toEqual({});
  expect(lost(broken)).toMatchObject({ 'III.3.2.a': -1, 'III.3.2.b': -1 });
  // Another rule may move meanwhile: the speed of a machine that others use, say. The total follows every one of them.
  expect(answer.sheet.total - broken.total).toBe(sum(lost(answer.sheet)) - sum(lost(broken)));
  // A child that is just being made bears its parent's command line until it has its own.
  const parts = new Set(before.map(commandOf).filter((command) => /(collector|agent|school)\/main\.ts/.test(command)));
  expect(parts.size).toBe(3);

  await chain.stop();
  await sleep(500);
  expect(before.filter((pid) => commandOf(pid) !== '')).toEqual([]);
}, 300_000);

/** Process ids below `pid`, from the kernel's table (Linux; elsewhere `npm start` is tried by hand). */
function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return -1;
  }
}
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
