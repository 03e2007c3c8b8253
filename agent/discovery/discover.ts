import { mkdir } from 'node:fs/promises';
import type { Found } from '../../shared/wire/discovery.ts';
import type { Config } from '../config.ts';
import { inParallel } from '../in-parallel.ts';
import { withoutZone } from '../probes/lan-reach/host.ts';
import { defaultGateway } from '../probes/uplink/default-gateway.ts';
import { Names } from '../probes/uplink/resolve.ts';
import { adopt } from './adopt.ts';
import { kindOf } from './kind.ts';
import { knownIn, type Proposal, propose, withAddresses } from './propose.ts';
import { addressesOf } from './ranges.ts';
import { keepFound } from './report-found.ts';
import { type Answering, knownNeighbours, sweep } from './sweep.ts';
import { vendorOf } from './vendor.ts';
import { askWho, type Device } from './who.ts';

export interface DiscoverCall {
  config: Config;
  /** What a person asks to sweep; empty: only who the system's neighbour table knows. */
  ranges: readonly string[];
  add: boolean;
  json: boolean;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** Whether stderr is a terminal, where one line can be written again and again. */
  terminal: boolean;
  signal: AbortSignal;
  /** How far it is: addresses asked, then devices asked who they are. */
  onStep?: (step: 'asking' | 'learning', done: number, total: number) => void;
}

/** Each holds some twenty sockets. */
const ASKED_AT_ONCE = 24;
const PLAIN_EVERY_MS = 2_000;

/**
 * `discover`: who is on the network and not in the configuration. Tells by stdout, keeps the result for a running agent,
 * adds it to the configuration when asked to. False when `signal` ended it early: then what was found by then is told, and
 * nothing is added. Throws SweepRangeError before it asks anybody, and what the disk says.
 */
export async function discover(call: DiscoverCall): Promise<boolean> {
  const { config, ranges, signal, stdout, stderr } = call;
  const progress = progressOf(call);
  const at = new Date();
  const addresses = ranges.length > 0 ? addressesOf(ranges) : await knownNeighbours(signal);
  if (addresses === undefined)
    stderr('agent: máy này không cho xem bảng láng giềng: hãy quét bằng --sweep (Linux: apt install iproute2)\n');
  const answering = await sweep(addresses ?? [], signal, (settled, found) => {
    call.onStep?.('asking', settled, addresses?.length ?? 0);
    progress(`hỏi ${settled}/${addresses?.length} địa chỉ, ${found} trả lời`);
  });
  const via = ranges.length > 0 ? 'sweep' : 'neighbours';
  const devices = await askAll(answering, via, signal, (asked) => {
    call.onStep?.('learning', asked, answering.length);
    progress(`tìm hiểu ${asked}/${answering.length} thiết bị`);
  });
  progress(null);
  const proposals = propose(devices, await withAddresses(knownIn(config), new Names(), signal));
  const found = proposals.map((proposal) => proposal.found);
  const fresh = proposals.filter(({ known }) => !known).map((proposal) => proposal.found);

  if (call.json) for (const one of found) stdout(`${JSON.stringify(one)}\n`);
  else stdout(`${tableOf(proposals)}\n`);
  if (signal.aborted) stderr('agent: đã dừng giữa chừng, trên đây là những gì tìm thấy đến lúc đó\n');
  if (found.length > 0) {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    await keepFound(config.dataDir, at, found);
  }
  const again = devices.length - found.length;
  if (again > 0)
    stderr(`agent: ${again} địa chỉ nữa thuộc về một MAC ở trên (bộ định tuyến?), không tính là thiết bị\n`);
  stderr(`agent: ${found.length} thiết bị, ${fresh.length} chưa khai trong ${config.file}\n`);
  if (call.add && !signal.aborted) {
    const added = await adopt(config.file, fresh);
    stderr(`agent: đã thêm ${added} thiết bị vào lan-reach; chạy lại tác tử để đo chúng\n`);
    if (added < fresh.length)
      stderr(`agent: ${fresh.length - added} thiết bị không thêm: vừa được khai, hoặc lan-reach đã đủ 4096\n`);
  }
  return !signal.aborted;
}

/** In the order of `answering`; what `signal` cut off is told by its address alone. */
async function askAll(
  answering: readonly Answering[],
  via: Found['via'],
  signal: AbortSignal,
  onAsked: (count: number) => void,
): Promise<Device[]> {
  const gateway = await defaultGateway({ memory: new Map(), signal });
  const devices = new Map<string, Device>();
  await inParallel(answering, ASKED_AT_ONCE, signal, async (one) => {
    devices.set(one.address, await askWho(one, via, gateway, signal));
    onAsked(devices.size);
  });
  return answering.map((one) => devices.get(one.address) ?? unasked(one, via, gateway));
}

function unasked({ address, mac }: Answering, via: Found['via'], gateway: string | null): Device {
  const told = {
    address,
    mac,
    vendor: vendorOf(mac),
    names: {},
    snmp: null,
    printer: null,
    onvif: null,
    ports: [],
    via,
  };
  return { ...told, ...kindOf({ ...told, services: [], isGateway: withoutZone(address) === gateway }) };
}

const HEAD = ['ĐỊA CHỈ', 'TÊN', 'HÃNG', 'LOẠI', 'MAC', 'MÃ ĐỀ XUẤT'];
const KIND_WORDS: Record<NonNullable<Found['kind']>, string> = {
  pc: 'máy tính',
  printer: 'máy in',
  camera: 'camera',
  'access-point': 'bộ phát Wi-Fi',
  gateway: 'cổng mạng',
  other: 'khác',
};
const WIDEST = 32;

/** Columns wide enough for what stands in them. */
export function tableOf(proposals: readonly Proposal[]): string {
  if (proposals.length === 0) return 'Không tìm thấy thiết bị nào.';
  const rows = proposals.map(({ found, known }) => {
    const { names, snmp, onvif, printer, kind } = found;
    const name = names.netbios ?? names.mdns ?? names.dns ?? snmp?.sysName ?? onvif?.name ?? printer ?? '';
    const words = [found.address, name, found.vendor ?? '', kind ? KIND_WORDS[kind] : '?', found.mac ?? ''];
    return [...words.map((word) => cut(word)), known ? `${found.proposedId} (đã khai)` : found.proposedId];
  });
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)));
  return [HEAD, ...rows]
    .map((row) =>
      row
        .map((word, column) => word.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cut = (word: string) => (word.length > WIDEST ? `${word.slice(0, WIDEST - 1)}…` : word);

/** Tells how far it is: on a terminal in one line, else now and then in a line of its own; null ends the line. */
function progressOf({ terminal, stderr }: DiscoverCall): (line: string | null) => void {
  let last = performance.now();
  return (line) => {
    if (terminal) return stderr(line === null ? '\r\x1b[K' : `\r\x1b[K${line}`);
    if (line === null || performance.now() - last < PLAIN_EVERY_MS) return;
    last = performance.now();
    stderr(`agent: ${line}\n`);
  };
}
