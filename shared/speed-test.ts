/**
 * The values of an `internet-speed` sample as they may be relied on: what an agent sends is a claim, so each figure is read
 * by itself and is null where it is missing or makes no sense. Rates in Mbps, latency in ms. Never throws.
 */
export interface SpeedTest {
  lineMbps: number | null;
  /** 95 % confidence interval of `lineMbps`; both null where it is missing or does not hold the figure. */
  lowMbps: number | null;
  highMbps: number | null;
  payloadMbps: number | null;
  /** What makes the figure a lower bound of the line and no more, the first to be mended first. */
  marks: Mark[];
  /** Why the figure says nothing at all; null when it does. */
  worthless: string | null;
  uploadMbps: number | null;
  latency: { idleMs: number | null; downMs: number | null; upMs: number | null };
  crossCheck: CrossCheck | null;
  provider: string | null;
  medium: string | null;
  /** Nominal speed of the port. */
  linkMbps: number | null;
}

/** A second provider's result; `differs`: the two are further apart than two measurements of one line. */
export interface CrossCheck {
  provider: string | null;
  lineMbps: number;
  differs: boolean;
}

export const MARKS = ['wifi', 'port', 'own-traffic', 'cpu', 'vpn', 'metered', 'server-limited', 'other'] as const;
/** `other`: a mark that this program does not know. */
export type Mark = (typeof MARKS)[number];

/** Nobody sells a school more than 100 Gbit/s: a figure above it is a fault of the agent, not a fast line. */
export const MOST_MBPS = 100_000;
/** Beyond a minute nothing was answered. */
const MOST_MS = 60_000;
const MOST_LETTERS = 32;

export function readSpeedTest(values: Readonly<Record<string, unknown>>): SpeedTest {
  const lineMbps = rate(values.lineMbps);
  const low = rate(values.lineLowMbps);
  const high = rate(values.lineHighMbps);
  const holds = lineMbps !== null && low !== null && high !== null && low <= lineMbps && lineMbps <= high;
  const said = wordsOf(values.marks);
  const marks = marksOf(said);
  const latency = record(values.latency);
  return {
    lineMbps,
    lowMbps: holds ? low : null,
    highMbps: holds ? high : null,
    payloadMbps: rate(values.payloadMbps),
    marks,
    worthless: whyWorthless(values, said),
    uploadMbps: rate(record(values.upload).lineMbps),
    latency: { idleMs: ms(latency.idleMs), downMs: ms(latency.downMs), upMs: ms(latency.upMs) },
    crossCheck: readCrossCheck(record(values.crossCheck)),
    provider: word(values.provider),
    medium: word(values.medium),
    linkMbps: rate(values.linkMbps),
  };
}

/**
 * What a test that gave values says of the line: its rate, or, where it is marked, what the line carries at least (the
 * better of its two providers: no line gives more than it has); null: nothing.
 */
export function tellsOf(test: SpeedTest): { mbps: number; isLeast: boolean } | null {
  const { lineMbps, marks, worthless, crossCheck } = test;
  if (worthless !== null) return null;
  if (marks.length === 0) return lineMbps === null ? null : { mbps: lineMbps, isLeast: false };
  const least = Math.max(lineMbps ?? 0, crossCheck?.lineMbps ?? 0);
  return least > 0 ? { mbps: least, isLeast: true } : null;
}

/** The rate while the test ran: payload Mbps a step of `everySeconds`, null where a step makes no sense. */
export interface Curve {
  mbps: (number | null)[];
  everySeconds: number;
  /** The slow start, which the figure leaves out. */
  rampSeconds: number;
}

export function readCurve(values: Readonly<Record<string, unknown>>): Curve | null {
  const { curve, curveSeconds, rampSeconds } = values;
  if (!Array.isArray(curve) || !isAmong(curveSeconds, 0, 60) || curveSeconds === 0) return null;
  const mbps = curve.map((step: unknown) => (isAmong(step, 0, MOST_MBPS) ? step : null));
  if (mbps.filter((step) => step !== null).length < 2) return null;
  return { mbps, everySeconds: curveSeconds, rampSeconds: isAmong(rampSeconds, 0, 600) ? rampSeconds : 0 };
}

const wordsOf = (value: unknown): ReadonlySet<string> =>
  new Set(Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []);

function marksOf(said: ReadonlySet<string>): Mark[] {
  const known = MARKS.filter((mark) => said.has(mark));
  const isOther = said.size > known.length && !known.includes('other');
  return isOther ? [...known, 'other'] : known;
}

/** A test that is called invalid is marked; where no mark says why, or the reason is none of them, its figure is worth nothing. */
function whyWorthless(values: Readonly<Record<string, unknown>>, said: ReadonlySet<string>): string | null {
  if (values.valid !== false) return null;
  const { invalidReason } = values;
  const isMarked = said.size > 0 && (typeof invalidReason !== 'string' || said.has(invalidReason));
  return isMarked ? null : (word(invalidReason) ?? 'failed');
}

function readCrossCheck({ provider, lineMbps, differs }: Readonly<Record<string, unknown>>): CrossCheck | null {
  const mbps = rate(lineMbps);
  return mbps === null ? null : { provider: word(provider), lineMbps: mbps, differs: differs === true };
}

const isAmong = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;
const rate = (value: unknown): number | null => (isAmong(value, 0, MOST_MBPS) && value > 0 ? value : null);
const ms = (value: unknown): number | null => (isAmong(value, 0, MOST_MS) ? value : null);
const word = (value: unknown): string | null =>
  typeof value === 'string' && value.length > 0 && value.length <= MOST_LETTERS ? value : null;
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
