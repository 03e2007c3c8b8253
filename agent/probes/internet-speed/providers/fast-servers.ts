import { networkReason } from '../../lan-reach/network-reason.ts';
import { failed, type Kept, type Outcome, type Reason } from '../../probe.ts';
import { boundedChild, ChildError } from '../bounded-child.ts';
import { smallFetch } from './small-fetch.ts';

/**
 * The download servers behind fast.com. Its own page names a script, the script holds the app token, and the API gives
 * addresses of nearby servers for that token; the script's name and the token change, so both are read anew when the
 * cached token is refused.
 */
const PAGE = 'https://fast.com/';
const PAGE_LIMITS = { maxBytes: 2 * 1024 * 1024, timeoutMs: 8_000 };
const CHILD_MS = 15_000;
const KEPT_TOKEN = 'fast-token';

export interface FastOptions {
  /** The app token when configured; without one it is fetched. */
  token?: string | undefined;
  /** Stands in for both https://fast.com/ and https://api.fast.com/. */
  fastUrl?: string | undefined;
  /** Keeps the token over a restart: asked once, used until refused. */
  kept: Kept;
  signal: AbortSignal;
}

/** Addresses to download from, or the outcome to report. */
export async function fastServers(options: FastOptions): Promise<{ urls: string[] } | { outcome: Outcome }> {
  const cached = options.token ?? (await options.kept.get(KEPT_TOKEN));
  const first = await ask(typeof cached === 'string' ? cached : undefined, options);
  const stale = 'outcome' in first && 'auth' in first && cached !== undefined && options.token === undefined;
  return stale ? ask(undefined, options) : first;
}

async function ask(token: string | undefined, options: FastOptions) {
  const { fastUrl, kept, signal } = options;
  try {
    const usable = token ?? (await fetchToken(fastUrl ?? PAGE, signal));
    const answer = await boundedChild(
      new URL('./fast-child.ts', import.meta.url),
      { token: usable, fastUrl },
      { deadlineMs: CHILD_MS, signal },
    );
    const { urls, error } = (answer ?? {}) as { urls?: unknown; error?: { code?: unknown; message?: unknown } };
    if (error) return refusal(error);
    const good = usableUrls(urls);
    if (good.length === 0) return { outcome: failed('malformed', { message: 'fast.com: không có máy chủ hợp lệ' }) };
    if (usable !== options.token) await kept.set(KEPT_TOKEN, usable);
    return { urls: good };
  } catch (error) {
    if (error instanceof ChildError) {
      const reason: Reason = error.code === 'crashed' ? 'failed' : error.code;
      return { outcome: failed(reason, { message: `fast.com: ${error.message}` }) };
    }
    const { reason, message } = networkReason(error);
    return { outcome: failed(error instanceof TokenError ? 'malformed' : reason, { message: `fast.com: ${message}` }) };
  }
}

/** ApiError and own codes of the child, beside the network's. */
function refusal(error: { code?: unknown; message?: unknown }) {
  const message = `fast.com: ${String(error.message ?? '').slice(0, 200)}`;
  if (error.code === 'BAD_TOKEN') return { outcome: failed('auth', { message }), auth: true };
  if (error.code === 'EMPTY_LIST' || error.code === 'MALFORMED') return { outcome: failed('malformed', { message }) };
  if (typeof error.code === 'string' && error.code.startsWith('UNREACHABLE_')) {
    return { outcome: failed('unresolved', { message }) }; // the package gives it for ENOTFOUND alone
  }
  return { outcome: failed(networkReason(error).reason, { message }) };
}

class TokenError extends Error {}

/** The token in the script that the page at `base` loads. */
async function fetchToken(base: string, signal: AbortSignal): Promise<string> {
  const page = await smallFetch(base, { ...PAGE_LIMITS, signal });
  const script = scriptOf(page);
  if (!script) throw new TokenError('trang không nêu tệp script');
  const url = new URL(script, base);
  if (url.origin !== new URL(base).origin) throw new TokenError('script nằm ngoài fast.com');
  const token = tokenOf(await smallFetch(url.href, { ...PAGE_LIMITS, signal }));
  if (!token) throw new TokenError('script không có token');
  return token;
}

/** `/app-a32983.js` in the page's script tags. */
export function scriptOf(page: string): string | undefined {
  return /<script[^>]{1,200}?src="([^"\s]{0,100}app-[\w.-]{1,60}\.js)"/.exec(page)?.[1];
}

/** `token:"YXNk…"` in the script. */
export function tokenOf(script: string): string | undefined {
  return /\btoken:\s?"([A-Za-z0-9_-]{8,128})"/.exec(script)?.[1];
}

function usableUrls(urls: unknown): string[] {
  if (!Array.isArray(urls)) return [];
  return urls
    .filter((url): url is string => typeof url === 'string' && url.length < 2048 && URL.canParse(url))
    .filter((url) => /^https?:$/.test(new URL(url).protocol))
    .slice(0, 5);
}
