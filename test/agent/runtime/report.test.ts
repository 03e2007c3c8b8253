import { describe, expect, it } from 'vitest';
import { Spool } from '../../../agent/spool/spool.ts';
import { MAX_SAMPLES_BYTES, Reporter, type ReporterOptions, split } from '../../../agent/uplink/report.ts';
import { StateFile } from '../../../agent/uplink/state.ts';
import { MAX_REPORT_BYTES, MAX_SAMPLES } from '../../../shared/wire/report.ts';
import { verifyReport } from '../../../shared/wire/signature.ts';
import { identityOf, reportOf, sampleOf, scratch, silent } from './helpers.ts';

async function reporter(change: Partial<ReporterOptions> = {}) {
  const dir = scratch();
  const spool = change.spool ?? (await Spool.open(dir));
  const state = await StateFile.open(dir, silent, 0);
  const identity = await identityOf('agent-1', 'http://127.0.0.1:9');
  let announced = 0;
  const { version, startedAt, failedRuns, everySeconds } = reportOf('', '').health;
  const own = new Reporter({
    spool,
    state,
    log: silent,
    identity: () => identity,
    health: () => ({ version, startedAt, failedRuns, everySeconds }),
    everySeconds: 3600,
    onReport: () => announced++,
    ...change,
  });
  const reports = async () => {
    const jws = await Promise.all(spool.list().map((id) => spool.read(id)));
    expect(Math.max(0, ...jws.map((text) => text?.length ?? 0))).toBeLessThan(MAX_REPORT_BYTES);
    return Promise.all(jws.map((text) => verifyReport(text ?? '', 'agent-1', identity.publicKey)));
  };
  return { own, spool, state, reports, announced: () => announced };
}

describe('reports', () => {
  it('hold the samples in order, signed, with the health of the agent', async () => {
    const { own, reports, announced } = await reporter();
    for (let index = 0; index < 5; index++) own.add(sampleOf(index));
    await own.flush();
    const [report, ...more] = await reports();
    expect(more).toEqual([]);
    expect(report?.samples).toEqual([0, 1, 2, 3, 4].map((index) => sampleOf(index)));
    expect(report?.health).toMatchObject({ version: '0.1.0', queued: 1, setAside: 0, everySeconds: { counting: 1 } });
    expect(announced()).toBe(1);
  });

  it('are split by count and by size, and each stays below what the collector reads', async () => {
    const { own, reports } = await reporter();
    const samples = [
      ...Array.from({ length: MAX_SAMPLES + 1 }, (_, index) => sampleOf(index)),
      ...Array.from({ length: 100 }, (_, index) => sampleOf(5000 + index, { text: 'ệ'.repeat(5300) })),
    ];
    for (const sample of samples) own.add(sample);
    await own.flush();
    const made = await reports();
    expect(made.length).toBeGreaterThanOrEqual(6);
    expect(made.flatMap((report) => report.samples)).toEqual(samples);
  });

  it('fill up to the limit even with the largest health', () => {
    const one = Buffer.byteLength(JSON.stringify(sampleOf(0))) + 1;
    const samples = Array.from({ length: 999 }, () =>
      sampleOf(0, { text: 'x'.repeat(Math.floor(MAX_SAMPLES_BYTES / 999) - one - 12) }),
    );
    const [first] = split(samples);
    const report = reportOf('01930000-0000-7000-8000-000000000000', 'a'.repeat(64), first);
    report.health.everySeconds = Object.fromEntries(
      Array.from({ length: 32 }, (_, index) => [`${'p'.repeat(62)}${index}`, 604799.123456789]),
    );
    expect(first?.length).toBe(999);
    expect(Math.ceil((Buffer.byteLength(JSON.stringify(report)) * 4) / 3) + 400).toBeLessThan(MAX_REPORT_BYTES);
  });

  it('say that the agent lives when nothing was measured, and not twice at once', async () => {
    const { own, reports } = await reporter();
    await own.flush();
    await own.flush();
    expect((await reports()).map((report) => report.samples)).toEqual([[]]);
  });

  it('are not made when the spool is full, and the gap is counted', async () => {
    const spool = await Spool.open(scratch(), { maxPendingFiles: 1 });
    const { own, state, reports } = await reporter({ spool });
    own.add(sampleOf(1));
    await own.flush();
    own.add(sampleOf(2));
    own.add(sampleOf(3));
    await own.flush();
    expect((await reports()).map((report) => report.samples)).toEqual([[sampleOf(1)]]);
    expect(state.state).toMatchObject({ skippedReports: 1, skippedSamples: 2 });
    await spool.remove(spool.list()[0] ?? '');
    own.add(sampleOf(4));
    await own.flush();
    expect((await reports()).map((report) => report.samples)).toEqual([[sampleOf(4)]]);
  });

  it('are made later when the disk would not take them', async () => {
    const spool = await Spool.open(scratch());
    const { own, reports } = await reporter({ spool });
    const add = spool.add.bind(spool);
    spool.add = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
    own.add(sampleOf(1));
    await own.flush();
    spool.add = add;
    own.add(sampleOf(2));
    await own.flush();
    expect((await reports()).flatMap((report) => report.samples)).toEqual([sampleOf(1), sampleOf(2)]);
  });
});
