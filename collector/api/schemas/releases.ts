import Type, { type Static } from 'typebox';
import { Version } from '../../../shared/wire/release.ts';
import { Id, Instant, Nullable } from './common.ts';

/** Releases of the agent and who shall run which. */

export const ReleaseEntry = Type.Object({
  version: Type.String(),
  notes: Type.String(),
  platforms: Type.Array(Type.String()),
  /** Of one platform, bytes. */
  bytes: Type.Integer(),
  createdAt: Instant,
  uploadedBy: Type.String(),
  uploadedAt: Instant,
  /** Digests of files that are not here yet; only a release without any can be rolled out. */
  missing: Type.Array(Type.String()),
});
export type ReleaseEntry = Static<typeof ReleaseEntry>;

export const RolloutEntry = Type.Object({
  /** Null: the whole district. */
  unitId: Nullable(Id),
  unitName: Nullable(Type.String()),
  version: Type.String(),
  sharePercent: Type.Integer(),
  running: Type.Boolean(),
  by: Type.String(),
  at: Instant,
});
export type RolloutEntry = Static<typeof RolloutEntry>;

/** GET /api/v1/releases; every change answers it anew. See `releases/spread.ts`. */
export const ReleaseOverview = Type.Object({
  /** Whether the collector knows a release key; without it no release is taken. */
  hasKey: Type.Boolean(),
  releases: Type.Array(ReleaseEntry),
  rollouts: Type.Array(RolloutEntry),
  versions: Type.Array(
    Type.Object({
      version: Type.String(),
      agents: Type.Integer(),
      upgraded: Type.Integer(),
      waiting: Type.Integer(),
      wentBack: Type.Integer(),
      failed: Type.Integer(),
    }),
  ),
  troubles: Type.Array(
    Type.Object({
      agentId: Id,
      hostname: Type.String(),
      school: Type.Object({ id: Id, name: Type.String() }),
      runs: Type.String(),
      version: Type.String(),
      state: Type.Enum(['went-back', 'failed']),
      why: Type.String(),
      lastReportAt: Instant,
    }),
  ),
});
export type ReleaseOverview = Static<typeof ReleaseOverview>;

/** POST /api/v1/releases → 201 ReleaseEntry. `manifest`: the signed manifest (JWS). */
export const NewRelease = Type.Object(
  { manifest: Type.String({ minLength: 1, maxLength: 512 * 1024 }) },
  { additionalProperties: false },
);

/** POST /api/v1/releases/rollouts → 201 ReleaseOverview. `version` null: the unit follows the one above it again. */
export const NewRollout = Type.Object(
  {
    unitId: Nullable(Id),
    version: Nullable(Version),
    sharePercent: Type.Integer({ minimum: 0, maximum: 100 }),
    running: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type NewRollout = Static<typeof NewRollout>;
