import type { PracticeDevice } from '../collector/practice.ts';

/** The practice school as inventory for the collector and as configuration for its agent. */

/** A simulated device, as `test/school/main.ts` announces it. */
export interface PracticeDeviceSeen {
  id: string;
  kind: 'pc' | 'printer' | 'camera' | 'access-point' | 'line';
  address: string;
  port: number;
  username?: string;
  password?: string;
  room: string;
  use?: 'management' | 'teaching' | 'student' | null;
  /** Of the internet line. */
  url?: string;
}

/** The one real computer of the practice school: this machine, whose antivirus status is measured. */
const THIS_MACHINE = 'may-nay';
const LINE = 'internet';

const NAMES: Readonly<Record<string, string>> = {
  'pc-lab-1': 'Máy Tin học 01',
  'pc-lab-2': 'Máy Tin học 02',
  'pc-lab-3': 'Máy Tin học 03',
  'pc-lab-4': 'Máy Tin học 04',
  'pc-teacher': 'Máy giáo viên',
  'pc-office': 'Máy văn phòng',
  printer: 'Máy in văn phòng',
  'cam-live': 'Camera cổng trường',
  'cam-frozen': 'Camera sân trường',
  'cam-dead': 'Camera hành lang',
  'ap-1': 'Wi-Fi tầng 1',
};

export function practiceInventory(devices: readonly PracticeDeviceSeen[]): PracticeDevice[] {
  const listed = devices.map((device): PracticeDevice => {
    const line = device.kind === 'line';
    return {
      id: line ? LINE : device.id,
      kind: device.kind === 'line' ? 'internet' : device.kind,
      name: line ? 'Đường Internet (mô phỏng)' : (NAMES[device.id] ?? device.id),
      room: device.room,
      roomKind: roomKind(device.room),
      use: device.use ?? null,
    };
  });
  const self: PracticeDevice = {
    id: THIS_MACHINE,
    kind: 'pc',
    name: 'Máy này (thật)',
    room: 'Phòng máy chủ',
    roomKind: 'network',
    use: 'management',
  };
  return [...listed, self];
}

const ROOM_KINDS: readonly [RegExp, PracticeDevice['roomKind']][] = [
  [/tin học|computer/i, 'it'],
  [/ngoại ngữ|language/i, 'language'],
  [/mạng|máy chủ|network/i, 'network'],
  [/văn phòng|hành chính|office/i, 'office'],
  [/lớp|class/i, 'classroom'],
];
const roomKind = (room: string) => ROOM_KINDS.find(([pattern]) => pattern.test(room))?.[1] ?? 'other';

/** Short intervals: the practice policy counts minutes. Every address is loopback. */
export function practiceConfig(collector: string, devices: readonly PracticeDeviceSeen[]) {
  const of = (...kinds: PracticeDeviceSeen['kind'][]) => devices.filter((device) => kinds.includes(device.kind));
  return {
    collector,
    dataDir: '.',
    reportEverySeconds: 2,
    log: 'warn',
    schedule: {
      'internet-speed': { everySeconds: 10, hours: 'always' },
      uplink: { everySeconds: 5 },
      'lan-reach': { everySeconds: 5 },
      printer: { everySeconds: 5 },
      camera: { everySeconds: 6 },
      antivirus: { everySeconds: 20 },
      host: { everySeconds: 20 },
    },
    probes: {
      'internet-speed': {
        providers: [{ provider: 'http', urls: of('line').flatMap((device) => device.url ?? []) }],
        layer: 'ethernet',
        target: LINE,
        seconds: 2,
        minSeconds: 1,
        certainty: 0.1,
        streams: 2,
        monthlyBytes: 1e13,
        upload: 'never',
      },
      // The simulated line stands for the outside as well.
      ...(of('line').length === 0
        ? {}
        : {
            uplink: {
              target: LINE,
              names: of('line').map(({ address, port }) => `${address}:${port}`),
              gateway: '127.0.0.1',
              attempts: 1,
            },
          }),
      // Loopback answers every ping, so presence of a simulated device is its own port.
      'lan-reach': {
        targets: of('pc', 'access-point').map(({ id, address, kind, port }) => ({
          id,
          address,
          kind,
          ports: [port],
          icmp: false,
          service: true,
        })),
      },
      printer: { targets: of('printer').map(({ id, address, port }) => ({ id, address, port })) },
      camera: {
        targets: of('camera').map(({ id, address, port, username, password }) => ({
          id,
          address,
          port,
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password }),
        })),
        answerMs: 2000,
        gapMs: 500,
      },
      antivirus: { target: THIS_MACHINE },
      host: { target: THIS_MACHINE },
    },
  };
}
