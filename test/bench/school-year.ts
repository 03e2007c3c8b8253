import type SqliteDatabase from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import { DEFAULT_CALENDAR, schoolDaysBetween } from '../../shared/calendar.ts';

/** A school's year as its agents would tell of it, written straight into the store: reports without a signature. */

const PCS = 46;
const CAMERAS = 8;
const ACCESS_POINTS = 8;
const PRINTERS = 6;
const TESTS_A_DAY = 8;
const ROUND_MS = 300_000;
/** Share of rounds in which a device does not answer though it is on. */
const MISS_SHARE = 0.0005;
const WEAK_SHARE = 0.03;
const HOUR = 3600_000;

export interface Device {
  kind: string;
  target: string;
  room: number | null;
  use: string | null;
  probes: string[];
}

/** 60 devices of the network, 8 cameras, one line. */
export const DEVICES: readonly Device[] = [
  ...Array.from({ length: PCS }, (_, index) => ({
    kind: 'pc',
    target: `pc-${index}`,
    room: index % 2,
    use: index % 8 === 0 ? 'teaching' : 'student',
    probes: ['lan-reach', 'antivirus'],
  })),
  ...Array.from({ length: PRINTERS }, (_, index) => ({
    kind: 'printer',
    target: `printer-${index}`,
    room: index % 2,
    use: null,
    probes: ['printer'],
  })),
  ...Array.from({ length: ACCESS_POINTS }, (_, index) => ({
    kind: 'access-point',
    target: `ap-${index}`,
    room: null,
    use: null,
    probes: ['lan-reach'],
  })),
  ...Array.from({ length: CAMERAS }, (_, index) => ({
    kind: 'camera',
    target: `camera-${index}`,
    room: null,
    use: null,
    probes: ['camera'],
  })),
  { kind: 'internet', target: 'line', room: null, use: null, probes: ['internet-speed'] },
];

/** Writes the school days of [from, to); answers how many days and samples those are. */
export function writeYear(
  database: SqliteDatabase.Database,
  schoolId: string,
  from: number,
  to: number,
  /** Whether four PCs drop often, an access point is away at times, a camera freezes for days, a room fails weekly. */
  isTroubled: boolean,
): { days: number; samples: number } {
  let state = isTroubled ? 2 : 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const addReport = database.prepare(
    `insert into report (id, agent_id, school_id, created_at, received_at, digest, jws) values (?, ?, '${schoolId}', ?, ?, ?, '')`,
  );
  const addSample = database.prepare(
    `insert into sample (report_id, school_id, probe, target, at, ok, reason, "values") values (?, '${schoolId}', ?, ?, ?, ?, ?, ?)`,
  );
  let samples = 0;
  let reportId = '';
  const report = (agent: string, at: number) => {
    reportId = uuidv7({ msecs: at });
    addReport.run(reportId, `${schoolId}-${agent}`, at, at + 20_000, reportId);
  };
  const sample = (probe: string, target: string, at: number, reason: string | null, values: object) => {
    addSample.run(reportId, probe, target, Math.round(at), reason === null ? 1 : 0, reason, JSON.stringify(values));
    samples++;
  };
  const days = schoolDaysBetween(DEFAULT_CALENDAR, from, to);
  const writeDay = database.transaction((day: { from: number; to: number }, number: number) => {
    const isOff = DEVICES.map(() => ({ from: day.from + random() * HOUR, to: day.to - random() * HOUR }));
    for (let at = day.from; at < Math.min(day.to, to); at += ROUND_MS) {
      report('site', at + 60_000);
      for (const [index, { kind, target, room, probes }] of DEVICES.entries()) {
        const own = at + (index * 55_000) / DEVICES.length + random() * 500;
        const isWeak = isTroubled && (index < 4 || target === 'ap-1');
        const roomFails = isTroubled && number % 5 === 0 && room === 0 && at === day.from + 3 * HOUR;
        const missed = roomFails || random() < (isWeak ? WEAK_SHARE : MISS_SHARE);
        if (kind === 'camera') {
          const isBroken = isTroubled && target === 'camera-0' && number % 60 < 5;
          const shown = missed ? 'unreachable' : isBroken ? 'frozen' : 'live';
          sample('camera', target, own, shown === 'live' ? null : missed ? 'timeout' : 'not-live', { state: shown });
        } else if (kind !== 'internet') {
          const isOn = kind !== 'pc' || (own > isOff[index]!.from && own < isOff[index]!.to);
          const values = { method: 'tcp', rttMs: Math.round(random() * 300) / 100 };
          sample(probes[0]!, target, own, isOn && !missed ? null : 'timeout', values);
        }
      }
      if ((at - day.from) % (10 * HOUR) < TESTS_A_DAY * HOUR && (at - day.from) % HOUR === 0)
        sample('internet-speed', 'line', at + 2000, null, { lineMbps: Math.round(8000 + random() * 4000) / 100 });
    }
    for (let pc = 0; pc < PCS; pc++)
      for (const hour of [1, 7]) {
        const at = day.from + hour * HOUR + random() * HOUR;
        if (at >= to) continue;
        report(`pc-${pc}`, at + 5000);
        const definitionsAt = new Date(day.from - Math.floor(random() * 40) * HOUR).toISOString();
        const product = { name: 'Kaspersky Endpoint Security', on: true, upToDate: true, definitionsAt };
        sample('antivirus', `pc-${pc}`, at, null, { products: [product] });
      }
  });
  for (const [number, day] of days.entries()) writeDay(day, number);
  return { days: days.length, samples };
}
