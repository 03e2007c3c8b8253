import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { coverage, type FactAsset, type Facts, measuredOf } from '../facts.ts';
import { lineFacts } from '../line-facts.ts';
import { neededPeriods } from '../policy.ts';
import { type Reached, reached } from '../reached.ts';
import { NO_SPEED, type ShownTest, type Speed } from '../rollup/speed.ts';
import { sayLine, sayMark, sayMarks, saySpoilt } from '../say-line.ts';
import {
  type Evidence,
  fail,
  insufficient,
  pass,
  type Rule,
  sayMissing,
  sayWindow,
  type Verdict,
  WINDOW_POLICY,
} from '../verdict.ts';

/**
 * III.2.2.a: the internet line carries 45 Mbps. Judged on line rate (payload reads 4 % lower) in school hours. A marked
 * test (Wi-Fi, a slow port, …) says what the line carries at least: it may win the point, and never takes it.
 */
export const rule: Rule = {
  id: 'III.2.2.a',
  short: 'Internet',
  probes: ['internet-speed', 'uplink'],
  policy: [
    ...WINDOW_POLICY,
    'internetMbps',
    'internetMinTests',
    'internetShareMin',
    'internetUncertainty',
    'internetUncertaintyMax',
    'internetOutageMinSeconds',
  ],
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

function judgeLine(facts: Facts, line: FactAsset): Verdict {
  const { policy } = facts;
  // At night nobody shares the line: those tests show what it can carry, not what the school has.
  const speed = measuredOf(facts, 'internet-speed', line.target)?.speed ?? NO_SPEED;
  // A test that failed, or says nothing, is a round without data: a line that hangs must not lose its bad hours.
  const seen = coverage(facts, 'internet-speed', line.target, ({ askedIn, speed: own }) => ({
    periods: askedIn,
    rounds: own === null ? 0 : own.rates.length + own.bounds.length,
  }));
  const found = reached(speed, policy);
  const { rounds, median, doubtful } = found;
  const rest = {
    figure: rounds > 0 ? `${found.isMedianLeast ? '≥ ' : ''}${formatNumber(median, median < 100 ? 1 : 0)} Mbps` : '',
    samples: speed.tests,
    also: sayLine(lineFacts(facts, line)),
  };
  const named = (why: string): Named => ({ assetId: line.id, name: line.name, why });
  const unknown = (missing: Named, evidence: Evidence[] = []) =>
    insufficient(`${missing.name} ${missing.why}`, { ...rest, missing: [missing], evidence });
  if (!seen.enough && (rounds > 0 || speed.tests === 0)) {
    const { why, ...missing } = sayMissing(line, facts, seen, 'internet-speed');
    return unknown({ ...missing, why: `${why}${saySpoiltTests(speed)}${saySkipped(speed)}` });
  }
  if (!seen.enough || rounds < policy.internetMinTests || speed.periods < neededPeriods(policy))
    return unknown(named(sayTooFew(facts, speed, found)));
  const evidence = [...speed.slowest, ...speed.lowest].map(sayTest);
  if (!found.surely && !found.nearly && found.possibly) return unknown(named(sayDoubt(facts, found)), evidence);

  const what = `${sayReached(facts, found)}, ${sayWindow(facts, speed.periods)}`;
  if (found.surely) return pass(what, { ...rest, evidence, borderline: !found.clearly });
  if (found.nearly) return pass(`${what}; ${sayUncertainty(facts, found)}`, { ...rest, evidence, borderline: true });
  const hidden =
    doubtful.length > 0
      ? `; kể cả khi coi ${doubtful.length} lần đo không nói lên tốc độ đường truyền là đạt (${sayMarks(doubtful)})`
      : '';
  const below = 1 - found.reached / rounds;
  return fail(`${what}${hidden}`, {
    ...rest,
    evidence,
    faults: [
      named(
        `${formatShare(below)} số lần đo dưới ${formatNumber(policy.internetMbps)} Mbps, trung vị ${formatNumber(median)} Mbps`,
      ),
    ],
  });
}

const sayTest = ({ sample, mbps, mark }: ShownTest): Evidence => ({
  sample,
  says: mark === null ? `${formatNumber(mbps)} Mbps` : `ít nhất ${formatNumber(mbps)} Mbps (đo ${sayMark(mark, null)})`,
});

function sayReached({ policy }: Facts, { rounds, reached: count, median, isMedianLeast }: Reached): string {
  const share = formatShare(count / rounds);
  return `${count}/${rounds} lần đo từ ${formatNumber(policy.internetMbps)} Mbps trở lên (${share}), trung vị ${isMedianLeast ? 'ít nhất ' : ''}${formatNumber(median)} Mbps`;
}

function sayUncertainty({ policy }: Facts, { nearly, widest }: Reached): string {
  const { internetMbps, internetUncertainty } = policy;
  if (nearly === 'tests')
    return `trong khoảng tin cậy 95 % của chính các lần đo (sai số đến ${formatShare(widest)}, mức chung ${formatShare(internetUncertainty)})`;
  const low = internetMbps * (1 - internetUncertainty);
  return `trong sai số ${formatShare(internetUncertainty)} của phép đo (từ ${formatNumber(low, 2)} Mbps)`;
}

/** Tests that were made and told nothing: their server, and not the hours of the agent, is what is to be mended. */
function saySpoiltTests({ spoilt }: Speed): string {
  const others = spoilt.filter(([reason]) => reason !== 'skipped');
  return others.length > 0 ? `; ${saySpoilt(others)}: kiểm tra các nguồn đo trong cấu hình tác tử` : '';
}

/** The budget of bytes is spent, or the agent was told to pause: its computer need not run longer. */
function saySkipped({ spoilt }: Speed): string {
  const skipped = spoilt.find(([reason]) => reason === 'skipped')?.[1] ?? 0;
  return skipped > 0 ? `; ${skipped} lần tác tử cố ý không đo: xem lý do trong báo cáo, hoặc tăng monthlyBytes` : '';
}

function sayTooFew({ policy }: Facts, speed: Speed, { rounds }: Reached): string {
  const invalid = speed.spoilt.reduce((sum, [, count]) => sum + count, 0);
  const spoilt = `${invalid} lần không hợp lệ${invalid > 0 ? `: ${saySpoilt(speed.spoilt)}` : ''}`;
  const marks = speed.bounds.length > 0 ? `; chỉ biết tốc độ tối thiểu ở ${sayMarks(speed.bounds)}` : '';
  return `mới có ${rounds}/${policy.internetMinTests} lần đo hợp lệ trong ${speed.periods}/${neededPeriods(policy)} ngày (${spoilt})${marks}`;
}

/** What the marked tests hid decides: which they are, and how to mend them. */
function sayDoubt({ policy }: Facts, { rounds, reached: count, doubtful }: Reached): string {
  return `có ${doubtful.length}/${rounds} lần đo không nói lên tốc độ đường truyền: ${sayMarks(doubtful)}; chắc chắn từ ${formatNumber(policy.internetMbps)} Mbps trở lên mới có ${count}/${rounds} lần (cần ${formatShare(policy.internetShareMin)})`;
}
