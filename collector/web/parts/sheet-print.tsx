import { formatPoints } from '../../../shared/points.ts';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { SheetAnswer, SheetItem, SheetRule } from '../../api/schemas/scoresheet.ts';
import { formatWhen } from '../format.ts';
import { type Key, type Translate, useT } from '../messages/messages.tsx';
import { ReadingNote, sayEffect } from './sheet-rule.tsx';

/** The sheet on paper: who, when, the result, the decision's table, and a place to sign. Black on white, no controls. */
export function PrintedSheet({ sheet }: { sheet: SheetAnswer }) {
  const t = useT();
  const { school, rubric } = sheet;
  const facts: [string, string][] = [
    [t('school'), school.name],
    [t('schoolCode'), school.code],
    [t('level'), school.levels.map((level) => t(level)).join(', ')],
    [t('unit'), school.unit],
    [t('printDate'), formatWhen(sheet.asOf)],
  ];
  return (
    <div className="print-only print-sheet">
      <p className="print-issuer">{rubric.issuer}</p>
      <h1>{t('sheetTitle')}</h1>
      <p className="print-rubric">
        {rubric.title} ({rubric.id}, {formatDate(rubric.date)})
      </p>
      {school.practice && <p className="print-rubric">{t('practiceLong')}</p>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}:</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="print-total">{sayResult(sheet, t)}</p>
      {sheet.unassessed > 0 && <p>{t('sheetUnassessed', { n: sheet.unassessed })}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">{t('printItem')}</th>
            <th scope="col">{t('printContent')}</th>
            <th scope="col">{t('printMax')}</th>
            <th scope="col">{t('printPoints')}</th>
            <th scope="col">{t('printAssessor')}</th>
            <th scope="col">{t('printSource')}</th>
          </tr>
        </thead>
        {sheet.standards.map((standard) => (
          <tbody key={standard.id}>
            <tr className="print-standard">
              <th scope="rowgroup" colSpan={2}>
                {standard.title}
                {standard.mandatory && !standard.aboveMinimum ? ` (${t('belowMinimum')})` : ''}
              </th>
              <td>{formatPoints(standard.max)}</td>
              <td>{formatPoints(standard.points)}</td>
              <td colSpan={2}>
                {standard.least < standard.points ? t('certain', { least: formatPoints(standard.least) }) : ''}
              </td>
            </tr>
            {standard.criteria.flatMap((criterion) => [
              ...(criterion.title === ''
                ? []
                : [
                    <tr key={criterion.id} className="print-criterion">
                      <th scope="rowgroup" colSpan={2}>
                        {criterion.title}
                      </th>
                      <td>{formatPoints(criterion.max)}</td>
                      <td>{formatPoints(criterion.points)}</td>
                      <td colSpan={2} />
                    </tr>,
                  ]),
              ...criterion.items.flatMap((item) => [
                <tr key={item.id} className="print-item">
                  <td>{item.number}</td>
                  <td>
                    {item.text.map((line) => (
                      <div key={line}>{line}</div>
                    ))}
                    <ReadingNote reading={item.reading} />
                  </td>
                  <td>{formatPoints(item.max)}</td>
                  <td>{formatPoints(item.points)}</td>
                  <td>{item.unitPrinted}</td>
                  <td>{t(sourceKey(item))}</td>
                </tr>,
                ...item.rules
                  .filter((rule) => rule.applies)
                  .map((rule) => (
                    <tr key={rule.id}>
                      <td />
                      <td>
                        – {rule.label ? `${rule.label}. ` : ''}
                        {rule.text}
                        {sayGround(rule, t)}
                        <ReadingNote reading={rule.reading} />
                      </td>
                      <td />
                      <td>{sayEffect(rule.effect)}</td>
                      <td />
                      <td>{t(rule.decidedBy === null ? 'source_unassessed' : `source_${rule.decidedBy}`)}</td>
                    </tr>
                  )),
              ]),
            ])}
          </tbody>
        ))}
        <tbody>
          <tr className="print-standard">
            <th scope="row" colSpan={2}>
              {t('sheetTotal')}
            </th>
            <td>{formatPoints(sheet.max)}</td>
            <td>{formatPoints(sheet.total)}</td>
            <td colSpan={2}>{sheet.provisional ? t('notGraded') : sheet.gradeLabel}</td>
          </tr>
        </tbody>
      </table>
      <div className="print-signatures">
        <p>{t('printPlaceDate')}</p>
        {(['printSchool', 'printAssessorSigns', 'printUnitSigns'] as const).map((key) => (
          <div key={key}>
            <b>{t(key)}</b>
            <i>{t('printSign')}</i>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The sheet's result in one line: a grade, or that there is none yet and where it will end. */
export function sayResult(sheet: SheetAnswer, t: Translate): string {
  const total = `${t('sheetTotal')}: ${formatPoints(sheet.total)}/${formatPoints(sheet.max)}`;
  const grade = sheet.provisional ? `${t('notGraded')} (${sayProvisional(sheet, t)})` : sheet.gradeLabel;
  return `${total} – ${grade}`;
}

export const sayProvisional = ({ gradeLabel, range }: SheetAnswer, t: Translate): string =>
  t('gradeProvisional', {
    grade: gradeLabel,
    least: formatPoints(range.least),
    most: formatPoints(range.most),
  });

/** "Combined" is measured and entered together; with a rule that nobody judged yet it is half done, whatever the rest. */
export function sourceKey(item: SheetItem): Key {
  const open = item.rules.some((rule) => rule.applies && rule.decidedBy === null);
  return item.source === 'mixed' && open ? 'source_partly' : `source_${item.source}`;
}

/** What a deduction or an entry rests on, in brackets. */
function sayGround(rule: SheetRule, t: Translate): string {
  if (rule.manual)
    return ` (${t('entered', { by: rule.manual.by, date: formatDate(rule.manual.at), reason: rule.manual.reason })})`;
  return rule.measured && rule.decidedBy === 'measured' ? ` (${rule.measured.verdict})` : '';
}
