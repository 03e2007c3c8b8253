import { MOTTO, NATION } from './lines.ts';

/** Parts of a printable page in the form of Nghị định 30/2020/NĐ-CP: no script, nothing from outside. */

/** Text that is already escaped, so that nothing is escaped twice or never. */
export class Markup {
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
export const markup = (parts: TemplateStringsArray, ...values: (string | Markup | Markup[])[]) =>
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
table.dense, table.short { font-size: 11pt; }
table.dense td, table.short td, table.dense td.num, table.short td.num { vertical-align: middle; }
.list p { text-align: justify; padding-top: 0.5mm; margin-bottom: 0.5mm; }
.foot { grid-template-columns: 120fr 132fr; margin-top: 6mm; break-inside: avoid; }
.foot > :first-child { text-align: left; font-size: 11pt; }
.foot strong { font-size: 14pt; }
.end { break-inside: avoid; padding-top: 1mm; }
.sign { margin-top: 24mm !important; }
@media print { body { max-width: none; padding: 0; } }
@media screen and (max-width: 900px) { table { min-width: 900px; } main { overflow-x: auto; } }
`;

/** A whole page around its content. */
export const document = (title: string, content: Markup): string =>
  markup`<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`.text;

export const head = ({ issuer, unit, day }: { issuer: string; unit: string; day: string }) => markup`<div class="head">
<div><p>${issuer.toLocaleUpperCase('vi')}</p><p class="lined"><strong>${unit.toLocaleUpperCase('vi')}</strong></p></div>
<div><p><strong>${NATION}</strong></p><p class="lined motto"><span><strong>${MOTTO}</strong></span></p></div>
<p class="below">Số: ……/……</p>
<p class="below"><em>…………, ${day}</em></p>
</div>`;
