import type { Named } from '../../api/schemas/finding.ts';
import type { Use } from '../../api/schemas/school.ts';
import { type FactAsset, type Facts, samplesOf } from '../facts.ts';
import type { FactSample } from '../series.ts';
import { type Evidence, fail, inOrder, insufficient, pass, sayEach, type Verdict } from '../verdict.ts';
import { lastStatusFrom } from '../window.ts';

/** What III.3.1.a and III.3.1.b share: the last antivirus status of every PC of a use, and what it is asked. */

export interface Product {
  name: string;
  on: boolean | null;
  upToDate: boolean | null;
  definitionsAt: number | null;
}
/** `null`: in order; a text: the fault; `unknown`: the status does not tell. `at`: when the PC told. */
export type Question = (
  products: Product[],
  asset: FactAsset,
  facts: Facts,
  at: number,
) => string | null | { unknown: string };

/** Longest product name that is shown. */
const MAX_NAME = 128;
/** A PC that nobody assigned may belong to either rule: it is named, not passed over. */
const NO_USE = 'chưa nêu mục đích sử dụng: chọn Quản lý, Dạy học hoặc Học sinh trong danh mục';

export function judgeAntivirus(facts: Facts, uses: readonly Use[], who: string, ask: Question): Verdict {
  const computers = facts.assets.filter(
    (asset) => asset.kind === 'pc' && (asset.use === null || uses.includes(asset.use)),
  );
  if (computers.length === 0)
    return insufficient(`danh mục chưa có máy ${who} nào; nhập danh mục máy tính kèm mục đích sử dụng`);
  const faults: Named[] = [];
  const missing: Named[] = [];
  const evidence: { fault: boolean; evidence: Evidence[] }[] = [];
  const from = lastStatusFrom(facts);
  for (const asset of computers) {
    if (asset.use === null) {
      missing.push({ assetId: asset.id, name: asset.name, why: NO_USE });
      continue;
    }
    const recent = samplesOf(facts, 'antivirus', asset.target).filter((sample) => sample.at >= from);
    // A status that could be read stands until the next one that can.
    const last = recent.findLast((sample) => sample.ok && readProducts(sample) !== undefined) ?? recent.at(-1);
    if (!last) {
      missing.push({
        assetId: asset.id,
        name: asset.name,
        why: 'chưa có trạng thái diệt virus: cài tác tử lên máy này',
      });
      continue;
    }
    const products = last.ok ? readProducts(last) : undefined;
    const answer = isDisputed(recent)
      ? { unknown: 'nhiều tác tử cùng nhận là máy này: đặt mã riêng cho từng máy, thu hồi tác tử thừa' }
      : products
        ? ask(products, asset, facts, last.at)
        : { unknown: `máy không trả lời được (${last.reason ?? 'sai dạng'})` };
    const why = answer === null ? 'đạt' : typeof answer === 'string' ? answer : answer.unknown;
    evidence.push({ fault: typeof answer === 'string', evidence: [{ sample: last, says: `${asset.name}: ${why}` }] });
    if (typeof answer === 'string') faults.push({ assetId: asset.id, name: asset.name, why: answer });
    else if (answer !== null) missing.push({ assetId: asset.id, name: asset.name, why: answer.unknown });
  }
  const good = computers.length - faults.length - missing.length;
  const figure = `${good}/${computers.length} máy`;
  const rest = { figure, faults, missing, evidence: inOrder(evidence), samples: evidence.length };
  if (faults.length > 0)
    return fail(`${faults.length}/${computers.length} máy ${who} không đáp ứng: ${sayEach(faults)}`, rest);
  if (missing.length > 0)
    return insufficient(`chưa biết ${missing.length}/${computers.length} máy ${who} (${sayEach(missing)})`, rest);
  return pass(`${good}/${computers.length} máy ${who} có phần mềm diệt virus theo yêu cầu`, rest);
}

/**
 * Whether two agents speak for one PC in turns. Any agent of a school may sign for any target, so one PC could vouch for
 * another; an agent that another took over from and that says no more was reinstalled.
 */
function isDisputed(samples: readonly FactSample[]): boolean {
  const turns = samples.filter((sample, index) => sample.agentId !== samples[index - 1]?.agentId);
  return new Set(turns.map((sample) => sample.agentId)).size < turns.length;
}

/** The products of a status, or undefined where the sample does not hold a list of them. */
export function readProducts(sample: FactSample): Product[] | undefined {
  const { products } = sample.values;
  if (!Array.isArray(products)) return undefined;
  const read = products.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || typeof (entry as Product).name !== 'string') return [];
    const { name, on, upToDate, definitionsAt } = entry as Record<string, unknown>;
    const at = typeof definitionsAt === 'string' ? Date.parse(definitionsAt) : Number.NaN;
    return [
      {
        name: (name as string).slice(0, MAX_NAME),
        on: typeof on === 'boolean' ? on : null,
        upToDate: typeof upToDate === 'boolean' ? upToDate : null,
        definitionsAt: Number.isNaN(at) ? null : at,
      },
    ];
  });
  // Entries that nobody can read are not the same as no product at all.
  return read.length === 0 && products.length > 0 ? undefined : read;
}
