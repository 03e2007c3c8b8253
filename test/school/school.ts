import { startAccessPoint } from './access-point.ts';
import { CAMERA_MODES, type CameraMode, startCamera } from './camera.ts';
import { startLine } from './line.ts';
import { PC_MODES, type PcMode, startPc } from './pc.ts';
import { PRINTER_MODES, type PrinterMode, startPrinter } from './printer.ts';

/** A practice school on loopback: devices that answer as real ones do, in states that can be changed while it runs. */

export interface Device {
  id: string;
  kind: 'pc' | 'printer' | 'camera' | 'access-point' | 'line';
  address: string;
  port: number;
  username?: string;
  password?: string;
  /** Room, in Vietnamese as the school writes it. */
  room: string;
  use: 'management' | 'teaching' | 'student';
  /** Where a line's downloads are. */
  url?: string;
  mode: string;
  /** What `set` takes; a line takes a rate, as `40mbps`. */
  modes: readonly string[];
}

export interface School {
  /** The devices as they are now. */
  devices(): Device[];
  /** Changes a device's mode. Throws RangeError for a device or mode that does not exist. */
  set(id: string, mode: string): Promise<void>;
  close(): Promise<void>;
}

export interface SchoolOptions {
  /** `127.0.0.1` puts all devices at one address; without it each has its own in 127.8.0.0/24 where that exists. */
  host?: string;
  /** Moves the scenes of the cameras. */
  seed?: number;
  /** Rate of the Internet line. Default 80. */
  lineMbps?: number;
}

interface Part {
  facts: Omit<Device, 'address' | 'port' | 'mode'>;
  at: { address: string; port: number };
  mode(): string;
  set(mode: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts every device; when one cannot start, those already started are closed again. */
export async function startSchool(options: SchoolOptions = {}): Promise<School> {
  const parts: Part[] = [];
  const close = async () => {
    await Promise.all(parts.map((part) => part.close()));
  };
  try {
    await startAll(parts, options);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    devices: () => parts.map(({ facts, at, mode }) => ({ ...facts, address: at.address, port: at.port, mode: mode() })),
    set: async (id, mode) => {
      const part = parts.find(({ facts }) => facts.id === id);
      if (!part) throw new RangeError(`no device ${id}`);
      await part.set(mode);
    },
    close,
  };
}

async function startAll(parts: Part[], { host, seed = 8265, lineMbps = 80 }: SchoolOptions): Promise<void> {
  let last = 10;
  const next = () => host ?? `127.8.0.${last++}`;
  const pcs: [string, string, Device['use']][] = [
    ['pc-lab-1', 'Phòng Tin học', 'student'],
    ['pc-lab-2', 'Phòng Tin học', 'student'],
    ['pc-lab-3', 'Phòng Tin học', 'student'],
    ['pc-lab-4', 'Phòng Tin học', 'student'],
    ['pc-teacher', 'Phòng giáo viên', 'teaching'],
    ['pc-office', 'Văn phòng', 'management'],
  ];
  for (const [id, room, use] of pcs) {
    const pc = await startPc(next());
    parts.push(part<PcMode>({ id, kind: 'pc', room, use, modes: PC_MODES }, pc, PC_MODES));
  }
  const printer = await startPrinter(next());
  const inOffice = { room: 'Văn phòng', use: 'management' } as const;
  parts.push(
    part<PrinterMode>({ id: 'printer', kind: 'printer', ...inOffice, modes: PRINTER_MODES }, printer, PRINTER_MODES),
  );
  const cameras: [string, string, CameraMode][] = [
    ['cam-live', 'Cổng trường', 'live'],
    ['cam-frozen', 'Sân trường', 'frozen'],
    ['cam-dead', 'Hành lang tầng 2', 'dead'],
  ];
  for (const [i, [id, room, mode]] of cameras.entries()) {
    const camera = await startCamera({ host: next(), mode, seed: seed + i });
    const { username, password } = camera;
    const facts = { id, kind: 'camera', room, use: 'management', username, password, modes: CAMERA_MODES } as const;
    parts.push(part<CameraMode>(facts, camera, CAMERA_MODES));
  }
  const ap = await startAccessPoint(next());
  const hall = { room: 'Hành lang tầng 1', use: 'teaching' } as const;
  parts.push(part<PcMode>({ id: 'ap-1', kind: 'access-point', ...hall, modes: PC_MODES }, ap, PC_MODES));

  const line = await startLine(lineMbps, next());
  const url = `http://${line.address}:${line.port}/bytes/104857600`;
  parts.push({
    facts: { id: 'internet', kind: 'line', ...inOffice, url, modes: ['<số>mbps'] },
    at: line,
    mode: () => `${line.mbps}mbps`,
    set: async (mode) => {
      const mbps = /^(\d+(?:\.\d+)?)mbps$/.exec(mode)?.[1];
      if (mbps === undefined) throw new RangeError(`no mode ${mode}; a rate is written as 40mbps`);
      await line.set(Number(mbps));
    },
    close: () => line.close(),
  });
}

interface Switched<Mode> {
  address: string;
  port: number;
  mode: Mode;
  set(mode: Mode): Promise<void>;
  close(): Promise<void>;
}

function part<Mode extends string>(facts: Part['facts'], device: Switched<Mode>, modes: readonly Mode[]): Part {
  return {
    facts,
    at: device,
    mode: () => device.mode,
    set: async (mode) => {
      const known = modes.find((one) => one === mode);
      if (known === undefined) throw new RangeError(`no mode ${mode}; known: ${modes.join(', ')}`);
      await device.set(known);
    },
    close: () => device.close(),
  };
}
