import type { CellStyle } from 'hucre';

/** Letters, boxes and measures that the workbooks share. Pure. */

export const FONT = 'Times New Roman';
export const FONT_SIZE = 11;
export const LINE_HEIGHT = 14.5;
/** How much wider bold letters are. */
export const BOLD = 1.1;
/** Excel refuses a file with a longer text in a cell. */
const TEXT_MAX = 32_767;

const thin = { style: 'thin' } as const;
export const BOX: NonNullable<CellStyle['border']> = { top: thin, right: thin, bottom: thin, left: thin };
export const style = (rest: CellStyle & { bold?: boolean; italic?: boolean; size?: number } = {}): CellStyle => {
  const { bold = false, italic = false, size = FONT_SIZE, alignment, ...others } = rest;
  return {
    font: { name: FONT, size, bold, italic },
    alignment: { vertical: 'top', wrapText: true, ...alignment },
    ...others,
  };
};
export const CENTER = { horizontal: 'center' } as const;
export const filled = (rgb: string): NonNullable<CellStyle['fill']> => ({
  type: 'pattern',
  pattern: 'solid',
  fgColor: { rgb },
  bgColor: { rgb },
});
export const GREY = filled('E7E6E6');
export const LIGHT = filled('F5F5F5');

/** A text inside a formula, of which Excel takes 255 characters. */
export const quoted = (text: string) => `"${text.slice(0, 255).toWellFormed().replaceAll('"', '""')}"`;

/**
 * Text as a cell keeps it: `_x0041_` would be read as an escaped "A" (ECMA-376 ST_Xstring), and what is too long for
 * Excel says that it ends.
 */
export function cellText(text: string): string {
  const literal = text.replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_');
  if (literal.length <= TEXT_MAX) return literal;
  const cut = ' … (quá dài cho một ô, xem tiếp trong hệ thống)';
  return `${literal.slice(0, TEXT_MAX - cut.length).replace(/_?x?[0-9A-F]{0,4}$/, '')}${cut}`.toWellFormed();
}

/** Height in points of a wrapped text in a column `width` characters wide. Merged cells do not grow by themselves. */
export function heightOf(text: string, width: number): number {
  const lines = text.split('\n').reduce((sum, paragraph) => sum + linesOf(paragraph, width * 0.945), 0);
  return Math.max(1, lines) * LINE_HEIGHT + 3;
}

function linesOf(paragraph: string, width: number): number {
  let lines = 1;
  let filled = 0;
  for (const word of paragraph.split(' ')) {
    const length = lengthOf(word);
    if (filled > 0 && filled + 0.5 + length > width) {
      lines += 1;
      filled = 0;
    }
    filled += (filled > 0 ? 0.5 : 0) + length;
    if (filled > width) {
      lines += Math.ceil(filled / width) - 1;
      filled %= width;
    }
  }
  return lines;
}

/** Widths of Times New Roman's letters in widths of a digit, of which columns are counted; others are 1. */
const NARROW: Record<string, number> = { ' ': 0.5, r: 0.67, f: 0.67, s: 0.78, m: 1.56, w: 1.44, '…': 2, '—': 2 };
for (const letter of `ijlt/:;`) NARROW[letter] = 0.56;
for (const letter of 'acez') NARROW[letter] = 0.89;
for (const letter of '.,') NARROW[letter] = 0.5;
for (const letter of `()-!'[]I`) NARROW[letter] = 0.67;

function lengthOf(word: string): number {
  let length = 0;
  for (const letter of word.normalize('NFD').replaceAll(/\p{Mn}/gu, ''))
    length += NARROW[letter] ?? (letter > '\u2fff' ? 2.5 : /[\p{Lu}%@&]/u.test(letter) ? 1.45 : 1);
  return length;
}
