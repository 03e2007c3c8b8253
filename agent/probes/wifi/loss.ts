import { setTimeout as delay } from 'node:timers/promises';
import { icmpEcho } from '../lan-reach/icmp.ts';
import { reach } from '../lan-reach/reach.ts';
import { tcpConnect } from '../lan-reach/tcp.ts';

/** What came back of a row of questions to the gateway. */
export interface Loss {
  /** `icmp` echoes, or `tcp` handshakes where no echo is answered; null: neither is, nothing can be said of loss. */
  method: 'icmp' | 'tcp' | null;
  sent: number;
  answered: number;
  /** 0 to 1; null when nothing was sent. */
  lossShare: number | null;
  rttMinMs: number | null;
  rttMeanMs: number | null;
  rttMaxMs: number | null;
}

const QUESTIONS = 20;
const EVERY_MS = 250;
/** Later than this is lost: a lesson's video call thinks so too. */
const ANSWER_MS = 1_000;

/**
 * Twenty questions in five seconds. A gateway that answers no echo is asked for a TCP handshake, where a refusal is an
 * answer, and then by ARP. Null: it did not answer by any means.
 */
export async function lossTo(gateway: string, signal: AbortSignal): Promise<Loss | null> {
  const byIcmp = await row(async () => {
    const echo = await icmpEcho(gateway, ANSWER_MS, signal);
    return echo.answered ? echo.rttMs : null;
  }, signal);
  if (byIcmp.some((rtt) => rtt !== null)) return summary('icmp', byIcmp);
  const other = await reach({ id: 'gateway', address: gateway, icmp: false }, signal);
  if (!other.ok) return null;
  const { method, port } = other.values;
  if (method !== 'tcp' || typeof port !== 'number') return summary(null, []);
  const byTcp = await row(async () => {
    const answer = await tcpConnect(gateway, port, ANSWER_MS, signal);
    return answer.answer === 'none' ? null : answer.rttMs;
  }, signal);
  return summary('tcp', byTcp);
}

async function row(ask: () => Promise<number | null>, signal: AbortSignal): Promise<(number | null)[]> {
  const asked: Promise<number | null>[] = [];
  while (asked.length < QUESTIONS && !signal.aborted) {
    asked.push(ask());
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return Promise.all(asked);
}

/** Of round trips, null being a question without an answer. */
export function summary(method: Loss['method'], rtts: readonly (number | null)[]): Loss {
  const answers = rtts.filter((rtt) => rtt !== null);
  const mean = answers.reduce((sum, rtt) => sum + rtt, 0) / answers.length;
  const [sent, answered] = [rtts.length, answers.length];
  return {
    method,
    sent,
    answered,
    lossShare: sent > 0 ? Math.round((1 - answered / sent) * 1000) / 1000 : null,
    rttMinMs: answered > 0 ? Math.min(...answers) : null,
    rttMeanMs: answered > 0 ? Math.round(mean * 1000) / 1000 : null,
    rttMaxMs: answered > 0 ? Math.max(...answers) : null,
  };
}
