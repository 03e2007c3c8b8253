import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { readLimited } from '../read-limited.ts';

/**
 * One HTTP POST with a deadline for the whole exchange and a limit on the answer. By node:http, not fetch, whose parser is
 * compiled as WebAssembly in every process that uses it: 10 MB resident for good, on every school's PC.
 */

/** Longest that a request may take, from connecting to the last byte of the answer, ms. */
export const REQUEST_DEADLINE_MS = 15_000;
/** Largest answer that is read, bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

export interface Answer {
  status: number;
  headers: Pick<Headers, 'get'>;
  /** The body as JSON; undefined when it is none, or is larger than MAX_ANSWER_BYTES. */
  body: unknown;
}

/** Nobody answered: no connection, connection lost, or no complete answer before the deadline. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
}

export interface PostOptions {
  contentType: string;
  signal?: AbortSignal | undefined;
  deadlineMs?: number | undefined;
  headers?: Record<string, string>;
}

/** Posts `body`. Redirects are answers, not followed: a captive portal redirects everything. Throws NoAnswerError. */
export async function post(url: string, body: string, options: PostOptions): Promise<Answer> {
  const { contentType, signal, deadlineMs = REQUEST_DEADLINE_MS } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    const response = await exchange(url, body, {
      method: 'POST',
      headers: { ...options.headers, 'content-type': contentType, accept: 'application/json' },
      signal: either,
    });
    const headers = { get: (name: string) => response.headers[name.toLowerCase()]?.toString() ?? null };
    return { status: response.statusCode ?? 0, headers, body: parse(await readLimited(response, MAX_ANSWER_BYTES)) };
  } catch (error) {
    throw new NoAnswerError(deadline.aborted ? `no answer within ${deadlineMs} ms` : describe(error));
  }
}

/** Resolves when the head of the answer is there; until its body ends, `signal` breaks it off. */
function exchange(
  url: string,
  body: string,
  options: { method: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const by = new URL(url).protocol === 'https:' ? requestTls : request;
    // Errors after the head are those of the answer, whose reader is told.
    by(url, options, resolve).on('error', reject).end(body);
  });
}

function parse(body: Buffer | null): unknown {
  if (body === null) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** An address that answers by IPv4 and IPv6 fails with both reasons in one error without words. */
function describe(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  return first instanceof Error
    ? first.message || ((first as NodeJS.ErrnoException).code ?? first.name)
    : String(first);
}
