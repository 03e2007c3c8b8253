import { DEFAULT_CALENDAR, lastPeriods } from '../../shared/calendar.ts';
import type { Sample } from '../../shared/wire/report.ts';
import { sample } from '../collector/harness.ts';

/** Ten school days of one internet line as an agent tells of them: good tests, marked ones, failed ones, an outage. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const TARGET = 'internet';

export function lineSamples(now: number): Sample[] {
  const days = lastPeriods(DEFAULT_CALENDAR, 'school-day', now, 10);
  const tests = days.flatMap((day, index) => [
    ...Array.from({ length: 10 }, (_, hour) => testOf(day.from + hour * HOUR + 7 * MINUTE, index * 10 + hour)),
    sample('internet-speed', TARGET, day.from - 10 * HOUR, { ...figures(92 + index / 3), marks: [], valid: true }),
    sample('internet-speed', TARGET, day.from - 2 * HOUR, { ...figures(90 + index / 4), marks: [], valid: true }),
  ]);
  const looks = days.slice(-2).flatMap((day) => Array.from({ length: 300 }, (_, minute) => lookOf(day.from, minute)));
  return [...tests, ...looks].filter(({ at }) => Date.parse(at) <= now);
}

/** Some of the rates scatter around 50; every ninth test is held back by something. */
function testOf(at: number, index: number): Sample {
  const rate = 51 + 9 * Math.sin(index * 1.7);
  if (index % 31 === 5) return sample('internet-speed', TARGET, at, { message: 'hết dung lượng của tháng' }, 'skipped');
  if (index % 9 === 4) {
    const marks = index % 18 === 4 ? ['wifi', 'own-traffic'] : ['server-limited'];
    return sample('internet-speed', TARGET, at, {
      ...figures(rate * 0.55),
      marks,
      valid: false,
      invalidReason: marks[0],
      medium: index % 18 === 4 ? 'wifi' : 'ethernet',
      crossCheck: index % 18 === 4 ? null : { provider: 'ndt7', lineMbps: rate * 0.8, differs: true },
    });
  }
  return sample('internet-speed', TARGET, at, {
    ...figures(rate),
    marks: [],
    valid: true,
    invalidReason: null,
    medium: 'ethernet',
    upload: index % 10 === 0 ? { ...figures(31.5), curve: undefined } : null,
    crossCheck: index % 10 === 0 ? { provider: 'ndt7', lineMbps: rate * 1.03, differs: false } : null,
  });
}

function figures(lineMbps: number): Record<string, unknown> {
  const payloadMbps = lineMbps / 1.028;
  const curve = Array.from({ length: 42 }, (_, step) =>
    step < 8 ? (payloadMbps * step) / 8 : payloadMbps * (1 + 0.08 * Math.sin(step * 2.1)),
  );
  return {
    lineMbps,
    lineLowMbps: lineMbps * 0.975,
    lineHighMbps: lineMbps * 1.025,
    payloadMbps,
    layer: 'ip',
    seconds: 3.4,
    rampSeconds: 0.8,
    totalBytes: 25_400_000,
    ended: 'certain',
    failures: 0,
    stalledSeconds: 0,
    provider: 'fast',
    servers: ['ipv4-c001-han001.example.net'],
    streams: 4,
    latency: { idleMs: 7.4, jitterMs: 1.2, downMs: 58, upMs: 71.5, sent: 40, answered: 40 },
    linkMbps: 1000,
    curve,
    curveSeconds: 0.1,
  };
}

/** Out from the second hour on for a quarter of an hour, and on another line afterwards for an hour. */
function lookOf(from: number, minute: number): Sample {
  const isOut = minute >= 120 && minute < 135;
  const isFallback = minute >= 135 && minute < 195;
  return sample(
    'uplink',
    TARGET,
    from + minute * MINUTE,
    {
      gateway: {
        address: '192.168.1.1',
        mac: isFallback ? 'aa:bb:cc:00:00:02' : 'aa:bb:cc:00:00:01',
        sent: 2,
        answered: 2,
        rttMs: 0.6,
      },
      names: [{ name: 'a.example', address: '198.51.100.9', sent: 2, answered: isOut ? 0 : 2, ms: isOut ? null : 9 }],
      sent: 6,
      answered: isOut ? 0 : 6,
      lossShare: isOut ? 1 : 0,
      publicAddress: isOut ? null : isFallback ? '198.51.100.20' : '203.0.113.7',
      provider: isOut ? null : isFallback ? 'Viettel' : 'VNPT',
    },
    isOut ? 'unreachable' : null,
  );
}
