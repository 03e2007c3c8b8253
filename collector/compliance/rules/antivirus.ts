import type { Named } from '../../api/schemas/finding.ts';
import type { Use } from '../../api/schemas/school.ts';
import { type FactAsset, type Facts, measuredOf, targetOf } from '../facts.ts';
import { isDisputed, type Product } from '../rollup/antivirus.ts';
import { type Evidence, fail, inOrder, insufficient, pass, sayEach, type Verdict } from '../verdict.ts';
import { lastStatusFrom } from '../window.ts';

/** What III.3.1.a and III.3.1.b share: the last antivirus status of every PC of a use, and what it is asked. */

/** A seat of the register of licences that a PC takes. `key`: entries that it is one of; `seats` null: without number. */
export interface Seat {
  key: string;
  name: string;
  seats: number | null;
}

/**
 * `null`: in order; a text: the fault; `unknown`: the status does not tell; `seat`: in order as long as there are seats.
 * `at`: when the PC told.
 */
export type Question = (
  products: readonly Product[],
  asset: FactAsset,
  facts: Facts,
  at: number,
) => string | null | { unknown: string } | { seat: Seat };

/** A PC that nobody assigned may belong to either rule: it is named, not passed over. */
const NO_USE = 'chưa nêu mục đích sử dụng: chọn Quản lý, Dạy học hoặc Học sinh trong danh mục';

const CONTESTED = 'hai máy không phân biệt được cùng báo cáo dưới tên máy này: xem danh sách máy tính của trường';
const CONTEST_MS = 24 * 3600 * 1000;

/**
 * Whether what was told at `at` may be another PC's: PCs that replace each other have a new agent each time, and each of
 * them shows within a day that it is still at work. One that was alone since then is itself again.
 */
const isContested = ({ machineId = null, contestedAt }: FactAsset, at: number): boolean =>
  machineId !== null && contestedAt !== undefined && contestedAt > at - CONTEST_MS;

export function judgeAntivirus(facts: Facts, uses: readonly Use[], who: string, ask: Question): Verdict {
  const computers = facts.assets.filter(
    (asset) => asset.kind === 'pc' && (asset.use === null || uses.includes(asset.use)),
  );
  if (computers.length === 0)
    return insufficient(`danh mục chưa có máy ${who} nào; nhập danh mục máy tính kèm mục đích sử dụng`);
  const faults: Named[] = [];
  const missing: Named[] = [];
  const evidence: Judged[] = [];
  const taken = new Map<string, { seat: Seat; evidence: Judged[] }>();
  const from = lastStatusFrom(facts);
  let reported = 0;
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
    const answer = isContested(asset, last.at)
      ? { unknown: CONTESTED }
      : isDisputed(told, from)
        ? { unknown: 'nhiều tác tử cùng nhận là máy này: đặt mã riêng cho từng máy, thu hồi tác tử thừa' }
        : read
          ? ask(read.products, asset, facts, last.at)
          : { unknown: `máy không trả lời được (${last.reason ?? 'sai dạng'})` };
    reported++;
    const seat = typeof answer === 'object' && answer !== null && 'seat' in answer ? answer.seat : null;
    const unknown = typeof answer === 'object' && answer !== null && 'unknown' in answer ? answer.unknown : null;
    const why = typeof answer === 'string' ? answer : (unknown ?? 'đạt');
    const own = { fault: typeof answer === 'string', evidence: [{ sample: last, says: `${asset.name}: ${why}` }] };
    evidence.push(own);
    if (seat) {
      const users = taken.get(seat.key) ?? { seat, evidence: [] };
      users.evidence.push(own);
      taken.set(seat.key, users);
    } else if (typeof answer === 'string') faults.push({ assetId: asset.id, name: asset.name, why: answer });
    else if (unknown !== null) missing.push({ assetId: asset.id, name: asset.name, why: unknown });
  }
  let bad = faults.length;
  // Seats cover as many PCs as there are, nobody knows which: the group lacks the rest, and no PC of it is at fault alone.
  for (const { seat, evidence: users } of taken.values()) {
    if (seat.seats === null || users.length <= seat.seats) continue;
    bad += users.length - seat.seats;
    for (const own of users) own.fault = true;
    faults.push({ assetId: null, name: seat.name, why: `${seat.seats} bản quyền cho ${users.length} máy` });
  }
  const good = computers.length - bad - missing.length;
  const also = facts.register ? sayCoverage(facts, computers, reported, who, from) : [];
  const figure = `${good}/${computers.length} máy`;
  const rest = { figure, faults, missing, evidence: inOrder(evidence), samples: evidence.length, also };
  if (faults.length > 0) return fail(`${bad}/${computers.length} máy ${who} không đáp ứng: ${sayEach(faults)}`, rest);
  if (missing.length > 0)
    return insufficient(`chưa biết ${missing.length}/${computers.length} máy ${who} (${sayEach(missing)})`, rest);
  return pass(`${good}/${computers.length} máy ${who} có phần mềm diệt virus theo yêu cầu`, rest);
}

interface Judged {
  fault: boolean;
  evidence: Evidence[];
}

const MOST_NAMED = 10;

/** How many of the PCs told anything, and who tells that the inventory does not know. */
function sayCoverage(
  { assets, rollup }: Facts,
  computers: readonly FactAsset[],
  reported: number,
  who: string,
  from: number,
): string[] {
  const known = new Set(assets.flatMap((asset) => [asset.target, targetOf(asset, 'antivirus')]));
  const strangers = [...rollup.series.values()]
    .filter(({ probe, target, last }) => probe === 'antivirus' && last.at >= from && !known.has(target))
    .map(({ target }) => target)
    .sort();
  const named = strangers.slice(0, MOST_NAMED).join(', ');
  const rest = strangers.length > MOST_NAMED ? ` và ${strangers.length - MOST_NAMED} máy khác` : '';
  return [
    `Đã có báo cáo ${reported}/${computers.length} máy ${who}`,
    ...(strangers.length > 0
      ? [`${strangers.length} máy có báo cáo nhưng chưa có trong danh mục: ${named}${rest}`]
      : []),
  ];
}
