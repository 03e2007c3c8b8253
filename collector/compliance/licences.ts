import { formatDate, plain } from '../../shared/vietnamese.ts';
import { type ProductRead, readProductName } from './antivirus-products.ts';

/** Which entry of a school's register of licences a product is covered by. Pure. */

export interface Licence {
  id: string;
  /** As a person wrote it: a name of the catalogue, or any other. */
  product: string;
  /** Null: for the whole school. */
  seats: number | null;
  /** Local days, YYYY-MM-DD, both counted; without an end it never ends. */
  validFrom: string;
  validUntil: string | null;
}

/** A register with what product names were read as where that is kept, so that a locked sheet outlives the catalogue. */
export interface Register {
  entries: readonly Licence[];
  read?: Readonly<Record<string, ProductRead>>;
}

export const readName = ({ read }: Register, name: string): ProductRead =>
  (read && Object.hasOwn(read, name) ? read[name] : undefined) ?? readProductName(name);

export type Validity = 'valid' | 'future' | 'ended';

export function validityOf({ validFrom, validUntil }: Licence, today: string): Validity {
  if (validUntil !== null && validUntil < today) return 'ended';
  return validFrom > today ? 'future' : 'valid';
}

export type Cover =
  | { kind: 'none' }
  /** Entries in force: PCs whose product the same entries cover share their seats. */
  | { kind: 'seats'; key: string; name: string; seats: number | null }
  /** Entries there are, and none of them in force. */
  | { kind: 'lapsed'; why: string };

export function coverOf(register: Register, name: string, today: string): Cover {
  const product = readName(register, name);
  const entries = register.entries.filter((entry) => fits(readName(register, entry.product), product));
  if (entries.length === 0) return { kind: 'none' };
  const valid = entries.filter((entry) => validityOf(entry, today) === 'valid');
  if (valid.length > 0) {
    const seats = valid.some((entry) => entry.seats === null) ? null : valid.reduce((sum, own) => sum + own.seats!, 0);
    const key = valid.map(({ id }) => id).join(' ');
    return { kind: 'seats', key, name: product.maker ?? valid[0]!.product, seats };
  }
  const ended = entries.map(({ validUntil }) => validUntil).filter((day) => day !== null && day < today) as string[];
  const last = ended.sort().at(-1);
  if (last !== undefined) return { kind: 'lapsed', why: `bản quyền ${name} trong sổ đã hết hạn ngày ${sayDay(last)}` };
  const first = entries.map(({ validFrom }) => validFrom).sort()[0]!;
  return { kind: 'lapsed', why: `bản quyền ${name} trong sổ chỉ có hiệu lực từ ${sayDay(first)}` };
}

/**
 * An entry stands for any product of its maker, since a contract and a screen seldom bear one name; but for a free product
 * only where it names that very one. What comes with the system is the program of the maker's paid service as well.
 */
function fits(entry: ProductRead, product: ProductRead): boolean {
  if (entry.maker === null || product.maker === null) return entry.maker === product.maker && isLike(entry, product);
  if (entry.maker !== product.maker) return false;
  return product.cost === 'free' || entry.cost === 'free' ? entry.product === product.product : true;
}

function isLike(entry: ProductRead, product: ProductRead): boolean {
  const [a, b] = [plain(entry.product).trim(), plain(product.product).trim()];
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a));
}

/** 2026-11-23 as 23/11/2026. */
const sayDay = (day: string) => formatDate(`${day}T00:00:00+07:00`);

/** The local day of a moment, YYYY-MM-DD. */
export const dayOf = (at: number, utcOffsetMinutes: number): string =>
  new Date(at + utcOffsetMinutes * 60_000).toISOString().slice(0, 10);
