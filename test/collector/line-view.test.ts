import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCurve } from '../../shared/speed-test.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness, type TestAgent } from './harness.ts';

/** The internet lines on a school's page, out of reports friendly and hostile. */

const NOW = Date.parse('2026-11-20T15:00:00+07:00');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let harness: Harness;
let agent: TestAgent;
let schoolId: string;

beforeAll(async () => {
  harness = await startHarness(() => NOW);
  schoolId = await makeSchool(harness);
  await harness.ask('POST', `/schools/${schoolId}/assets`, {
    roomId: null,
    kind: 'internet',
    use: null,
    name: 'Đường truyền chính',
    target: 'internet',
  });
  agent = await enrolAgent(harness, schoolId);
});
afterAll(() => harness.close());

const take = async (samples: ReturnType<typeof sample>[]) =>
  harness.context.ingest.take(await agent.sign(agent.report(samples, NOW)));
const school = async () => (await harness.ask('GET', `/schools/${schoolId}`)).body;

test('before anything was measured there are no figures, and none are made up', async () => {
  const { speed } = await school();
  expect(speed).toMatchObject({ points: [], older: 0 });
  expect(speed.lines).toMatchObject([
    { name: 'Đường truyền chính', offHours: null, upload: null, outages: null, switches: { count: 0, newest: [] } },
  ]);
});

test('each test stands with what it tells, its marks and its second opinion; nonsense stands as nothing', async () => {
  const gateway = { mac: 'aa:bb:cc:00:11:22', answered: 2 };
  const at = (minutes: number) => NOW - minutes * MINUTE;
  await take([
    sample('internet-speed', 'internet', at(300), {
      lineMbps: 90,
      lineLowMbps: 89,
      lineHighMbps: 91,
      provider: 'fast',
    }),
    sample('internet-speed', 'internet', at(240), {
      lineMbps: 30,
      valid: false,
      marks: ['wifi', ...Array.from({ length: 1000 }, (_, index) => `m${index}`)],
      invalidReason: 'wifi',
      crossCheck: { provider: 'ndt7', lineMbps: 44, differs: true },
    }),
    sample('internet-speed', 'internet', at(180), {
      lineMbps: -5,
      marks: 'wifi',
      crossCheck: 7,
      latency: [],
      upload: 'x',
    }),
    sample('internet-speed', 'internet', at(120), {}, 'skipped'),
    sample('internet-speed', 'internet', NOW - 20 * HOUR, {
      lineMbps: 99,
      curve: Array(3000).fill(1),
      curveSeconds: 0.1,
    }),
    ...Array.from({ length: 60 }, (_, minute) =>
      sample(
        'uplink',
        'internet',
        at(60 - minute),
        { gateway, publicAddress: minute < 40 ? '203.0.113.1' : '203.0.113.2' },
        minute >= 10 && minute < 15 ? 'unreachable' : null,
      ),
    ),
    sample(
      'uplink',
      'internet',
      NOW,
      { gateway: 'x', publicAddress: { a: 1 }, provider: 'y'.repeat(3000) },
      'unreachable',
    ),
  ]);
  const { speed, unlisted } = await school();
  expect(unlisted).toEqual([]);
  expect(speed.points).toMatchObject([
    { kind: 'rate', mbps: 99, inHours: false },
    { kind: 'rate', mbps: 90, lowMbps: 89, highMbps: 91, marks: [], inHours: true, provider: 'fast' },
    {
      kind: 'least',
      mbps: 44,
      lineMbps: 30,
      marks: ['wifi', 'other'],
      crossCheck: { provider: 'ndt7', lineMbps: 44, differs: true },
    },
    { kind: 'nothing', mbps: null, lineMbps: null, reason: 'failed', crossCheck: null },
    { kind: 'nothing', reason: 'skipped' },
  ]);
  const [line] = speed.lines;
  expect(line).toMatchObject({
    offHours: { tests: 1, medianMbps: 99, bestMbps: 99 },
    crossChecks: { tests: 1, differing: 1, worst: { mbps: 30, otherMbps: 44 } },
    marked: [{ mark: 'wifi', tests: 1 }],
    outages: { count: 1, seconds: 300, longest: [{ seconds: 300 }] },
    switches: { count: 1, newest: [{ changes: [{ trait: 'address', before: '203.0.113.1', after: '203.0.113.2' }] }] },
  });
  const states = line.strip.map(({ state }: { state: string }) => state);
  expect(states).toEqual(['unknown', 'up', 'down', 'up']);
  expect(line.strip[2].detail).toBe('unreachable');
});

test('a report leads from a test to its curve as it was signed', async () => {
  const { speed } = await school();
  const { body } = await harness.ask('GET', `/reports/${speed.points[0].reportId}`);
  const own = body.payload.samples.find(({ at }: { at: string }) => at === speed.points[0].at);
  expect(readCurve(own.values)!.mbps).toHaveLength(3000);
});

test('a line that flaps each minute for days is told in bounded pieces', async () => {
  const day = NOW - 3 * 24 * HOUR;
  for (let half = 0; half < 6; half++)
    await take(
      Array.from({ length: 500 }, (_, index) => {
        const minute = half * 500 + index;
        const gateway = { answered: 1 };
        return sample('uplink', 'internet', day + minute * MINUTE, { gateway }, minute % 2 ? 'unreachable' : null);
      }),
    );
  const [line] = (await school()).speed.lines;
  expect(line.strip.length).toBeLessThanOrEqual(1001);
  for (const [index, cell] of line.strip.slice(1).entries()) expect(cell.from).toBe(line.strip[index].to);
  // A minute that is lost again and again between answers is no outage; what is one stays told.
  expect(line.outages.count).toBe(1);
});
