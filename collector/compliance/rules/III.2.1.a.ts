import { type Period, periodAt } from '../../../shared/calendar.ts';
import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { coverage, type FactAsset, type FactSample, type Facts, presenceOf } from '../facts.ts';
import type { Policy } from '../policy.ts';
import {
  fail,
  insufficient,
  pass,
  type Rule,
  sayMissing,
  sayNames,
  sayWindow,
  type Verdict,
  WINDOW_POLICY,
} from '../verdict.ts';

/** III.2.1.a: every PC and printer of the computer and language rooms is on the LAN, and stays on it while it is on. */
export const rule: Rule = {
  id: 'III.2.1.a',
  short: 'Mạng LAN',
  policy: [...WINDOW_POLICY, 'dropMinSeconds', 'dropMaxSeconds', 'dropShareMax', 'dropMinCount', 'roomDropsPerWeek'],
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
    const evidence: Verdict['evidence'] = [];
    for (const { room, devices: inRoom } of judged) {
      const usedPeriods = new Set(inRoom.flatMap((device) => [...device.seenIn]));
      for (const device of inRoom) {
        const { asset, seen, on, dropped, drops } = device;
        const share = on > 0 ? dropped / on : 0;
        if (!seen.enough) missing.push(sayMissing(asset, facts, seen));
        else if (share > facts.policy.dropShareMax && drops.length >= facts.policy.dropMinCount)
          faults.push({
            assetId: asset.id,
            name: asset.name,
            why: `rớt mạng ${drops.length} lần, ${formatShare(share)} thời gian máy bật`,
          });
        else if (device.seenIn.size === 0 && usedPeriods.size >= facts.policy.minPeriods)
          faults.push({ assetId: asset.id, name: asset.name, why: 'chưa lần nào thấy trên mạng dù phòng có sử dụng' });
        else if (device.seenIn.size === 0)
          missing.push({
            assetId: asset.id,
            name: asset.name,
            why: `chưa thấy trên mạng, ${room.name} chưa sử dụng đủ ngày`,
          });
        const telling = drops[0]?.miss ?? device.last;
        if (telling) evidence.push({ sample: telling, says: says(asset, telling) });
      }
      const together = roomDrops(facts, inRoom);
      const weeks = Math.max(1, facts.periods.length / SCHOOL_DAYS_A_WEEK);
      if (together > facts.policy.roomDropsPerWeek * weeks)
        faults.push({
          assetId: null,
          name: room.name,
          why: `cả phòng cùng rớt mạng ${together} lần: kiểm tra switch, dây mạng`,
        });
    }
    const connected = devices.filter((device) => device.seenIn.size > 0).length;
    const most = Math.max(...devices.map((device) => device.seen.periods));
    const rest = {
      figure: `${connected}/${devices.length}`,
      faults,
      missing,
      evidence: evidence.sort((a, b) => Number(a.sample.ok) - Number(b.sample.ok)),
      samples: devices.reduce((total, device) => total + device.count, 0),
    };
    const what = `${connected}/${devices.length} máy tính, máy in kết nối mạng LAN`;
    if (faults.length > 0) return fail(`${what}; ${sayFaults(faults)}; ${sayWindow(facts, most)}`, rest);
    if (missing.length > 0)
      return insufficient(`${missing.length}/${devices.length} thiết bị chưa đủ lần đo (${sayNames(missing)})`, rest);
    const worst = Math.max(...devices.map((device) => (device.on > 0 ? device.dropped / device.on : 0)));
    return pass(
      `${what}, rớt nhiều nhất ${formatNumber(worst * 100, 2)} % thời gian bật, ${sayWindow(facts, most)}`,
      rest,
    );
  },
};

const SCHOOL_DAYS_A_WEEK = 5;
const sayFaults = (faults: readonly Named[]) => `${sayNames(faults)} (${faults[0]!.why})`;
const says = (asset: FactAsset, sample: FactSample) =>
  `${asset.name}: ${sample.ok ? 'có trả lời' : `không trả lời (${sample.reason})`}`;

interface Drop {
  from: number;
  to: number;
  miss: FactSample;
}
interface Device {
  asset: FactAsset;
  seen: ReturnType<typeof coverage>;
  /** Periods in which it answered at least once. */
  seenIn: ReadonlySet<Period>;
  /** Milliseconds that it was on, drops included. */
  on: number;
  dropped: number;
  drops: Drop[];
  last: FactSample | undefined;
  count: number;
}

function measure(facts: Facts, asset: FactAsset): Device {
  const { probe, samples } = presenceOf(facts, asset);
  const inHours = samples.filter((sample) => periodAt(facts.periods, sample.at));
  const seenIn = new Set<Period>();
  for (const sample of inHours) if (sample.ok) seenIn.add(periodAt(facts.periods, sample.at)!);
  const everyMs = (facts.policy.expectedEverySeconds[probe] ?? 300) * 1000;
  return {
    asset,
    seen: coverage(facts, probe, asset.target),
    seenIn,
    ...presence(inHours, facts.periods, everyMs, facts.policy),
    last: inHours.at(-1),
    count: samples.length,
  };
}

/**
 * Time on and time dropped, ms. A drop is a run of misses between two answers of the same period that lasted between
 * the policy's two limits; a longer silence means that the device was off, and a gap in measuring means nothing.
 */
export function presence(
  samples: readonly FactSample[],
  periods: readonly Period[],
  everyMs: number,
  policy: Pick<Policy, 'dropMinSeconds' | 'dropMaxSeconds'>,
): { on: number; dropped: number; drops: Drop[] } {
  let on = 0;
  let dropped = 0;
  const drops: Drop[] = [];
  let previous: FactSample | undefined;
  let answer: FactSample | undefined;
  let miss: FactSample | undefined;
  let gap = false;
  for (const sample of samples) {
    gap ||= previous !== undefined && sample.at - previous.at > 2.5 * everyMs;
    if (sample.ok) {
      const whole = answer && !gap && periodAt(periods, answer.at) === periodAt(periods, sample.at);
      if (answer && whole && !miss) on += sample.at - answer.at;
      else if (answer && whole && miss) {
        const lasted = sample.at - miss.at;
        if (lasted >= policy.dropMinSeconds * 1000 && lasted <= policy.dropMaxSeconds * 1000) {
          on += sample.at - answer.at;
          dropped += lasted;
          drops.push({ from: miss.at, to: sample.at, miss });
        }
      }
      answer = sample;
      miss = undefined;
      gap = false;
    } else miss ??= sample;
    previous = sample;
  }
  return { on, dropped, drops };
}

/** Times at which at least two devices, and at least half of those of the room, dropped within one round of measuring. */
function roomDrops(facts: Facts, devices: readonly Device[]): number {
  const roundMs = (facts.policy.expectedEverySeconds['lan-reach'] ?? 300) * 1000;
  const starts = devices
    .flatMap((device) => device.drops.map((drop) => ({ at: drop.from, id: device.asset.id })))
    .sort((a, b) => a.at - b.at);
  const enough = Math.max(2, Math.ceil(devices.length / 2));
  let events = 0;
  for (let index = 0; index < starts.length; ) {
    const end = starts[index]!.at + roundMs;
    const group = new Set<string>();
    let next = index;
    while (next < starts.length && starts[next]!.at < end) group.add(starts[next++]!.id);
    if (group.size >= enough) events++;
    index = next;
  }
  return events;
}
