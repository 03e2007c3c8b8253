import { isOnLink } from '../lan-reach/on-link.ts';
import { type TcpAnswer, tcpConnect } from '../lan-reach/tcp.ts';
import type { Reason } from '../probe.ts';
import type { Names } from './resolve.ts';

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

/** One handshake, and all of them: the second leaves the run its time for the rest. */
const ANSWER_MS = 2_000;
const ANSWERS_MS = 8_000;
const DEFAULT_PORT = 443;

/**
 * `name` or `name:port`; a refused connection is an answer. An address of the school's own network is not outside: many
 * routers answer every name with their own address while their line is out. Never throws.
 */
export async function askOutside(name: string, attempts: number, names: Names, signal: AbortSignal): Promise<Outside> {
  const { host, port } = hostAndPort(name);
  const silent = { name, sent: 0, answered: 0, ms: null };
  if (port < 1 || port > 65_535) return { ...silent, address: null, reason: 'failed' };
  const address = await names.addressOf(host, signal);
  if (address === null) return { ...silent, address, reason: 'unresolved' };
  if (isOnLink(address)) return { ...silent, address, reason: 'unreachable' };
  const answers: TcpAnswer[] = [];
  for (let sent = 0; sent < attempts && !signal.aborted; sent++)
    answers.push(await tcpConnect(address, port, Math.min(ANSWER_MS, ANSWERS_MS / attempts), signal));
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
