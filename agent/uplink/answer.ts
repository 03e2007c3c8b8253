import { Compile } from 'typebox/compile';
import { Acknowledgement, ApiError, REFUSALS, type RefusalCode } from '../../shared/wire/report.ts';
import type { Answer } from './post.ts';

/** What an answer to a report means for the report. Pure. */

export type AgentRefusal = 'agent-unknown' | 'agent-revoked' | 'agent-replaced' | 'machine-mismatch';

export type Verdict =
  /** On the collector's disk. */
  | { kind: 'stored'; ack: Acknowledgement }
  /** These bytes can never be accepted. */
  | { kind: 'never'; code: string; message: string }
  /** The collector does not take this agent's reports; a person must mend it, or an endpoint enrols anew. */
  | { kind: 'agent-refused'; code: AgentRefusal; message: string }
  /** The collector cannot now; `retryAfterMs` when it said for how long. */
  | { kind: 'later'; message: string; retryAfterMs: number | null }
  /** The collector failed over it: it may fail over everything, or over this report alone. */
  | { kind: 'fault'; message: string }
  /** No answer that a collector gives: a proxy, a captive portal, another program. */
  | { kind: 'odd'; message: string };

const ackSchema = Compile(Acknowledgement);
const errorSchema = Compile(ApiError);
/** Longest wait that a Retry-After is followed for, ms. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Judges the answer to report `id`. `nowMs` (Unix) is for a Retry-After that names a date. */
export function judge(answer: Answer, id: string, nowMs: number): Verdict {
  const { status, body } = answer;
  if (status === 200 || status === 201) {
    if (ackSchema.Check(body) && body.id === id) return { kind: 'stored', ack: body };
    return { kind: 'odd', message: `HTTP ${status} không phải lời xác nhận của bản tin này` };
  }
  const error = errorSchema.Check(body) ? body.error : null;
  if (error && isRefusal(error.code)) {
    const message = error.message.slice(0, 500);
    if (REFUSALS[error.code].forever) return { kind: 'never', code: error.code, message };
    return { kind: 'agent-refused', code: error.code as AgentRefusal, message };
  }
  if (status === 503 || status === 429 || status === 408)
    return { kind: 'later', message: `HTTP ${status}`, retryAfterMs: retryAfter(answer.headers, nowMs) };
  if (status >= 500) return { kind: 'fault', message: `HTTP ${status}` };
  if (status === 413)
    return {
      kind: 'never',
      code: 'http-413',
      message: 'máy trung gian (proxy) trước collector từ chối vì bản tin quá lớn, không phải collector',
    };
  return { kind: 'odd', message: `HTTP ${status}${error ? ` ${error.code.slice(0, 64)}` : ''}` };
}

function isRefusal(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}

/** RFC 9110, 10.2.3: seconds or a date. */
function retryAfter(headers: Answer['headers'], nowMs: number): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : null;
}
