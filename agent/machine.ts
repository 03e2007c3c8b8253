import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { MAX_MACS, type Machine } from '../shared/wire/machine.ts';
import { boundedChild } from './probes/internet-speed/bounded-child.ts';

/** The hardware that this agent runs on, as the district may know it: digests of serial numbers, and MAC addresses. */

/** As systeminformation tells it: a part that cannot be read is missing, empty, `-`, or what the maker forgot to fill in. */
export interface HardwareFacts {
  uuid?: string | undefined;
  board?: string | undefined;
  disks?: { device?: string; serialNum?: string; interfaceType?: string }[];
  interfaces?: { mac?: string; internal?: boolean; virtual?: boolean }[];
}

/** PowerShell takes seconds to begin, and a lab's PCs begin together. */
const READ_MS = 45_000;
const MIN_PART = 4;

/** What makers leave where a number belongs. Two PCs with such a part have nothing in common. */
const PLACEHOLDERS = new Set([
  'tobefilledbyoem',
  'defaultstring',
  'none',
  'notspecified',
  'notapplicable',
  'notavailable',
  'systemserialnumber',
  'baseboardserialnumber',
  'serialnumber',
  'chassisserialnumber',
  'oem',
  'unknown',
  'undefined',
  'invalid',
  'empty',
  // The same UUID on boards of many makers (AMI's sample BIOS), and the digits that people type.
  '03000200040005000006000700080009',
  '0123456789',
  '123456789',
  '1234567890',
  '12345678',
]);

/** A serial number as a digest; null where it is none, or one that says nothing. `kind` keeps equal numbers of two parts apart. */
export function partOf(kind: 'smbios' | 'board' | 'disk', text: string | null | undefined): string | null {
  const plain = (text ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const isOneSign = new Set(plain).size <= 1;
  if (plain.length < MIN_PART || isOneSign || PLACEHOLDERS.has(plain)) return null;
  return createHash('sha256').update(`thdt-machine ${kind} ${plain}`).digest('hex').slice(0, 32);
}

/** A USB disk is carried about; of several inside, the first by the system's own order of names. */
function diskOf(disks: HardwareFacts['disks'] = []): string | null {
  const inside = disks.filter(({ interfaceType }) => !/usb/i.test(interfaceType ?? ''));
  const byName = inside.sort((a, b) => ((a.device ?? '') < (b.device ?? '') ? -1 : 1));
  return byName.map(({ serialNum }) => partOf('disk', serialNum)).find((part) => part !== null) ?? null;
}

/** The host's end of VMware's networks: the same on every PC that has it (VMware KB 219). */
const SHARED = /^00:50:56:c0:00:/;

function macsOf(addresses: readonly string[]): string[] {
  const given = addresses
    .map((mac) => mac.trim().toLowerCase().replaceAll('-', ':'))
    // IEEE 802: the second lowest bit of the first octet says that somebody else than the maker gave it, the lowest that it is a group's.
    .filter((mac) => /^[0-9a-f][048c](:[0-9a-f]{2}){5}$/.test(mac) && mac !== '00:00:00:00:00:00' && !SHARED.test(mac));
  return [...new Set(given)].sort().slice(0, MAX_MACS);
}

/** What `facts` say; interfaces that the system calls virtual are another PC's next time. */
export const machineOf = ({ uuid, board, disks, interfaces = [] }: HardwareFacts): Machine => ({
  smbios: partOf('smbios', uuid),
  board: partOf('board', board),
  disk: diskOf(disks),
  macs: macsOf(interfaces.filter((one) => !one.internal && !one.virtual).map(({ mac }) => mac ?? '')),
});

/** Reads it from the system. Never rejects: what could not be read within 45 s is null, addresses are known to Node itself. */
export async function readMachine(signal: AbortSignal): Promise<Machine> {
  let read: Machine = machineOf({});
  try {
    const limits = { deadlineMs: READ_MS, maxHeapMb: 128, maxOutputBytes: 256 * 1024, signal };
    const facts = await boundedChild(new URL('./machine-child.ts', import.meta.url), {}, limits);
    read = machineOf((facts ?? {}) as HardwareFacts);
  } catch {
    // Told by the null parts.
  }
  if (read.macs.length > 0) return read;
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return { ...read, macs: macsOf(own.filter(({ internal }) => !internal).map(({ mac }) => mac)) };
}
