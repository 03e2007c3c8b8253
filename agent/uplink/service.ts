import path from 'node:path';
import type { Logger } from 'pino';
import { DISCOVERY_PROBE } from '../../shared/wire/discovery.ts';
import { isNameless, type Machine } from '../../shared/wire/machine.ts';
import type { Sample } from '../../shared/wire/report.ts';
import { type Config, targeted } from '../config.ts';
import { reportFound } from '../discovery/report-found.ts';
import { keptFiles } from '../kept.ts';
import { startRelay } from '../relay/relay.ts';
import { Runner } from '../runner.ts';
import { onLine } from '../schedule/line.ts';
import { unlessPaused } from '../schedule/pause.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import { nextRun } from '../schedule/spread.ts';
import { Spool } from '../spool/spool.ts';
import { followReleases } from '../upgrade/follow.ts';
import { ReleaseCache, releaseRoutes } from '../upgrade/relay-cache.ts';
import { collectorAccess } from './collector-access.ts';
import { enrol } from './enrol.ts';
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
  /** Of an endpoint: the hardware that it runs on. */
  machine?: Machine | undefined;
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
/** The PCs of a room are switched on together: their first reports are drawn over this time after the first looks. */
const FIRST_REPORT_MS = [15_000, 45_000] as const;

/**
 * Resolves after a clean end: samples in the spool, state written; `upgraded`: to go on in another version. Throws when
 * the data directory cannot be used.
 */
export async function serve({
  config,
  identity,
  machine,
  log,
  say,
  signal,
  timings,
  watch,
}: ServiceOptions): Promise<'ended' | 'upgraded'> {
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
  const switched = new AbortController();
  const releases = followReleases({
    releaseKey: config.releaseKey,
    collector,
    version: VERSION,
    log,
    say,
    onSwitched: () => switched.abort(),
  });
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
    ...(machine && config.code !== undefined ? { renew: () => renew(machine, config.code!) } : {}),
    onAnswer: (answer) => releases.heard(answer),
    ...(timings === undefined ? {} : { timings }),
  });
  const renew = async (own: Machine, code: string) => {
    const next = await enrol(config.dataDir, collector(), code, { machine: own, formerAgent: current.agentId });
    // What was measured so far is the former identity's, which may still sign it.
    await reporter.flush();
    current = next;
    say(`Đã ghi danh lại: ${next.agentId}`);
  };
  let relayPort: number | undefined;
  const [soonest, latest] = FIRST_REPORT_MS;
  const reporter = new Reporter({
    spool,
    state,
    log,
    identity: () => current,
    health: () => ({
      version: VERSION,
      startedAt,
      failedRuns: runner.failedRuns,
      everySeconds,
      ...(machine && !isNameless(machine) ? { machine } : {}),
      ...releases.health(),
      ...(relayPort === undefined ? {} : { relayPort }),
    }),
    everySeconds: config.reportEverySeconds,
    ...(config.role === 'endpoint' ? { firstAfterMs: soonest + Math.random() * (latest - soonest) } : {}),
    onReport: () => sender.wake(),
  });
  // One that began under an earlier name of this machine is not this one's to report.
  const onSample = (sample: Sample) => {
    if (current.target === undefined || sample.target === current.target) reporter.add(sample);
    watch?.sample(sample);
  };
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
            () => runner.run(probe, targeted(config, own, current), { signal, everySeconds, onSample }),
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
  const cache = new ReleaseCache({ directory: path.join(config.dataDir, 'releases'), collector });
  const onListen = (port: number) => {
    relayPort = port;
  };
  const relay = config.relay
    ? startRelay({ ...config.relay, collector, releases: releaseRoutes(cache), log, onListen })
    : null;
  log.info({ agent: current.agentId, collector: collector(), pending: spool.pending, everySeconds }, 'agent started');
  const { name } = current.school;
  say(`Tác tử ${current.agentId} (${name}) đang chạy, gửi về ${collector()}. Dừng: Ctrl+C`);
  sender.start();
  reporter.start();
  scheduler.start();
  watch?.runs((name) => scheduler.runNow(name));
  // What else is on the network is no business of a pupil's PC.
  const found =
    config.role === 'site'
      ? reportFound({ dataDir: config.dataDir, kept: kept.of(DISCOVERY_PROBE), reporter, log })
      : null;
  await aborted(AbortSignal.any([signal, switched.signal]));
  log.info('agent ending');
  watch?.runs(null);
  await relay?.stop();
  await releases.stop();
  await scheduler.stop(PROBE_GRACE_MS);
  await found?.stop();
  await reporter.stop();
  await sender.stop(SEND_GRACE_MS);
  await state.flush();
  log.info({ pending: spool.pending }, 'agent ended');
  return switched.signal.aborted ? 'upgraded' : 'ended';
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
