import { networkReason } from '../../lan-reach/network-reason.ts';
import { failed, type Outcome, type Reason } from '../../probe.ts';

/** A server's answer that is no file: its status says why. */
export class HttpStatusError extends Error {
  override name = 'HttpStatusError';
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** An answer that is no file to measure a line with: what a captive portal gives, or a file too small. */
export class NotAFileError extends Error {
  override name = 'NotAFileError';
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The server's own doing, and not the line's. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof HttpStatusError || error instanceof NotAFileError || networkReason(error).reason === 'refused';

/** What an error of a provider's servers makes of the measurement; `who` begins the message. */
export function failureOf(error: unknown, about: Record<string, unknown> = {}, who = ''): Outcome {
  const say = (message: string) => ({ ...about, message: `${who}${message}` });
  if (error instanceof NotAFileError) return failed(error.reason, say(error.message));
  const { reason, message } = networkReason(error);
  const status = error instanceof HttpStatusError ? { httpStatus: error.status } : {};
  return failed(reason, { ...say(message), ...status });
}
