import { lookup } from 'node:dns/promises';
import { isHost } from '../lan-reach/host.ts';
import { networkReason } from '../lan-reach/network-reason.ts';
import { type TcpAnswer, tcpConnect } from '../lan-reach/tcp.ts';
import type { Reason } from '../probe.ts';

/** One name outside the school: whether the resolver knows it, and whether its host answers a handshake. */
export interface Outside {
  name: string;
  address: string | null;
  sent: number;
  answered: number;
  /** Of the quickest answer. */
  ms: number | null;
  /** Why nothing answered; null when something did. */
  reason: Reason | null;
}

const RESOLVE_MS = 4_000;
const ANSWER_MS = 2_000;
const DEFAULT_PORT = 443;

/** `name` or `name:port`; a refused connection is an answer. Never throws. */
export async function askOutside(name: string, attempts: number, signal: AbortSignal): Promise<Outside> {
  const { host, port } = hostAndPort(name);
  const silent = { name, address: null, sent: 0, answered: 0, ms: null };
  if (!isHost(host)) return { ...silent, reason: 'unresolved' };
  let address: string;
  try {
    address = await resolved(host, signal);
  } catch (error) {
    return { ...silent, reason: networkReason(error).reason };
  }
  const answers: TcpAnswer[] = [];
  for (let sent = 0; sent < attempts && !signal.aborted; sent++)
    answers.push(await tcpConnect(address, port, ANSWER_MS, signal));
  const times = answers.flatMap((one) => (one.answer === 'none' ? [] : [one.rttMs]));
  const failure = answers.find((one) => one.answer === 'none');
  return {
    name,
    address,
    sent: answers.length,
    answered: times.length,
    ms: times.length > 0 ? Math.min(...times) : null,
    reason: times.length > 0 ? null : failure?.answer === 'none' ? failure.reason : 'timeout',
  };
}

export function hostAndPort(name: string): { host: string; port: number } {
  const found = /^\[?([^\]]*?)\]?(?::(\d{1,5}))?$/.exec(name);
  const bare = /^[^:]*:\d{1,5}$/.test(name) || name.startsWith('[');
  if (!found || !bare) return { host: name, port: DEFAULT_PORT };
  return { host: found[1]!, port: found[2] === undefined ? DEFAULT_PORT : Number(found[2]) };
}

/** The resolver of the system asks its servers for longer than a minute may take; its answer is then no longer waited for. */
async function resolved(host: string, signal: AbortSignal): Promise<string> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(RESOLVE_MS)]);
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const onLate = () => reject(Object.assign(new Error('no answer to the name'), { code: 'EAI_AGAIN' }));
  late.addEventListener('abort', onLate, { once: true });
  tooLate.catch(() => {});
  try {
    return (await Promise.race([lookup(host), tooLate])).address;
  } finally {
    late.removeEventListener('abort', onLate);
  }
}
