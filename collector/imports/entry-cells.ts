import type { Rule } from '../../shared/rubric/edition.ts';
import { plain } from '../../shared/vietnamese.ts';
import type { Entry } from '../evaluation/entries.ts';
import { type ImportRow, RowError } from './kind.ts';

/** What the cells of a row of entries say. Pure; what does not make an entry is a RowError that names its column. */

export const RESULTS = { meets: 'đạt', finding: 'có', withdrawn: 'rút lại' } as const;

export function entryOf(row: ImportRow, rule: Rule): Entry & { kind: 'finding' | 'meets' | 'withdrawn' } {
  const reason = row.reason!;
  if (reason.length < 3) throw new RowError('reason', 'cần ghi lý do, từ 3 ký tự');
  const kind = kindOf(row);
  const entry = { rule: rule.id, kind, reason };
  if (kind !== 'finding') return entry;
  const count = wholeOf(row, 'count');
  const of = wholeOf(row, 'of');
  const award = awardOf(row, rule);
  const points = pointsOf(row);
  return {
    ...entry,
    ...(count === undefined ? {} : { count }),
    ...(of === undefined ? {} : { of }),
    ...(award === undefined ? {} : { award }),
    ...(points === undefined ? {} : { points }),
  };
}

/** Without a word, a figure says "có". */
function kindOf(row: ImportRow): 'finding' | 'meets' | 'withdrawn' {
  const figures = ['count', 'of', 'award', 'points'].filter((key) => row[key] !== '');
  const said = plain(row.result!);
  const kind = said === '' && figures.length > 0 ? 'finding' : KINDS[said];
  if (kind === undefined) throw new RowError('result', `kết quả là một trong: ${Object.values(RESULTS).join(', ')}`);
  if (kind !== 'finding' && figures[0])
    throw new RowError(figures[0], `kết quả “${RESULTS[kind]}” không đi kèm số lượng, tổng số, thành tích, điểm`);
  return kind;
}

const KINDS: Record<string, 'finding' | 'meets' | 'withdrawn'> = {
  dat: 'meets',
  'khong tru': 'meets',
  co: 'finding',
  'khong dat': 'finding',
  'rut lai': 'withdrawn',
};

const MOST = 1_000_000;

function wholeOf(row: ImportRow, key: 'count' | 'of'): number | undefined {
  const text = row[key]!;
  if (text === '') return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > MOST) throw new RowError(key, 'phải là số nguyên từ 0 đến 1000000');
  return value;
}

function pointsOf({ points: text }: ImportRow): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,6}([.,]\d{1,2})?$/.test(text!)) throw new RowError('points', 'phải là số điểm, bước 0,25');
  return Number(text!.replace(',', '.'));
}

function awardOf({ award }: ImportRow, rule: Rule): string | undefined {
  if (award === '') return undefined;
  const known = rule.shape === 'award' ? rule.awards : [];
  const found = known.find(({ id, label }) => id === award || plain(label) === plain(award!));
  if (!found)
    throw new RowError(
      'award',
      known.length === 0
        ? 'mục này không chấm theo thành tích'
        : `thành tích là một trong: ${known.map(({ label }) => label).join(', ')}`,
    );
  return found.id;
}
