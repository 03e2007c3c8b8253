import type { Period } from '../../../shared/calendar.ts';
import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { type FactAsset, type Facts, heardPeriods, newestSample, type Series } from '../facts.ts';
import { fail, insufficient, pass, type Rule, sayNames, sayWindow, WINDOW_POLICY } from '../verdict.ts';

/**
 * III.1.1.c: the use of devices is tracked, room by room. Clear evidence of a fault is a room that nobody watched on
 * days on which the agent was at work elsewhere in the school; a silent agent is no evidence of anything.
 */
export const rule: Rule = {
  id: 'III.1.1.c',
  short: 'Theo dõi thiết bị',
  policy: [...WINDOW_POLICY, 'trackingMissingShare'],
  judge(facts) {
    const rooms = facts.rooms
      .map((room) => ({ room, assets: facts.assets.filter((asset) => asset.roomId === room.id) }))
      .filter(({ assets }) => assets.length > 0);
    if (rooms.length === 0)
      return insufficient('danh mục chưa có phòng nào có thiết bị; nhập danh mục phòng và thiết bị');
    const heard = heardPeriods(facts);
    if (heard.length < facts.policy.minPeriods)
      return insufficient(`tác tử mới báo cáo ${sayWindow(facts, heard.length)}`, { figure: `0/${rooms.length}` });
    const faults: Named[] = [];
    const evidence = [];
    let samples = 0;
    for (const { room, assets } of rooms) {
      const watched = assets.flatMap((asset) => seriesOf(facts, asset));
      samples += watched.reduce((total, series) => total + series.samples.length, 0);
      // A room watched for the first time in mid-window is judged from then on; the running period only once it was seen.
      const since = watched.length > 0 ? Math.min(...watched.map((series) => series.firstAt)) : 0;
      const seen = (period: Period) =>
        watched.some((series) => series.samples.some((sample) => sample.at >= period.from && sample.at < period.to));
      const judged = heard.filter((period) => period.to > since && (period.to <= facts.now || seen(period)));
      const tracked = judged.filter(seen);
      const lost = judged.length - tracked.length;
      const newest = watched.map((series) => series.samples.at(-1)).find((sample) => sample !== undefined);
      const working = newest ?? newestSample(facts);
      if (working)
        evidence.push({
          sample: working,
          says: newest
            ? `${room.name}: lần theo dõi gần nhất`
            : `${room.name}: tác tử làm việc, phòng không được theo dõi`,
        });
      if (judged.length > 0 && lost >= judged.length * facts.policy.trackingMissingShare && lost > 0)
        faults.push({
          assetId: null,
          name: room.name,
          why: `không theo dõi được ${lost}/${judged.length} kỳ (${formatShare(lost / judged.length, 0)})`,
        });
    }
    const figure = `${rooms.length - faults.length}/${rooms.length}`;
    const window = sayWindow(facts, heard.length);
    if (faults.length > 0)
      return fail(`${faults.length} phòng chưa được theo dõi (${sayNames(faults)}), ${window}`, {
        count: faults.length,
        figure,
        faults,
        evidence,
        samples,
      });
    return pass(`${rooms.length}/${rooms.length} phòng có thiết bị được theo dõi, ${window}`, {
      figure,
      evidence,
      samples,
    });
  },
};

function seriesOf(facts: Facts, asset: FactAsset): Series[] {
  if (asset.target === null) return [];
  return ['lan-reach', 'printer', 'camera', 'antivirus', 'internet-speed']
    .map((probe) => facts.series.get(`${probe}\n${asset.target}`))
    .filter((series) => series !== undefined);
}
