import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Machine } from './machine.ts';
import { Version } from './release.ts';

/** The wire format between agent and collector: what a report is, how large it may be, what a refusal is called. */

/** Largest signed report that the collector reads, bytes. An agent never makes a larger one. */
export const MAX_REPORT_BYTES = 512 * 1024;
/** Most samples in one report. */
export const MAX_SAMPLES = 1000;
/** Largest values of one sample, characters of JSON: a picture's figures and thirty products stay far below. */
export const MAX_VALUE_CHARS = 16 * 1024;
/** Deepest nesting of a sample's values: `products: [{ name }]` is 3. */
export const MAX_VALUE_DEPTH = 8;
/** Content type of a signed report. */
export const REPORT_CONTENT_TYPE = 'application/jose';
/** JWS header `typ`: a signature made for anything else is never taken for a report. */
export const REPORT_TYP = 'thdt-report+jws';

const closed = { additionalProperties: false };
/** RFC 3339 in UTC with milliseconds, as `Date.toISOString` writes it. */
const Instant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
const Name = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z][a-z0-9-]*$' });

export const Sample = Type.Object(
  {
    /** Name of the probe that measured: `camera`, `lan-reach`, … */
    probe: Name,
    /** Id of what was measured, as configured at the agent and borne by the asset. */
    target: Type.String({ minLength: 1, maxLength: 128 }),
    /** When the measurement was taken, by the agent's clock. */
    at: Instant,
    /** Whether the probe obtained a measurement of a target in order; false always carries a reason. */
    ok: Type.Boolean(),
    /** Why not: `timeout`, `refused`, `auth`, `malformed`, …; null when ok. */
    reason: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()]),
    /** The probe's figures; names carry units (`lineMbps`, `rttMs`). */
    values: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 }),
  },
  closed,
);
export type Sample = Static<typeof Sample>;

/** How the agent's last upgrade ended; absent when there was none. */
export const Upgrade = Type.Object(
  {
    /** The version that was wanted. */
    version: Version,
    /** `ok`: it runs; `went-back`: it ran and was not in order; `failed`: it could not be fetched yet. */
    state: Type.Enum(['ok', 'went-back', 'failed']),
    /** Null when ok. */
    why: Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()]),
  },
  closed,
);
export type Upgrade = Static<typeof Upgrade>;

/** State of the agent itself when the report was made. */
export const Health = Type.Object(
  {
    version: Type.String({ maxLength: 32 }),
    startedAt: Instant,
    /** Reports waiting on disk, this one included. */
    queued: Type.Integer({ minimum: 0 }),
    /** Reports that the collector can never accept, kept aside on disk. */
    setAside: Type.Integer({ minimum: 0 }),
    /** Probe runs that ended by error or deadline since start. */
    failedRuns: Type.Integer({ minimum: 0 }),
    /** How often each probe runs, seconds. */
    everySeconds: Type.Record(Name, Type.Number({ exclusiveMinimum: 0 }), { maxProperties: 32 }),
    /** The hardware that the agent runs on, as read at its start; endpoints only. */
    machine: Type.Optional(Machine),
    upgrade: Type.Optional(Upgrade),
    /** Where it passes reports of the school's PCs on, while it does. */
    relayPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  },
  closed,
);
export type Health = Static<typeof Health>;

export const Report = Type.Object(
  {
    /** UUIDv7; the same id stored twice is stored once. */
    id: Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' }),
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    createdAt: Instant,
    samples: Type.Array(Sample, { maxItems: MAX_SAMPLES }),
    health: Health,
  },
  closed,
);
export type Report = Static<typeof Report>;

const reportSchema = Compile(Report);

/** The report in `data`, or throws RefusedError `report-invalid` naming the first place that is wrong. */
export function parseReport(data: unknown): Report {
  if (!reportSchema.Check(data)) {
    const first = reportSchema.Errors(data)[0];
    throw new RefusedError('report-invalid', `${first?.instancePath || 'report'}: ${first?.message ?? 'wrong shape'}`);
  }
  const wrong = firstWrong(data);
  if (wrong !== undefined) throw new RefusedError('report-invalid', wrong);
  return data;
}

/** What no schema says: every instant is a date of the calendar, and no value is nested past reading. */
function firstWrong(report: Report): string | undefined {
  if (!isInstant(report.createdAt)) return '/createdAt: no such date';
  if (!isInstant(report.health.startedAt)) return '/health/startedAt: no such date';
  for (const [index, { at, values }] of report.samples.entries()) {
    if (!isInstant(at)) return `/samples/${index}/at: no such date`;
    if (isDeeper(values, MAX_VALUE_DEPTH)) return `/samples/${index}/values: nested more than ${MAX_VALUE_DEPTH} deep`;
    if (JSON.stringify(values).length > MAX_VALUE_CHARS)
      return `/samples/${index}/values: more than ${MAX_VALUE_CHARS} characters`;
  }
  return undefined;
}

const isInstant = (text: string): boolean => {
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString() === text;
};

/** Level by level, not by recursion: what it guards against would end the stack. */
function isDeeper(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= most; depth++) {
    level = level.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/**
 * Why a collector refuses a report, with the HTTP status that carries it. `forever`: the same bytes can never be
 * accepted, so the agent sets the report aside; otherwise a person can mend the cause and the agent keeps trying.
 */
export const REFUSALS = {
  'report-malformed': { status: 400, forever: true },
  'signature-invalid': { status: 400, forever: true },
  'report-too-large': { status: 413, forever: true },
  'report-invalid': { status: 422, forever: true },
  'report-conflict': { status: 409, forever: true },
  /** An endpoint reported more than its own host. */
  'endpoint-scope': { status: 422, forever: true },
  'agent-unknown': { status: 401, forever: false },
  'agent-revoked': { status: 403, forever: false },
  /** The machine was enrolled anew: another agent speaks for it. */
  'agent-replaced': { status: 403, forever: false },
  /** The report comes from another machine than the one that was enrolled. */
  'machine-mismatch': { status: 403, forever: false },
} as const;
export type RefusalCode = keyof typeof REFUSALS;

export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The collector's answer to an accepted report, sent after it is on disk. */
export const Acknowledgement = Type.Object({
  id: Type.String(),
  stored: Type.Union([Type.Literal('new'), Type.Literal('duplicate')]),
  /** The collector's clock, for the agent to see how wrong its own is. */
  serverTime: Instant,
  /** The version that this agent shall run; absent: the one that it runs. */
  release: Type.Optional(Type.Object({ version: Version })),
});
export type Acknowledgement = Static<typeof Acknowledgement>;

/** Every error answer of the API. `message` is one line in Vietnamese that says what to do next. */
export const ApiError = Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) });
export type ApiError = Static<typeof ApiError>;

/**
 * POST /api/v1/enrol: an agent shows its code and its public key, and learns its name. With `machine` it is an endpoint,
 * which a code for endpoints enrols; without, the agent of a school, which a one-time code enrols.
 */
export const EnrolRequest = Type.Object(
  {
    code: Type.String({ minLength: 8, maxLength: 64 }),
    /** Ed25519 public key as JWK (RFC 8037). The private half never leaves the agent's machine. */
    publicKey: Type.Object(
      { kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) },
      closed,
    ),
    hostname: Type.String({ minLength: 1, maxLength: 128 }),
    version: Type.String({ maxLength: 32 }),
    machine: Type.Optional(Machine),
    /** Who the agent was before it saw that its identity came from another machine, or was refused. */
    formerAgent: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  closed,
);
export type EnrolRequest = Static<typeof EnrolRequest>;

export const EnrolAnswer = Type.Object({
  agentId: Type.String(),
  school: Type.Object({ id: Type.String(), name: Type.String() }),
  serverTime: Instant,
  /** Target of all that an endpoint measures: the district's name for its machine. */
  target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
export type EnrolAnswer = Static<typeof EnrolAnswer>;
