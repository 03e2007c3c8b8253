import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import { coverage, type FactSample, samplesOf } from '../facts.ts';
import { fail, insufficient, pass, type Rule, sayMissing, sayWindow, WINDOW_POLICY } from '../verdict.ts';

/** III.2.2.a: the internet line carries 45 Mbps. Judged on line rate: payload rate reads 4 % lower on the same line. */
export const rule: Rule = {
  id: 'III.2.2.a',
  short: 'Internet',
  policy: [...WINDOW_POLICY, 'internetMbps', 'internetMinTests', 'internetShareMin', 'internetUncertainty'],
  judge(facts) {
    const { policy } = facts;
    const lines = facts.assets.filter((asset) => asset.kind === 'internet');
    if (lines.length === 0)
      return insufficient('danh mục chưa có đường truyền Internet nào; thêm một mục loại “internet”');
    // Several lines: the decision asks for one that reaches the speed; the better one is judged, the other is its fallback.
    const judged = lines.map((line) => {
      const samples = samplesOf(facts, 'internet-speed', line.target);
      const tests = samples.filter(isValid);
      return { line, samples, tests, seen: coverage(facts, 'internet-speed', line.target) };
    });
    const best = judged.reduce((a, b) => (median(speeds(b.tests)) > median(speeds(a.tests)) ? b : a));
    const { tests, samples, seen } = best;
    const count = samples.length;
    const rates = speeds(tests);
    const middle = median(rates);
    const figure = rates.length > 0 ? `${formatNumber(middle, 0)} Mbps` : '';
    if (!seen.enough || tests.length < policy.internetMinTests) {
      const missing = seen.enough
        ? {
            assetId: best.line.id,
            name: best.line.name,
            why: `mới có ${tests.length}/${policy.internetMinTests} lần đo hợp lệ (${count - tests.length} lần không hợp lệ)`,
          }
        : sayMissing(best.line, facts, seen);
      return insufficient(`${missing.name} ${missing.why}`, { figure, missing: [missing], samples: count });
    }
    const meets = (threshold: number) =>
      rates.filter((rate) => rate >= threshold).length >= rates.length * policy.internetShareMin && middle >= threshold;
    const low = policy.internetMbps * (1 - policy.internetUncertainty);
    const high = policy.internetMbps * (1 + policy.internetUncertainty);
    const reached = rates.filter((rate) => rate >= policy.internetMbps).length;
    const what = `${reached}/${rates.length} lần đo từ ${formatNumber(policy.internetMbps)} Mbps trở lên (${formatShare(reached / rates.length, 0)}), trung vị ${formatNumber(middle)} Mbps, ${sayWindow(facts, seen.periods)}`;
    const evidence = [...tests]
      .sort((a, b) => rateOf(a) - rateOf(b))
      .map((sample) => ({ sample, says: `${formatNumber(rateOf(sample))} Mbps` }));
    if (!meets(low))
      return fail(what, {
        figure,
        evidence,
        samples: count,
        faults: [{ assetId: best.line.id, name: best.line.name, why: `trung vị ${formatNumber(middle)} Mbps` }],
      });
    return pass(what, { figure, evidence, samples: count, borderline: !meets(high) });
  },
};

const rateOf = (sample: FactSample): number => sample.values.lineMbps as number;
const speeds = (samples: readonly FactSample[]): number[] => samples.map(rateOf);

/** A test that says something about the line: obtained, a figure, and not marked as worthless by the probe. */
function isValid(sample: FactSample): boolean {
  const { lineMbps, valid } = sample.values;
  return sample.ok && typeof lineMbps === 'number' && Number.isFinite(lineMbps) && valid !== false;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
