// @ts-check

/** Asking the agent. The key of the session stays in this tab, where no other page can read it. */

const KEY = 'thdt-key';
const WITHIN_MS = 45_000;

/** Refused by the agent, with its own words; status 0: it did not answer. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      headers: {
        'x-thdt-key': sessionStorage.getItem(KEY) ?? '',
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      },
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  } catch {
    throw new ApiError(0, '');
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer?.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

export const hasKey = () => sessionStorage.getItem(KEY) !== null;
export const forgetKey = () => sessionStorage.removeItem(KEY);

/** The token that the address brought is exchanged for a session, and leaves the address at once. */
export async function enterByAddress() {
  const token = location.hash.slice(1);
  if (token === '') return;
  history.replaceState(null, '', '/');
  const { key } = await ask('POST', 'session', { token });
  sessionStorage.setItem(KEY, key);
}
