// @ts-check
import { h } from './dom.js';
import { clock, every, maybe, number, t } from './words.js';

/** @typedef {import('../view.ts').View} View */
/** @typedef {import('../view.ts').ProbeView} ProbeView */
/** @typedef {import('../rows.ts').Row} Row */
/** @typedef {import('./page.js').Tools} Tools */

/** What is measured, with the last result of each target. @param {View} view @param {Tools} tools */
export function measurements(view, tools) {
  return h(
    'section',
    { id: 'measurements' },
    h('h2', {}, t('measuring')),
    view.probes.length === 0 && h('p', {}, t('noProbes')),
    ...view.probes.map((probe) => probePart(probe, view, tools)),
  );
}

/** @param {ProbeView} probe @param {View} view @param {Tools} tools */
function probePart(probe, view, { act }) {
  const { name, rows, targets, activity, inOrder, failed } = probe;
  const title = maybe(`probe_${name}`, name);
  const run = () =>
    void act('run', { probe: name }, ({ started }) =>
      started === 'started' ? t('started', { probe: title }) : t('alreadyRunning'),
    );
  const shown = rows.length;
  return h(
    'div',
    { class: 'probe', id: `probe-${name}` },
    h(
      'div',
      { class: 'row between' },
      h(
        'div',
        {},
        h('h3', {}, title),
        h(
          'span',
          { class: 'soft' },
          `${every(probe.everySeconds)}${probe.bySchoolHours ? ` ${t('bySchoolHours')}` : ''} · `,
          t('summary', { ok: inOrder, failed, none: Math.max(0, targets - inOrder - failed) }),
        ),
      ),
      h(
        'button',
        {
          type: 'button',
          id: `run-${name}`,
          class: 'plain',
          'aria-label': `${t('measureNow')}: ${title}`,
          disabled: activity !== null || view.phase !== 'running' || targets === 0,
          click: run,
        },
        t('measureNow'),
      ),
    ),
    activity && progress(probe, title, view.now),
    probe.lastEnd &&
      h(
        'p',
        { class: 'warn' },
        t(probe.lastEnd.how === 'paused' ? 'lastPaused' : 'lastBusy', { time: clock(probe.lastEnd.at) }),
      ),
    targets === 0
      ? h('p', { class: 'soft' }, t('noTargets'))
      : shown === 0
        ? h('p', { class: 'soft' }, t('noResult'))
        : h(
            'ul',
            { class: 'results', id: `results-${name}`, tabindex: shown > 8 ? 0 : null, 'aria-label': title },
            ...rows.map((row) => line(row)),
          ),
    inOrder + failed > shown && h('p', { class: 'soft' }, t('moreRows', { n: inOrder + failed - shown })),
  );
}

/** @param {ProbeView} probe @param {string} title @param {string} now */
function progress({ activity, targets }, title, now) {
  if (!activity) return null;
  if (activity.state === 'waiting') return h('p', { class: 'warn' }, t('waitingLine'));
  const n = Math.max(0, Math.round((Date.parse(now) - Date.parse(activity.since)) / 1000));
  const words = t('runningFor', { n, done: activity.done, total: targets });
  const bar = targets > 1 ? { value: activity.done, max: targets } : {};
  return h('p', { class: 'row' }, h('progress', { ...bar, 'aria-label': title }), h('span', {}, words));
}

/** @param {Row} row */
function line(row) {
  return h(
    'li',
    {},
    h('span', {}, row.target),
    h(
      'span',
      {},
      h('b', { class: row.ok ? 'good' : 'bad' }, `${row.ok ? '✓' : '✗'} ${wordsOf(row)}`),
      ' ',
      figuresOf(row),
    ),
    h('time', { datetime: row.at, class: 'soft' }, clock(row.at)),
  );
}

/** How it went, in words. @param {Row} row */
export function wordsOf({ ok, reason, state }) {
  const said = state === null ? '' : maybe(`cam_${state}`, maybe(`state_${state}`, ''));
  if (said !== '') return said;
  return ok ? t('ok') : maybe(`reason_${reason}`, t('notOk'));
}

/** @param {Row} row */
const figuresOf = ({ figures }) =>
  h(
    'span',
    { class: 'soft' },
    figures
      .map(({ name, value }) => {
        const v = name === 'lossShare' && typeof value === 'number' ? value * 100 : value;
        const words =
          name === 'marks'
            ? String(v)
                .split(', ')
                .map((mark) => maybe(`mark_${mark}`, mark))
                .join(', ')
            : v;
        const shown = typeof words === 'number' ? number(words) : words;
        return maybe(`fig_${name}`, shown, { v: shown });
      })
      .join(' · '),
  );
