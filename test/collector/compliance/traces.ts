import fc from 'fast-check';
import type { Setting } from '../../../collector/compliance/facts.ts';
import { resolvePolicy } from '../../../collector/compliance/policy.ts';
import { type FactSample, seriesKey } from '../../../collector/compliance/series.ts';
import { DEFAULT_CALENDAR, lastPeriods } from '../../../shared/calendar.ts';
import { assetOf } from './school-facts.ts';

/** Weeks of a small school as two agents tell of them: what fails, when it is told, and by which clock. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const END = Date.parse('2026-11-20T17:00:00+07:00');
export const DAYS_BACK = 40;
const policy = resolvePolicy([
  {
    windowPeriods: 27,
    expectedEverySeconds: {
      'lan-reach': 1500,
      printer: 1500,
      camera: 1500,
      uplink: 1500,
      wifi: 1500,
      antivirus: 20_000,
    },
    dropMaxSeconds: 4000,
    incidentMinSeconds: 3000,
    internetMinTests: 10,
    internetOutageMinSeconds: 3000,
    wifiMinQuestions: 200,
  },
]);

const watched: readonly (readonly [probe: string, target: string, everyMs: number])[] = [
  ...['pc-1', 'pc-2', 'pc-3', 'pc-4', 'ap-1', 'in-1'].map((target) => ['lan-reach', target, 25 * MINUTE] as const),
  ['printer', 'in-1', 25 * MINUTE],
  ['camera', 'cam-1', 25 * MINUTE],
  ['camera', 'cam-2', 25 * MINUTE],
  ['internet-speed', 'internet', HOUR],
  ['uplink', 'internet', 25 * MINUTE],
  ['wifi', 'wifi-may-a', 25 * MINUTE],
  ['wifi', 'pc-2', 25 * MINUTE],
  ...['pc-1', 'pc-2', 'pc-3', 'pc-4'].map((target) => ['antivirus', target, 5 * HOUR] as const),
];

const setting: Setting = {
  now: END,
  periods: lastPeriods(DEFAULT_CALENDAR, 'school-day', END, policy.windowPeriods),
  utcOffsetMinutes: DEFAULT_CALENDAR.utcOffsetMinutes,
  policy,
  rooms: [
    { id: 'tin', name: 'Phòng Tin học', kind: 'it', since: 0 },
    { id: 'van', name: 'Văn phòng', kind: 'office', since: END - 15 * DAY },
  ],
  assets: [
    ...['pc-1', 'pc-2', 'pc-3', 'pc-4'].map((id, index) =>
      assetOf(id, 'pc', { roomId: 'tin', use: index % 2 ? 'student' : 'teaching' }),
    ),
    assetOf('pc-2', 'pc', { roomId: 'van', use: 'student' }),
    assetOf('in-1', 'printer', { roomId: 'tin' }),
    assetOf('cam-1', 'camera', { roomId: 'van' }),
    assetOf('cam-2', 'camera'),
    assetOf('cam-3', 'camera', { target: null }),
    assetOf('ap-1', 'access-point'),
    assetOf('internet', 'internet'),
  ],
  firstHeard: new Map([[seriesKey('lan-reach', 'pc-3'), END - 10 * DAY + 3 * HOUR]]),
  openSince: new Map([['cam-2', END - 60 * DAY]]),
  register: { entries: [] },
};

/** Of every second school each camera of the inventory is watched. */
export const settingOf = ({ seed }: Trace): Setting =>
  seed % 2 ? setting : { ...setting, assets: setting.assets.filter(({ target }) => target !== null) };

export interface Trouble {
  /** Index into the watched targets, or null: every one of the agent. */
  target: number | null;
  agent: number;
  kind:
    | 'replaced'
    | 'miss'
    | 'silent'
    | 'late'
    | 'unresolved'
    | 'refused'
    | 'dark'
    | 'frozen'
    | 'auth'
    | 'marked'
    | 'cut';
  fromHour: number;
  hours: number;
}
export interface Trace {
  seed: number;
  /** How wrong each agent's clock is, minutes. */
  skew: readonly number[];
  /** Share of samples that miss by chance. */
  noise: number;
  /** Whether anything but cameras is measured at night. */
  nightsOn: boolean;
  troubles: readonly Trouble[];
}

export const traces: fc.Arbitrary<Trace> = fc.record({
  seed: fc.nat(1e6),
  skew: fc.tuple(fc.constantFrom(0, 0, -10, 7), fc.constantFrom(0, 0, 40, 300)),
  noise: fc.constantFrom(0, 0.01, 0.05, 0.2),
  nightsOn: fc.boolean(),
  troubles: fc.array(
    fc.record({
      target: fc.option(fc.nat(watched.length - 1), { freq: 4 }),
      agent: fc.nat(1),
      kind: fc.constantFrom<Trouble['kind']>(
        'miss',
        'miss',
        'miss',
        'silent',
        'late',
        'unresolved',
        'replaced',
        'refused',
        'dark',
        'frozen',
        'frozen',
        'auth',
        'marked',
        'cut',
      ),
      fromHour: fc.nat(DAYS_BACK * 24),
      hours: fc.constantFrom(1, 1, 2, 3, 9, 30, 100, 400),
    }),
    { maxLength: 25 },
  ),
});

/** One speed test; a marked one is of a slow Wi-Fi. */
function testOf(random: () => number, isMarked: boolean): Record<string, unknown> {
  const lineMbps = Math.round(random() * (isMarked ? 60 : 200) + 20) / 2;
  const marks = isMarked ? [random() < 0.7 ? 'wifi' : 'port'] : [];
  const valid = !isMarked && random() < 0.9;
  return {
    lineMbps,
    lineLowMbps: lineMbps * (1 - random() / 20),
    lineHighMbps: lineMbps * (1 + random() / 20),
    valid,
    marks,
    invalidReason: valid ? null : (marks[0] ?? 'window-too-short'),
    linkMbps: random() < 0.5 ? 10 : 100,
    provider: 'fast',
    upload: random() < 0.3 ? { lineMbps: random() * 50 } : null,
    latency: random() < 0.5 ? { idleMs: random() * 30, downMs: random() * 200, upMs: null } : null,
    crossCheck: random() < 0.2 ? { provider: 'ndt7', lineMbps: lineMbps * 1.2, differs: random() < 0.5 } : null,
  };
}

/** Twenty questions over the air; `isLossy`: the radio is bad. */
function questionsOf(random: () => number, isOut: boolean, isLossy: boolean): Record<string, unknown> {
  const lost = isOut ? 20 : random() < (isLossy ? 0.5 : 0.05) ? Math.floor(random() * 4) : 0;
  return {
    ...{ gateway: '192.168.1.1', sent: 20, answered: 20 - lost, roamed: random() < 0.05 },
    ...{ signalDbm: -50 - Math.floor(random() * 30), channel: random() < 0.9 ? 6 : null },
  };
}

/** One look at the line; `line`: which of three it was. */
const lookOf = (random: () => number, isCut: boolean, line: number): Record<string, unknown> => ({
  gateway: { address: '192.168.1.1', mac: `AA:00:00:00:00:0${line}`, sent: 2, answered: isCut ? 0 : 2 },
  publicAddress: random() < 0.8 ? `203.0.113.${line}` : null,
  provider: line === 2 ? null : ['VNPT', 'Viettel'][line],
});

export function samplesOf({ seed, skew, noise, nightsOn, troubles }: Trace): FactSample[] {
  let state = seed;
  const random = () => {
    // Numerical Recipes' linear congruential generator: good enough to scatter moments.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const start = END - DAYS_BACK * DAY;
  const samples: FactSample[] = [];
  for (const agent of [0, 1])
    for (const [index, [probe, target, everyMs]] of watched.entries()) {
      // The second agent watches some of the same devices.
      if (agent === 1 && (probe === 'antivirus' ? seed % 5 > 0 : probe === 'wifi' || index % 3 !== 0)) continue;
      for (let at = start + random() * everyMs; at < END; at += everyMs * (0.9 + random() * 0.2)) {
        const hour = ((at + 7 * HOUR) % DAY) / HOUR;
        const own = troubles.filter(
          (trouble) =>
            trouble.agent === agent &&
            (trouble.target ?? index) === index &&
            at >= start + trouble.fromHour * HOUR &&
            at < start + (trouble.fromHour + trouble.hours) * HOUR,
        );
        const is = (kind: Trouble['kind']) => own.some((trouble) => trouble.kind === kind);
        if (is('silent') || (!nightsOn && probe !== 'camera' && (hour < 6 || hour > 20))) continue;
        const off = target.startsWith('pc') && probe === 'lan-reach' && (hour < 7.2 || hour > 16.5);
        const misses = is('miss') || off || random() < noise;
        const isMarked = is('marked');
        const looks = is('auth') ? 'auth' : is('frozen') ? 'frozen' : is('dark') || hour > 18 ? 'dark' : 'live';
        const reason = misses
          ? 'timeout'
          : is('replaced')
            ? 'other-device'
            : is('unresolved')
              ? 'unresolved'
              : is('refused')
                ? 'refused'
                : null;
        const shown = misses ? 'unreachable' : looks;
        const told = Math.round(at) + skew[agent]! * MINUTE;
        if (told > END) continue;
        samples.push({
          id: samples.length + 1,
          reportId: `${agent}-${Math.floor(at / HOUR)}`,
          // A host on Wi-Fi measures itself.
          agentId: probe === 'wifi' ? target : `agent-${agent}`,
          receivedAt: Math.round(at) + (is('late') ? 30 * HOUR : MINUTE),
          probe,
          target,
          at: told,
          ok: probe === 'camera' ? shown === 'live' : reason === null,
          reason: probe === 'camera' && shown !== 'live' && reason === null ? 'not-live' : reason,
          values:
            probe === 'camera'
              ? { state: shown }
              : probe === 'antivirus'
                ? { products: misses ? 'none' : [{ name: 'Bkav Pro', on: random() < 0.9, upToDate: true }] }
                : probe === 'internet-speed'
                  ? testOf(random, isMarked)
                  : probe === 'uplink'
                    ? lookOf(random, is('cut'), (seed + Math.floor(told / (50 * HOUR))) % 3)
                    : probe === 'wifi'
                      ? questionsOf(random, misses || is('cut'), isMarked)
                      : {},
        });
      }
    }
  const from = setting.periods[0]!.from;
  return samples.filter(({ at }) => at >= from);
}
