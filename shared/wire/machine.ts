import Type, { type Static } from 'typebox';

/**
 * What an agent tells of the hardware that it runs on, so that the district knows a PC again after its disk was restored
 * and two PCs of one disk image apart. Serial numbers leave the PC as digests only. Everything here is the agent's own
 * claim: it tells honest PCs apart, and stops nobody who makes up hardware.
 */

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** The first 16 bytes of SHA-256, hex. */
const Digest = Type.String({ pattern: '^[0-9a-f]{32}$' });
export const MAX_MACS = 8;

export const Machine = Type.Object(
  {
    /** UUID of the system (SMBIOS type 1); null where it is not known, or is one that many PCs share. */
    smbios: maybe(Digest),
    /** Serial number of the mainboard (SMBIOS type 2). */
    board: maybe(Digest),
    /** Serial number of the first disk inside. */
    disk: maybe(Digest),
    /** Of physical interfaces and given by their makers; six octets, lower case, with colons; sorted. */
    macs: Type.Array(Type.String({ pattern: '^[0-9a-f][048c](:[0-9a-f]{2}){5}$' }), { maxItems: MAX_MACS }),
  },
  { additionalProperties: false },
);
export type Machine = Static<typeof Machine>;

/** Probes that measure their own host; an agent of the role `endpoint` reports these and nothing else. */
export const OWN_HOST_PROBES: ReadonlySet<string> = new Set(['antivirus', 'host', 'wifi']);

/** A part of both: equal, different, or not known on one side. */
type Part = boolean | undefined;
const same = (a: string | null, b: string | null): Part => (a === null || b === null ? undefined : a === b);
const meet = (a: readonly string[], b: readonly string[]): Part =>
  a.length === 0 || b.length === 0 ? undefined : a.some((mac) => b.includes(mac));

/**
 * Whether two descriptions are of one machine; `unknown` where they have no part in common to compare.
 *
 * - The SMBIOS UUID is equal: the same, if another part is equal too or none can be compared. Cheap boards share UUIDs,
 *   and some their serial numbers with them: an equal board says nothing against another disk and another interface.
 * - It differs: another one, unless the disk and the board or an interface are equal (a BIOS update that lost the UUID).
 *   A disk that moved into another PC is another PC.
 * - It is not known: the disk or an interface decides.
 */
export function compareMachines(a: Machine, b: Machine): 'same' | 'other' | 'unknown' {
  const smbios = same(a.smbios, b.smbios);
  const board = same(a.board, b.board);
  const disk = same(a.disk, b.disk);
  const mac = meet(a.macs, b.macs);
  const say = (isSame: boolean) => (isSame ? 'same' : 'other');
  if (smbios === true) {
    if (disk === true || mac === true) return 'same';
    if (disk === false && mac === false) return 'other';
    return say(board === true || [board, disk, mac].every((part) => part === undefined));
  }
  if (smbios === false) return say(disk === true && (board === true || mac === true));
  // A board alone says no: two boards are two PCs, and equal serial numbers are too often a batch's.
  if (disk === undefined && mac === undefined) return board === false ? 'other' : 'unknown';
  return say(disk === true || mac === true);
}

export const sameMachine = (a: Machine, b: Machine): boolean => compareMachines(a, b) === 'same';

/** How much speaks for one machine, to choose among several that may be the same. */
export const likeness = (a: Machine, b: Machine): number =>
  (same(a.smbios, b.smbios) === true ? 8 : 0) +
  (same(a.disk, b.disk) === true ? 4 : 0) +
  (meet(a.macs, b.macs) === true ? 2 : 0) +
  (same(a.board, b.board) === true ? 1 : 0);

/** What is known of a machine after it was described again: the newer part counts, one that was not read this time stays. */
export const renewed = (before: Machine, now: Machine): Machine => ({
  smbios: now.smbios ?? before.smbios,
  board: now.board ?? before.board,
  disk: now.disk ?? before.disk,
  macs: now.macs.length > 0 ? now.macs : before.macs,
});

export const isNameless = ({ smbios, board, disk, macs }: Machine): boolean =>
  smbios === null && board === null && disk === null && macs.length === 0;
