import { setTimeout as delay } from 'node:timers/promises';
import Type, { type Static } from 'typebox';
import { failed, type Outcome, ok, type Probe, type ProbeContext } from '../probe.ts';
import { allowance, DEFAULT_MONTHLY_BYTES, done, isDue, LEAST_TEST_BYTES, spend, spentThisMonth } from './budget.ts';
import { firstThatMeasures, type Run } from './chain.ts';
import { type Mark, marksOf } from './conditions.ts';
import { type LineOptions, round, valuesOf } from './measure-line.ts';
import { isRefusal } from './providers/answers.ts';
import { collector } from './providers/collector.ts';
import { fast } from './providers/fast.ts';
import { http } from './providers/http.ts';
import { ndt7 } from './providers/ndt7.ts';
import type { Provider } from './providers/provider.ts';
import type { Transfer } from './transfer.ts';

const closed = { additionalProperties: false };
const url = (schemes: string) =>
  Type.String({
    pattern: `^(${schemes})://[^\\s]+$`,
    maxLength: 2048,
    description: `địa chỉ bắt đầu bằng ${schemes.split('|').join(':// hoặc ')}://`,
  });
const Urls = (schemes: string) => Type.Array(url(schemes), { minItems: 1, maxItems: 16 });

const ProviderConfig = Type.Object(
  {
    /** `http`: the files at `urls`; `fast`: the servers behind fast.com; `ndt7`: M-Lab's nearest, or those at `urls`; `collector`: the district's own. */
    provider: Type.Union([Type.Literal('fast'), Type.Literal('ndt7'), Type.Literal('http'), Type.Literal('collector')]),
    /** http: files of 1 MB at least, better of 25 MB. ndt7: servers to ask instead of M-Lab's nearest. */
    urls: Type.Optional(Urls('https|http|wss|ws')),
    /** http: addresses that take a POST of 25 MB. */
    uploadUrls: Type.Optional(Urls('https|http')),
    /** fast: its app token; without it the agent reads it from fast.com's page. */
    token: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{8,128}$', description: '8–128 chữ, số, - và _' })),
    /** Stands in for fast.com, page and API. */
    fastUrl: Type.Optional(url('https|http')),
    /** Stands in for M-Lab's Locate service. */
    locateUrl: Type.Optional(url('https|http')),
  },
  closed,
);
type ProviderConfig = Static<typeof ProviderConfig>;

const Often = Type.Union([Type.Literal('daily'), Type.Literal('always'), Type.Literal('never')]);

const Config = Type.Object(
  {
    /** Asked in this order; the next one when one fails, and once a day for a second opinion. */
    providers: Type.Array(ProviderConfig, { minItems: 1, maxItems: 8 }),
    /** What `lineMbps` counts; see overhead.ts. Default `ip`. */
    layer: Type.Optional(Type.Union([Type.Literal('ip'), Type.Literal('ethernet')])),
    /** Id of the asset measured. Default `internet`. */
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Least after the slow start, and most in all, one direction. Default 1.5 and 10. */
    minSeconds: Type.Optional(Type.Number({ minimum: 0.5, maximum: 10 })),
    seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 20 })),
    /** Half of the 95 % confidence interval at which a test ends. Default 0.01. */
    certainty: Type.Optional(Type.Number({ minimum: 0.002, maximum: 0.2 })),
    /** Streams at once. Default 4; ndt7 always one. */
    streams: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
    /** A test ends early after this many bytes, all providers together. Default 500 MB. */
    maxBytes: Type.Optional(Type.Number({ minimum: 1e6, maximum: 1e10 })),
    /** All tests of a month together. Default 20 GB. */
    monthlyBytes: Type.Optional(Type.Number({ minimum: 1e6, maximum: 1e13 })),
    /** Default `daily`, both. */
    upload: Type.Optional(Often),
    crossCheck: Type.Optional(Often),
    /** What the rule asks for: a result below is checked by a second provider at once. Default 45. */
    thresholdMbps: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
  },
  closed,
);
type Config = Static<typeof Config>;
type Target = { id: string };

/** Below these a figure says nothing: a few segments, or a moment. */
const MIN_BYTES = 64 * 1024;
const MIN_SECONDS = 0.35;
const DEFAULT_MIN_SECONDS = 1.5;
/** A test that its bytes cut short, less certain than this, is the slow start and no rate. */
const CUT_CERTAINTY = 0.1;
const DEFAULT_MAX_BYTES = 500e6;
const DEFAULT_THRESHOLD_MBPS = 45;
/** Two providers that differ by more are shown as disagreeing; the lower one's server was the limit. */
const AGREE_SHARE = 0.15;
const DEADLINE_MS = 120_000;
/** Left at the end of the deadline for closing and writing, ms. */
const SPARE_MS = 5_000;
/** On a connection paid by the byte. */
const METERED_BYTES = 10e6;

/** Fills the line, and says what arrived, what that is on the line, how sure that is, and what may have been in the way. */
export const internetSpeed: Probe<Config, Target> = {
  name: 'internet-speed',
  schema: Config,
  everySeconds: 3600,
  deadlineMs: DEADLINE_MS,
  heavy: true,
  concurrency: 1,
  hours: 'school',
  targets: (config) => [{ id: config.target ?? 'internet' }],
  run: (_target, config, context) => measure(config, context),
  doctor: async ({ providers }) =>
    providers.flatMap((one) => {
      const missing = whatIsMissing(one);
      return missing ? [`internet-speed: ${missing}`] : [];
    }),
  cautions: (config) =>
    config.providers.length < 2
      ? ['internet-speed: chỉ có một nguồn đo: kết quả thấp không được kiểm tra chéo, hãy thêm nguồn thứ hai']
      : [],
};

async function measure(config: Config, context: ProbeContext, now = Date.now()): Promise<Outcome> {
  const { kept } = context;
  const until = performance.now() + DEADLINE_MS - SPARE_MS;
  const spent = await spentThisMonth(kept, now);
  const monthly = config.monthlyBytes ?? DEFAULT_MONTHLY_BYTES;
  const allowed = allowance(monthly, spent, now);
  if (allowed === null)
    return failed('skipped', {
      message: `đã dùng ${gigabytes(spent)}/${gigabytes(monthly)} GB của tháng cho việc đo: tăng monthlyBytes hoặc chờ sang tháng`,
      monthBytes: spent,
    });
  let used = 0;
  // Whatever happens, a deadline too: what went over the line counts.
  const book = async (bytes: number) => {
    used += bytes;
    await spend(kept, bytes, now);
  };
  const due = async (often: Static<typeof Often> = 'daily', what: string) =>
    often === 'always' || (often === 'daily' && (await isDue(kept, what, now)));
  const options = optionsOf(config, allowed, await due(config.upload, 'upload'));
  const first = await firstThatMeasures(providersOf(config), options, context);
  await book(first.totalBytes);
  const about = { tried: first.tried, monthBytes: spent + used };
  if (!first.run) {
    const { reason, values } = first.outcome as Extract<Outcome, { ok: false }>;
    return failed(reason, { ...values, ...about, totalBytes: first.totalBytes });
  }
  if (first.run.measured.up) await done(kept, 'upload', now);

  const threshold = config.thresholdMbps ?? DEFAULT_THRESHOLD_MBPS;
  const marks = marksOfRun(first.run, threshold);
  const { lineMbps } = first.run.measured.down;
  const low = lineMbps < threshold && marks.length === 0 && config.crossCheck !== 'never';
  const wanted = first.left.length > 0 && (low || (await due(config.crossCheck, 'cross-check')));
  const left = Math.min(options.maxBytes, allowed) - used;
  let second: Run | null = null;
  if (wanted && left >= LEAST_TEST_BYTES && performance.now() < until) {
    // A slow second opinion must not cost the first one.
    const signal = AbortSignal.any([
      context.signal,
      AbortSignal.timeout(Math.max(1, Math.floor(until - performance.now()))),
    ]);
    const check = await firstThatMeasures(
      first.left,
      { ...options, upload: false, maxBytes: left },
      { ...context, signal },
    );
    await book(check.totalBytes);
    second = check.run;
    if (second) await done(kept, 'cross-check', now);
  }
  return outcomeOf(first.run, second, marks, config, { ...about, totalBytes: used, monthBytes: spent + used });
}

function outcomeOf(
  run: Run,
  second: Run | null,
  marks: Mark[],
  config: Config,
  about: Record<string, unknown>,
): Outcome {
  const { measured, provider } = run;
  const { lineMbps } = measured.down;
  const other = second && marksOfRun(second, config.thresholdMbps ?? DEFAULT_THRESHOLD_MBPS);
  const differs = second !== null && apart(lineMbps, second.measured.down.lineMbps) > AGREE_SHARE;
  // No line gives more than it has: the lower of two was held back by something else. Close to the threshold less than a
  // disagreement decides.
  const threshold = config.thresholdMbps ?? DEFAULT_THRESHOLD_MBPS;
  const higher = second?.measured.down.lineMbps ?? 0;
  const heldBack = (differs && higher > lineMbps) || (lineMbps < threshold && higher >= threshold);
  if (heldBack && !marks.includes('server-limited')) marks.push('server-limited');
  const worthless = whyWorthless(measured.down.transfer, config.minSeconds ?? DEFAULT_MIN_SECONDS);
  return ok({
    ...valuesOf(measured, config.layer ?? 'ip'),
    ...about,
    provider,
    crossCheck: second && {
      provider: second.provider,
      lineMbps: round(second.measured.down.lineMbps),
      lineLowMbps: second.measured.down.low === null ? null : round(second.measured.down.low),
      lineHighMbps: second.measured.down.high === null ? null : round(second.measured.down.high),
      servers: second.measured.served.hosts,
      marks: other,
      differs,
    },
    marks,
    valid: worthless === null && marks.length === 0,
    invalidReason: worthless ?? marks[0] ?? null,
  });
}

const marksOfRun = ({ measured, limitMbps }: Run, thresholdMbps: number): Mark[] =>
  marksOf(
    measured.outgoing,
    measured.conditions,
    measured.down.lineMbps,
    { payloadMbps: measured.down.payloadMbps, limitMbps, refused: wasRefused(measured.down.transfer) },
    thresholdMbps,
  );

/** Why the figure says nothing at all; null when it does. A line that stalled but delivered is measured. */
function whyWorthless({ seconds, bytes, ended, halfWidth }: Transfer, minSeconds: number): string | null {
  if (seconds < MIN_SECONDS) return 'window-too-short';
  if (bytes < MIN_BYTES) return 'too-few-bytes';
  if (ended === 'max-bytes' && (seconds < minSeconds || halfWidth > CUT_CERTAINTY)) return 'cut-short';
  return null;
}

/** The server gave up on us in mid-test: what did not come then says nothing of the line. */
const wasRefused = ({ failures, lastError }: Transfer): boolean => failures > 0 && isRefusal(lastError);

const apart = (a: number, b: number): number => Math.abs(a - b) / Math.max(a, b, Number.MIN_VALUE);

function optionsOf(config: Config, allowed: number, upload: boolean): Omit<LineOptions, 'signal' | 'memory'> {
  return {
    layer: config.layer ?? 'ip',
    streams: config.streams ?? 4,
    minSeconds: config.minSeconds ?? DEFAULT_MIN_SECONDS,
    maxSeconds: config.seconds ?? 10,
    maxBytes: Math.min(config.maxBytes ?? DEFAULT_MAX_BYTES, allowed),
    meteredBytes: METERED_BYTES,
    certainty: config.certainty ?? 0.01,
    upload,
  };
}

const providersOf = ({ providers }: Config): Provider[] => providers.map(providerOf);

function providerOf(one: ProviderConfig): Provider {
  const missing = whatIsMissing(one);
  if (missing) return { name: one.provider, open: async () => ({ outcome: failed('failed', { message: missing }) }) };
  if (one.provider === 'fast') return fast(one);
  if (one.provider === 'ndt7') return ndt7(one);
  if (one.provider === 'http') return http(one.urls ?? [], one.uploadUrls);
  return collector((ms, signal) => delay(ms, undefined, { signal }));
}

/** What a provider cannot do without; undefined when it has it. */
function whatIsMissing({ provider, urls }: ProviderConfig): string | undefined {
  const scheme = provider === 'ndt7' ? 'ws' : 'http';
  const wanted = provider === 'http' || (provider === 'ndt7' && urls !== undefined);
  const fit = urls?.every((one) => URL.canParse(one) && one.startsWith(scheme)) ?? false;
  return wanted && !fit ? `nguồn đo ${provider} cần urls bắt đầu bằng ${scheme}:// hoặc ${scheme}s://` : undefined;
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1).replace('.', ',');
