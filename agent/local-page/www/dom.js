// @ts-check

/**
 * Elements by name, attributes and children. Children that are text are text, never markup: names of devices come from
 * the network.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | boolean | number | ((event: Event) => void) | null | undefined>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** What a person has begun: where the focus is, what stands in fields and ticks, how far lists are scrolled. */
const FIELDS = 'input[id], select[id]';

/**
 * Puts `next` in the place of what `old` holds, and leaves what a person has typed and where they are.
 * @param {Element} old
 * @param {Element} next
 */
export function swap(old, next) {
  if (old.isEqualNode(next)) return;
  const focused = document.activeElement?.id;
  const fields = [.../** @type {NodeListOf<HTMLInputElement>} */ (old.querySelectorAll(FIELDS))];
  const scrolls = [...old.querySelectorAll('[id].results')].map(
    (list) => /** @type {const} */ ([list.id, list.scrollTop]),
  );
  const opened = [...old.querySelectorAll('details[id]')].filter((one) => one.hasAttribute('open')).map(({ id }) => id);
  old.replaceWith(next);
  for (const { id, value, checked, type, defaultValue } of fields) {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
    if (!field) continue;
    if (type === 'checkbox') field.checked = checked && !field.disabled;
    else if (value !== defaultValue) field.value = value;
  }
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  for (const [id, top] of scrolls) {
    const list = document.getElementById(id);
    if (list) list.scrollTop = top;
  }
  if (focused && document.activeElement?.id !== focused)
    document.getElementById(focused)?.focus({ preventScroll: true });
}
