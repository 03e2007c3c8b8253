import type { Named } from '../../api/schemas/finding.ts';
import type { Use } from '../../api/schemas/school.ts';
import { type FactAsset, type Facts, measuredOf, targetOf } from '../facts.ts';
import { isDisputed, type Product } from '../rollup/antivirus.ts';
import { type Evidence, fail, inOrder, insufficient, pass, sayEach, type Verdict } from '../verdict.ts';
import { lastStatusFrom } from '../window.ts';

/** What III.3.1.a and III.3.1.b share: the last antivirus status of every PC of a use, and what it is asked. */

/** `null`: in order; a text: the fault; `unknown`: the status does not tell. `at`: when the PC told. */
export type Question = (
  products: readonly Product[],
  asset: FactAsset,
  facts: Facts,
  at: number,
) => string | null | { unknown: string };

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
    const measured = measuredOf(facts, 'antivirus', targetOf(asset, 'antivirus'));
    const told = measured?.antivirus;
    // A status that could be read stands until the next one that can.
    const read = told?.read && told.read.sample.at >= from ? told.read : null;
    const last = read?.sample ?? measured?.last;
    if (!told || !last || last.at < from) {
      missing.push({
        assetId: asset.id,
        name: asset.name,
        why: 'chưa có trạng thái diệt virus: cài tác tử lên máy này',
      });
      continue;
    }
    const answer = isDisputed(told, from)
      ? { unknown: 'nhiều tác tử cùng nhận là máy này: đặt mã riêng cho từng máy, thu hồi tác tử thừa' }
      : read
        ? ask(read.products, asset, facts, last.at)
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
