import { document, head, type Markup, markup } from '../html-parts.ts';
import type { DistrictFormat } from './format.ts';
import type { DistrictLines } from './lines.ts';
import { countTables, progressTable, schoolTable, type TextTable } from './table.ts';

/** The summary as one printable page in the form of the document. */
export const html: DistrictFormat = {
  id: 'html',
  extension: 'html',
  contentType: 'text/html; charset=utf-8',
  write: (lines) => Buffer.from(page(lines), 'utf8'),
};

const page = (lines: DistrictLines): string =>
  document(
    `${lines.title} – ${lines.facts[0]!.value}`,
    markup`${head(lines)}
<h1>${lines.title}</h1>
<h2>${lines.rubric}</h2>
<p class="center"><em>(${lines.basis})</em></p>
<div class="facts">
${lines.facts.map(({ label, value }) => markup`<p>${label}: <strong>${value}</strong></p>\n`)}</div>
${table(schoolTable(lines), 'dense')}
<section class="list">${lines.notes.map((note) => markup`<p>– ${note}</p>\n`)}</section>
${[...countTables(lines), progressTable(lines)].map((part) => table(part, 'short'))}
<div class="end">
<div class="foot">
<div><p><strong><em>Nơi nhận:</em></strong></p><p>- Các trường;</p><p>- Các đơn vị đánh giá;</p><p>- Lưu: VT.</p></div>
<div><p><strong>ĐẠI DIỆN ĐƠN VỊ TỔNG HỢP</strong></p><p><em>(Ký, ghi rõ họ tên)</em></p><p class="sign"><strong>…………………………</strong></p></div>
</div>
</div>`,
  );

function table({ title, columns, rows }: TextTable, form: 'dense' | 'short'): Markup {
  const whole = columns.reduce((sum, { width }) => sum + width, 0);
  return markup`${title === null ? '' : markup`<h3>${title}</h3>\n`}<table class="${form}">
<colgroup>${columns.map(({ width }) => markup`<col style="width:${((width / whole) * 100).toFixed(2)}%">`)}</colgroup>
<thead><tr>${columns.map((column) => markup`<th scope="col">${column.head}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map((text, index) => markup`<td${columns[index]!.center ? markup` class="num"` : ''}>${text}</td>`)}</tr>\n`)}</tbody>
</table>
`;
}
