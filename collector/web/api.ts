import type { ApiError } from '../../shared/wire/report.ts';

/** One door to the collector: JSON in and out, a deadline, every failure an ApiFailure with a line for people. */

const DEADLINE_MS = 20_000;
/** A file over a school's line takes longer, ms. */
const UPLOAD_DEADLINE_MS = 180_000;

export class ApiFailure extends Error {
  override name = 'ApiFailure';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const get = <T>(path: string, signal?: AbortSignal) => ask<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: unknown) => ask<T>('POST', path, body);
export const put = <T>(path: string, body: unknown) => ask<T>('PUT', path, body);
export const remove = (path: string) => ask<null>('DELETE', path);
/** Sends a file's bytes as they are. */
export const upload = <T>(path: string, file: Blob) => ask<T>('POST', path, file);

async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const isFile = body instanceof Blob;
  const deadline = AbortSignal.timeout(isFile ? UPLOAD_DEADLINE_MS : DEADLINE_MS);
  const contentType = isFile ? 'application/octet-stream' : 'application/json';
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers: { 'x-thdt': '1', ...(body === undefined ? {} : { 'content-type': contentType }) },
      ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (error) {
    throw new ApiFailure('no-answer', (error as Error).message);
  }
  const text = await answer.text();
  if (!answer.ok) {
    const { code, message } = readError(text);
    throw new ApiFailure(code, message || `HTTP ${answer.status}`);
  }
  return (text === '' ? null : JSON.parse(text)) as T;
}

function readError(text: string): ApiError['error'] {
  try {
    return (JSON.parse(text) as ApiError).error;
  } catch {
    return { code: 'unknown', message: '' };
  }
}
