import Type, { type Static } from 'typebox';
import { networkReason } from '../lan-reach/network-reason.ts';
import { failed, type Outcome, ok, type Probe, type ProbeContext } from '../probe.ts';
import { type Download, download } from './download.ts';
import { fastServers } from './fast-servers.ts';
import { HttpStatusError, httpSource, NotAFileError } from './http-source.ts';
import { mbps, overheadFactor } from './line-rate.ts';
import { LOCATE_URL, locate, NDT7_SECONDS, ndt7Source } from './ndt7-source.ts';
import { type OutgoingInterface, outgoingInterface } from './outgoing-interface.ts';

const Url = Type.String({
  pattern: '^(https?|wss?)://[^\\s]+$',
  maxLength: 2048,
  description: 'địa chỉ bắt đầu bằng https://, http://, wss:// hoặc ws://',
});

const Config = Type.Object(
  {
    /** `http`: the files at `urls`, of 1 MB at least; `fast`: the servers behind fast.com; `ndt7`: M-Lab's nearest, or those at `urls`. */
    provider: Type.Union([Type.Literal('http'), Type.Literal('fast'), Type.Literal('ndt7')]),
    urls: Type.Optional(Type.Array(Url, { minItems: 1, maxItems: 16 })),
    /** What `lineMbps` counts; see line-rate.ts. Default `ethernet`. */
    layer: Type.Optional(Type.Union([Type.Literal('ip'), Type.Literal('ethernet')])),
    /** Id of the asset measured. Default `internet`. */
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** How long to download, warmup included. Default 10; ndt7 at most 9. */
    seconds: Type.Optional(Type.Number({ minimum: 0.5, maximum: 20 })),
    /** Downloads at once. Default 4; ndt7 always one. */
    streams: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
    /** The test ends early after this many bytes. Default 500 MB. */
    maxBytes: Type.Optional(Type.Number({ minimum: 1000, maximum: 1e10 })),
    /** fast.com's app token; without it the agent reads it from fast.com's page. */
    token: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{8,128}$', description: '8–128 chữ, số, - và _' })),
    /** Stands in for fast.com, page and API. */
    fastUrl: Type.Optional(Url),
    /** Stands in for M-Lab's Locate service. */
    locateUrl: Type.Optional(Url),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;
type Target = { id: string };

const FIRST_BYTE_MS = 12_000;
/** Below these a figure says nothing: a few segments, or a moment. */
const MIN_BYTES = 64 * 1024;
const MIN_SECONDS = 0.35;
/** From this share of the port's nominal speed on, the port and not the line may be what was measured. */
const PORT_SHARE = 0.9;
/** Own traffic before the test above this share of what the test then got makes the result the rest of a busy line. */
const BUSY_SHARE = 0.1;

/** Downloads as fast as the line gives, and says both what arrived and what that is on the line. */
export const internetSpeed: Probe<Config, Target> = {
  name: 'internet-speed',
  schema: Config,
  everySeconds: 3600,
  deadlineMs: 60_000,
  heavy: true,
  concurrency: 1,
  targets: (config) => [{ id: config.target ?? 'internet' }],
  run: (_target, config, context) => measure(config, context),
  doctor: async (config) =>
    config.provider === 'http' && !config.urls ? ['internet-speed: provider http cần urls (địa chỉ tệp để tải)'] : [],
};

async function measure(config: Config, context: ProbeContext): Promise<Outcome> {
  const found = await servers(config, context);
  if ('outcome' in found) return found.outcome;
  const { urls } = found;
  const hosts = [...new Set(urls.map((url) => new URL(url).hostname))];
  const outgoing = await outgoingInterface(hosts, context.signal);
  const ndt7 = config.provider === 'ndt7';
  const line = ndt7 ? ndt7Source(urls) : httpSource(urls);
  const streams = ndt7 ? 1 : (config.streams ?? 4);
  try {
    const seconds = Math.min(config.seconds ?? 10, ndt7 ? NDT7_SECONDS : Number.POSITIVE_INFINITY);
    const maxBytes = config.maxBytes ?? 500e6;
    const result = await download(line.source, {
      seconds,
      streams,
      maxBytes,
      firstByteMs: FIRST_BYTE_MS,
      signal: context.signal,
    });
    const about = { provider: config.provider, streams };
    const lastError = line.spoilt() ?? result.lastError;
    if (result.totalBytes === 0 || result.ended === 'aborted' || line.spoilt())
      return nothing({ ...result, lastError }, { ...about, servers: hosts });
    const served = line.served();
    const from = { servers: served.hosts, serverAddresses: served.addresses };
    return ok({ ...figures(result, config.layer ?? 'ethernet', line.family(), outgoing), ...about, ...from });
  } finally {
    await line.close();
  }
}

async function servers(config: Config, context: ProbeContext): Promise<{ urls: string[] } | { outcome: Outcome }> {
  const { provider, urls } = config;
  const fitting = (urls ?? []).filter((url) => URL.canParse(url) && /^ws/.test(url) === (provider === 'ndt7'));
  if (provider === 'fast') return fastServers({ ...pick(config), memory: context.memory, signal: context.signal });
  if (fitting.length > 0) return { urls: fitting };
  if (provider === 'http' || urls) {
    const message = `provider ${provider} cần urls bắt đầu bằng ${provider === 'http' ? 'http(s)://' : 'ws(s)://'}`;
    return { outcome: failed('failed', { message }) };
  }
  try {
    return { urls: await locate(config.locateUrl ?? LOCATE_URL, context.signal) };
  } catch (error) {
    const { reason, message } = networkReason(error);
    return { outcome: failed(reason, { message: `M-Lab Locate: ${message}` }) };
  }
}

const pick = ({ token, fastUrl }: Config) => ({ token, fastUrl });

/** Not one byte of a file came, what came is no measurement, or the runner gave up. */
function nothing(result: Download, about: Record<string, unknown>): Outcome {
  const { lastError, ended } = result;
  if (ended === 'all-failed' && lastError === undefined) return failed('failed', { ...about, message: 'empty files' });
  if (ended === 'aborted' || lastError === undefined) return failed('timeout', { ...about, ended });
  if (lastError instanceof NotAFileError) return failed(lastError.reason, { ...about, message: lastError.message });
  const { reason, message } = networkReason(lastError);
  const status = lastError instanceof HttpStatusError ? { httpStatus: lastError.status } : {};
  return failed(reason, { ...about, ...status, message });
}

function figures(result: Download, layer: 'ip' | 'ethernet', family: 4 | 6, outgoing: OutgoingInterface) {
  const payloadMbps = mbps(result.bytes, result.seconds);
  const lineMbps = payloadMbps * overheadFactor(layer, family);
  const invalidReason = whyInvalid(result);
  const { name, medium, linkMbps, busyMbps } = outgoing;
  return {
    payloadMbps: round(payloadMbps),
    lineMbps: round(lineMbps),
    layer,
    ipVersion: family,
    bytes: result.bytes,
    seconds: round(result.seconds),
    warmupSeconds: round(result.warmupSeconds),
    totalBytes: result.totalBytes,
    failures: result.failures,
    ended: result.ended,
    interface: name,
    medium,
    linkMbps,
    busyMbps: busyMbps === null ? null : round(busyMbps),
    /** `port`: the line may be faster than its port let us see; `own-traffic`: than this host's own use left over. */
    limitedBy:
      linkMbps !== null && lineMbps >= linkMbps * PORT_SHARE
        ? 'port'
        : busyMbps !== null && busyMbps > lineMbps * BUSY_SHARE
          ? 'own-traffic'
          : null,
    valid: invalidReason === null,
    invalidReason,
  };
}

/** Why the figure says nothing about the line; null when it does. A line that stalled but delivered is measured. */
function whyInvalid(result: Download): string | null {
  if (result.seconds < MIN_SECONDS) return 'window-too-short';
  if (result.bytes < MIN_BYTES) return 'too-few-bytes';
  return null;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
