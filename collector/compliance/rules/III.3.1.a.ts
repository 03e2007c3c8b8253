import { licenceOf } from '../antivirus-licences.ts';
import type { Product } from '../rollup/antivirus.ts';
import type { Rule } from '../verdict.ts';
import { judgeAntivirus, type Question } from './antivirus.ts';

/** III.3.1.a: every management and teaching PC has licensed antivirus, on and with recent definitions. */
export const rule: Rule = {
  id: 'III.3.1.a',
  short: 'Diệt virus bản quyền',
  probes: ['antivirus'],
  policy: ['periodUnit', 'windowPeriods', 'antivirusMaxAgePeriods', 'antivirusDefinitionsMaxDays'],
  judge: (facts) => judgeAntivirus(facts, ['management', 'teaching'], 'quản lý, dạy học', licensed),
};

const licensed: Question = (products, asset, facts, at) => {
  if (products.length === 0) return 'không có phần mềm diệt virus';
  const on = products.filter((product) => product.on === true);
  if (on.length === 0)
    return products.some((product) => product.on === null)
      ? { unknown: `không biết ${products[0]!.name} có đang bật` }
      : `${products[0]!.name} đang tắt`;
  const licences = on.map((product) => ({
    product,
    licence: asset.licence !== null ? 'paid' : licenceOf(product.name),
  }));
  const counted = licences.filter(({ licence }) => licence !== 'free');
  if (counted.length === 0) return `chỉ có ${on[0]!.name} miễn phí, chưa có trong sổ bản quyền`;
  const maxDays = facts.policy.antivirusDefinitionsMaxDays;
  const judged = counted.map(({ product, licence }) => ({ product, licence, fresh: isFresh(product, at, maxDays) }));
  if (judged.some(({ licence, fresh }) => licence === 'paid' && fresh === true)) return null;
  const stale = judged.find(({ fresh }) => fresh === false);
  if (stale && judged.every(({ fresh }) => fresh === false)) return `mẫu nhận diện của ${stale.product.name} đã cũ`;
  const unclear = judged.find(({ licence, fresh }) => licence === 'unknown' && fresh !== false);
  if (unclear) return { unknown: `chưa rõ ${unclear.product.name} là bản trả tiền hay miễn phí: ghi vào sổ bản quyền` };
  return { unknown: `không biết mẫu nhận diện của ${judged[0]!.product.name} có mới không` };
};

const DAY = 24 * 3600 * 1000;

/**
 * Whether the definitions were recent when the PC told of them: a PC that is off for a holiday does not let them age.
 * Their date decides where it is known, the product's own word where not; null: nobody knows.
 */
function isFresh(product: Product, at: number, maxDays: number): boolean | null {
  if (product.definitionsAt === null) return product.upToDate;
  const age = at - product.definitionsAt;
  // Definitions from the future come from a wrong clock.
  return age < -DAY ? null : age <= maxDays * DAY;
}
