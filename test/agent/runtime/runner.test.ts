import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { failed, type Outcome, ok } from '../../../agent/probes/probe.ts';
import { MAX_VALUES_BYTES, Runner } from '../../../agent/runner.ts';
import { silent } from './helpers.ts';
import { probeOf } from './probe-of.ts';

const targets = (...ids: string[]) => ({ targets: ids.map((id) => ({ id })) });
const at = '2026-11-24T04:00:00.000Z';
const runner = (log = silent) => new Runner(log, () => new Date(at));

describe('the runner', () => {
  it('adds probe, target and time to what the probe found', async () => {
    const probe = probeOf('camera', {
      run: async ({ id }) => (id === 'a' ? ok({ fps: 5 }) : failed('auth', { tries: 1 })),
    });
    expect(await runner().run(probe, targets('a', 'b'))).toEqual([
      { probe: 'camera', target: 'a', at, ok: true, reason: null, values: { fps: 5 } },
      { probe: 'camera', target: 'b', at, ok: false, reason: 'auth', values: { tries: 1 } },
    ]);
  });

  it('measures as many targets at once as the probe allows, and no more', async () => {
    let now = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return ok({});
    };
    const samples = await runner().run(probeOf('p', { run, concurrency: 3 }), targets(...'abcdefgh'));
    expect([samples.length, most]).toEqual([8, 3]);
  });

  it('writes a timeout for a target that ignores its deadline, and goes on with the others', async () => {
    let aborted = false;
    const probe = probeOf('p', {
      deadlineMs: 30,
      concurrency: 1,
      run: ({ id }, _, { signal }) => {
        if (id !== 'deaf') return Promise.resolve(ok({}));
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return new Promise(() => {});
      },
    });
    const own = runner();
    const samples = await own.run(probe, targets('deaf', 'fine'));
    expect(samples.map(({ target, reason }) => [target, reason])).toEqual([
      ['deaf', 'timeout'],
      ['fine', null],
    ]);
    expect([aborted, own.failedRuns]).toEqual([true, 1]);
  });

  it('survives a rejection that comes after the deadline', async () => {
    const probe = probeOf('p', {
      deadlineMs: 5,
      run: (_t, _c, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
    });
    expect((await runner().run(probe, targets('a')))[0]?.reason).toBe('timeout');
  });

  it.each([
    [
      'throws at once',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['answers nothing', async () => undefined],
    ['answers no values', async () => ({ ok: true })],
    ['answers a failure without a reason', async () => ({ ok: false, values: {} })],
    ['answers values that JSON does not know', async () => ok({ big: 1n })],
  ])('calls it a bug of the probe when it %s, and logs it', async (_, run) => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    const own = runner(log);
    const [sample] = await own.run(probeOf('p', { run: run as () => Promise<Outcome> }), targets('a'));
    expect(sample).toMatchObject({ ok: false, reason: 'internal' });
    expect([lines.length, own.failedRuns]).toEqual([1, 1]);
    expect(lines[0]).toContain('"target":"a"');
  });

  it('does not let a sample grow over its limit', async () => {
    const [fits, over] = await runner().run(
      probeOf('p', { run: async ({ id }) => ok({ text: 'x'.repeat(MAX_VALUES_BYTES - (id === 'fits' ? 11 : 10)) }) }),
      targets('fits', 'over'),
    );
    expect(fits?.ok).toBe(true);
    expect(over).toMatchObject({ ok: false, reason: 'too-large', values: { bytes: MAX_VALUES_BYTES + 1 } });
  });

  it('keeps what a probe remembers of each target from run to run', async () => {
    const probe = probeOf('p', {
      run: async (_t, _c, { memory }) => {
        const runs = ((memory.get('runs') as number | undefined) ?? 0) + 1;
        memory.set('runs', runs);
        return ok({ runs });
      },
    });
    const own = runner();
    await own.run(probe, targets('a'));
    const samples = await own.run(probe, targets('a', 'b'));
    expect(samples.map(({ values }) => values)).toEqual([{ runs: 2 }, { runs: 1 }]);
  });

  it('gives no sample for a target that the end of the agent cut short', async () => {
    const stop = new AbortController();
    let told: AbortSignal | undefined;
    const probe = probeOf('p', {
      concurrency: 1,
      run: (_t, _c, { signal }) => {
        told = signal;
        stop.abort();
        return new Promise(() => {});
      },
    });
    const own = runner();
    expect(await own.run(probe, targets('a', 'b'), { signal: stop.signal })).toEqual([]);
    expect([told?.aborted, own.failedRuns]).toEqual([true, 0]);
  });
});
