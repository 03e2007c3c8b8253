import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { type FactAsset, type Facts, newestSample, workedPeriods } from '../facts.ts';
import { neededPeriods } from '../policy.ts';
import { type Series, seriesKey } from '../series.ts';
import { fail, inOrder, insufficient, pass, type Rule, sayEach, sayWindow, WINDOW_POLICY } from '../verdict.ts';

/**
 * III.1.1.c: the use of devices is tracked, room by room. Clear evidence of a fault is a room that nobody watched on
 * days on which the agent that should watch it was at work elsewhere in the school; a silent agent is no evidence.
 */
export const rule: Rule = {
  id: 'III.1.1.c',
  short: 'Theo dõi thiết bị',
  policy: [...WINDOW_POLICY, 'trackingMissingShare'],
  judge(facts) {
    const rooms = facts.rooms
      .map((room) => ({ room, assets: facts.assets.filter((asset) => asset.roomId === room.id) }))
      .filter(({ assets }) => assets.length > 0)
      .map(({ room, assets }) => ({ room, ...track(facts, room.since, assets) }));
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
    const rest = { figure, faults, missing, evidence: inOrder(evidence), samples };
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

/** In how many periods a room could be judged, and in how many of them nobody watched it. */
function track(facts: Facts, roomSince: number, assets: readonly FactAsset[]) {
  const watched = assets.flatMap((asset) => seriesOf(facts, asset));
  const samples = watched.flatMap((series) => series.samples);
  const watchers = new Set(samples.map((sample) => sample.agentId));
  const since = Math.max(roomSince, Math.min(...assets.map((asset) => asset.since)));
  let judged = 0;
  let lost = 0;
  for (const period of facts.periods) {
    const isSeen = watched.some((series) =>
      series.samples.some((sample) => sample.at >= period.from && sample.at < period.to),
    );
    const atWork = [...facts.atWork.get(period)!].some((agent) => watchers.size === 0 || watchers.has(agent));
    // The running period counts only once the room was seen: it is not over.
    if (!isSeen && !(atWork && period.from >= since && period.to <= facts.now)) continue;
    judged++;
    if (!isSeen) lost++;
  }
  const newest = samples.reduce<(typeof samples)[number] | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined);
  return { judged, lost, newest, count: samples.length };
}

function seriesOf(facts: Facts, asset: FactAsset): Series[] {
  if (asset.target === null) return [];
  return ['lan-reach', 'printer', 'camera', 'antivirus', 'internet-speed']
    .map((probe) => facts.series.get(seriesKey(probe, asset.target!)))
    .filter((series) => series !== undefined);
}
