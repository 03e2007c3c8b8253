import type { Logger } from 'pino';
import { DISCOVERY_PROBE } from '../../shared/wire/discovery.ts';
import type { Sample } from '../../shared/wire/report.ts';
import type { Config } from '../config.ts';
import { reportFound } from '../discovery/report-found.ts';
import { keptFiles } from '../kept.ts';
import { Runner } from '../runner.ts';
import { onLine } from '../schedule/line.ts';
import { unlessPaused } from '../schedule/pause.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import { nextRun } from '../schedule/spread.ts';
import { Spool } from '../spool/spool.ts';
import { collectorAccess } from './collector-access.ts';
import { type Identity, loadIdentity } from './identity.ts';
import { Reporter } from './report.ts';
import { Sender, type Timings } from './sender.ts';
import { StateFile } from './state.ts';
import { VERSION } from './version.ts';
import type { Watch } from './watch.ts';

/** `run`: schedule → runner → reports → spool → collector, until `signal` aborts. */

export interface ServiceOptions {
  config: Config;
  identity: Identity;
  log: Logger;
  /** Tells the person who watches, one line in Vietnamese each time. */
  say: (line: string) => void;
  signal: AbortSignal;
  timings?: Partial<Timings>;
  /** Looks on while it runs: the local page. */
  watch?: Watch;
}

const LAST_RUN = 'last-run';
/** How long the end waits for running probes, and then for the last reports to be sent, ms. */
const PROBE_GRACE_MS = 2000;
const SEND_GRACE_MS = 3000;

/** Resolves after a clean end: samples in the spool, state written. Throws when the data directory cannot be used. */
export async function serve({ config, identity, log, say, signal, timings, watch }: ServiceOptions): Promise<void> {
  const startedAt = new Date().toISOString();
  const state = await StateFile.open(config.dataDir, log);
  const spool = await Spool.open(config.dataDir);
  let current = identity;
  const kept = keptFiles(config.dataDir, log);
  const lastRuns = new Map<string, number>();
  for (const { probe } of config.probes) {
    const at = await kept.of(probe.name).get(LAST_RUN);
    if (typeof at === 'number') lastRuns.set(probe.name, at);
  }
  const runner = new Runner(log, () => new Date(), {
    kept,
    collector: () => collectorAccess(config, current),
  });
  const everySeconds = Object.fromEntries(config.probes.map(({ probe, everySeconds }) => [probe.name, everySeconds]));
  // The configuration goes before the identity; without it the address changes with an enrolment elsewhere.
  const collector = () => config.collector ?? current.collector;
  const sender = new Sender({
    spool,
    state,
    log,
    say,
    collector,
    identity: () => current,
    reloadIdentity: async () => {
      current = (await loadIdentity(config.dataDir)) ?? current;
    },
    ...(timings === undefined ? {} : { timings }),
  });
  const reporter = new Reporter({
    spool,
    state,
    log,
    identity: () => current,
    health: () => ({ version: VERSION, startedAt, failedRuns: runner.failedRuns, everySeconds }),
    everySeconds: config.reportEverySeconds,
    onReport: () => sender.wake(),
  });
  const scheduler = new Scheduler(
    config.probes.map(({ probe, config: own, everySeconds, hours }) => ({
      name: probe.name,
      everySeconds,
      heavy: probe.heavy,
      ...(hours === 'school'
        ? {
            // A restart does not repeat the hour's test.
            lastAt: lastRuns.get(probe.name) ?? Number.NEGATIVE_INFINITY,
            onRun: (at: number) => void kept.of(probe.name).set(LAST_RUN, at),
            next: (lastAt: number, now: number) => nextRun(config.calendar, everySeconds, current.agentId, lastAt, now),
          }
        : {}),
      run: async (stop: AbortSignal) => {
        const measure = (signal: AbortSignal) =>
          onLine(
            {
              dataDir: config.dataDir,
              probe,
              signal,
              onNoLock: (error) =>
                log.warn({ err: error, probe: probe.name }, 'line not locked, measuring all the same'),
            },
            () => {
              const onSample = (sample: Sample) => {
                reporter.add(sample);
                watch?.sample(sample);
              };
              return runner.run(probe, own, { signal, everySeconds, onSample });
            },
          );
        watch?.began(probe.name);
        const done = probe.heavy ? await unlessPaused(config.dataDir, stop, measure) : await measure(stop);
        watch?.ended(probe.name, done === 'paused' ? 'paused' : 'busy' in done ? 'busy' : 'done');
        if (done === 'paused') log.info({ probe: probe.name }, 'not measured: somebody paused what fills the line');
        else if ('busy' in done && !stop.aborted)
          log.warn({ probe: probe.name, pid: done.busy.pid }, 'not measured: another process keeps the line');
      },
    })),
    { log },
  );
  log.info({ agent: current.agentId, collector: collector(), pending: spool.pending, everySeconds }, 'agent started');
  const { name } = current.school;
  say(`Tác tử ${current.agentId} (${name}) đang chạy, gửi về ${collector()}. Dừng: Ctrl+C`);
  sender.start();
  reporter.start();
  scheduler.start();
  watch?.runs((name) => scheduler.runNow(name));
  const found = reportFound({ dataDir: config.dataDir, kept: kept.of(DISCOVERY_PROBE), reporter, log });
  await aborted(signal);
  log.info('agent ending');
  watch?.runs(null);
  await scheduler.stop(PROBE_GRACE_MS);
  await found.stop();
  await reporter.stop();
  await sender.stop(SEND_GRACE_MS);
  await state.flush();
  log.info({ pending: spool.pending }, 'agent ended');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
