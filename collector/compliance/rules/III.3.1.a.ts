import type { Rule } from '../verdict.ts';
import { judgeAntivirus, type Product, type Question } from './antivirus.ts';

/** III.3.1.a: every management and teaching PC has licensed antivirus, on and with recent definitions. */
export const rule: Rule = {
  id: 'III.3.1.a',
  short: 'Diệt virus bản quyền',
  policy: ['periodUnit', 'windowPeriods', 'antivirusMaxAgePeriods', 'antivirusDefinitionsMaxDays'],
  judge: (facts) => judgeAntivirus(facts, ['management', 'teaching'], 'quản lý, dạy học', licensed),
};

/** Products that cost nothing: they count as licensed only with an entry in the register of licences. */
const FREE = [/windows defender/i, /microsoft defender$/i, /clamav/i, /xprotect/i, /\bfree\b/i, /security essentials/i];
const isFree = (product: Product) => FREE.some((pattern) => pattern.test(product.name));

const licensed: Question = (products, asset, facts) => {
  if (products.length === 0) return 'không có phần mềm diệt virus';
  const on = products.filter((product) => product.on === true);
  if (on.length === 0)
    return products.some((product) => product.on === null)
      ? { unknown: `không biết ${products[0]!.name} có đang bật` }
      : `${products[0]!.name} đang tắt`;
  const paid = on.filter((product) => asset.licence !== null || !isFree(product));
  if (paid.length === 0) return `chỉ có ${on[0]!.name} miễn phí, chưa có trong sổ bản quyền`;
  const freshness = paid.map((product) => isFresh(product, facts.now, facts.policy.antivirusDefinitionsMaxDays));
  if (freshness.includes(true)) return null;
  if (freshness.includes(null)) return { unknown: `không biết mẫu nhận diện của ${paid[0]!.name} có mới không` };
  return `mẫu nhận diện của ${paid[0]!.name} đã cũ`;
};

const DAY = 24 * 3600 * 1000;

/** The date of the definitions decides where it is known, the product's own word where not; null: nobody knows. */
function isFresh(product: Product, now: number, maxDays: number): boolean | null {
  if (product.definitionsAt === null) return product.upToDate;
  const age = now - product.definitionsAt;
  // Definitions from the future come from a wrong clock.
  return age < -DAY ? null : age <= maxDays * DAY;
}
