import type { Rule } from '../verdict.ts';
import { judgeAntivirus, type Question } from './antivirus.ts';

/** III.3.1.b: every student PC has antivirus that is on; free and built-in ones count. */
export const rule: Rule = {
  id: 'III.3.1.b',
  short: 'Diệt virus máy học sinh',
  probes: ['antivirus'],
  policy: ['periodUnit', 'windowPeriods', 'antivirusMaxAgePeriods'],
  judge: (facts) => judgeAntivirus(facts, ['student'], 'học sinh', any),
};

const any: Question = (products) => {
  if (products.length === 0) return 'không có phần mềm diệt virus';
  if (products.some((product) => product.on === true)) return null;
  return products.some((product) => product.on === null)
    ? { unknown: `không biết ${products[0]!.name} có đang bật` }
    : `${products[0]!.name} đang tắt`;
};
