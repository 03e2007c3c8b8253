import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { shapedLine, whyNoShapedLines } from './shaped.ts';

/** More lines: THDT_SHAPED_MBPS=10,20,44,46,100,300,500. */
const LINES = (process.env.THDT_SHAPED_MBPS ?? '46').split(',').map(Number);

const withLine = async (
  mbps: number,
  ctx: { skip: (why: string) => void; onTestFinished: (fn: () => void) => void },
) => {
  const why = whyNoShapedLines();
  if (why) ctx.skip(why);
  const line = await shapedLine(mbps);
  ctx.onTestFinished(() => line.close());
  return line;
};

test.for(LINES)('a line shaped to %d Mbps reads as that, its payload some 4 percent less', async (mbps, ctx) => {
  const line = await withLine(mbps, ctx);
  const { ok, values } = await line.probe({ upload: 'always' });
  expect({ ok, ...values }).toMatchObject({
    ok: true,
    layer: 'ethernet',
    failures: 0,
    interface: 'va',
    segments: { payload: 1448, packet: 1500, timestamps: true, source: 'connection' },
  });
  expect(values.lineMbps).toBeGreaterThan(mbps * 0.98);
  expect(values.lineMbps).toBeLessThan(mbps * 1.02);
  expect(values.payloadMbps).toBeLessThan(mbps * 0.97);
  expect(values.lineLowMbps).toBeLessThan(mbps);
  expect(values.lineHighMbps).toBeGreaterThan(mbps);
  const { lineMbps } = values.upload as Record<string, number>;
  expect(lineMbps).toBeGreaterThan(mbps * 0.9);
  expect(lineMbps).toBeLessThan(mbps * 1.1);
  const { idleMs, downMs } = values.latency as Record<string, number>;
  // tbf holds up to 50 ms of packets: that is what a transfer puts before everything else.
  expect(idleMs).toBeLessThan(15);
  expect(downMs).toBeGreaterThan(idleMs! + 5);
});

test.for([
  [44.1, false],
  [45.9, true],
] as const)('the threshold of 45 is on the right side of a line of %d Mbps', async ([mbps, reaches], ctx) => {
  const line = await withLine(mbps, ctx);
  const { values } = await line.probe({ upload: 'never' });
  expect((values.lineMbps as number) >= 45).toBe(reaches);
});

test("the host's own traffic during a test is seen, and marks the result", async (ctx) => {
  const line = await withLine(46, ctx);
  // A third of the line, by a program of the same host that has nothing to do with the test.
  await line.serve(line.school, new URL('./traffic.ts', import.meta.url), 'receive');
  await line.serve(line.provider, new URL('./traffic.ts', import.meta.url), 'send', '13.8');
  const { ok, values } = await line.probe({ upload: 'never' });
  expect(ok).toBe(true);
  expect(values.marks).toContain('own-traffic');
  expect(values).toMatchObject({ valid: false, invalidReason: 'own-traffic' });
  expect(values.busyMbps).toBeGreaterThan(8);
  expect(values.busyDuringMbps).toBeGreaterThan(8);
  expect(values.lineMbps).toBeLessThan(46 * 0.85);
});

test('a cable that is pulled in mid-test gives a reason and no rate', async (ctx) => {
  const line = await withLine(20, ctx);
  const measuring = line.probe({ upload: 'never', certainty: 0.002, seconds: 20 });
  await delay(3500);
  line.provider.exec('ip', 'link', 'set', 'vb', 'down');
  const { ok, reason, values } = await measuring;
  expect({ ok, reason }).toEqual({ ok: false, reason: 'timeout' });
  expect(values).toMatchObject({ ended: 'stalled', tried: [{ provider: 'http', reason: 'timeout' }] });
  expect(values.message).toContain('đứt giữa chừng');
});

test('without a resolver the reason is the name', async (ctx) => {
  const line = await withLine(20, ctx);
  const providers = [{ provider: 'http', urls: ['http://speed.example/100MB.bin'] }];
  expect(await line.probe({ providers })).toMatchObject({ ok: false, reason: 'unresolved' });
});
