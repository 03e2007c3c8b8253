import { costBeforeRegister } from '../antivirus-before-register.ts';
import type { FactAsset, Facts } from '../facts.ts';
import { coverOf, dayOf, readName } from '../licences.ts';
import type { Product } from '../rollup/antivirus.ts';
import type { Rule } from '../verdict.ts';
import { judgeAntivirus, type Question, type Seat } from './antivirus.ts';
import { sayNoneOn } from './antivirus-state.ts';

/** III.3.1.a: every management and teaching PC has licensed antivirus, on and with recent definitions. */
export const rule: Rule = {
  id: 'III.3.1.a',
  short: 'Diệt virus bản quyền',
  probes: ['antivirus'],
  policy: ['periodUnit', 'windowPeriods', 'antivirusMaxAgePeriods', 'antivirusDefinitionsMaxDays'],
  judge: (facts) => judgeAntivirus(facts, ['management', 'teaching'], 'quản lý, dạy học', licensed),
};

const licensed: Question = (products, asset, facts, at) => {
  const on = products.filter((product) => product.on === true);
  if (on.length === 0) return sayNoneOn(products);
  const told = on.map((product) => ({ product, ...licenceOf(product, asset, facts) }));
  const counted = told.filter(({ licence }) => licence === 'paid' || licence === 'unknown');
  if (counted.length === 0)
    return (
      told.find(({ lapsed }) => lapsed !== null)?.lapsed ?? `chỉ có ${on[0]!.name} miễn phí, chưa có trong sổ bản quyền`
    );
  const maxDays = facts.policy.antivirusDefinitionsMaxDays;
  const judged = counted.map((own) => ({ ...own, fresh: isFresh(own.product, at, maxDays) }));
  const good = judged.filter(({ licence, fresh }) => licence === 'paid' && fresh === true);
  // What needs no seat leaves it to another PC.
  if (good.length > 0) return good.some(({ seat }) => seat === null) ? null : { seat: good[0]!.seat! };
  const stale = judged.find(({ fresh }) => fresh === false);
  if (stale && judged.every(({ fresh }) => fresh === false)) return `mẫu nhận diện của ${stale.product.name} đã cũ`;
  const unclear = judged.find(({ licence, fresh }) => licence === 'unknown' && fresh !== false);
  if (unclear) return { unknown: `chưa rõ ${unclear.product.name} là bản trả tiền hay miễn phí: ghi vào sổ bản quyền` };
  return { unknown: `không biết mẫu nhận diện của ${judged[0]!.product.name} có mới không` };
};

interface Told {
  licence: 'free' | 'paid' | 'unknown' | 'lapsed';
  /** The seat of the register that it takes. */
  seat: Seat | null;
  lapsed: string | null;
}

/** The PC's own entry in the inventory first, then the register, then what the name tells. */
function licenceOf({ name }: Product, asset: FactAsset, facts: Facts): Told {
  const told = (licence: Told['licence'], more: Partial<Told> = {}): Told => ({
    licence,
    seat: null,
    lapsed: null,
    ...more,
  });
  if (asset.licence !== null) return told('paid');
  const { register } = facts;
  if (!register) return told(costBeforeRegister(name));
  const cover = coverOf(register, name, dayOf(facts.now, facts.utcOffsetMinutes));
  if (cover.kind === 'seats') return told('paid', { seat: cover });
  if (cover.kind === 'lapsed') return told('lapsed', { lapsed: cover.why });
  const { cost } = readName(register, name);
  return told(cost === 'built-in' ? 'free' : cost);
}

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
