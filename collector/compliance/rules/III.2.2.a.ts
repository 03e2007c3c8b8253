import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { coverage, type FactAsset, type Facts, measuredOf } from '../facts.ts';
import { neededPeriods } from '../policy.ts';
import type { Speed } from '../rollup/speed.ts';
import { fail, insufficient, pass, type Rule, sayMissing, sayWindow, type Verdict, WINDOW_POLICY } from '../verdict.ts';

/** III.2.2.a: the internet line carries 45 Mbps. Judged on line rate (payload reads 4 % lower) in school hours. */
export const rule: Rule = {
  id: 'III.2.2.a',
  short: 'Internet',
  probes: ['internet-speed'],
  policy: [...WINDOW_POLICY, 'internetMbps', 'internetMinTests', 'internetShareMin', 'internetUncertainty'],
  judge(facts) {
    const all = facts.assets.filter((asset) => asset.kind === 'internet');
    // A second line that nobody measures is a fallback: it can neither win nor keep the point.
    const watched = all.filter((asset) => asset.target !== null);
    const lines = watched.length > 0 ? watched : all;
    if (lines.length === 0)
      return insufficient('danh mục chưa có đường truyền Internet nào; thêm một mục loại “internet”');
    // Several lines: the decision asks for one that reaches the speed, the others are its fallback. So one that passes
    // is enough, and all of them must be known to be slow before the school loses its point.
    const verdicts = lines.map((line) => judgeLine(facts, line)).sort((a, b) => b.samples - a.samples);
    return (
      verdicts.find((verdict) => verdict.state === 'pass') ??
      verdicts.find((verdict) => verdict.state === 'insufficient') ??
      verdicts[0]!
    );
  },
};

const NO_TESTS: Speed = { tests: 0, valid: 0, periods: 0, rates: [], slowest: [] };

function judgeLine(facts: Facts, line: FactAsset): Verdict {
  const { policy } = facts;
  // At night nobody shares the line: those tests show what it can carry, not what the school has.
  const { rates, slowest, ...measured } = measuredOf(facts, 'internet-speed', line.target)?.speed ?? NO_TESTS;
  const seen = coverage(facts, 'internet-speed', line.target);
  const middle = median(rates);
  const figure = rates.length > 0 ? `${formatNumber(middle, middle < 100 ? 1 : 0)} Mbps` : '';
  const named = (why: string): Named => ({ assetId: line.id, name: line.name, why });
  if (!seen.enough || rates.length < policy.internetMinTests || measured.periods < neededPeriods(policy)) {
    const invalid = measured.tests - measured.valid;
    const missing = seen.enough
      ? named(
          `mới có ${rates.length}/${policy.internetMinTests} lần đo hợp lệ trong ${measured.periods}/${neededPeriods(policy)} ngày (${invalid} lần không hợp lệ)`,
        )
      : sayMissing(line, facts, seen, 'internet-speed');
    return insufficient(`${missing.name} ${missing.why}`, { figure, missing: [missing], samples: measured.tests });
  }
  const meets = (threshold: number) =>
    rates.filter((rate) => rate >= threshold).length >= rates.length * policy.internetShareMin && middle >= threshold;
  const low = policy.internetMbps * (1 - policy.internetUncertainty);
  const high = policy.internetMbps * (1 + policy.internetUncertainty);
  const reached = rates.filter((rate) => rate >= policy.internetMbps).length;
  const share = reached / rates.length;
  const what = `${reached}/${rates.length} lần đo từ ${formatNumber(policy.internetMbps)} Mbps trở lên (${formatShare(share)}), trung vị ${formatNumber(middle)} Mbps, ${sayWindow(facts, measured.periods)}`;
  const evidence = slowest.map(({ sample, lineMbps }) => ({ sample, says: `${formatNumber(lineMbps)} Mbps` }));
  const rest = { figure, evidence, samples: measured.tests };
  if (meets(policy.internetMbps)) return pass(what, { ...rest, borderline: !meets(high) });
  if (meets(low))
    return pass(
      `${what}; trong sai số ${formatShare(policy.internetUncertainty)} của phép đo (từ ${formatNumber(low, 2)} Mbps)`,
      {
        ...rest,
        borderline: true,
      },
    );
  return fail(what, {
    ...rest,
    faults: [
      named(
        `${formatShare(1 - share)} số lần đo dưới ${formatNumber(policy.internetMbps)} Mbps, trung vị ${formatNumber(middle)} Mbps`,
      ),
    ],
  });
}

function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
