import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SPEED, speedOptions } from '../../../collector/speed/options.ts';
import { Pace } from '../../../collector/speed/pace.ts';
import { Seen } from '../../../collector/speed/seen.ts';
import { Turn, Turns } from '../../../collector/speed/turns.ts';

const minute = 60_000;

describe('turns by the clock', () => {
  const clocked = (options = {}) => {
    const clock = { ms: 0 };
    const turns = new Turns({ ...DEFAULT_SPEED, ...options }, () => clock.ms);
    return { clock, turns };
  };

  test('six in any hour, and the wait is told to the second', () => {
    const { clock, turns } = clocked();
    for (let count = 0; count < 6; count++, clock.ms += minute) expect(turns.take('a')).toBeInstanceOf(Turn);
    expect(turns.take('a')).toEqual({ why: 'often', retryAfterSeconds: 54 * 60 });
    clock.ms = 60 * minute;
    expect(turns.take('a')).toBeInstanceOf(Turn);
    expect(turns.take('a')).toMatchObject({ why: 'often' });
    turns.close();
  });

  test('who waits for another is not counted', () => {
    const { clock, turns } = clocked();
    turns.take('a');
    for (let count = 0; count < 20; count++) expect(turns.take('b')).toEqual({ why: 'busy', retryAfterSeconds: 6 });
    clock.ms = 40_000;
    expect(turns.take('b')).toBeInstanceOf(Turn);
    turns.close();
  });

  test('whatever is asked in whatever order, no two turns are open at once', () => {
    const step = fc.record({ agent: fc.constantFrom('a', 'b', 'c'), wait: fc.nat(30_000), release: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, turns } = clocked({ turnsPerHour: 60 });
        const given: Turn[] = [];
        for (const { agent, wait, release } of steps) {
          const turn = turns.take(agent);
          if (turn instanceof Turn) given.push(turn);
          if (release && turn instanceof Turn) turns.release(turn.token);
          clock.ms += wait;
          const open = given.filter((one) => turns.find(one.token) === one);
          expect(open.length).toBeLessThanOrEqual(1);
          for (const one of given)
            if (!open.includes(one) && one.endsAt <= clock.ms) expect(turns.find(one.token)).toBe(undefined);
        }
        turns.close();
      }),
    );
  });
});

test('a pace never gives more than its rate and one burst, whatever the clock does', () => {
  const step = fc.tuple(fc.double({ min: 0, max: 500, noNaN: true }), fc.nat(200_000));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(step), (mbps, steps) => {
      const pace = new Pace(mbps, 0);
      let [now, spent] = [0, 0];
      for (const [wait, want] of steps) {
        now += wait;
        const size = Math.min(want, Math.max(0, pace.allowed(now)));
        pace.spend(size);
        spent += size;
      }
      expect(spent).toBeLessThanOrEqual(now * mbps * 125 + 1);
    }),
  );
});

test('a debt is waited for', () => {
  const pace = new Pace(8, 0);
  pace.spend(5000);
  expect(pace.waitMs(0)).toBe(5);
  expect(pace.waitMs(4)).toBe(1);
  expect(pace.waitMs(6)).toBe(0);
});

test('a signature is taken once, forgotten when it is too old anyway, and each agent has so many', () => {
  const seen = new Seen(2);
  expect(seen.take('a', 'x', 0, 10)).toBe('new');
  expect(seen.take('a', 'x', 10, 10)).toBe('used');
  expect(seen.take('b', 'x', 0, 10)).toBe('new');
  expect(seen.take('a', 'y', 5, 15)).toBe('new');
  expect(seen.take('a', 'z', 6, 16)).toBe('full');
  expect(seen.take('a', 'z', 11, 21)).toBe('new');
});

describe('the command line', () => {
  test('gives the defaults when it says nothing', () => {
    expect(speedOptions({})).toEqual(DEFAULT_SPEED);
  });
  test('takes what it says; a rate of 0 is none', () => {
    const flags = { 'speed-mbps': '0', 'speed-megabytes': '50', 'speed-seconds': '20', 'speed-turns': '2' };
    const limits = { limitMbps: null, maxBytes: 50e6, maxSeconds: 20, turnsPerHour: 2 };
    expect(speedOptions({ ...flags, 'no-speed': true })).toEqual({ enabled: false, ...limits });
  });
  test.each([
    ['speed-mbps', '-1'],
    ['speed-mbps', 'fast'],
    ['speed-mbps', '1e9'],
    ['speed-megabytes', '0'],
    ['speed-seconds', '3600'],
    ['speed-turns', ''],
  ])('refuses --%s %s by its name', (name, text) => {
    expect(() => speedOptions({ [name]: text })).toThrow(`--${name}`);
  });
});
