import { periodAt } from '../../../shared/calendar.ts';
import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { liveness } from '../../incidents/detect.ts';
import {
  coverage,
  type FactAsset,
  type FactSample,
  type Facts,
  heardPeriods,
  newestSample,
  samplesOf,
} from '../facts.ts';
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

/** III.3.2.a: cameras are controlled, managed and used: each one of the inventory is watched and has a moving picture. */
export const rule: Rule = {
  id: 'III.3.2.a',
  short: 'Camera',
  policy: [...WINDOW_POLICY, 'cameraLiveShareMin'],
  judge(facts) {
    const cameras = facts.assets.filter((asset) => asset.kind === 'camera');
    if (cameras.length === 0) return insufficient('danh mục chưa có camera nào; thêm camera vào danh mục');
    const agentAtWork = heardPeriods(facts).length >= facts.policy.minPeriods;
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence: Verdict['evidence'] = [];
    let samples = 0;
    let periods = 0;
    for (const asset of cameras) {
      if (asset.target === null && agentAtWork) {
        faults.push({ assetId: asset.id, name: asset.name, why: 'có trong danh mục nhưng chưa đưa vào theo dõi' });
        const working = newestSample(facts);
        if (working)
          evidence.push({ sample: working, says: `${asset.name}: tác tử làm việc, camera không được theo dõi` });
        continue;
      }
      const seen = coverage(facts, 'camera', asset.target);
      const all = samplesOf(facts, 'camera', asset.target);
      const known = all
        .map((sample) => ({ sample, state: liveness(sample, periodAt(facts.periods, sample.at) !== undefined) }))
        .filter((entry) => entry.state !== undefined);
      samples += all.length;
      periods = Math.max(periods, seen.periods);
      const down = known.filter((entry) => entry.state === 'down');
      const share = known.length > 0 ? 1 - down.length / known.length : 0;
      for (const { sample } of [...down.slice(-3).reverse(), ...known.slice(-1)])
        evidence.push({ sample, says: `${asset.name}: ${sayState(sample.values.state)}` });
      if (!seen.enough) missing.push(sayMissing(asset, facts, seen));
      else if (known.length === 0 || isUnseen(facts, all)) missing.push(sayUnseen(asset, all));
      else if (share < facts.policy.cameraLiveShareMin)
        faults.push({
          assetId: asset.id,
          name: asset.name,
          why: `có hình ${formatShare(share)} thời gian, hiện ${sayState(all.at(-1)?.values.state)}`,
        });
    }
    const good = cameras.length - faults.length - missing.length;
    const rest = { figure: `${good}/${cameras.length}`, faults, missing, evidence, samples };
    if (faults.length > 0)
      return fail(
        `${faults.length}/${cameras.length} camera không bảo đảm: ${sayNames(faults)} (${faults[0]!.why}), ${sayWindow(facts, periods)}`,
        rest,
      );
    if (missing.length > 0)
      return insufficient(
        `chưa biết ${missing.length}/${cameras.length} camera (${sayNames(missing)}: ${missing[0]!.why})`,
        rest,
      );
    return pass(
      `${good}/${cameras.length} camera có hình từ ${formatShare(facts.policy.cameraLiveShareMin)} thời gian trở lên, ${sayWindow(facts, periods)}`,
      rest,
    );
  },
};

/** Whether too many samples do not tell if the camera had a picture ("sai tài khoản", "ONVIF không trả lời"). A dark night tells. */
export const isUnseen = (facts: Facts, samples: readonly FactSample[]): boolean =>
  samples.filter((sample) => liveness(sample, true) !== undefined).length <
  samples.length * facts.policy.minExpectedShare;

/** Why a camera that answers is still unknown, and what to do. */
export const sayUnseen = (asset: FactAsset, samples: readonly FactSample[]): Named => ({
  assetId: asset.id,
  name: asset.name,
  why: `${sayState(samples.at(-1)?.values.state)}: sửa tài khoản ONVIF trong cấu hình tác tử`,
});

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
