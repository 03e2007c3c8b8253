import type { NetworkInterfaceInfo } from 'node:os';
import type { Ran, System } from '../../../agent/probes/lan-reach/system.ts';
import type { HostKind } from './hosts.ts';

/**
 * A Windows machine at 192.168.1.10 as its programs speak, for a network of devices: what `arp -a`, Get-NetNeighbor and
 * ping.exe print in English and Vietnamese, with their exit codes. Nothing is sent anywhere.
 */
export interface RecordedWindows extends System {
  /** Programs that were started, by name. */
  started: Map<string, number>;
  /** By address; changed between looks to let a device die or come. */
  living: Map<string, HostKind>;
}

export const OWN = '192.168.1.10';
const MAC = (address: string) => `a4-2b-b0-00-00-${Number(address.split('.')[3]).toString(16).padStart(2, '0')}`;
export const macAt = (address: string) => MAC(address).replaceAll('-', ':');

interface Words {
  arpHead: readonly [string, string];
  dynamic: string;
  fixed: string;
  ping: (address: string) => string;
  reply: (address: string, time: string) => string;
  timedOut: string;
  unreachable: string;
  statistics: (address: string, sent: number, received: number) => string;
  times: string;
}
const WORDS: Record<'en' | 'vi', Words> = {
  en: {
    arpHead: ['Interface', '  Internet Address      Physical Address      Type'],
    dynamic: 'dynamic',
    fixed: 'static',
    ping: (address) => `Pinging ${address} with 32 bytes of data:`,
    reply: (address, time) => `Reply from ${address}: bytes=32 time${time} TTL=128`,
    timedOut: 'Request timed out.',
    unreachable: `Reply from ${OWN}: Destination host unreachable.`,
    statistics: (address, sent, received) =>
      `Ping statistics for ${address}:\r\n    Packets: Sent = ${sent}, Received = ${received}, Lost = ${sent - received} (${Math.round((1 - received / sent) * 100)}% loss),`,
    times: 'Approximate round trip times in milli-seconds:\r\n    Minimum = 0ms, Maximum = 3ms, Average = 1ms',
  },
  vi: {
    arpHead: ['Giao diện', '  Địa chỉ Internet      Địa chỉ Vật lý        Kiểu'],
    dynamic: 'động',
    fixed: 'tĩnh',
    ping: (address) => `Đang ping ${address} với 32 byte dữ liệu:`,
    reply: (address, time) => `Trả lời từ ${address}: byte=32 thời gian${time} TTL=128`,
    timedOut: 'Hết thời gian yêu cầu.',
    unreachable: `Trả lời từ ${OWN}: Không thể truy cập máy chủ đích.`,
    statistics: (address, sent, received) =>
      `Thống kê Ping cho ${address}:\r\n    Gói: Đã gửi = ${sent}, Đã nhận = ${received}, Bị mất = ${sent - received} (mất ${Math.round((1 - received / sent) * 100)}%),`,
    times: 'Thời gian khứ hồi xấp xỉ tính bằng mili giây:\r\n    Tối thiểu = 0ms, Tối đa = 3ms, Trung bình = 1ms',
  },
};

export function recordedWindows(
  language: 'en' | 'vi',
  devices: ReadonlyMap<string, HostKind>,
  {
    rested = [],
    listKeepsDead = false,
    powershell = true,
  }: {
    /** Addresses that answered earlier today and are dead: their entries are there when they are asked. */
    rested?: readonly string[];
    /** A system that goes on listing what it has given up. */
    listKeepsDead?: boolean;
    powershell?: boolean;
  } = {},
): RecordedWindows {
  const words = WORDS[language];
  const started = new Map<string, number>();
  const living = new Map(devices);
  const known = new Set<string>(rested);
  const crlf = (lines: readonly string[]) => lines.join('\r\n');

  const arp = () => {
    const rows = [...known]
      .filter((address) => living.has(address) || listKeepsDead)
      .map((address) => `  ${address.padEnd(22)}${MAC(address)}     ${words.dynamic.padEnd(11)}`);
    const fixed = [
      ['192.168.1.255', 'ff-ff-ff-ff-ff-ff'],
      ['224.0.0.22', '01-00-5e-00-00-16'],
    ].map(([address, mac]) => `  ${address!.padEnd(22)}${mac}     ${words.fixed.padEnd(11)}`);
    return crlf(['', `${words.arpHead[0]}: ${OWN} --- 0x5`, words.arpHead[1], ...rows, ...fixed, '']);
  };
  const netNeighbors = () =>
    JSON.stringify(
      [
        ...[...known].map((IPAddress) =>
          living.has(IPAddress)
            ? { IPAddress, LinkLayerAddress: MAC(IPAddress).toUpperCase(), State: 5 }
            : { IPAddress, LinkLayerAddress: '00-00-00-00-00-00', State: 0 },
        ),
        { IPAddress: 'ff02::16', LinkLayerAddress: '33-33-00-00-00-16', State: 6 },
        { IPAddress: '192.168.1.255', LinkLayerAddress: 'FF-FF-FF-FF-FF-FF', State: 6 },
        // Not asked and rested for hours.
        { IPAddress: '192.168.1.250', LinkLayerAddress: 'A4-2B-B0-00-00-FA', State: 4 },
      ],
      null,
      4,
    );
  /** Its exit code is 0 where its own host says "unreachable", and where some echoes were lost. */
  const ping = (args: readonly string[]): Ran => {
    const address = args.at(-1)!;
    const count = Number(args[args.indexOf('-n') + 1]);
    const kind = living.get(address);
    const answers = kind === 'ping' || kind === 'ping-and-445';
    const times = ['<1ms', '=3ms', '<1ms'];
    const lines = Array.from({ length: count }, (_, index) => {
      if (!answers) return kind === undefined ? words.unreachable : words.timedOut;
      return index === 1 ? words.timedOut : words.reply(address, times[index]!);
    });
    const received = answers ? lines.filter((line) => line !== words.timedOut).length : kind === undefined ? count : 0;
    const end = [words.statistics(address, count, received), ...(answers ? [words.times] : []), ''];
    return { output: crlf(['', words.ping(address), ...lines, '', ...end]), ended: 'well' };
  };

  return {
    platform: 'win32',
    started,
    living,
    interfaces: () => ({
      Ethernet: [
        {
          address: OWN,
          netmask: '255.255.255.0',
          family: 'IPv4',
          mac: 'a4:2b:b0:00:00:0a',
          internal: false,
          cidr: `${OWN}/24`,
        } satisfies NetworkInterfaceInfo,
      ],
    }),
    async run(program, args) {
      const name = program.split(/[\\/]/).at(-1)!;
      started.set(name, (started.get(name) ?? 0) + 1);
      if (name === 'arp') return { output: arp(), ended: 'well' };
      if (name === 'powershell.exe')
        return powershell ? { output: netNeighbors(), ended: 'well' } : { output: '', ended: 'cut' };
      if (name === 'ping.exe') {
        if (args.includes('-a')) throw new Error('ping -a asks for a name first');
        return ping(args);
      }
      return { output: '', ended: 'missing' };
    },
    async sendByte(addresses) {
      for (const address of addresses) known.add(address);
    },
    async connect(host, port) {
      const kind = living.get(host);
      const answers = (kind === 'ping-and-445' || kind === 'no-icmp') && port === 445;
      if (answers) return { port, answer: kind === 'no-icmp' ? 'open' : 'refused', rttMs: 0.7 };
      return { port, answer: 'none', reason: kind === undefined ? 'unreachable' : 'timeout' };
    },
  };
}
