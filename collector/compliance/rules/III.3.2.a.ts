import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { isLook, looksOf } from '../../incidents/detect.ts';
import { coverage, type FactAsset, type Facts, newestSample, samplesOf, workedPeriods } from '../facts.ts';
import { neededPeriods } from '../policy.ts';
import type { FactSample } from '../series.ts';
import {
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

/** III.3.2.a: cameras are controlled, managed and used: each one of the inventory is watched and has a moving picture. */
export const rule: Rule = {
  id: 'III.3.2.a',
  short: 'Camera',
  policy: [...WINDOW_POLICY, 'cameraLiveShareMin'],
  judge(facts) {
    const cameras = facts.assets.filter((asset) => asset.kind === 'camera');
    if (cameras.length === 0) return insufficient('danh mục chưa có camera nào; thêm camera vào danh mục');
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence = [];
    let samples = 0;
    let periods = 0;
    for (const asset of cameras) {
      if (asset.target === null && workedPeriods(facts, asset.since).length >= neededPeriods(facts.policy)) {
        faults.push({ assetId: asset.id, name: asset.name, why: 'có trong danh mục nhưng chưa đưa vào theo dõi' });
        const sample = newestSample(facts)!;
        const says = `${asset.name}: tác tử làm việc, camera không được theo dõi`;
        evidence.push({ fault: true, evidence: [{ sample, says }] });
        continue;
      }
      const all = samplesOf(facts, 'camera', asset.target);
      const known = looksOf(all, facts.periods).filter(({ state }) => state !== undefined);
      const seen = coverage(facts, 'camera', asset.target);
      samples += all.length;
      periods = Math.max(periods, seen.periods);
      const down = known.filter(({ state }) => state === 'down');
      const share = known.length > 0 ? 1 - down.length / known.length : 0;
      const unknown = sayUnknownCamera(facts, asset, all);
      const isFault = unknown === null && known.length > 0 && share < facts.policy.cameraLiveShareMin;
      evidence.push({
        fault: isFault,
        evidence: [...down.slice(-3).reverse(), ...known.slice(-1)].map(({ sample }) => ({
          sample,
          says: `${asset.name}: ${sayState(sample.values.state)}`,
        })),
      });
      if (unknown !== null) missing.push(unknown);
      else if (isFault)
        faults.push({
          assetId: asset.id,
          name: asset.name,
          why: `có hình ${formatShare(share)} thời gian, hiện ${sayState(all.at(-1)?.values.state)}`,
        });
    }
    const good = cameras.length - faults.length - missing.length;
    const rest = { figure: `${good}/${cameras.length} camera`, faults, missing, evidence: inOrder(evidence), samples };
    if (faults.length > 0)
      return fail(
        `${faults.length}/${cameras.length} camera không bảo đảm: ${sayEach(faults)}, ${sayWindow(facts, periods)}`,
        rest,
      );
    if (missing.length > 0)
      return insufficient(`chưa biết ${missing.length}/${cameras.length} camera (${sayEach(missing)})`, rest);
    return pass(
      `${good}/${cameras.length} camera có hình từ ${formatShare(facts.policy.cameraLiveShareMin)} thời gian trở lên, ${sayWindow(facts, periods)}`,
      rest,
    );
  },
};

/** Why a camera is unknown and what to do: measured too little, or it would not let the agent look; null: it is known. */
export function sayUnknownCamera(facts: Facts, asset: FactAsset, samples: readonly FactSample[]): Named | null {
  const seen = coverage(facts, 'camera', asset.target);
  if (!seen.enough) return sayMissing(asset, facts, seen, 'camera');
  const looked = coverage(facts, 'camera', asset.target, isLook);
  if (looked.enough) return null;
  const blind = samples.findLast((sample) => !isLook(sample));
  return {
    assetId: asset.id,
    name: asset.name,
    why: `${sayState(blind?.values.state)}: sửa tài khoản ONVIF trong cấu hình tác tử`,
  };
}

const STATES: Record<string, string> = {
  live: 'có hình',
  frozen: 'hình đứng yên',
  dark: 'hình đen',
  'no-stream': 'không có luồng hình',
  auth: 'sai tài khoản',
  'onvif-down': 'ONVIF không trả lời',
  unreachable: 'không kết nối được',
};
export const sayState = (state: unknown): string =>
  typeof state === 'string' && Object.hasOwn(STATES, state) ? STATES[state]! : 'không rõ';
