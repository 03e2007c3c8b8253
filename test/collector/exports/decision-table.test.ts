import { describe, expect, test } from 'vitest';
import { exportFormats } from '../../../collector/exports/registry.ts';
import { tableRows } from '../../shared/rubric/reference.ts';
import { edition, sheetOf } from './sheets.ts';
import { unzip } from './zip.ts';

/** The decision's whole table as it was printed, row by row, on the sheet and in every export. */

/** Letters and figures alone. What the scan misread ("II" for a dash, "thường" for "thưởng") is put right. */
const letters = (text: string) =>
  text
    .normalize('NFC')
    .replaceAll('&amp;', '&')
    .replaceAll('II hệ thống', 'Hệ thống')
    .replaceAll('ĐIỂM THƯỜNG', 'ĐIỂM THƯỞNG')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/[^\p{L}\p{N}%]/gu, '')
    .toLowerCase();

const textOf = (bytes: Buffer): string =>
  bytes.subarray(0, 2).toString('latin1') === 'PK'
    ? [...unzip(bytes)]
        .filter(([name]) => name.endsWith('.xml'))
        .map(([, part]) => part.toString('utf8'))
        .join('\n')
    : bytes.toString('utf8');

const rows = tableRows();
const whole = sheetOf({});
/** Ways of scoring as sentences: each rule may stand in a line of its own, lettered. */
const sentences = (how: string) => how.split(/(?<=[.)])\s+(?=\p{Lu})|\s*- /u).filter((text) => letters(text) !== '');

describe.each([
  ['the sheet', async () => JSON.stringify(whole.standards.map(strip))],
  ...exportFormats.map((format): [string, () => Promise<string>] => [
    format.id,
    async () => textOf(Buffer.from(await format.write(whole, edition))),
  ]),
])('%s', (_name, read) => {
  test('holds 40 rows: titles, contents, points, ways of scoring and units', async () => {
    const said = letters(await read());
    expect(rows).toHaveLength(40);
    for (const [stt = '', content = '', points = '', how = '', unit = ''] of rows) {
      expect(said, `${stt} ${content}`).toContain(letters(content));
      for (const sentence of sentences(how)) expect(said, `${stt} ${sentence}`).toContain(letters(sentence));
      expect(said, `${stt} points`).toContain(letters(points));
      expect(said, `${stt} unit`).toContain(letters(unit));
    }
  });
});

/** What a reader of the sheet sees. */
const strip = (standard: (typeof whole)['standards'][number]) => [
  standard.title,
  standard.max,
  standard.criteria.map((criterion) => [
    criterion.title,
    criterion.max,
    criterion.items.map((item) => [
      item.number,
      item.text.join(' '),
      item.max,
      item.unitPrinted,
      item.rules.map((rule) => [rule.label, rule.text]),
    ]),
  ]),
];
