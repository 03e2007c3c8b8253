import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatNumber } from '../../../shared/vietnamese.ts';
import type { LineView } from '../../api/schemas/school.ts';
import { formatDuration, formatWhen } from '../format.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';
import { sayMark, sayReason } from '../words.ts';
import { Rows } from './rows.tsx';
import { StripRow, TimeAxis } from './strip.tsx';
import type { Timeline } from './timeline.ts';

/** What is known of one internet line beside its verdict: a row of figures, when it was out, and each change. */
export function LineFigures({ line, timeline }: { line: LineView; timeline: Timeline }) {
  const t = useT();
  const { outages, marked, spoilt } = line;
  const counted = (entries: readonly { tests: number }[], say: (index: number) => string) =>
    entries.map(({ tests }, index) => `${t('figTimes', { n: tests })} ${say(index)}`).join(', ');
  return (
    <section aria-label={t('lineOf', { name: line.name })}>
      <dl className="line-figures">
        {figuresOf(line, t).map(({ name, value, more }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <b>{value}</b>
              {more !== '' && <span>{more}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {marked.length > 0 && (
        <Text size="sm">{t('lineMarked', { list: counted(marked, (index) => sayMark(marked[index]!.mark, t)) })}</Text>
      )}
      {spoilt.length > 0 && (
        <Text size="sm">
          {t('lineSpoilt', { list: counted(spoilt, (index) => sayReason(spoilt[index]!.reason, t)) })}
        </Text>
      )}
      {outages && (
        <>
          <TimeAxis timeline={timeline} />
          <StripRow
            name={line.name}
            said={t('lineStripSaid', {
              name: t('lineStrip'),
              n: outages.count,
              time: formatDuration(outages.seconds, t),
            })}
            state={outages.count === 0 ? t('figNever') : t('figTimes', { n: outages.count })}
            bad={false}
            cells={line.strip}
            say={({ state, detail }) => {
              const word = t(STATES[state]);
              return detail ? `${word} (${sayReason(detail, t)})` : word;
            }}
            timeline={timeline}
          />
        </>
      )}
      <Changes line={line} />
    </section>
  );
}

const STATES = { up: 'lineUp', down: 'lineDown', unknown: 'lineUnknown' } as const;

function figuresOf(line: LineView, t: Translate): { name: string; value: string; more: string }[] {
  const { upload, latency, offHours, outages, switches, crossChecks } = line;
  const mbps = (value: number) => `${formatNumber(value)} Mbps`;
  const ms = (value: number | null) => (value === null ? '–' : formatNumber(value, 0));
  const { idleMs, downMs, upMs } = latency;
  const { tests, differing, worst } = crossChecks;
  return [
    {
      name: t('figUpload'),
      value: upload ? mbps(upload.medianMbps) : t('figNone'),
      more: upload ? t('figMedianOf', { n: upload.tests }) : '',
    },
    {
      name: t('figLatency'),
      value: idleMs === null && downMs === null ? t('figNone') : `${ms(idleMs)} → ${ms(downMs)} ms`,
      more: upMs === null ? '' : t('figUpMs', { n: ms(upMs) }),
    },
    {
      name: t('figOffHours'),
      value: offHours ? mbps(offHours.medianMbps) : t('figNone'),
      more: offHours ? t('figBest', { best: formatNumber(offHours.bestMbps), n: offHours.tests }) : '',
    },
    {
      name: t('figOutages'),
      value: !outages ? t('figUnwatched') : outages.count === 0 ? t('figNever') : t('figTimes', { n: outages.count }),
      more: outages && outages.count > 0 ? formatDuration(outages.seconds, t) : '',
    },
    {
      name: t('figSwitches'),
      value: !outages ? t('figUnwatched') : switches.count === 0 ? t('figNever') : t('figTimes', { n: switches.count }),
      more: switches.newest[0] ? t('figLatest', { time: formatWhen(switches.newest[0].at) }) : '',
    },
    {
      name: t('figCross'),
      value:
        tests === 0
          ? t('figNone')
          : differing === 0
            ? t('figAgree', { n: tests })
            : t('figDiffer', { n: differing, all: tests }),
      more: worst ? t('figWorst', { a: formatNumber(worst.mbps), b: formatNumber(worst.otherMbps) }) : '',
    },
  ];
}

function Changes({ line: { name, outages, switches } }: { line: LineView }) {
  const t = useT();
  if ((outages?.count ?? 0) + switches.count === 0) return null;
  const toReport = (id: string): ReactNode => (
    <Anchor key="report" component={Link} href={`/bao-cao/${id}`} fz="sm">
      {t('toReport')}
    </Anchor>
  );
  const rest = (key: 'outageRest' | 'switchRest', n: number, all: number) =>
    all > n && <Text size="xs">{t(key, { n, all })}</Text>;
  return (
    <details className="no-print">
      <summary>{t('lineMore')}</summary>
      {outages && outages.count > 0 && (
        <>
          <Rows
            label={`${t('figOutages')} ${name}`}
            columns={[
              { name: t('outageFrom') },
              { name: t('outageTo') },
              { name: t('outageLasted') },
              { name: t('toReport') },
            ]}
            rows={outages.longest.map(({ from, to, seconds, reportId }) => ({
              key: from,
              cells: [
                formatWhen(from),
                to === null ? t('outageOpen') : formatWhen(to),
                formatDuration(seconds, t),
                toReport(reportId),
              ],
            }))}
          />
          {rest('outageRest', outages.longest.length, outages.count)}
        </>
      )}
      {switches.count > 0 && (
        <>
          <Rows
            label={`${t('figSwitches')} ${name}`}
            columns={[
              { name: t('switchAt') },
              { name: t('switchWhat') },
              { name: t('switchFrom') },
              { name: t('switchTo') },
              { name: t('toReport') },
            ]}
            rows={switches.newest.map(({ at, changes, reportId }) => ({
              key: `${at} ${reportId}`,
              cells: [
                formatWhen(at),
                lines(changes.map(({ trait }) => sayTrait(trait, t))),
                lines(changes.map(({ before }) => before)),
                lines(changes.map(({ after }) => after)),
                toReport(reportId),
              ],
            }))}
          />
          {rest('switchRest', switches.newest.length, switches.count)}
        </>
      )}
    </details>
  );
}

/** Those of one moment under each other, in each column alike. */
const lines = (texts: readonly string[]): ReactNode => texts.map((text) => <div key={text}>{text}</div>);

function sayTrait(trait: string, t: Translate): string {
  const key = keyOf('trait_', trait);
  return key ? t(key) : trait;
}
