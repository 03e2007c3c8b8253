import { formatPoints } from '../../shared/points.ts';
import type { SheetRule } from '../api/schemas/scoresheet.ts';
import type { Translate } from './messages/messages.tsx';
import { readCount, readDecimal } from './numbers.ts';

/** What the form of an entry holds, as typed, and what of it a rule takes. */
export interface EntryFields {
  kind: string;
  count: string;
  of: string;
  award: string;
  points: string;
  reason: string;
}

/** Faults of one rule at one school; more is a slip of the finger. */
const MAX_COUNT = 1000;
const MAX_OF = 1_000_000;

export type Asked = 'count' | 'of' | 'award' | 'points' | 'decided';
export interface Read {
  /** Fields to show, in order. `decided`: points beyond what the text settles. */
  asks: readonly Asked[];
  errors: Partial<Record<Asked, string>>;
  /** What goes into the entry; complete where there are no errors. */
  values: { count?: number; of?: number; award?: string; points?: number };
}

export const gives = (rule: Pick<SheetRule, 'shape'>): boolean => rule.shape === 'award' || rule.shape === 'free';

/** Nothing is rounded or guessed: what the rule cannot take is an error beside its field. `max`: of the item. */
export function readFields(rule: SheetRule, max: number, fields: EntryFields, t: Translate): Read {
  const read: Read = { asks: [], errors: {}, values: {} };
  if (fields.kind !== 'finding') return read;
  const asks: Asked[] = [];
  const isCounted = rule.per !== null;
  const count = readCount(fields.count);
  if (isCounted) {
    asks.push('count');
    const [least, most] = rule.by === null ? [1, MAX_COUNT] : [0, MAX_OF];
    if (count === undefined || count < least || count > most)
      read.errors.count = t('countWrong', { min: least, max: most });
    else read.values.count = count;
  }
  if (rule.by === 'percent') {
    asks.push('of');
    const of = readCount(fields.of);
    if (of === undefined || of < 1 || of > MAX_OF || (count ?? 0) > of) read.errors.of = t('ofWrong');
    else read.values.of = of;
  }
  if (rule.shape === 'award' && !isCounted) {
    asks.push('award');
    read.values.award = fields.award;
  }
  const beyond = rule.textTo !== null && (count ?? 0) > rule.textTo;
  if (rule.shape === 'free' || beyond) {
    const most = rule.shape === 'free' ? (rule.max ?? max) : max;
    asks.push(beyond ? 'decided' : 'points');
    const points = readDecimal(fields.points);
    const isRight = points !== undefined && points <= most && Number.isInteger(points * 4);
    if (isRight) read.values.points = points;
    // Beyond the text the last step stands until somebody decides.
    else if (!(beyond && fields.points === ''))
      read.errors[beyond ? 'decided' : 'points'] = t('pointsWrong', { max: formatPoints(most) });
  }
  return { ...read, asks };
}
