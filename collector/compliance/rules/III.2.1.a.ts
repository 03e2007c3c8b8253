import { type Period, periodAt } from '../../../shared/calendar.ts';
import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { type Coverage, everyMsOf, type FactAsset, type Facts, presenceOf } from '../facts.ts';
import { neededPeriods, type Policy } from '../policy.ts';
import type { FactSample, JudgedSample } from '../series.ts';
import {
  type Evidence,
  fail,
  inOrder,
  insufficient,
  pass,
  type Rule,
  sayEach,
  sayMissing,
  sayWindow,
  WINDOW_POLICY,
} from '../verdict.ts';

/** III.2.1.a: every PC and printer of the computer and language rooms is on the LAN, and stays on it while it is on. */
export const rule: Rule = {
  id: 'III.2.1.a',
  short: 'Mạng LAN',
  policy: [
    ...WINDOW_POLICY,
    'dropMinSeconds',
    'dropMaxSeconds',
    'dropShareMax',
    'dropMinCount',
    'onMinSeconds',
    'roomDropsPerWeek',
  ],
  judge(facts) {
    const rooms = facts.rooms.filter((room) => room.kind === 'it' || room.kind === 'language');
    const judged = rooms.map((room) => ({
      room,
      devices: facts.assets
        .filter((asset) => asset.roomId === room.id && (asset.kind === 'pc' || asset.kind === 'printer'))
        .map((asset) => measure(facts, asset)),
    }));
    const devices = judged.flatMap((entry) => entry.devices);
    if (devices.length === 0)
      return insufficient('danh mục chưa có máy tính, máy in nào ở phòng Tin học và Ngoại ngữ; nhập danh mục thiết bị');
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence: { fault: boolean; evidence: Evidence[] }[] = [];
    for (const { room, devices: inRoom } of judged) {
      for (const device of inRoom) {
        const { asset, drops, last } = device;
        const found = judgeDevice(facts, device, inRoom, room.name);
        if (found?.fault) faults.push(found.named);
        else if (found) missing.push(found.named);
        const telling = drops.length > 0 ? drops.map(({ miss }) => miss) : last ? [last] : [];
        evidence.push({
          fault: found?.fault ?? false,
          evidence: telling.slice(0, 3).map((sample) => ({ sample, says: says(asset, sample) })),
        });
      }
      const together = roomDrops(facts, inRoom);
      const weeks = Math.max(1, facts.periods.length / SCHOOL_DAYS_A_WEEK);
      if (together.length > facts.policy.roomDropsPerWeek * weeks) {
        faults.push({
          assetId: null,
          name: room.name,
          why: `cả phòng cùng rớt mạng ${together.length} lần: kiểm tra switch, dây mạng`,
        });
        evidence.push({
          fault: true,
          evidence: together.map((sample) => ({ sample, says: `${room.name}: nhiều máy cùng mất mạng` })),
        });
      }
    }
    const connected = devices.filter((device) => device.seenIn.size > 0).length;
    const most = Math.max(...devices.map((device) => device.seen.periods));
    const rest = {
      figure: `${connected}/${devices.length} thiết bị`,
      faults,
      missing,
      evidence: inOrder(evidence),
      samples: devices.reduce((total, device) => total + device.count, 0),
    };
    const what = `${connected}/${devices.length} máy tính, máy in kết nối mạng LAN`;
    if (faults.length > 0) return fail(`${what}; ${sayEach(faults)}; ${sayWindow(facts, most)}`, rest);
    if (missing.length > 0)
      return insufficient(`${missing.length}/${devices.length} thiết bị chưa đủ lần đo (${sayEach(missing)})`, rest);
    const worst = Math.max(...devices.map((device) => (device.on > 0 ? device.dropped / device.on : 0)));
    return pass(
      `${what}, rớt nhiều nhất ${formatNumber(worst * 100, 2)} % thời gian bật, ${sayWindow(facts, most)}`,
      rest,
    );
  },
};

const SCHOOL_DAYS_A_WEEK = 5;
const says = (asset: FactAsset, sample: FactSample) =>
  `${asset.name}: ${sample.ok ? 'có trả lời' : `không trả lời (${sample.reason})`}`;

/** What is wrong with one device, or what is missing to know; null: it is connected and stable. */
function judgeDevice(
  facts: Facts,
  device: Device,
  inRoom: readonly Device[],
  room: string,
): { fault: boolean; named: Named } | null {
  const { policy } = facts;
  const { asset, seen, seenIn, measuredIn, on, dropped, drops } = device;
  const found = (fault: boolean, why: string) => ({ fault, named: { assetId: asset.id, name: asset.name, why } });
  if (!seen.enough) return { fault: false, named: sayMissing(asset, facts, seen, device.probe) };
  if (seenIn.size === 0) {
    // A printer that is always on does not show that anybody was in the room.
    const used = new Set(inRoom.filter((other) => other.asset.kind === 'pc').flatMap((other) => [...other.seenIn]));
    const usedAndMeasured = [...used].filter((period) => measuredIn.has(period)).length;
    return usedAndMeasured >= neededPeriods(policy)
      ? found(true, `chưa lần nào thấy trên mạng trong ${usedAndMeasured} ngày phòng có sử dụng`)
      : found(false, `chưa thấy trên mạng, ${room} chưa sử dụng đủ ngày`);
  }
  if (on < policy.onMinSeconds * 1000) return found(false, 'bật chưa đủ lâu để biết kết nối có ổn định không');
  const share = dropped / on;
  if (share > policy.dropShareMax && drops.length >= policy.dropMinCount)
    return found(true, `rớt mạng ${drops.length} lần, ${formatShare(share)} thời gian máy bật`);
  return null;
}

interface Drop {
  from: number;
  to: number;
  miss: FactSample;
}
interface Device {
  asset: FactAsset;
  probe: string;
  seen: Coverage;
  /** Periods in which it answered at least once, and in which it was asked at all. */
  seenIn: ReadonlySet<Period>;
  measuredIn: ReadonlySet<Period>;
  /** Milliseconds that it was on, drops included. */
  on: number;
  dropped: number;
  drops: Drop[];
  /** When it answered, in school hours. */
  answers: readonly number[];
  everyMs: number;
  last: FactSample | undefined;
  count: number;
}

function measure(facts: Facts, asset: FactAsset): Device {
  const { probe, samples, seen } = presenceOf(facts, asset);
  const seenIn = new Set<Period>();
  const measuredIn = new Set<Period>();
  const inHours: JudgedSample[] = [];
  for (const sample of samples) {
    const period = periodAt(facts.periods, sample.at);
    if (!period) continue;
    inHours.push(sample);
    measuredIn.add(period);
    if (sample.ok) seenIn.add(period);
  }
  const everyMs = everyMsOf(facts.policy, probe);
  return {
    asset,
    probe,
    seen,
    seenIn,
    measuredIn,
    ...presence(inHours, facts.periods, everyMs, facts.policy),
    answers: inHours.filter(({ ok }) => ok).map(({ at }) => at),
    everyMs,
    last: inHours.at(-1),
    count: samples.length,
  };
}

/**
 * Time on and time dropped, ms. A drop is a run of misses between two answers of the same period that lasted between
 * the policy's two limits; a longer silence means that the device was off, and a gap in measuring means nothing. It
 * lasts from its first miss to one round after its last, or to the answer if that comes first: an answer that never
 * arrived does not lengthen it. A run without one confirmed miss may be the agent's own trouble and is none.
 */
export function presence(
  samples: readonly JudgedSample[],
  periods: readonly Period[],
  everyMs: number,
  policy: Pick<Policy, 'dropMinSeconds' | 'dropMaxSeconds'>,
): { on: number; dropped: number; drops: Drop[] } {
  let on = 0;
  let dropped = 0;
  const drops: Drop[] = [];
  let previous: JudgedSample | undefined;
  let answer: JudgedSample | undefined;
  let misses: JudgedSample[] = [];
  let gap = false;
  for (const sample of samples) {
    gap ||= previous !== undefined && sample.at - previous.at > 2.5 * everyMs;
    if (sample.ok) {
      const miss = misses[0];
      if (answer && !gap && periodAt(periods, answer.at) === periodAt(periods, sample.at)) {
        const lasted = miss ? Math.min(sample.at, misses.at(-1)!.at + everyMs) - miss.at : 0;
        if (!miss) on += sample.at - answer.at;
        else if (
          lasted >= policy.dropMinSeconds * 1000 &&
          lasted <= policy.dropMaxSeconds * 1000 &&
          misses.some(({ confirmed }) => confirmed)
        ) {
          on += sample.at - answer.at;
          dropped += lasted;
          drops.push({ from: miss.at, to: sample.at, miss });
        }
      }
      answer = sample;
      misses = [];
      gap = false;
    } else misses.push(sample);
    previous = sample;
  }
  return { on, dropped, drops };
}

/** First misses of the times at which at least two devices, and half of those that were on, dropped within one round. */
function roomDrops(facts: Facts, devices: readonly Device[]): FactSample[] {
  const known = devices.filter(({ seen }) => seen.enough);
  const roundMs = everyMsOf(facts.policy, 'lan-reach');
  const starts = known
    .flatMap((device) => device.drops.map((drop) => ({ at: drop.from, device, miss: drop.miss })))
    .sort((a, b) => a.at - b.at);
  const events: FactSample[] = [];
  for (let index = 0; index < starts.length; ) {
    const { at, miss } = starts[index]!;
    const group = new Set<Device>();
    let next = index;
    while (next < starts.length && starts[next]!.at < at + roundMs) group.add(starts[next++]!.device);
    const on = known.filter((device) => group.has(device) || wasOn(device, at)).length;
    if (group.size >= Math.max(2, Math.ceil(on / 2))) events.push(miss);
    index = next;
  }
  return events;
}

/** Whether the device answered shortly before. */
function wasOn({ answers, everyMs }: Device, at: number): boolean {
  return answers.some((answer) => answer <= at && answer > at - 2.5 * everyMs);
}
