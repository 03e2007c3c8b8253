import { expect, test, vi } from 'vitest';
import { askNeighbours } from '../../../agent/probes/lan-reach/ask-neighbours.ts';
import { type System, thisSystem } from '../../../agent/probes/lan-reach/system.ts';

/** Linux with a neighbour table that is played, one text a look; the last one stays. */
function linux(...tables: string[]): System {
  let look = 0;
  return {
    ...thisSystem,
    platform: 'linux',
    run: async () => ({ output: tables[Math.min(look++, tables.length - 1)]!, ended: 'well' }),
    sendByte: async () => {},
  };
}
const ask = (system: System, ...addresses: string[]) =>
  askNeighbours(addresses, { patienceMs: 200, confirmMs: 300, signal: AbortSignal.timeout(20_000), system });
const entry = (last: number, state: string) => `192.0.2.${last} dev eth0 lladdr 02:fc:00:00:00:0${last} ${state}\n`;

test('a device that answered stays found while a silent one is waited for and its own entry grows old', async () => {
  const silent = '192.0.2.9 dev eth0 INCOMPLETE\n';
  const asked = await ask(
    linux(
      entry(1, 'REACHABLE') + silent,
      entry(1, 'STALE') + silent,
      `${entry(1, 'STALE')}192.0.2.9 dev eth0 FAILED\n`,
    ),
    '192.0.2.1',
    '192.0.2.9',
  );
  expect(asked).toMatchObject({ found: new Map([['192.0.2.1', '02:fc:00:00:00:01']]), silent: new Set(['192.0.2.9']) });
});

test.each(['FAILED', 'INCOMPLETE'])(
  'an address that was %s and that the system then forgot is silent, not unasked',
  async (nud) => {
    const first = `${entry(1, 'DELAY')}192.0.2.9 dev eth0 ${nud}\n`;
    const asked = await ask(linux(first, entry(1, 'REACHABLE')), '192.0.2.1', '192.0.2.9', '192.0.2.8');
    // 192.0.2.8 never had an entry: the system did not ask it.
    expect(asked).toMatchObject({ silent: new Set(['192.0.2.9']) });
    expect([...asked!.found.keys()]).toEqual(['192.0.2.1']);
  },
);

test('an entry that only rests is no answer, however long it is waited for, and is not read on and on', async () => {
  const system = linux(entry(1, 'STALE'), entry(1, 'DELAY'), entry(1, 'PROBE'));
  const run = vi.fn(system.run);
  const asked = await ask({ ...system, run }, '192.0.2.1');
  // When it was asked, and when it must have been confirmed; once more where a busy machine's timer was a moment early.
  expect(run.mock.calls.length).toBeLessThanOrEqual(3);
  expect(asked).toMatchObject({ found: new Map(), silent: new Set(['192.0.2.1']), neighbours: [] });
});

test('an entry that somebody wrote by hand says nothing of the device, neither that it is there nor that it is not', async () => {
  const asked = await ask(linux(entry(1, 'PERMANENT')), '192.0.2.1');
  expect(asked).toMatchObject({ found: new Map(), silent: new Set(), neighbours: [] });
});

test('what the end of the agent cuts short keeps what was found by then, and does not wait', async () => {
  const stop = new AbortController();
  const system = linux(`${entry(1, 'REACHABLE')}192.0.2.9 dev eth0 INCOMPLETE\n`);
  const asking = askNeighbours(['192.0.2.1', '192.0.2.9'], {
    patienceMs: 60_000,
    confirmMs: 60_000,
    signal: stop.signal,
    system: {
      ...system,
      run: async (...call) => {
        setTimeout(() => stop.abort(), 1);
        return system.run(...call);
      },
    },
  });
  expect((await asking)?.found.size).toBe(1);
});
