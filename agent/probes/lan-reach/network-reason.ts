import type { Reason } from '../probe.ts';

/** Codes of libuv (errno(3)), getaddrinfo(3), undici and llhttp, by what they say about the target. */
const REASONS: readonly [RegExp, Reason][] = [
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'unresolved'],
  [/^(ECONNREFUSED)$/, 'refused'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EINVAL)$/, 'unreachable'],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|TimeoutError|AbortError|ABORT_ERR|UND_ERR_ABORTED)$/, 'timeout'],
  [
    /^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_\w+|HTTPParserError|ERR_INVALID_PROTOCOL)$/,
    'malformed',
  ],
  [/^(UND_ERR_RES_EXCEEDED_MAX_SIZE)$/, 'too-large'],
];

/**
 * Why a network call failed, and the words for it. Reads `code`, then `name`, of the error, of its cause, and of the
 * errors of an AggregateError (one for each address that was tried). EINVAL is what connect(2) gives on a blackhole route.
 */
export function networkReason(error: unknown): { reason: Reason; message: string } {
  for (const one of withCauses(error)) {
    for (const word of [one.code, one.name]) {
      const found = REASONS.find(([pattern]) => typeof word === 'string' && pattern.test(word));
      if (found) return { reason: found[1], message: messageOf(one) };
    }
  }
  return { reason: 'failed', message: messageOf(error) };
}

type ErrorLike = { code?: unknown; name?: unknown; cause?: unknown; errors?: unknown };

function withCauses(error: unknown, depth = 0): ErrorLike[] {
  if (typeof error !== 'object' || error === null || depth > 4) return [];
  const { cause, errors } = error as ErrorLike;
  const below = [cause, ...(Array.isArray(errors) ? errors : [])];
  return [error as ErrorLike, ...below.flatMap((one) => withCauses(one, depth + 1))];
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error).slice(0, 200);
  const { message, code } = error as { message?: unknown; code?: unknown };
  const words = [message, code].find((word) => typeof word === 'string' && word !== '');
  return typeof words === 'string' ? words.slice(0, 200) : 'unknown error';
}
