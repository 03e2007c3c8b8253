// @ts-check
import { h } from './dom.js';
import { clock, maybe, t } from './words.js';

/** @typedef {import('../view.ts').View} View */
/** @typedef {import('../search.ts').SearchState} SearchState */
/** @typedef {import('./page.js').Tools} Tools */

/** What the last search found, and the form that begins another. @param {View} view @param {Tools} tools */
export function devices({ found, search, ownRange }, { act }) {
  const isRunning = search?.state === 'running' || search?.state === 'stopping';
  const begin = (/** @type {string | null} */ range) =>
    void act('discover', { range }, ({ started }) => t(started ? 'searchStarted' : 'searchBusy'));
  const sweep = (/** @type {Event} */ event) => {
    event.preventDefault();
    begin(/** @type {HTMLInputElement} */ (document.getElementById('range')).value);
  };
  const fresh = found?.devices.filter(({ known }) => !known) ?? [];
  return h(
    'section',
    { id: 'devices' },
    h('h2', {}, t('devices')),
    h('p', { class: 'soft' }, t('devicesHelp')),
    h(
      'form',
      { submit: sweep },
      h('label', {}, t('range'), h('input', { id: 'range', value: ownRange, maxlength: 64, required: true })),
      h('button', { id: 'sweep', type: 'submit', disabled: isRunning }, t('sweep')),
      h(
        'button',
        { id: 'neighbours', type: 'button', class: 'plain', disabled: isRunning, click: () => begin(null) },
        t('neighbours'),
      ),
      isRunning &&
        h(
          'button',
          {
            id: 'stop',
            type: 'button',
            class: 'plain',
            disabled: search.state === 'stopping',
            click: () => void act('discover-stop', {}, () => t('searchStopped')),
          },
          t('stop'),
        ),
    ),
    search && searchLine(search),
    h(
      'p',
      {},
      found
        ? t('devicesAt', { time: clock(found.at), n: found.devices.length, fresh: fresh.length })
        : t('devicesNever'),
    ),
    found && found.devices.length > 0 && table(found.devices, act),
  );
}

/** @param {SearchState} search */
function searchLine({ state, step, done, total, line }) {
  if (state === 'running') {
    const words = t(step === 'asking' ? 'searchAsking' : 'searchLearning', { done, total: total || '…' });
    const bar = total > 0 ? { value: done, max: total } : {};
    return h('p', { class: 'row' }, h('progress', { ...bar, 'aria-label': t('devices') }), h('span', {}, words));
  }
  if (state === 'failed') return h('p', { class: 'bad' }, t('searchFailed', { line }));
  return h(
    'p',
    { class: 'soft' },
    t(state === 'done' ? 'searchDone' : state === 'stopped' ? 'searchStopped' : 'searchStopping'),
  );
}

/** @param {NonNullable<View['found']>['devices']} list @param {Tools['act']} act */
function table(list, act) {
  const boxes = () =>
    [.../** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('#devices input[name=adopt]'))].filter(
      ({ checked }) => checked,
    );
  const adopt = () => {
    const ids = boxes().map(({ value }) => value);
    if (ids.length > 0) void act('adopt', { ids }, ({ added }) => t('adopted', { n: added }));
  };
  const count = () => {
    const button = document.getElementById('adopt');
    if (button) button.textContent = t('adopt', { n: boxes().length });
  };
  const row = (/** @type {typeof list[number]} */ { address, name, vendor, kind, mac, proposedId, known }) =>
    h(
      'tr',
      {},
      h(
        'td',
        {},
        h(
          'label',
          { class: 'tick' },
          known
            ? `✓ ${proposedId} (${t('known')})`
            : h('input', {
                type: 'checkbox',
                name: 'adopt',
                id: `adopt-${proposedId}`,
                value: proposedId,
                change: count,
              }),
          known ? '' : proposedId,
        ),
      ),
      h('td', { class: 'num' }, address),
      h('td', {}, name ?? ''),
      h('td', {}, kind === null ? '?' : maybe(`kind_${kind}`, kind)),
      h('td', { class: 'wide' }, vendor ?? ''),
      h('td', { class: 'wide num' }, mac ?? ''),
    );
  return h(
    'div',
    {},
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...[t('id'), t('address'), t('name'), t('kind')].map((text) => h('th', { scope: 'col' }, text)),
          ...[t('vendor'), 'MAC'].map((text) => h('th', { scope: 'col', class: 'wide' }, text)),
        ),
      ),
      h('tbody', {}, ...list.map(row)),
    ),
    list.some(({ known }) => !known) &&
      h('p', {}, h('button', { id: 'adopt', type: 'button', click: adopt }, t('adopt', { n: boxes().length }))),
  );
}
