import { setTimeout as delay } from 'node:timers/promises';
import { failed, type Outcome } from '../probe.ts';
import { Names } from '../uplink/resolve.ts';
import { type Conditions, otherMbps, watch } from './conditions.ts';
import { segmentsOnWire } from './connection.ts';
import { type Latency, latency } from './latency.ts';
import { countInterface, interfaceTo, type OutgoingInterface, outgoingInterface } from './outgoing-interface.ts';
import { isPppoe, type Layer, mbps, overheadFactor, packetOf, type Segments, segmentsOf } from './overhead.ts';
import { failureOf } from './providers/answers.ts';
import type { Line } from './providers/provider.ts';
import { CURVE_MS, type Source, type Transfer, transfer } from './transfer.ts';

/** One line, measured once: latency when idle, download, upload, latency under each, and what else was going on. */

export interface LineOptions {
  layer: Layer;
  streams: number;
  minSeconds: number;
  maxSeconds: number;
  maxBytes: number;
  /** Instead, on a connection that is paid by the byte. */
  meteredBytes: number;
  certainty: number;
  upload: boolean;
  /** What is known of the host's interfaces from earlier tests. */
  memory: Map<string, unknown>;
  signal: AbortSignal;
}

export interface Measured {
  down: Rate;
  up: Rate | null;
  /** Why nothing was sent, where it was asked for. */
  uploadMessage: string | null;
  latency: { idle: Latency; down: Latency; up: Latency | null };
  outgoing: OutgoingInterface;
  conditions: Conditions;
  segments: Segments;
  streams: number;
  /** Both directions, bytes. */
  totalBytes: number;
  served: { hosts: string[]; addresses: string[] };
}

export interface Rate {
  transfer: Transfer;
  payloadMbps: number;
  lineMbps: number;
  /** 95 % confidence interval of `lineMbps`: that of the samples, and SYSTEMATIC on top. Null: nothing can be said. */
  low: number | null;
  high: number | null;
}

const FIRST_BYTE_MS = 8_000;
const IDLE_ROUNDS = 8;
const IDLE_EVERY_MS = 100;
const LOADED_EVERY_MS = 200;
/** When enough has arrived to see full segments on the connections, ms after the start. */
const LOOK_MS = 700;
/** What no repetition shows, share: where the headers are known 0.3 % (retransmissions, clock), where assumed 1 %. */
const SYSTEMATIC = { connection: 0.003, interface: 0.005, assumed: 0.01 } as const;
/** Upload decides no rule: less of it suffices. */
const UPLOAD_SHARE = 0.6;
const UPLOAD_CERTAINTY = 0.03;

/** Figures, or the outcome to report with the bytes that it cost. */
export async function measureLine(
  line: Line,
  options: LineOptions,
): Promise<{ measured: Measured } | { outcome: Outcome; totalBytes: number }> {
  const { layer, signal } = options;
  const endpoint = await resolved(line.endpoint, signal);
  const name = await interfaceTo(endpoint, signal);
  const idling = latency(endpoint.host, endpoint.port, { rounds: IDLE_ROUNDS, everyMs: IDLE_EVERY_MS, signal });
  const [outgoing, idle] = await Promise.all([outgoingInterface(name, signal, options.memory), idling]);
  const mayUse = outgoing.metered ? Math.min(options.maxBytes, options.meteredBytes) : options.maxBytes;
  const limits = {
    streams: Math.min(options.streams, line.maxStreams),
    maxSeconds: Math.min(options.maxSeconds, line.maxSeconds),
    maxBytes: Math.min(mayUse, line.maxBytes),
    firstByteMs: FIRST_BYTE_MS,
    signal,
  };
  // What else runs over loopback is no traffic of the line.
  const counting = await countInterface(outgoing.medium === 'loopback' ? null : name, signal);
  const watching = watch();
  const down = await loaded(line, endpoint, line.download, 'down', {
    ...limits,
    minSeconds: Math.min(options.minSeconds, limits.maxSeconds),
    certainty: options.certainty,
  });
  const load = watching.end();
  const readings = await counting.end();
  const outcome = failure(line, down.transfer);
  if (outcome) return { outcome, totalBytes: down.transfer.totalBytes };

  const segments = down.segments ?? segmentsOf(outgoing.mtu, line.family());
  const { from, to, bytes } = down.transfer;
  const own = { from, to, bytes: bytes * overheadFactor('ethernet', segments) };
  const conditions = { ...load, otherMbps: otherMbps(readings, own) };
  const rest = mayUse - down.transfer.totalBytes;
  const up = options.upload
    ? await upload(line, endpoint, { ...limits, maxBytes: Math.min(rest, line.maxBytes) }, options)
    : null;
  const sent = up && 'transfer' in up ? up : null;
  return {
    measured: {
      down: rateOf(down.transfer, layer, segments),
      up: sent && rateOf(sent.transfer, layer, sent.segments ?? segments),
      uploadMessage: up && 'message' in up ? up.message : null,
      latency: { idle, down: down.latency, up: sent?.latency ?? null },
      outgoing,
      conditions,
      segments,
      streams: limits.streams,
      totalBytes: down.transfer.totalBytes + (up?.totalBytes ?? 0),
      served: line.served(),
    },
  };
}

type Endpoint = Line['endpoint'];

/** The server's address, so that no latency holds the time of a name; the name where it has none, for others to say why. */
async function resolved({ host, port }: Endpoint, signal: AbortSignal): Promise<Endpoint> {
  return { host: (await new Names().addressOf(host, signal)) ?? host, port };
}

type Limits = Omit<Parameters<typeof transfer>[1], 'minSeconds' | 'certainty'>;

async function upload(line: Line, endpoint: Endpoint, limits: Limits, { minSeconds, certainty }: LineOptions) {
  if (!line.upload) return { message: 'máy chủ không nhận dữ liệu gửi lên', totalBytes: 0 };
  if (limits.maxBytes <= 0) return { message: 'hết phần dung lượng của lần đo', totalBytes: 0 };
  const up = await loaded(line, endpoint, line.upload, 'up', {
    ...limits,
    minSeconds: minSeconds * UPLOAD_SHARE,
    certainty: Math.max(certainty, UPLOAD_CERTAINTY),
  });
  const { totalBytes } = up.transfer;
  const outcome = failure(line, up.transfer);
  if (outcome) return { message: String(outcome.values.message ?? 'không gửi được'), totalBytes };
  return { ...up, totalBytes };
}

/** One direction, with the latency beside it and the segments on its connections. */
async function loaded(
  line: Line,
  { host, port }: Endpoint,
  source: Source,
  direction: 'down' | 'up',
  options: Parameters<typeof transfer>[1],
): Promise<{ transfer: Transfer; latency: Latency; segments: Segments | undefined }> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const beside = latency(host, port, { everyMs: LOADED_EVERY_MS, signal });
  const looking = delay(LOOK_MS, undefined, { signal }).then(
    () => segmentsOnWire(line.served().addresses, direction, signal),
    () => undefined,
  );
  const done = await transfer(source, options);
  // A short test ends before the look: its connections are gone, and the interface's MTU has to do.
  over.abort();
  return { transfer: done, latency: await beside, segments: await looking };
}

/** Not one byte came, what came is no measurement, or the runner gave up; undefined: it is one. */
function failure(line: Line, done: Transfer): Outcome | undefined {
  const { lastError, ended, totalBytes } = done;
  const about = { servers: line.hosts, ended, totalBytes };
  const spoilt = line.spoilt();
  if (spoilt) return failureOf(spoilt, about);
  if (ended === 'aborted') return failed('timeout', about);
  if (ended === 'stalled')
    return failed('timeout', {
      ...about,
      message: `đứt giữa chừng: sau ${(totalBytes / 1e6).toFixed(1).replace('.', ',')} MB không còn byte nào về`,
    });
  if (totalBytes > 0) return undefined;
  if (lastError !== undefined) return failureOf(lastError, about);
  return ended === 'all-failed'
    ? failed('failed', { ...about, message: 'empty files' })
    : failed('timeout', { ...about, message: `không có byte nào trong ${FIRST_BYTE_MS / 1000} giây` });
}

function rateOf(done: Transfer, layer: Layer, segments: Segments): Rate {
  const payloadMbps = mbps(done.bytes, done.seconds);
  const lineMbps = payloadMbps * overheadFactor(layer, segments);
  const off = done.halfWidth + SYSTEMATIC[segments.source];
  const known = Number.isFinite(off);
  return {
    transfer: done,
    payloadMbps,
    lineMbps,
    low: known ? Math.max(0, lineMbps * (1 - off)) : null,
    high: known ? lineMbps * (1 + off) : null,
  };
}

/** The measurement as the sample's values; see the probe's page in the documentation for each. */
export function valuesOf(measured: Measured, layer: Layer) {
  const { down, up, uploadMessage, latency: times, outgoing, conditions, segments, served } = measured;
  const { transfer: done } = down;
  return {
    ...figures(down),
    layer,
    bytes: done.bytes,
    seconds: round(done.seconds),
    rampSeconds: round(done.rampSeconds),
    totalBytes: measured.totalBytes,
    downloadBytes: done.totalBytes,
    ended: done.ended,
    failures: done.failures,
    stalls: done.stalls,
    stalledSeconds: round(done.stalledSeconds),
    curve: curveOf(done),
    curveSeconds: CURVE_MS / 1000,
    upload: up && {
      ...figures(up),
      seconds: round(up.transfer.seconds),
      totalBytes: up.transfer.totalBytes,
      ended: up.transfer.ended,
      failures: up.transfer.failures,
    },
    ...(uploadMessage === null ? {} : { uploadMessage }),
    latency: {
      idleMs: rounded(times.idle.medianMs),
      leastMs: rounded(times.idle.leastMs),
      jitterMs: rounded(times.idle.jitterMs),
      downMs: rounded(times.down.medianMs),
      upMs: rounded(times.up?.medianMs ?? null),
      sent: times.idle.sent,
      answered: times.idle.answered,
    },
    segments: {
      payload: segments.payload,
      packet: packetOf(segments),
      ipVersion: segments.family,
      timestamps: segments.timestamps,
      pppoe: isPppoe(segments),
      source: segments.source,
    },
    interface: outgoing.name,
    medium: outgoing.medium,
    linkMbps: outgoing.linkMbps,
    busyMbps: rounded(outgoing.busyMbps),
    busyDuringMbps: rounded(conditions.otherMbps),
    cpuShare: round(conditions.cpuShare),
    hostCpuShare: rounded(conditions.hostCpuShare),
    loopShare: round(conditions.loopShare),
    vpn: outgoing.vpn,
    metered: outgoing.metered,
    streams: measured.streams,
    servers: served.hosts,
    serverAddresses: served.addresses,
  };
}

const figures = ({ payloadMbps, lineMbps, low, high }: Rate) => ({
  lineMbps: round(lineMbps),
  lineLowMbps: rounded(low),
  lineHighMbps: rounded(high),
  payloadMbps: round(payloadMbps),
});

/** Payload Mbps of each step; a test of twenty seconds has eighty. */
const curveOf = ({ curve }: Transfer): number[] =>
  curve.map((bytes) => Math.round(mbps(bytes, CURVE_MS / 1000) * 10) / 10);

export const round = (value: number): number => Math.round(value * 1000) / 1000;
export const rounded = (value: number | null): number | null => (value === null ? null : round(value));
