import Type, { type Static } from 'typebox';
import { Id, Instant, Nullable } from './common.ts';

/** The internet lines of a school as its page shows them. */

const Mbps = Nullable(Type.Number());

/** One speed test. */
export const SpeedPoint = Type.Object({
  at: Instant,
  target: Type.String(),
  /** `rate`: what the line carries; `least`: what it carries at least, see `marks`; `nothing`: see `reason`. */
  kind: Type.Union([Type.Literal('rate'), Type.Literal('least'), Type.Literal('nothing')]),
  /** What the rule counts; null where it counts nothing. */
  mbps: Mbps,
  lineMbps: Mbps,
  /** 95 % confidence interval of `lineMbps`, where the test gave one. */
  lowMbps: Mbps,
  highMbps: Mbps,
  payloadMbps: Mbps,
  marks: Type.Array(Type.String()),
  reason: Nullable(Type.String()),
  /** A second provider's result. */
  crossCheck: Nullable(
    Type.Object({ provider: Nullable(Type.String()), lineMbps: Type.Number(), differs: Type.Boolean() }),
  ),
  provider: Nullable(Type.String()),
  /** Whether it lies in school hours. */
  inHours: Type.Boolean(),
  reportId: Id,
});
export type SpeedPoint = Static<typeof SpeedPoint>;

/** What is known of an internet line beside its verdict. Medians are null where nothing was measured. */
export const LineFigures = Type.Object({
  assetId: Id,
  name: Type.String(),
  offHours: Nullable(Type.Object({ tests: Type.Integer(), medianMbps: Type.Number(), bestMbps: Type.Number() })),
  upload: Nullable(Type.Object({ tests: Type.Integer(), medianMbps: Type.Number() })),
  latency: Type.Object({
    idleMs: Nullable(Type.Number()),
    downMs: Nullable(Type.Number()),
    upMs: Nullable(Type.Number()),
  }),
  crossChecks: Type.Object({
    tests: Type.Integer(),
    differing: Type.Integer(),
    /** The two results furthest apart; they are shown and never averaged. */
    worst: Nullable(
      Type.Object({
        at: Instant,
        reportId: Id,
        provider: Nullable(Type.String()),
        mbps: Type.Number(),
        otherProvider: Nullable(Type.String()),
        otherMbps: Type.Number(),
      }),
    ),
  }),
  marked: Type.Array(Type.Object({ mark: Type.String(), tests: Type.Integer() })),
  spoilt: Type.Array(Type.Object({ reason: Type.String(), tests: Type.Integer() })),
  /** Null where nobody looked. `seconds`: time that it was known to last; `to` null: still out. */
  outages: Nullable(
    Type.Object({
      count: Type.Integer(),
      seconds: Type.Integer(),
      longest: Type.Array(Type.Object({ from: Instant, to: Nullable(Instant), seconds: Type.Integer(), reportId: Id })),
    }),
  ),
  /** Changes of the line that was measured, newest first. */
  switches: Type.Object({
    count: Type.Integer(),
    newest: Type.Array(
      Type.Object({
        at: Instant,
        changes: Type.Array(Type.Object({ trait: Type.String(), before: Type.String(), after: Type.String() })),
        reportId: Id,
      }),
    ),
  }),
});
export type LineFigures = Static<typeof LineFigures>;
