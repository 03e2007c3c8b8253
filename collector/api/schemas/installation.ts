import Type, { type Static } from 'typebox';
import { Id, Instant, Nullable } from './common.ts';

/** What a person needs to install agents at a school, and how the installation goes. */

export const Download = Type.Object({
  name: Type.String(),
  bytes: Type.Integer(),
  /** Hex. */
  sha256: Type.String(),
  version: Type.String(),
  system: Type.Enum(['windows', 'debian-amd64', 'debian-arm64']),
});
export type Download = Omit<Static<typeof Download>, 'system'> & {
  system: 'windows' | 'debian-amd64' | 'debian-arm64';
};

const Kind = Type.Enum(['site', 'endpoint']);
type Kind = 'site' | 'endpoint';

/** A code of the last days or one that still enrols; never the code itself. */
export const InstallationCode = Type.Object({
  id: Id,
  kind: Kind,
  by: Nullable(Type.String()),
  madeAt: Instant,
  expiresAt: Instant,
  revokedAt: Nullable(Instant),
  /** 1 for the agent of a school. */
  maxMachines: Type.Integer(),
  /** How many it enrolled. */
  machines: Type.Integer(),
  /** How often it was shown in vain: used up, out of date, revoked, or by the other kind of agent. */
  refused: Type.Integer(),
  refusedAt: Nullable(Instant),
});
export type InstallationCode = Omit<Static<typeof InstallationCode>, 'kind'> & { kind: Kind };

/** An agent that was enrolled lately. */
export const Arrival = Type.Object({
  agentId: Id,
  kind: Kind,
  codeId: Nullable(Id),
  hostname: Type.String(),
  version: Type.String(),
  enrolledAt: Instant,
  /** Null: enrolled, and nothing heard of it yet. */
  firstReportAt: Nullable(Instant),
  /** Of the first report that held any: samples and how many of them went well, by probe. */
  firstMeasured: Type.Array(Type.Object({ probe: Type.String(), samples: Type.Integer(), ok: Type.Integer() })),
  /** The machine whose disk image it began with. */
  cloneOf: Nullable(Type.String()),
});
export type Arrival = Omit<Static<typeof Arrival>, 'kind'> & { kind: Kind };

/** GET /api/v1/schools/:id/installation */
export const Installation = Type.Object({
  school: Type.Object({ id: Id, name: Type.String() }),
  downloads: Type.Array(Download),
  /** The school's agent that passes on what PCs without internet report; null: none does. */
  relay: Nullable(Type.Object({ hostname: Type.String(), port: Type.Integer() })),
  codes: Type.Array(InstallationCode),
  /** The newest first, of the last days. */
  arrivals: Type.Array(Arrival),
  /** Since when codes and arrivals are shown. */
  since: Instant,
});
export type Installation = Omit<Static<typeof Installation>, 'downloads' | 'codes' | 'arrivals'> & {
  downloads: Download[];
  codes: InstallationCode[];
  arrivals: Arrival[];
};

export const FirstMeasured = Arrival.properties.firstMeasured;
export type FirstMeasured = Arrival['firstMeasured'];
