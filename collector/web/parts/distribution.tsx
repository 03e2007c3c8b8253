import { Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { formatPoints } from '../../../shared/points.ts';
import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { EvaluatedSchool, EvaluationDetail } from '../../api/schemas/evaluation.ts';
import { gradeOf, gradesOf, NO_GRADE } from '../grades.ts';
import { useT } from '../messages/messages.tsx';

const LEVELS = ['preschool', 'primary', 'secondary'] as const;
/** Widths of a column of the histogram, points; the least that gives no more columns than fit. */
const WIDTHS = [1, 2, 5, 10];
const MOST_BINS = 30;

/** How the schools are spread: over the points, and over the grades in all, by level and by organisation. */
export function Distribution({ period: whole }: { period: EvaluationDetail }) {
  const t = useT();
  // Simulated devices say nothing about schools, unless there is nothing else to look at.
  const real = whole.rows.filter((row) => !row.practice);
  const period = { ...whole, rows: real.length > 0 ? real : whole.rows };
  if (period.rows.length === 0) return null;
  const units = [...new Set(period.rows.map((row) => row.unit))].sort((a, b) => a.localeCompare(b, 'vi'));
  const groups: { name: string; rows: EvaluatedSchool[] }[] = [
    { name: t('allSchools'), rows: period.rows },
    ...LEVELS.map((level) => ({ name: t(level), rows: period.rows.filter((row) => row.levels.includes(level)) })),
    ...units.map((unit) => ({ name: unit, rows: period.rows.filter((row) => row.unit === unit) })),
  ].filter(({ rows }) => rows.length > 0);
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('distributionTitle')}
        </Title>
        <Histogram period={period} />
        <GradeBars period={period} groups={groups} />
        <UnitMeans period={period} />
      </Stack>
    </Paper>
  );
}

function Histogram({ period }: { period: EvaluationDetail }) {
  const t = useT();
  const done = period.rows.filter((row) => !row.provisional).map((row) => row.total);
  if (done.length === 0) return <Text size="sm">{t('histogramNone')}</Text>;
  const thresholds = gradesOf(period).filter(({ from }) => from > 0);
  const least = Math.min(...done, ...thresholds.map(({ from }) => from));
  const most = Math.max(...done, ...thresholds.map(({ from }) => from));
  const bin = WIDTHS.find((width) => (most - least) / width <= MOST_BINS) ?? WIDTHS.at(-1)!;
  const first = Math.floor(least / bin) * bin;
  const bins = Array.from({ length: Math.floor((most - first) / bin) + 1 }, (_, index) => first + index * bin);
  const counts = bins.map((from) => done.filter((total) => total >= from && total < from + bin).length);
  const highest = Math.max(...counts);
  return (
    <figure className="chart">
      <div className="histogram" role="img" aria-label={sayBins(bins, counts, bin)}>
        {bins.map((from, index) => {
          const threshold = thresholds.find((grade) => grade.from >= from && grade.from < from + bin);
          return (
            <div key={from} className={threshold ? 'histogram-bin histogram-threshold' : 'histogram-bin'}>
              {threshold && <b>{threshold.label}</b>}
              <span>{counts[index] || ''}</span>
              <div className="histogram-bar" style={{ height: `${(100 * counts[index]!) / highest}px` }} />
              <span>{from}</span>
            </div>
          );
        })}
      </div>
      <figcaption>
        <Text size="xs">
          {t('histogramSaid', {
            n: done.length,
            bin,
            grades: thresholds.map(({ label, from }) => `${label} ${formatPoints(from)}`).join(', '),
          })}
        </Text>
      </figcaption>
    </figure>
  );
}

const sayBins = (bins: readonly number[], counts: readonly number[], bin: number) =>
  bins.flatMap((from, index) => (counts[index] ? [`${from}–${from + bin}: ${counts[index]}`] : [])).join('; ');

/** What the schools hold on average of the points that each unit assesses: where they lose most. */
function UnitMeans({ period }: { period: EvaluationDetail }) {
  const t = useT();
  const done = period.rows.filter((row) => !row.provisional);
  if (done.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h6">
        {t('meanByUnit')}
      </Title>
      {period.units.map(({ id, label }) => {
        const sum = (key: 'points' | 'max') => done.reduce((total, row) => total + (row.progress[id]?.[key] ?? 0), 0);
        const [points, max] = [sum('points') / done.length, sum('max') / done.length];
        const share = max === 0 ? 0 : points / max;
        return (
          <div className="progress-row" key={id}>
            <Text size="sm">{label}</Text>
            <Progress value={100 * share} color="blue.8" aria-label={t('meanOf', { unit: label })} />
            <Text size="sm" className="num">
              {formatNumber(points, 2)}/{formatNumber(max, 2)} ({formatShare(share, 0)})
            </Text>
          </div>
        );
      })}
    </div>
  );
}

/** A bar a group, parted by grade; each part says its number, and differs by pattern as well as by colour. */
function GradeBars({
  period,
  groups,
}: {
  period: EvaluationDetail;
  groups: readonly { name: string; rows: readonly EvaluatedSchool[] }[];
}) {
  const t = useT();
  const known = gradesOf(period).map((grade, index) => ({
    ...grade,
    look: grade.attained ? String(Math.min(index, 2)) : 'fail',
  }));
  const grades = [...known, { id: NO_GRADE, label: t('notGraded'), look: 'none' }];
  const share = (rows: readonly EvaluatedSchool[], id: string) => rows.filter((row) => gradeOf(row) === id).length;
  return (
    <div>
      <div className="legend">
        {grades.map((grade) => (
          <Text size="xs" key={grade.id}>
            <span className={`swatch grade-${grade.look}`} /> {grade.label}
          </Text>
        ))}
      </div>
      {groups.map(({ name, rows }) => (
        <div className="progress-row" key={name}>
          <Text size="sm">{name}</Text>
          <div className="grade-bar">
            {grades.map((grade) => {
              const n = share(rows, grade.id);
              return (
                n > 0 && (
                  <div
                    key={grade.id}
                    className={`grade-part grade-${grade.look}`}
                    style={{ flexGrow: n }}
                    title={`${grade.label}: ${n}`}
                  >
                    <span>{n}</span>
                  </div>
                )
              );
            })}
          </div>
          <Text size="sm" className="num">
            {t('schoolsShown', { n: rows.length })}
          </Text>
        </div>
      ))}
    </div>
  );
}
