import { formatPoints } from '../../shared/points.ts';
import type { Format } from './format.ts';
import { document, head, type Markup, markup } from './html-parts.ts';
import { COLUMNS, type Line, type Lines, sheetLines, TOTAL } from './lines.ts';

/**
 * The sheet as one printable page in the form of `docx`: no script, nothing from outside, so that it opens from a file
 * without a network and the browser prints it to PDF.
 */
export const html: Format = {
  id: 'html',
  extension: 'html',
  contentType: 'text/html; charset=utf-8',
  write: (sheet, edition) => Buffer.from(page(sheetLines(sheet, edition)), 'utf8'),
};

const page = (lines: Lines): string =>
  document(
    `${lines.title} – ${lines.facts[0]!.value}`,
    markup`${head(lines)}
<h1>${lines.title}</h1>
<h2>${lines.rubric}</h2>
<p class="center"><em>(${lines.basis})</em></p>
${lines.practice === null ? '' : markup`<p class="center"><strong>${lines.practice}</strong></p>`}
<div class="facts">
${lines.facts.map(({ label, value }) => markup`<p>${label}: <strong>${value}</strong></p>\n`)}</div>
${table(lines)}
${result(lines)}
<div class="end">
${readings(lines)}
${foot(lines)}
</div>`,
  );

const WIDTHS = [12, 62, 15, 65, 21, 15, 62];

const table = (lines: Lines) => markup`<table>
<colgroup>${WIDTHS.map((width) => markup`<col style="width:${((width / 252) * 100).toFixed(2)}%">`)}</colgroup>
<thead><tr>${Object.values(COLUMNS).map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${lines.rows.map(row)}<tr class="heading standard"><td></td><td>${TOTAL}</td><td class="num">${formatPoints(lines.max)}</td><td></td><td></td><td class="num">${formatPoints(lines.total)}</td><td></td></tr>
</tbody>
</table>`;

const paragraphs = (texts: readonly string[]) => texts.map((text) => markup`<p>${text}</p>`);
/** A row with a longer text than this may go over to the next page; shorter ones stay whole. */
const LONG = 300;

function row(line: Line): Markup {
  const max = formatPoints(line.max);
  const points = formatPoints(line.points);
  if (line.kind !== 'item')
    return markup`<tr class="heading ${line.kind}"><td class="num">${line.number}</td><td>${line.text}</td><td class="num">${max}</td><td></td><td></td><td class="num">${points}</td><td></td></tr>\n`;
  const long = Math.max(...[line.text, line.ways, line.notes].map((texts) => texts.join(' ').length)) >= LONG;
  return markup`<tr${long ? markup` class="long"` : ''}><td class="num">${line.number}</td><td>${paragraphs(line.text)}</td><td class="num">${max}</td><td>${paragraphs(line.ways)}</td><td class="num">${line.unit}</td><td class="num"><strong>${points}</strong></td><td>${paragraphs(line.notes)}</td></tr>\n`;
}

const result = ({ total, max, groups, grade, gradeNotes, method }: Lines) => markup`<section class="list">
${groups.map(
  (group) => markup`<p>${group.title}: <strong>${formatPoints(group.points)}/${formatPoints(group.max)}</strong></p>\n`,
)}<p>Tổng điểm: <strong>${formatPoints(total)}/${formatPoints(max)}</strong></p>
<p>Xếp loại: <strong>${grade}</strong></p>
${gradeNotes.map((text) => markup`<p>– ${text}</p>`)}
<h3>Cách đánh giá:</h3>
${method.map((text) => markup`<p>– ${text}</p>`)}
</section>`;

const readings = ({ readings: known }: Lines) => markup`<section class="list">
${known.length > 0 ? markup`<h3>Chú giải: cách đọc những chỗ văn bản chưa rõ</h3>` : ''}
${known.map((text, index) => markup`<p>${String(index + 1)}. ${text}</p>`)}
</section>`;

const foot = ({ facts }: Lines) => markup`<div class="foot">
<div><p><strong><em>Nơi nhận:</em></strong></p><p>- ${facts[0]!.value};</p><p>- Các đơn vị đánh giá;</p><p>- Lưu: VT.</p></div>
<div><p><strong>ĐẠI DIỆN ĐƠN VỊ ĐÁNH GIÁ</strong></p><p><em>(Ký, ghi rõ họ tên)</em></p><p class="sign"><strong>…………………………</strong></p></div>
</div>`;
