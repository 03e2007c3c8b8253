import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterDeath,
  afterExcuse,
  afterTime,
  failed,
  LIMITS,
  newTrial,
  type Trial,
  trialOf,
} from '../../../agent/upgrade/trial.ts';
import {
  INSTALLED,
  isRefused,
  readCurrent,
  readFailures,
  recordFailure,
  writeCurrent,
} from '../../../agent/upgrade/versions.ts';
import { scratch } from '../runtime/helpers.ts';

const MINUTE = 60_000;
type Event = 'death' | 'minute' | 'excuse';
const play = (events: readonly Event[]): Trial =>
  events.reduce(
    (trial, event) =>
      event === 'death' ? afterDeath(trial) : event === 'excuse' ? afterExcuse(trial) : afterTime(trial, MINUTE),
    newTrial('2.0.0'),
  );
const minutes = (n: number): Event[] => Array.from({ length: n }, () => 'minute');

describe('the trial of a new version', () => {
  it.each<[string, Event[], ReturnType<typeof failed>]>([
    ['nothing yet', [], null],
    ['two ends', ['death', 'death'], null],
    ['three ends', ['death', 'death', 'death'], 'died'],
    ['nine minutes of nothing', minutes(9), null],
    ['ten minutes of nothing', minutes(10), 'silent'],
    ['ten minutes over two starts', [...minutes(6), 'death', ...minutes(4)], 'silent'],
    [
      'the collector is away for an hour',
      Array.from({ length: 12 }, (): Event[] => [...minutes(5), 'excuse']).flat(),
      null,
    ],
    [
      'the collector is back, the version stays silent',
      [...minutes(300).map((): Event => 'excuse'), ...minutes(10)],
      'silent',
    ],
    [
      'nobody heard it for a day',
      Array.from({ length: 288 }, (): Event[] => [...minutes(5), 'excuse']).flat(),
      'unheard',
    ],
  ])('%s', (_, events, why) => {
    expect(failed(play(events))).toBe(why);
  });

  it('never fails by time while the collector is away, for less than a day', () => {
    const away = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 });
    fc.assert(
      fc.property(away, (waits) => {
        const events = waits.flatMap((n): Event[] => [...minutes(n), 'excuse']);
        const total = waits.reduce((sum, n) => sum + n, 0) * MINUTE;
        expect(failed(play(events))).toBe(total >= LIMITS.runMs ? 'unheard' : null);
      }),
    );
  });

  it('goes on after a restart, but not with what another version left', () => {
    const trial = play(['death', 'minute']);
    expect(trialOf(JSON.parse(JSON.stringify(trial)), '2.0.0')).toEqual(trial);
    expect(trialOf(trial, '2.0.1')).toEqual(newTrial('2.0.1'));
    expect(trialOf({}, '2.0.0')).toEqual(newTrial('2.0.0'));
    expect(trialOf({ ...trial, deaths: 'x' as unknown as number }, '2.0.0')).toEqual(newTrial('2.0.0'));
  });
});

describe('versions that failed', () => {
  it('are not tried again; one that had no connection is, twice', () => {
    const dir = scratch();
    recordFailure(dir, '2.0.0', 'died', 'now');
    recordFailure(dir, '3.0.0', 'unheard', 'now');
    expect([isRefused(dir, '2.0.0'), isRefused(dir, '3.0.0'), isRefused(dir, '4.0.0')]).toEqual([true, false, false]);
    recordFailure(dir, '3.0.0', 'unheard', 'now');
    expect(isRefused(dir, '3.0.0')).toBe(false);
    recordFailure(dir, '3.0.0', 'unheard', 'now');
    expect(isRefused(dir, '3.0.0')).toBe(true);
    expect(readFailures(dir).map(({ version, times }) => [version, times])).toEqual([
      ['2.0.0', 1],
      ['3.0.0', 3],
    ]);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":"../x","entry":"m"}',
    '{"version":"1.0.0","entry":"../m"}',
    '{"version":1}',
  ])('a current.json of %j starts the installed version', (text) => {
    const dir = scratch();
    writeFileSync(path.join(dir, 'current.json'), text);
    expect(readCurrent(dir)).toEqual(INSTALLED);
  });

  it('what is written is read again', () => {
    const dir = scratch();
    const current = {
      version: '1.0.0',
      entry: 'a/m.mjs',
      previous: { version: null, entry: null },
      wentBackFrom: '2.0.0',
    };
    writeCurrent(dir, current);
    expect(readCurrent(dir)).toEqual(current);
  });
});
