import { Agent, interceptors, request } from 'undici';
import { HttpStatusError } from './answers.ts';

/** Text of a small resource: at most `maxBytes` (else error UND_ERR_RES_EXCEEDED_MAX_SIZE), within `timeoutMs` in all. */
export async function smallFetch(
  url: string,
  limits: { maxBytes: number; timeoutMs: number; signal: AbortSignal },
): Promise<string> {
  const agent = new Agent({ maxResponseSize: limits.maxBytes, connect: { timeout: limits.timeoutMs } });
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: 3 })),
      signal: AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new HttpStatusError(statusCode);
    return text;
  } finally {
    await agent.destroy();
  }
}
