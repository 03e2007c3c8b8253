import { formatPoints } from '../../shared/points.ts';
import type { Format } from './format.ts';
import { COLUMNS, type Line, type Lines, MOTTO, NATION, sheetLines, TOTAL } from './lines.ts';

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

/** Text that is already escaped, so that nothing is escaped twice or never. */
class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (value: string | Markup | Markup[]): string =>
  Array.isArray(value)
    ? value.map(escaped).join('')
    : value instanceof Markup
      ? value.text
      : value.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter]!);
/** Every value in the template is escaped unless it is markup itself. */
const markup = (parts: TemplateStringsArray, ...values: (string | Markup | Markup[])[]) =>
  new Markup(String.raw({ raw: parts }, ...values.map(escaped)));

/** Margins of Nghị định 30/2020/NĐ-CP; the page number stands at the top from page 2. */
const STYLE = `
@page { size: A4 landscape; margin: 20mm 15mm 20mm 30mm;
  @top-center { content: counter(page); font: 13pt "Times New Roman", "Liberation Serif", serif; } }
@page :first { @top-center { content: none; } }
* { box-sizing: border-box; }
html { background: #fff; color: #000; }
body { margin: 0 auto; max-width: 252mm; padding: 8mm 4mm; font: 13pt/1.2 "Times New Roman", "Liberation Serif", "Noto Serif", serif; }
p { margin: 0 0 1mm; overflow-wrap: anywhere; }
.head, .foot { display: grid; grid-template-columns: 102fr 150fr; text-align: center; overflow-wrap: anywhere; }
.head p, .foot p { margin: 0; }
.lined::after { content: ""; display: block; margin: 0.6mm auto 0; border-top: 0.75pt solid #000; width: 30mm; }
.lined.motto { font-size: 14pt; }
.lined.motto > span { display: inline-block; padding-bottom: 0.4mm; border-bottom: 0.75pt solid #000; }
.lined.motto::after { display: none; }
.head .below { margin-top: 2mm; }
h1, h2 { font-size: 14pt; margin: 0; text-align: center; }
h1 { margin-top: 5mm; }
/* Padding, not margin: a margin vanishes at the head of a page and the marks of ỗ would stand on the page before. */
h3 { font-size: 13pt; margin: 0 0 1mm; padding-top: 3mm; break-after: avoid; }
.center { text-align: center; }
.facts { display: grid; grid-template-columns: 150fr 102fr; margin-top: 3mm; }
table { width: 100%; margin: 4mm 0; border-collapse: separate; border-spacing: 0; table-layout: fixed; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
tr.long { break-inside: auto; }
tr.heading { break-after: avoid; font-weight: bold; }
th { border-top: 0.75pt solid #000; }
th:first-child, td:first-child { border-left: 0.75pt solid #000; }
th, td { border-right: 0.75pt solid #000; border-bottom: 0.75pt solid #000; box-decoration-break: clone; -webkit-box-decoration-break: clone; padding: 0.6mm 1mm; vertical-align: top; text-align: left; overflow-wrap: anywhere; }
th, td.num { text-align: center; }
th { vertical-align: middle; }
td p { margin: 0; }
th, tr.standard td { background: #e7e6e6; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.list p { text-align: justify; padding-top: 0.5mm; margin-bottom: 0.5mm; }
.foot { grid-template-columns: 120fr 132fr; margin-top: 6mm; break-inside: avoid; }
.foot > :first-child { text-align: left; font-size: 11pt; }
.foot strong { font-size: 14pt; }
.end { break-inside: avoid; padding-top: 1mm; }
.sign { margin-top: 24mm !important; }
@media print { body { max-width: none; padding: 0; } }
@media screen and (max-width: 900px) { table { min-width: 900px; } main { overflow-x: auto; } }
`;

function page(lines: Lines): string {
  return markup`<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${lines.title} – ${lines.facts[0]!.value}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
${head(lines)}
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
</div>
</main>
</body>
</html>
`.text;
}

const head = ({ issuer, unit, day }: Lines) => markup`<div class="head">
<div><p>${issuer.toLocaleUpperCase('vi')}</p><p class="lined"><strong>${unit.toLocaleUpperCase('vi')}</strong></p></div>
<div><p><strong>${NATION}</strong></p><p class="lined motto"><span><strong>${MOTTO}</strong></span></p></div>
<p class="below">Số: ……/……</p>
<p class="below"><em>…………, ${day}</em></p>
</div>`;

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
