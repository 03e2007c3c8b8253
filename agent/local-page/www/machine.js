// @ts-check
import { h } from './dom.js';
import { clock, maybe, number, size, t } from './words.js';

/** @typedef {import('../view.ts').View} View */
/** @typedef {import('./page.js').Tools} Tools */

const CLOCK_TOLERANCE_MS = 30_000;

/** The state at a glance. @param {View} view */
export function now(view) {
  const { identity, pending, oldestPending, clockOffsetMs, lastAcknowledgement, heavyPausedUntil } = view;
  /** @type {[string, string, Node | string][]} */
  const facts = [
    ['enrolled', t('stateEnrolled'), identity ? good(identity.school.name) : bad(t('notEnrolled'))],
    ['connection', t('stateConnection'), connection(view)],
    ['sent', t('lastSent'), lastAcknowledgement ? clock(lastAcknowledgement.at) : t('connectionUnknown')],
    [
      'pending',
      t('pending'),
      pending === 0 || !oldestPending
        ? t('pendingNone')
        : t('pendingSome', { n: pending, size: size(view.pendingBytes), time: clock(oldestPending) }),
    ],
    ['clock', t('clock'), clockWords(clockOffsetMs)],
  ];
  return h(
    'section',
    { id: 'now' },
    h('h2', {}, t('now')),
    h('dl', { class: 'facts' }, ...facts.map(([, name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
    view.phase === 'applying' && h('p', { class: 'warn' }, t('applying')),
    view.rejected > 0 && h('p', { class: 'warn' }, t('rejected', { n: view.rejected })),
    view.skippedReports > 0 && h('p', { class: 'bad' }, t('skipped', { n: view.skippedReports })),
    heavyPausedUntil !== null && h('p', { class: 'warn' }, t('pausedUntil', { time: clock(heavyPausedUntil) })),
  );
}

/** @param {string} text */
const good = (text) => h('span', { class: 'good' }, `✓ ${text}`);
/** @param {string} text */
const bad = (text) => h('span', { class: 'bad' }, `✗ ${text}`);

/** @param {View} view */
function connection({ paused, lastError, lastAcknowledgement }) {
  if (paused) return bad(t('connectionRefused', { message: paused.message }));
  if (lastError) return bad(t('connectionBad', { message: lastError.message }));
  return lastAcknowledgement ? good(t('connectionGood')) : t('connectionUnknown');
}

/** @param {number | null} offsetMs */
function clockWords(offsetMs) {
  if (offsetMs === null) return t('clockUnknown');
  if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return good(t('clockGood'));
  const n = number(Math.abs(offsetMs) / 1000, 0);
  return bad(t(offsetMs > 0 ? 'clockBehind' : 'clockAhead', { n }));
}

/** A form for who is not enrolled, or whom the district takes no more. @param {View} view @param {Tools} tools */
export function enrolment(view, { act }) {
  const { enrolment: byCode } = view;
  const hidden = view.identity !== null && view.paused === null && byCode?.how !== 'refused';
  const section = h('section', { id: 'enrolment', hidden });
  const code = h('input', { id: 'enrol-code', autocomplete: 'off', required: true, maxlength: 100 });
  const address = h('input', { id: 'enrol-address', type: 'url', required: true, value: view.collector ?? '' });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));
    const body = { code: field('enrol-code').value, collector: field('enrol-address').value };
    const done = await act('enrol', body, ({ school }) => t('enrolled', { school }));
    if (done) field('enrol-code').value = '';
  };
  section.append(h('h2', {}, t(view.identity ? 'enrolAgain' : 'enrolTitle')));
  if (byCode)
    section.append(
      h(
        'p',
        { class: byCode.how === 'refused' ? 'bad' : 'warn' },
        t(byCode.how === 'refused' ? 'codeRefused' : 'codeTrying', { time: clock(byCode.at), message: byCode.message }),
      ),
    );
  section.append(
    h('p', {}, t('enrolHelp')),
    h(
      'form',
      { submit },
      h('label', {}, t('code'), code),
      h('label', {}, t('collectorAddress'), address),
      h('button', { id: 'enrol', type: 'submit' }, t('enrol')),
    ),
  );
  return section;
}

const PAUSES = [30, 60, 120, 240, 480];

/** @param {View} view @param {Tools} tools */
export function pausing({ heavyPausedUntil }, { act }) {
  const minutes = h(
    'select',
    { id: 'pause-minutes' },
    ...PAUSES.map((n) =>
      h('option', { value: n, selected: n === 60 }, n < 120 ? t('minutes', { n }) : t('hours', { n: n / 60 })),
    ),
  );
  const pause = (/** @type {Event} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLSelectElement} */ (document.getElementById('pause-minutes'));
    void act('pause', { minutes: Number(field.value) }, ({ until }) => t('pausedUntil', { time: clock(until) }));
  };
  return h(
    'section',
    { id: 'pausing' },
    h('h2', {}, t('pauseTitle')),
    heavyPausedUntil === null
      ? h(
          'form',
          { submit: pause },
          h('label', {}, t('pauseFor'), minutes),
          h('button', { id: 'pause', type: 'submit', class: 'plain' }, t('pause')),
          h('span', { class: 'soft' }, t('pauseHelp')),
        )
      : h(
          'div',
          { class: 'row' },
          h('b', { class: 'warn' }, t('pausedUntil', { time: clock(heavyPausedUntil) })),
          h('button', { id: 'resume', type: 'button', click: () => void act('resume', {}) }, t('resume')),
        ),
  );
}

/** @param {View} view @param {Tools} tools */
export function doctor({ doctor: state }, { act }) {
  const { checks, at, running } = state;
  const problems = checks.reduce((sum, check) => sum + check.problems.length, 0);
  const cautions = checks.reduce((sum, check) => sum + (check.cautions?.length ?? 0), 0);
  return h(
    'section',
    { id: 'doctor' },
    h('h2', {}, t('doctor')),
    h(
      'div',
      { class: 'row' },
      h(
        'button',
        { id: 'examine', type: 'button', disabled: running, click: () => void act('doctor', {}, () => t('examining')) },
        t(running ? 'examining' : 'examine'),
      ),
      h(
        'button',
        { id: 'reload', type: 'button', class: 'plain', click: () => void act('reload', {}, () => t('reloaded')) },
        t('reload'),
      ),
      h(
        'span',
        { class: 'soft' },
        at === null ? t('doctorHelp') : t('doctorAt', { time: clock(at), problems, cautions }),
      ),
    ),
    checks.length > 0 && h('ul', { class: 'checks', lang: 'vi' }, ...checks.flatMap(linesOf)),
  );
}

/** @param {View['doctor']['checks'][number]} check */
function linesOf({ name, problems, cautions = [] }) {
  const title = maybe(`check_${name}`, maybe(`probe_${name}`, name));
  /** @param {string} kind @param {string} word @param {string} [text] */
  const line = (kind, word, text) =>
    h('li', {}, h('b', { class: kind }, `${word} · ${title}`), text === undefined ? '' : ` – ${text}`);
  const said = [
    ...problems.map((text) => line('bad', t('problem'), text)),
    ...cautions.map((text) => line('warn', t('caution'), text)),
  ];
  return said.length === 0 ? [line('good', t('fine'))] : said;
}
