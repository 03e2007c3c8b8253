import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pendingDir, rejectedDir, reportsIn } from '../../../agent/spool/survey.ts';
import { saveIdentity } from '../../../agent/uplink/identity.ts';
import { FakeCollector } from './fake-collector.ts';
import { identityOf, scratch, until, writeConfig } from './helpers.ts';

const ENTRY = path.join(import.meta.dirname, 'entry.ts');
const NODE = path.join(import.meta.dirname, '../../../node_modules/.bin/node');
const KILLS = 20;

/** A directory with an enrolled agent, and a collector that knows it. */
async function enrolledAgent() {
  const collector = await FakeCollector.start();
  const dir = scratch();
  const data = path.join(dir, 'data');
  const identity = await identityOf('agent-k', collector.url);
  collector.keys.set('agent-k', identity.publicKey);
  await saveIdentity(data, identity);
  const config = writeConfig(dir, {
    localPage: false,
    reportEverySeconds: 0.02,
    schedule: { counting: { everySeconds: 0.01 } },
    probes: { counting: { targets: [{ id: 'a' }, { id: 'b' }] } },
    log: 'debug',
  });
  return { collector, data, config };
}

/** The agent as a process; `onKept` hears of each report that it has put into its spool. */
function start(config: string, onKept: (id: string) => void = () => {}) {
  const child: ChildProcess = fork(ENTRY, ['run', '--config', config], {
    execPath: NODE,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const read = createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line);
    if (!line.startsWith('{')) return;
    const { msg, report } = JSON.parse(line);
    if (msg === 'report kept') onKept(report);
  });
  const closed = new Promise<void>((resolve) => read.once('close', resolve));
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => void closed.then(() => resolve(code))),
  );
  return { child, ended, lines };
}

describe('the agent as a process', () => {
  it(`loses no report when it is killed ${KILLS} times while sending, and the collector has each once`, {
    timeout: 120_000,
  }, async () => {
    const { collector, data, config } = await enrolledAgent();
    const everKept = new Set<string>();
    const killedAt = {
      'before it was stored': 0,
      'stored, not acknowledged': 0,
      'just acknowledged': 0,
      'any time': 0,
    };
    const moments = Object.keys(killedAt) as (keyof typeof killedAt)[];
    let maxPending = 0;
    let hold: (() => void) | null = null; // called by the collector at the moment that this round waits for
    let moment: keyof typeof killedAt | null = null;
    const reached = (at: keyof typeof killedAt) => {
      if (moment !== at || !hold) return false;
      hold();
      hold = null;
      return true;
    };
    const rest = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    collector.instead = async () => {
      if (reached('before it was stored')) return 'hang-up';
      await rest();
      return Math.random() < 0.1 ? { status: 503, body: '' } : undefined;
    };
    collector.beforeAck = async () => {
      if (reached('stored, not acknowledged')) return 'hang-up';
      await rest();
      if (moment === 'just acknowledged') setImmediate(() => reached('just acknowledged'));
      return Math.random() < 0.1 ? 'hang-up' : undefined;
    };

    for (let round = 0; round < KILLS; round++) {
      const { child, ended, lines } = start(config, (id) => everKept.add(id));
      const before = collector.received.length;
      await until(`round ${round} sends: ${lines.slice(-3).join('\n')}`, () => collector.received.length > before + 2);
      moment = moments[round % moments.length]!;
      await new Promise<void>((resolve) => {
        hold = resolve;
        if (moment === 'any time') setTimeout(() => reached('any time'), Math.random() * 200);
      });
      child.kill('SIGKILL');
      await ended;
      killedAt[moment]++;
      moment = null;
      const pending = await reportsIn(pendingDir(data));
      for (const id of pending.keys()) everKept.add(id);
      maxPending = Math.max(maxPending, pending.size);
      const known = new Set(collector.storedIds());
      const lost = [...everKept].filter((id) => !known.has(id) && !pending.has(id));
      expect(
        lost,
        `after kill ${round + 1}: ${everKept.size} kept, ${known.size} stored, ${pending.size} pending`,
      ).toEqual([]);
    }

    collector.instead = () => undefined;
    collector.beforeAck = async () => undefined;
    const last = start(config, (id) => everKept.add(id));
    await until('the backlog is out', async () => {
      const pending = await reportsIn(pendingDir(data));
      return pending.keys().every((id) => !(id < [...everKept].sort().at(-5)!));
    });
    last.child.kill('SIGTERM');
    expect(await last.ended).toBe(0);

    const stored = collector.storedIds();
    const pending = await reportsIn(pendingDir(data));
    const figures = JSON.stringify({
      kills: killedAt,
      everKept: everKept.size,
      stored: stored.length,
      posts: collector.received.length,
      pendingAtMost: maxPending,
      pendingAtEnd: pending.size,
    });
    process.stdout.write(`kill test: ${figures}\n`);
    expect(pending.size, figures).toBe(0);
    expect((await reportsIn(rejectedDir(data))).size, figures).toBe(0);
    expect(new Set(stored).size, `a report stored twice: ${figures}`).toBe(stored.length);
    expect(
      [...everKept].filter((id) => !collector.stored.has(id)),
      `lost: ${figures}`,
    ).toEqual([]);
    expect(Math.min(...Object.values(killedAt)), figures).toBeGreaterThanOrEqual(KILLS / moments.length);
    const samples = [...collector.stored.values()].flatMap((report) => report.samples.map(({ values }) => values.run));
    expect(new Set(samples).size, `a sample in two reports: ${figures}`).toBe(samples.length);
  });

  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
    'ends cleanly on %s: the last samples are sent',
    async (way) => {
      const { collector, data, config } = await enrolledAgent();
      let lastKept = '';
      const { child, ended } = start(config, (id) => {
        lastKept = id;
      });
      await until('it sends', () => collector.stored.size > 3);
      if (way === 'disconnect') child.disconnect();
      else child.kill(way);
      expect(await ended).toBe(0);
      expect(collector.stored.has(lastKept)).toBe(true);
      expect((await reportsIn(pendingDir(data))).size).toBe(0);
    },
  );
});
