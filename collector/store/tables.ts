import type { Generated } from 'kysely';

/** The tables, as Kysely sees them. Times are epoch milliseconds; `json` columns hold JSON text. */
export interface Tables {
  org_unit: OrgUnitTable;
  school: SchoolTable;
  room: RoomTable;
  asset: AssetTable;
  proposal: ProposalTable;
  licence: LicenceTable;
  machine: MachineTable;
  agent: AgentTable;
  enrolment_code: EnrolmentCodeTable;
  report: ReportTable;
  sample: SampleTable;
  series: SeriesTable;
  rollup: RollupTable;
  finding: FindingTable;
  incident: IncidentTable;
  manual_finding: ManualFindingTable;
  person: PersonTable;
  session: SessionTable;
  evaluation: EvaluationTable;
  evaluation_school: EvaluationSchoolTable;
  evaluation_finding: EvaluationFindingTable;
  evidence: EvidenceTable;
  remark: RemarkTable;
  draft: DraftTable;
  locked_sheet: LockedSheetTable;
  audit: AuditTable;
  edition: EditionTable;
  reading_choice: ReadingChoiceTable;
  edition_in_force: EditionInForceTable;
  release: ReleaseTable;
  rollout: RolloutTable;
}

export interface OrgUnitTable {
  id: string;
  parent_id: string | null;
  name: string;
  /** JSON: policy values that this unit changed, by name; its schools and sub-units inherit them. */
  policy: string;
  /** 1: simulated devices. */
  practice: number;
}
export interface SchoolTable {
  id: string;
  unit_id: string;
  code: string;
  name: string;
  /** JSON array of levels. */
  levels: string;
  /** JSON Calendar, or null for the default one. */
  calendar: string | null;
  /** Grows with every report of the school: what was computed of its samples is kept only if none came meanwhile. */
  samples_version: Generated<number>;
}
export interface RoomTable {
  id: string;
  school_id: string;
  name: string;
  kind: string;
  created_at: number;
  /** How many there should be; null: nobody said. */
  expected_pcs: Generated<number | null>;
  expected_printers: Generated<number | null>;
}
export interface AssetTable {
  id: string;
  school_id: string;
  room_id: string | null;
  kind: string;
  use: string | null;
  name: string;
  target: string | null;
  status: string;
  licence: string | null;
  created_at: number;
  /** Six octets, lower case, with colons; one expected device of a school bears it. */
  mac: Generated<string | null>;
  /** IP address as it was entered, or as an agent last found it. */
  address: Generated<string | null>;
  /** The PC of this school that it is, whose own agent reports under this name. */
  machine_id: Generated<string | null>;
}
/** A school's register of antivirus licences. */
export interface LicenceTable {
  id: string;
  school_id: string;
  product: string;
  /** Null: for the whole school. */
  seats: number | null;
  /** Local days, YYYY-MM-DD; both count. */
  valid_from: string;
  valid_until: string | null;
  /** The contract or invoice that proves it, and where it is kept. */
  document: string;
  by: string;
  at: number;
}
/** What agents found on a school's network; of each device the newest sample. */
export interface ProposalTable {
  school_id: string;
  /** `foundKey` of the device. */
  key: string;
  first_at: number;
  last_at: number;
  report_id: string;
  sample_id: number;
  /** `new`, `ignored`, or `adopted`: a device of the inventory. */
  state: string;
  /** JSON Found. */
  body: string;
}
/** A PC that runs an agent of its own, known by its hardware over all of its enrolments. */
export interface MachineTable {
  /** Also the target of what it measures. */
  id: string;
  school_id: string;
  /** JSON Machine, as it was told last. */
  parts: string;
  hostname: string;
  first_at: number;
  last_report_at: number | null;
  enrolments: number;
  /** The machine whose disk image it began with. */
  clone_of: string | null;
  /** What linked it last: `mac`, `name`, `person`; `undone`: a person said that it is no device of the inventory. */
  linked_by: string | null;
}
export interface AgentTable {
  id: string;
  school_id: string;
  /** JSON JWK, Ed25519. */
  public_key: string;
  hostname: string;
  version: string;
  status: string;
  enrolled_at: number;
  last_report_at: number | null;
  clock_offset_ms: number | null;
  /** JSON Health of the last report. */
  health: string | null;
  /** `site`: of the school; `endpoint`: of one PC. */
  kind: Generated<string>;
  /** The PC that an endpoint speaks for. */
  machine_id: Generated<string | null>;
  /** The code that enrolled an endpoint. */
  code_id: Generated<string | null>;
  /** When another agent took over its PC; `status` is `replaced` then. */
  replaced_at: Generated<number | null>;
  /** When it first reported although it had been replaced. */
  contested_at: Generated<number | null>;
  first_report_at: Generated<number | null>;
  /** JSON FirstMeasured: what its first report with samples held. */
  first_measured: Generated<string | null>;
}
export interface EnrolmentCodeTable {
  /** SHA-256 of the code, hex: the code itself is shown once and kept nowhere. */
  code_hash: string;
  school_id: string;
  expires_at: number;
  /** Of a code for one agent. */
  used_at: number | null;
  /** `site`: for one agent of the school; `endpoint`: for its PCs. */
  kind: Generated<string>;
  /** Null of codes that were made before it was. */
  id: Generated<string | null>;
  made_at: Generated<number | null>;
  made_by: Generated<string | null>;
  /** How often it was shown in vain, and when last. */
  refused: Generated<number>;
  refused_at: Generated<number | null>;
  /** The rest of the columns are of codes for PCs. */
  revoked_at: Generated<number | null>;
  max_machines: Generated<number | null>;
}
export interface ReportTable {
  id: string;
  agent_id: string;
  school_id: string;
  created_at: number;
  received_at: number;
  /** SHA-256 of `jws`, hex. */
  digest: string;
  /** The signed bytes as they came. */
  jws: string;
}
export interface SampleTable {
  id: Generated<number>;
  report_id: string;
  school_id: string;
  probe: string;
  target: string;
  at: number;
  ok: number;
  reason: string | null;
  values: string;
}
/** What was ever heard of one target through one probe. */
export interface SeriesTable {
  school_id: string;
  probe: string;
  target: string;
  first_at: number;
  last_at: number;
}
/** What rules need of a school's samples of some days, made of the samples and made anew without loss: a cache. */
export interface RollupTable {
  id: Generated<number>;
  school_id: string;
  /** Samples with `from_at` <= at < `to_at`; both are midnights or ends of a window. */
  from_at: number;
  to_at: number;
  /** Newest sample in it, or `from_at`: it holds everything stored so far, so it says nothing of an earlier moment. */
  last_at: number;
  /** Of everything else that it was made by: school days, policy values, format. */
  digest: string;
  /** See `compliance/rollup/codec.ts`. */
  body: Uint8Array;
}
export interface FindingTable {
  id: string;
  school_id: string;
  rule: string;
  state: string;
  count: number;
  since: number;
  computed_at: number;
  /** 1: the present one; a new row is written when state or count changes, so the rows of a rule are its history. */
  current: number;
  /** JSON: the whole finding. */
  body: string;
}
/** A camera without a picture, from its first sample to the one that showed a picture again. */
export interface IncidentTable {
  school_id: string;
  asset_id: string;
  from_at: number;
  to_at: number | null;
  state: string;
}
export interface ManualFindingTable {
  id: string;
  school_id: string;
  rule: string;
  kind: string;
  count: number | null;
  award: string | null;
  points: number | null;
  reason: string;
  by: string;
  at: number;
  /** The period that it belongs to; null: the live sheet. */
  evaluation_id: Generated<string | null>;
  /** Shares: the whole that `count` is a part of. */
  of: Generated<number | null>;
}
export interface PersonTable {
  id: string;
  username: string;
  name: string;
  role: string;
  /** scrypt, or null until the person chose a password. */
  password: string | null;
  /** JSON array: assessing units of the rubric for which an assessor enters. */
  units: Generated<string>;
  /** The school that a person of the role `school` sees. */
  school_id: Generated<string | null>;
  /** 0: may not sign in any more. People are never deleted: entries bear their names. */
  active: Generated<number>;
}
export interface SessionTable {
  token_hash: string;
  person_id: string;
  expires_at: number;
}

export interface EvaluationTable {
  id: string;
  name: string;
  edition_id: string;
  /** JSON: the edition as it was when the period was prepared, readings applied. */
  edition: string;
  /** The window in which measurements count. */
  from_at: number;
  to_at: number;
  state: string;
  created_by: string;
  created_at: number;
}
export interface EvaluationSchoolTable {
  evaluation_id: string;
  school_id: string;
}
/** What measurements say about a rule over a period's window. */
export interface EvaluationFindingTable {
  evaluation_id: string;
  school_id: string;
  rule: string;
  computed_at: number;
  /** JSON MeasuredFinding. */
  body: string;
}
/** A file that supports an item. The bytes lie under their digest in `evidence/`. */
export interface EvidenceTable {
  id: string;
  evaluation_id: string;
  school_id: string;
  item: string;
  name: string;
  type: string;
  bytes: number;
  /** SHA-256, hex. */
  digest: string;
  by: string;
  at: number;
}
/** A comment, a school's contest of an item, or the answer to one. */
export interface RemarkTable {
  id: string;
  evaluation_id: string;
  school_id: string;
  item: string;
  kind: string;
  answers: string | null;
  text: string;
  by: string;
  at: number;
}
/** What a person is typing into the form of a rule, before it is an entry. */
export interface DraftTable {
  evaluation_id: string;
  school_id: string;
  rule: string;
  person_id: string;
  at: number;
  /** JSON: the form's fields as typed. */
  fields: string;
}
export interface LockedSheetTable {
  evaluation_id: string;
  school_id: string;
  /** SHA-256 of `body`, hex. */
  digest: string;
  at: number;
  /** JSON FrozenSheet. */
  body: string;
}
/** Who changed what, when, from what to what; each row's hash covers the row before. Triggers refuse change and removal. */
export interface AuditTable {
  seq: number;
  at: number;
  by: string | null;
  action: string;
  subject: string;
  before: string;
  after: string;
  previous: string;
  hash: string;
}
/** An uploaded edition of the rubric; those shipped are files. */
export interface EditionTable {
  /** What stands in addresses. */
  key: string;
  id: string;
  date: string;
  /** The JSON text as it was uploaded. */
  text: string;
  by: string;
  at: number;
}
/** How an unclear place of an edition is read; the newest row of a reading counts. */
export interface ReadingChoiceTable {
  id: string;
  edition_key: string;
  reading: string;
  choice: string;
  reason: string;
  by: string;
  at: number;
}
/** The edition that scores live sheets; the newest row counts. */
export interface EditionInForceTable {
  id: string;
  edition_key: string;
  reason: string;
  by: string;
  at: number;
}
/** A version of the agent, as it was signed; its files lie under their digests in `releases/`. */
export interface ReleaseTable {
  version: string;
  /** The signed manifest (JWS). */
  manifest: string;
  by: string;
  at: number;
}
/** Which version a unit's agents shall run; the newest row of a unit counts. */
export interface RolloutTable {
  /** UUIDv7. */
  id: string;
  /** Null: the whole district. */
  unit_id: string | null;
  /** Null: nothing of its own. */
  version: string | null;
  /** Percent of the agents, drawn by version and agent. */
  share: number;
  /** 0: stopped, nobody is told of it. */
  running: number;
  by: string;
  at: number;
}
