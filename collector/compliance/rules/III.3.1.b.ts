import type { Rule } from '../verdict.ts';
import { judgeAntivirus, type Question } from './antivirus.ts';
import { sayNoneOn } from './antivirus-state.ts';

/** III.3.1.b: every student PC has antivirus that is on; free and built-in ones count. */
export const rule: Rule = {
  id: 'III.3.1.b',
  short: 'Diệt virus máy học sinh',
  probes: ['antivirus'],
  policy: ['periodUnit', 'windowPeriods', 'antivirusMaxAgePeriods'],
  judge: (facts) => judgeAntivirus(facts, ['student'], 'học sinh', any),
};

const any: Question = (products) => (products.some((product) => product.on === true) ? null : sayNoneOn(products));
