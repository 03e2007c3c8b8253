// @ts-check
import { ApiError, ask, enterByAddress, forgetKey, hasKey } from './api.js';
import { cameras } from './cameras.js';
import { devices } from './devices.js';
import { h, swap } from './dom.js';
import { doctor, enrolment, now, pausing } from './machine.js';
import { measurements } from './measurements.js';
import { languageNow, switchLanguage, t } from './words.js';

/** @typedef {import('../view.ts').View} View */
/**
 * What a section may do: `act` sends something, tells how it went and shows the new state at once.
 * @typedef {{ act: (path: string, body: object, told?: (answer: any) => string) => Promise<any>, say: (text: string, bad?: boolean) => void }} Tools
 */

const EVERY_MS = 2_000;
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const notice = /** @type {HTMLElement} */ (document.getElementById('notice'));

/** @type {View | null} */
let view = null;
let isLost = false;
/** Of several answers under way the last one asked for counts. */
let asked = 0;

/** @type {Tools['say']} */
const say = (text, bad = false) => {
  notice.textContent = text;
  notice.className = bad ? 'bad' : '';
};

/** @type {Tools} */
const tools = {
  say,
  async act(path, body, told = () => t('done')) {
    try {
      const answer = await ask('POST', path, body);
      say(told(answer));
      await refresh();
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return signedOut();
      say(error.status === 0 ? t('lost') : error.message, true);
    }
  },
};

async function refresh() {
  const mine = ++asked;
  try {
    const next = await ask('GET', 'state');
    if (mine !== asked) return;
    view = next;
    if (isLost) say('');
    isLost = false;
    show();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return signedOut();
    isLost = true;
    say(t('lost'), true);
  }
}

function frame() {
  document.documentElement.lang = languageNow();
  document.title = `THĐT – ${t('appName')}`;
  const language = /** @type {HTMLElement} */ (document.getElementById('language'));
  language.textContent = t('language');
  language.lang = languageNow() === 'vi' ? 'en' : 'vi';
}

function show() {
  if (!view) return;
  const school = /** @type {HTMLElement} */ (document.getElementById('school'));
  school.textContent = view.identity?.school.name ?? t('notEnrolled');
  const sections = [
    now(view),
    enrolment(view, tools),
    measurements(view, tools),
    pausing(view, tools),
    cameras(view, tools),
    devices(view, tools),
    doctor(view, tools),
  ];
  for (const section of sections) {
    const old = document.getElementById(section.id);
    if (old) swap(old, section);
    else main.append(section);
  }
  const footer = h('footer', { id: 'footer' }, t('footer', { version: view.version, file: view.configFile }));
  swap(/** @type {HTMLElement} */ (document.getElementById('footer')), footer);
}

function signedOut() {
  forgetKey();
  view = null;
  say('');
  /** @type {HTMLElement} */ (document.getElementById('school')).textContent = '';
  main.replaceChildren(h('section', { id: 'signed-out' }, h('h2', {}, t('signedOut')), h('p', {}, t('signedOutWhy'))));
}

async function go() {
  frame();
  document.getElementById('language')?.addEventListener('click', () => {
    switchLanguage();
    frame();
    if (view) show();
    else signedOut();
  });
  main.replaceChildren();
  say(t('loading'));
  try {
    await enterByAddress();
  } catch (error) {
    signedOut();
    if (error instanceof ApiError && error.message) say(error.message, true);
    return;
  }
  if (!hasKey()) return signedOut();
  say('');
  await refresh();
  setInterval(() => {
    if (view && !document.hidden) void refresh();
  }, EVERY_MS);
}

// The shortcut opened again in the same tab brings another token.
addEventListener('hashchange', () => location.reload());
void go();
