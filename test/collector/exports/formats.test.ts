import { describe, expect, test } from 'vitest';
import type { SheetAnswer } from '../../../collector/api/schemas/scoresheet.ts';
import type { Format } from '../../../collector/exports/format.ts';
import { type ItemLine, MOTTO, NATION, sheetLines } from '../../../collector/exports/lines.ts';
import { exportFormats } from '../../../collector/exports/registry.ts';
import { clean, sayDay } from '../../../collector/exports/text.ts';
import { complete, edition, HOSTILE, hostile, items, manual, measured, mixed, sheetOf } from './sheets.ts';
import { readSheet } from './spreadsheet.ts';
import { all, parseXml, textOf } from './xml.ts';
import { unzip } from './zip.ts';

const format = (id: string) => exportFormats.find((candidate) => candidate.id === id)!;
const write = async (of: Format, sheet: SheetAnswer) => Buffer.from(await of.write(sheet, edition));
const itemLines = (sheet: SheetAnswer) =>
  sheetLines(sheet, edition).rows.filter((row): row is ItemLine => row.kind === 'item');
const note = (sheet: SheetAnswer, id: string) =>
  itemLines(sheet)
    .flatMap(({ rules }) => rules)
    .find((rule) => rule.id === id)!.note;

const docxParts = async (sheet: SheetAnswer) => unzip(await write(format('docx'), sheet));
const docxBody = async (sheet: SheetAnswer) =>
  parseXml((await docxParts(sheet)).get('word/document.xml')!.toString('utf8'));
const paragraphsOf = (element: ReturnType<typeof parseXml>) =>
  all(element, 'w:p').map((paragraph) =>
    all(paragraph, 'w:t')
      .map((run) => textOf(run))
      .join(''),
  );

const htmlOf = async (sheet: SheetAnswer) => (await write(format('html'), sheet)).toString('utf8');
/** The page read as strictly as XML: what passes has no tag that somebody's text could have opened or closed. */
const htmlTree = async (sheet: SheetAnswer) =>
  parseXml(
    (await htmlOf(sheet))
      .replace('<!doctype html>\n', '')
      .replaceAll(/<(meta|col)(\s[^>]*)>/g, '<$1$2/>')
      .replaceAll('&#39;', '&apos;'),
  );

/** RFC 4180 with semicolons. */
const csvOf = async (sheet: SheetAnswer) =>
  (await write(format('csv'), sheet))
    .toString('utf8')
    .slice(1)
    .split('\r\n')
    .slice(0, -1)
    .map((line) => [...line.matchAll(/"((?:[^"]|"")*)"(?:;|$)/g)].map((match) => match[1]!.replaceAll('""', '"')));

/** All text of a file in the order in which a reader meets it. */
const READ: Record<string, (sheet: SheetAnswer) => Promise<string[]>> = {
  xlsx: async (sheet) =>
    [...readSheet(await write(format('xlsx'), sheet)).values()].flatMap(({ value }) => String(value ?? '').split('\n')),
  docx: async (sheet) => paragraphsOf(await docxBody(sheet)),
  html: async (sheet) => textsOf(await htmlTree(sheet)),
  csv: async (sheet) => (await csvOf(sheet)).flat(),
};
function textsOf(element: ReturnType<typeof parseXml>): string[] {
  const own = element.children.every((child) => typeof child === 'string' || !['p', 'td', 'tr'].includes(child.name));
  if (own && ['p', 'td', 'th', 'h1', 'h2', 'h3'].includes(element.name)) return [textOf(element)];
  return element.children.flatMap((child) => (typeof child === 'string' ? [] : textsOf(child)));
}

describe.each(exportFormats.map(({ id }) => id))('%s', (id) => {
  test('prints the 27 items with the decision’s text, in the decision’s order', async () => {
    const text = (await READ[id]!(mixed())).join('\n');
    // A cell of a spreadsheet of text begins with a dash where the decision has a hyphen (see csv.ts).
    const printed = (line: string) => (id === 'csv' ? line.replace(/^[-+]\s/, '– ') : line);
    let at = 0;
    let printedItems = 0;
    for (const item of items) {
      for (const line of item.text) {
        const found = text.indexOf(printed(line), at);
        expect(found, `${item.id}: ${line}`).toBeGreaterThanOrEqual(at);
        at = found;
      }
      printedItems += 1;
      for (const rule of item.rules) if (rule.shape !== 'free') expect(text).toContain(rule.text);
    }
    expect(printedItems).toBe(27);
  });

  test('prints every note, the readings, the grade and what it may still become', async () => {
    const sheet = mixed();
    const lines = sheetLines(sheet, edition);
    const text = (await READ[id]!(sheet)).join('\n');
    for (const item of itemLines(sheet))
      for (const said of id === 'xlsx' ? item.rules.map((rule) => rule.note) : item.notes) expect(text).toContain(said);
    for (const said of [...lines.readings, ...lines.gradeNotes]) expect(text).toContain(said);
    expect(text).toContain('Chưa xếp loại');
    expect(text).toContain(lines.basis);
    for (const { value } of lines.facts) expect(text).toContain(value);
    expect((await READ[id]!(complete())).join('\n')).toContain('Loại A');
    expect((await READ[id]!(complete())).join('\n')).not.toContain('Chưa xếp loại');
  });

  test('keeps hostile text whole and lifeless', async () => {
    const sheet = hostile();
    const text = (await READ[id]!(sheet)).join('\n');
    for (const written of HOSTILE) {
      // What people wrote is there, but for characters that no reader should meet.
      const whole = clean(written)
        .replace(/^-(?=\d)/, '–')
        .replace(/\.$/, '');
      expect(text, whole.slice(0, 40)).toContain(whole);
    }
    for (const character of '\0\b\u001b\u202e\ufffe') expect(text).not.toContain(character);
    expect(text).toContain('không phải kết quả đánh giá');
  });
});

describe('notes lead back', () => {
  test('of a measured point: the sentence and when', () => {
    expect(note(mixed(), 'III.3.1.a')).toBe(
      'Trừ 1\u00A0điểm; đo: Không đạt: 2/14 máy thiếu diệt virus bản quyền (17:00 20/11/2026).',
    );
  });
  test('of an entered point: what, by whom, when and why', () => {
    expect(note(mixed(), 'I.1.1.b')).toBe(
      '2 nội dung tồn tại × 0,5: trừ 1\u00A0điểm; nhập tay: hai nội dung chưa kiểm tra trong tháng 10 (Nguyễn Thị Hạnh, 09:05 23/11/2026).',
    );
  });
  test('of an entry against a measurement: both', () => {
    expect(note(mixed(), 'III.3.2.b')).toBe(
      'Không trừ; đo: Không đạt: 1 sự cố mở 6 ngày làm việc (17:00 20/11/2026); nhập tay: sự cố do cắt điện toàn phường, đã báo trước (Nguyễn Thị Hạnh, 09:05 23/11/2026).',
    );
  });
  test('of what nobody decided: that it waits, with what is missing', () => {
    expect(note(mixed(), 'III.2.2.b')).toMatch(/^Chưa chấm \(tạm tính không trừ\); đo: Chưa đủ dữ liệu: mới có 3/);
    expect(note(mixed(), 'IV.5')).toBe('Chưa chấm (tạm tính không cộng).');
    expect(note(sheetOf({}), 'IV.1.b')).toMatch(/^Không áp dụng/);
  });
  test('a case that the text does not settle names the text and the reading', () => {
    expect(note(mixed(), 'II.2.1.a')).toMatch(/văn bản chỉ ghi đến 2, người chấm quyết định.*Xem chú giải \d\.$/);
  });
  test('numbers as Vietnamese readers write them', () => {
    const sheet = sheetOf({ measured: [measured('III.2.1.a', { verdict: 'Đạt: mất -0,5 % ở mức -71 dBm' })] });
    expect(note(sheet, 'III.2.1.a')).toContain('mất –0,5\u00A0% ở mức –71\u00A0dBm');
  });
  test('the day is Vietnam’s, with the zeros that the decree asks for', () => {
    expect(sayDay('2026-02-04T18:00:00.000Z')).toBe('ngày 05 tháng 02 năm 2026');
    expect(sayDay('2026-11-24T16:59:00.000Z')).toBe('ngày 24 tháng 11 năm 2026');
  });
});

describe('the document', () => {
  test('every part is well-formed, and nothing in it reaches out or runs', async () => {
    for (const sheet of [mixed(), hostile(), sheetOf({}), complete()])
      for (const [name, content] of await docxParts(sheet)) {
        if (/\.(xml|rels)$/.test(name)) parseXml(content.toString('utf8'));
        expect(name).not.toMatch(/vba|embed|activeX/i);
        if (name.endsWith('.rels')) expect(content.toString('utf8')).not.toContain('TargetMode="External"');
      }
  });
  test('has the parts and measures of Nghị định 30/2020/NĐ-CP', async () => {
    const parts = await docxParts(mixed());
    const xml = parts.get('word/document.xml')!.toString('utf8');
    const texts = paragraphsOf(parseXml(xml));
    const order = [
      'ỦY BAN NHÂN DÂN QUẬN LONG BIÊN',
      'QUẬN LONG BIÊN',
      NATION,
      MOTTO,
      'Số: ……/……',
      '…………, ngày 24 tháng 11 năm 2026',
      'PHIẾU CHẤM ĐIỂM',
      'Nơi nhận:',
      'ĐẠI DIỆN ĐƠN VỊ ĐÁNH GIÁ',
    ].map((text) => texts.indexOf(text));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThanOrEqual(0);
    expect(parts.get('word/styles.xml')!.toString('utf8')).toMatch(/w:ascii="Times New Roman"[\s\S]*w:sz w:val="26"/);
    const tag = (name: string) => new RegExp(`<w:${name} [^>]*>`).exec(xml)![0];
    const number = (name: string, key: string) => Number(new RegExp(`w:${key}="(\\d+)"`).exec(tag(name))![1]);
    const mm = (twentieths: number) => Math.round((twentieths / 1440) * 25.4 * 10) / 10;
    expect([mm(number('pgSz', 'w')), mm(number('pgSz', 'h'))]).toEqual([297, 210]);
    expect(['top', 'bottom', 'left', 'right'].map((side) => mm(number('pgMar', side)))).toEqual([20, 20, 30, 15]);
    expect(xml).toContain('<w:titlePg/>');
    expect(xml.match(/<w:tblHeader\/>/g)).toHaveLength(1);
    const headers = [...parts].filter(([name]) => /word\/header\d+\.xml/.test(name));
    const numbered = headers.filter(([, content]) => content.toString('utf8').includes('PAGE'));
    expect([headers.length, numbered.length]).toEqual([2, 1]);
    expect(numbered[0]![1].toString('utf8')).toContain('<w:jc w:val="center"/>');
  });
});

describe('the page', () => {
  test('contains nothing that runs, loads or leads away, whoever wrote the text', async () => {
    const tree = await htmlTree(hostile());
    const names = new Set<string>();
    const attributes = new Set<string>();
    const visit = (element: typeof tree) => {
      names.add(element.name);
      for (const name of Object.keys(element.attributes)) attributes.add(name);
      for (const child of element.children) if (typeof child !== 'string') visit(child);
    };
    visit(tree);
    for (const name of ['script', 'img', 'a', 'link', 'iframe', 'form', 'object', 'svg'])
      expect(names).not.toContain(name);
    expect([...attributes].filter((name) => /^on|src|href/i.test(name))).toEqual([]);
    const text = await htmlOf(hostile());
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(text).not.toMatch(/url\(|@import/);
    expect(text).toMatch(/@page \{ size: A4 landscape; margin: 20mm 15mm 20mm 30mm;/);
  });
});

test('the CSV begins no cell like a formula', async () => {
  const rows = await csvOf(hostile());
  expect(rows.flat().filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([]);
});

test('a person’s name is not lost on a sheet of entries', async () => {
  const sheet = sheetOf({ manual: [manual('IV.4', { points: 0.25, by: 'Lê Văn Á' })] });
  for (const { id } of exportFormats) expect((await READ[id]!(sheet)).join('\n')).toContain('Lê Văn Á');
});
