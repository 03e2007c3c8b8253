import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { type FactAsset, type Facts, measuredOf, newestSample, workedPeriods } from '../facts.ts';
import { hoursOfUse } from '../hours-of-use.ts';
import { neededPeriods } from '../policy.ts';
import { has, NONE, union } from '../rollup/bits.ts';
import type { SampleRef } from '../rollup/sample-ref.ts';
import { fail, inOrder, insufficient, pass, type Rule, sayEach, sayWindow, WINDOW_POLICY } from '../verdict.ts';

const PROBES = ['lan-reach', 'printer', 'camera', 'antivirus', 'internet-speed'] as const;

/**
 * III.1.1.c: the use of devices is tracked, room by room. Clear evidence of a fault is a room that nobody watched on
 * days on which the agent that should watch it was at work elsewhere in the school; a silent agent is no evidence.
 */
export const rule: Rule = {
  id: 'III.1.1.c',
  short: 'Theo dõi thiết bị',
  probes: PROBES,
  policy: [...WINDOW_POLICY, 'trackingMissingShare'],
  judge(facts) {
    const rooms = facts.rooms
      .map((room) => ({ room, assets: facts.assets.filter((asset) => asset.roomId === room.id) }))
      .filter(({ assets }) => assets.length > 0)
      .map(({ room, assets }) => ({ room, assets, ...track(facts, room.since, assets) }));
    if (rooms.length === 0)
      return insufficient('danh mục chưa có phòng nào có thiết bị; nhập danh mục phòng và thiết bị');
    const worked = workedPeriods(facts).length;
    const needed = neededPeriods(facts.policy);
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence = [];
    let samples = 0;
    for (const { room, judged, lost, newest, count } of rooms) {
      samples += count;
      const named = (why: string): Named => ({ assetId: null, name: room.name, why });
      const isFault = judged >= needed && lost > 0 && lost >= judged * facts.policy.trackingMissingShare;
      if (judged < needed) missing.push(named(`mới xét được ${judged}/${needed} kỳ: để tác tử chạy thêm`));
      else if (isFault)
        faults.push(named(`không theo dõi được ${lost}/${judged} kỳ (${formatShare(lost / judged, 0)})`));
      const sample = newest ?? newestSample(facts);
      const says = newest ? 'lần theo dõi gần nhất' : 'tác tử làm việc, phòng không được theo dõi';
      evidence.push({ fault: isFault, evidence: sample ? [{ sample, says: `${room.name}: ${says}` }] : [] });
    }
    const figure = `${rooms.length - faults.length - missing.length}/${rooms.length} phòng`;
    const also = rooms.flatMap(({ room, assets }) => sayUse(facts, room.name, assets) ?? []);
    const rest = { figure, faults, missing, evidence: inOrder(evidence), samples, also };
    const window = sayWindow(facts, worked);
    if (faults.length > 0)
      return fail(`${faults.length} phòng chưa được theo dõi (${sayEach(faults)}), ${window}`, {
        ...rest,
        count: faults.length,
      });
    if (missing.length > 0) return insufficient(`${missing.length}/${rooms.length} phòng (${sayEach(missing)})`, rest);
    return pass(`${rooms.length}/${rooms.length} phòng có thiết bị được theo dõi, ${window}`, rest);
  },
};

/** Most devices of a room that are named with their hours. */
const MOST_NAMED = 5;

/** Hours in which the PCs of a room were on: all together, a PC and day, and those that were on the longest. */
function sayUse(facts: Facts, room: string, assets: readonly FactAsset[]): string | null {
  const use = hoursOfUse(facts, assets);
  if (use === null) return null;
  const { days, onMs, pcs } = use;
  const hours = (ms: number) => `${formatNumber(ms / HOUR_MS, 1)} giờ`;
  const said = pcs.slice(0, MOST_NAMED).map((pc) => `${pc.asset.name} ${hours(pc.onMs)}`);
  const each = days === 0 ? '' : `, trung bình ${hours(onMs / pcs.length / days)} mỗi máy mỗi ngày có dùng`;
  return `${room}: ${pcs.length} máy bật tổng cộng ${hours(onMs)} trong ${days} ngày${each} (${said.join(', ')}${pcs.length > MOST_NAMED ? ', …' : ''})`;
}

const HOUR_MS = 3600_000;

/** In how many periods a room could be judged, and in how many of them nobody watched it. */
function track(facts: Facts, roomSince: number, assets: readonly FactAsset[]) {
  const watched = assets.flatMap((asset) => PROBES.flatMap((probe) => measuredOf(facts, probe, asset.target) ?? []));
  const watchers = new Set(watched.flatMap(({ agents }) => agents));
  const seenIn = watched.map(({ askedIn }) => askedIn).reduce(union, NONE);
  const workedIn = [...facts.rollup.atWork]
    .filter(([agent]) => watchers.size === 0 || watchers.has(agent))
    .map(([, periods]) => periods)
    .reduce(union, NONE);
  const since = Math.max(roomSince, Math.min(...assets.map((asset) => asset.since)));
  let judged = 0;
  let lost = 0;
  for (const [index, period] of facts.periods.entries()) {
    const number = facts.numbers[index]!;
    const isSeen = has(seenIn, number);
    // The running period counts only once the room was seen: it is not over.
    if (!isSeen && !(has(workedIn, number) && period.from >= since && period.to <= facts.now)) continue;
    judged++;
    if (!isSeen) lost++;
  }
  const newest = watched
    .map(({ last }) => last)
    .reduce<SampleRef | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined);
  return { judged, lost, newest, count: watched.reduce((total, { samples }) => total + samples, 0) };
}
