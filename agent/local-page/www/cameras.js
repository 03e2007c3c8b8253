// @ts-check
import { h } from './dom.js';
import { wordsOf } from './measurements.js';
import { clock, t } from './words.js';

/** @typedef {import('../view.ts').View} View */
/** @typedef {import('../view.ts').CameraView} CameraView */
/** @typedef {import('./page.js').Tools} Tools */

/** @param {View} view @param {Tools} tools */
export function cameras(view, tools) {
  return h(
    'section',
    { id: 'cameras' },
    h('h2', {}, t('cameras')),
    h('p', { class: 'soft' }, view.cameras.length === 0 ? t('noCameras') : t('camerasHelp')),
    ...view.cameras.map((camera, index) => cameraPart(camera, index, tools)),
  );
}

/** @param {CameraView} camera @param {number} index @param {Tools} tools */
function cameraPart({ id, address, username, hasPassword, row }, index, { act, say }) {
  const field = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (document.getElementById(`camera-${index}-${name}`));
  const attempt = async () => {
    say(t('trying', { id }));
    await act('camera-try', { id }, (result) => t('tried', { id, words: wordsOf(result) }));
  };
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const body = { id, username: field('username').value, password: field('password').value };
    const saved = await act('camera-password', body, () => t('saved', { id }));
    if (!saved) return;
    field('password').value = '';
    await attempt();
  };
  return h(
    'div',
    { class: 'camera', role: 'group', 'aria-label': id },
    h(
      'div',
      { class: 'row' },
      h('h3', {}, id),
      h('span', { class: 'soft num' }, address),
      h('span', { class: hasPassword ? 'soft' : 'warn' }, t(hasPassword ? 'passwordSet' : 'passwordNone')),
      row && h('b', { class: row.ok ? 'good' : 'bad' }, `${row.ok ? '✓' : '✗'} ${wordsOf(row)}`),
      row && h('time', { datetime: row.at, class: 'soft' }, clock(row.at)),
    ),
    h(
      'form',
      { submit: save, autocomplete: 'off' },
      h(
        'label',
        {},
        t('username'),
        h('input', { id: `camera-${index}-username`, value: username, maxlength: 64, autocomplete: 'off' }),
      ),
      h(
        'label',
        {},
        t('password'),
        h('input', {
          id: `camera-${index}-password`,
          type: 'password',
          required: true,
          maxlength: 128,
          autocomplete: 'new-password',
        }),
      ),
      h('button', { id: `camera-${index}-save`, type: 'submit' }, t('saveAndTry')),
      h(
        'button',
        {
          id: `camera-${index}-try`,
          type: 'button',
          class: 'plain',
          'aria-label': `${t('tryCamera')} ${id}`,
          click: () => void attempt(),
        },
        t('tryCamera'),
      ),
    ),
  );
}
