import Type, { type Static } from 'typebox';
import { FindingState, Id, Instant, Level, Nullable, StandardPoints } from './common.ts';

/** GET /api/v1/overview: the district page in one answer. */
export const OverviewCell = Type.Object({
  rule: Type.String(),
  state: FindingState,
  figure: Type.String(),
  verdict: Type.String(),
});
export type OverviewCell = Static<typeof OverviewCell>;

export const OverviewSchool = Type.Object({
  id: Id,
  code: Type.String(),
  name: Type.String(),
  unit: Type.Object({ id: Id, name: Type.String() }),
  levels: Type.Array(Level),
  /** Simulated devices, judged by a policy that counts minutes; never mixed into the district's figures unlabelled. */
  practice: Type.Boolean(),
  agents: Type.Object({ active: Type.Integer(), silent: Type.Integer(), lastReportAt: Nullable(Instant) }),
  openIncidents: Type.Integer(),
  /** Points of Tiêu chuẩn 3. */
  standard: StandardPoints,
  cells: Type.Array(OverviewCell),
});
export type OverviewSchool = Static<typeof OverviewSchool>;

export const Overview = Type.Object({
  asOf: Instant,
  rubric: Type.String(),
  /** The columns: measurable rules of Tiêu chuẩn 3 in the decision's order. */
  rules: Type.Array(Type.Object({ id: Type.String(), short: Type.String(), text: Type.String() })),
  schools: Type.Array(OverviewSchool),
  /** The five figures at the top, counted over `schools`. */
  figures: Type.Object({
    meetingAll: Type.Integer(),
    openIncidents: Type.Integer(),
    silentAgents: Type.Integer(),
    slowInternet: Type.Integer(),
    withoutAntivirus: Type.Integer(),
  }),
});
export type Overview = Static<typeof Overview>;

/** GET /api/v1/live (server-sent events): event `changed`, data this. The page refetches what it shows. */
export const Changed = Type.Object({ schoolId: Id, at: Instant });
export type Changed = Static<typeof Changed>;
