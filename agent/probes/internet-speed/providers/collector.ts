import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { request } from 'undici';
import { MAX_SPEED_STREAMS, SPEED_TYP } from '../../../../shared/wire/speed.ts';
import { failed, type Outcome } from '../../probe.ts';
import { failureOf, HttpStatusError } from './answers.ts';
import { httpLine } from './http-line.ts';
import type { Provider } from './provider.ts';

/**
 * The district's own speed endpoint. It gives one agent a turn at a time: two schools that measure at once would each read
 * half of the district's line. A turn is asked for under the agent's signature, lapses by itself, and is given back.
 */
const ANSWER_MS = 8_000;
const MAX_ANSWER_BYTES = 16 * 1024;
/** Somebody else is measuring: asked again after the time that the collector names, this often, and no later than this, s. */
const TRIES = 3;
const LONGEST_WAIT_SECONDS = 15;

const Turn = Compile(
  Type.Object({
    token: Type.String({ pattern: '^[\\w-]{8,256}$' }),
    maxSeconds: Type.Number({ exclusiveMinimum: 0 }),
    maxBytes: Type.Number({ exclusiveMinimum: 0 }),
    limitMbps: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
  }),
);
/** Part of the turn that one direction may take: the other one, and the way back, need theirs. */
const SHARE = 0.45;

export const collector = (wait: (ms: number, signal: AbortSignal) => Promise<void>): Provider => ({
  name: 'collector',
  open: async ({ collector: access, signal }) => {
    if (access === null) return refused('máy này chưa ghi danh: chạy lệnh enroll');
    const base = `${access.url}/api/v1/speed`;
    try {
      for (let tries = 1; ; tries++) {
        const answer = await ask(base, await access.signed(SPEED_TYP, {}), signal);
        if ('turn' in answer) return { line: lineOf(base, answer.turn) };
        const again = answer.status === 409 && tries < TRIES && answer.retryAfter <= LONGEST_WAIT_SECONDS;
        if (!again) return refused(answer.message, answer.status);
        await wait(answer.retryAfter * 1000, signal);
      }
    } catch (error) {
      return { outcome: failureOf(error, {}, 'collector: ') };
    }
  },
});

const refused = (message: string, httpStatus?: number): { outcome: Outcome } => ({
  outcome: failed('refused', { message: `collector: ${message}`, ...(httpStatus === undefined ? {} : { httpStatus }) }),
});

type Granted = { token: string; maxSeconds: number; maxBytes: number; limitMbps: number | null };

function lineOf(base: string, { token, maxSeconds, maxBytes, limitMbps }: Granted) {
  const at = (what: string) => `${base}/${what}?token=${encodeURIComponent(token)}`;
  return httpLine({
    downloads: [at('download')],
    uploads: [at('upload')],
    limits: { maxSeconds: maxSeconds * SHARE, maxBytes: maxBytes * SHARE, maxStreams: MAX_SPEED_STREAMS, limitMbps },
    // A turn that is not given back lapses; nothing hangs on the answer.
    onClose: () =>
      request(at('turn'), { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) }).then(
        ({ body }) => body.dump(),
        () => {},
      ),
  });
}

async function ask(
  base: string,
  jws: string,
  signal: AbortSignal,
): Promise<{ turn: Granted } | { status: number; retryAfter: number; message: string }> {
  const { statusCode, headers, body } = await request(`${base}/turn`, {
    method: 'POST',
    body: jws,
    headers: { 'content-type': 'application/jose', accept: 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  });
  const answer = await smallJson(body);
  if (statusCode === 200 && Turn.Check(answer)) return { turn: answer };
  if (statusCode === 200) throw new HttpStatusError(statusCode);
  const { message } = ((answer ?? {}) as { error?: { message?: unknown } }).error ?? {};
  const seconds = Number([headers['retry-after']].flat()[0]);
  return {
    status: statusCode,
    retryAfter: Number.isFinite(seconds) ? Math.max(1, seconds) : Number.POSITIVE_INFINITY,
    message: typeof message === 'string' ? message.slice(0, 200) : `HTTP ${statusCode}`,
  };
}

async function smallJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) return undefined;
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    return undefined;
  }
}
