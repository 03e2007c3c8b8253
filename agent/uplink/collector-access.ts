import { signClaims } from '../../shared/wire/signature.ts';
import type { Config } from '../config.ts';
import type { CollectorAccess } from '../probes/probe.ts';
import type { Identity } from './identity.ts';

/** The collector as probes may use it: its address, and the agent's signature under what they ask; never the key itself. */
export function collectorAccess(config: Pick<Config, 'collector'>, identity: Identity | null): CollectorAccess | null {
  if (identity === null) return null;
  const { agentId, privateKey, collector } = identity;
  return {
    url: config.collector ?? collector,
    signed: (typ, claims) => signClaims(typ, { ...claims, agent: agentId, at: new Date().toISOString() }, privateKey),
  };
}
