/** One HTTP POST with a deadline for the whole exchange and a limit on the answer. */

/** Longest that a request may take, from connecting to the last byte of the answer, ms. */
export const REQUEST_DEADLINE_MS = 15_000;
/** Largest answer that is read, bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

export interface Answer {
  status: number;
  headers: Headers;
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
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...options.headers, 'content-type': contentType, accept: 'application/json' },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
    });
    return { status: response.status, headers: response.headers, body: parse(await limited(response)) };
  } catch (error) {
    throw new NoAnswerError(describe(error));
  } finally {
    clearTimeout(timer);
  }
}

/** The body's text, null as soon as it is larger than the limit. */
async function limited(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says "fetch failed" and keeps the reason (ECONNREFUSED 127.0.0.1:8080) in its cause. */
function describe(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause ?? error;
  return cause instanceof Error
    ? cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
    : String(cause);
}
