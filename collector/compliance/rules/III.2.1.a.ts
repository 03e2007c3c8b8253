import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { type Coverage, type FactAsset, type FactRoom, type Facts, isAnswering, presenceOf } from '../facts.ts';
import { neededPeriods } from '../policy.ts';
import { type Bits, has, NONE, union } from '../rollup/bits.ts';
import type { Presence } from '../rollup/presence.ts';
import type { SampleRef } from '../rollup/sample-ref.ts';
import { everyMsOf, seriesKey } from '../series.ts';
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

/**
 * III.2.1.a: every PC and printer of the computer and language rooms is on the LAN, and stays on it while it is on. A
 * room that holds fewer in the inventory than somebody said it should leaves the rule open: what is not listed was not
 * measured. What is listed is judged device by device, so a count of what was seen adds nothing.
 */
export const rule: Rule = {
  id: 'III.2.1.a',
  short: 'Mạng LAN',
  probes: ['lan-reach', 'printer'],
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
    const short = judged.flatMap(({ room, devices }) => sayShort(room, devices) ?? []);
    if (devices.length === 0)
      return insufficient(
        'danh mục chưa có máy tính, máy in nào ở phòng Tin học và Ngoại ngữ; nhập danh mục thiết bị',
        { missing: short },
      );
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence: { fault: boolean; evidence: Evidence[] }[] = [];
    for (const { room, devices: inRoom } of judged) {
      for (const device of inRoom) {
        const { asset, presence } = device;
        const found = judgeDevice(facts, device, inRoom, room.name);
        if (found?.fault) faults.push(found.named);
        else if (found) missing.push(found.named);
        const telling = presence === null ? [] : presence.drops > 0 ? presence.firstDrops : [presence.last];
        evidence.push({
          fault: found?.fault ?? false,
          evidence: telling.map((sample) => ({ sample, says: says(asset, sample) })),
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
    const connected = devices.filter(isSeen).length;
    const most = Math.max(...devices.map((device) => device.seen.periods));
    const rest = {
      figure: `${connected}/${devices.length} thiết bị`,
      faults,
      missing: [...short, ...missing],
      evidence: inOrder(evidence),
      samples: devices.reduce((total, device) => total + device.samples, 0),
    };
    const what = `${connected}/${devices.length} máy tính, máy in kết nối mạng LAN`;
    if (faults.length > 0) return fail(`${what}; ${sayEach(faults)}; ${sayWindow(facts, most)}`, rest);
    const unknown = [
      ...(short.length > 0 ? [`${short.length} phòng chưa đủ thiết bị trong danh mục (${sayEach(short)})`] : []),
      ...(missing.length > 0
        ? [`${missing.length}/${devices.length} thiết bị chưa đủ lần đo (${sayEach(missing)})`]
        : []),
    ];
    if (unknown.length > 0) return insufficient(unknown.join('; '), rest);
    const worst = Math.max(
      ...devices.map(({ presence }) => (presence && presence.onMs > 0 ? presence.droppedMs / presence.onMs : 0)),
    );
    return pass(
      `${what}, rớt nhiều nhất ${formatNumber(worst * 100, 2)} % thời gian bật, ${sayWindow(facts, most)}`,
      rest,
    );
  },
};

const SCHOOL_DAYS_A_WEEK = 5;

/** "Phòng Tin học 1: danh mục có 28/30 máy tính …" of a room that lacks some; null: it lacks none, or nobody said how many. */
function sayShort({ name, expectedPcs, expectedPrinters }: FactRoom, devices: readonly Device[]): Named | null {
  const less = (
    [
      ['pc', expectedPcs, 'máy tính'],
      ['printer', expectedPrinters, 'máy in'],
    ] as const
  ).flatMap(([kind, expected, word]) => {
    const listed = devices.filter(({ asset }) => asset.kind === kind).length;
    return listed < (expected ?? 0) ? [`${listed}/${expected} ${word}`] : [];
  });
  if (less.length === 0) return null;
  const mend = 'thêm thiết bị còn thiếu vào danh mục, hoặc sửa số quy định của phòng';
  return { assetId: null, name, why: `danh mục có ${less.join(', ')}: ${mend}` };
}

const says = (asset: FactAsset, sample: SampleRef) =>
  `${asset.name}: ${sample.ok ? 'có trả lời' : `không trả lời (${sample.reason})`}`;

/** What is wrong with one device, or what is missing to know; null: it is connected and stable. */
function judgeDevice(
  facts: Facts,
  device: Device,
  inRoom: readonly Device[],
  room: string,
): { fault: boolean; named: Named } | null {
  const { policy } = facts;
  const { asset, seen, askedIn, presence } = device;
  const found = (fault: boolean, why: string) => ({ fault, named: { assetId: asset.id, name: asset.name, why } });
  if (!seen.enough) return { fault: false, named: sayMissing(asset, facts, seen, device.probe) };
  if (presence === null || !isSeen(device)) {
    // A printer that is always on does not show that anybody was in the room.
    const used = inRoom
      .filter((other) => other.asset.kind === 'pc')
      .map((other) => other.presence?.answered ?? NONE)
      .reduce(union, NONE);
    const usedAndMeasured = facts.numbers.filter((number) => has(used, number) && has(askedIn, number));
    return usedAndMeasured.length >= neededPeriods(policy)
      ? found(true, `chưa lần nào thấy trên mạng trong ${usedAndMeasured.length} ngày phòng có sử dụng`)
      : found(false, `chưa thấy trên mạng, ${room} chưa sử dụng đủ ngày`);
  }
  const { onMs, droppedMs, drops } = presence;
  if (onMs < policy.onMinSeconds * 1000) return found(false, 'bật chưa đủ lâu để biết kết nối có ổn định không');
  const share = droppedMs / onMs;
  if (share > policy.dropShareMax && drops >= policy.dropMinCount)
    return found(true, `rớt mạng ${drops} lần, ${formatShare(share)} thời gian máy bật`);
  return null;
}

interface Device {
  asset: FactAsset;
  probe: string;
  seen: Coverage;
  askedIn: Bits;
  presence: Presence | null;
  samples: number;
}

/** Whether it answered at least once. */
const isSeen = ({ presence }: Device): boolean => presence !== null && isAnswering(presence);

function measure(facts: Facts, asset: FactAsset): Device {
  const { probe, measured, seen } = presenceOf(facts, asset);
  const { askedIn = NONE, presence = null, samples = 0 } = measured ?? {};
  return { asset, probe, seen, askedIn, presence, samples };
}

/** First misses of the times at which at least two devices, and half of those that were on, dropped within one round. */
function roomDrops(facts: Facts, devices: readonly Device[]): SampleRef[] {
  const known = devices.filter(({ seen }) => seen.enough).map(({ probe, asset }) => seriesKey(probe, asset.target!));
  const roundMs = everyMsOf(facts.policy, 'lan-reach');
  const byKey = Map.groupBy(facts.rollup.together, ({ key }) => key);
  const starts = known.flatMap((key) => byKey.get(key) ?? []).sort((a, b) => a.miss.at - b.miss.at);
  const events: SampleRef[] = [];
  for (let index = 0; index < starts.length; ) {
    const { miss, on, places } = starts[index]!;
    const group = new Set<string>();
    let next = index;
    while (next < starts.length && starts[next]!.miss.at < miss.at + roundMs) group.add(starts[next++]!.key);
    const wasOn = (key: string) => has(on, places.get(key) ?? -1);
    const isMost = () => group.size >= Math.ceil(known.filter((key) => group.has(key) || wasOn(key)).length / 2);
    if (group.size >= 2 && isMost()) events.push(miss);
    index = next;
  }
  return events;
}
