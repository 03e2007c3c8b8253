import { isIP } from 'node:net';
import type { Selectable } from 'kysely';
import { Problem } from '../api/errors.ts';
import type { AssetKind, ListedAsset, Use } from '../api/schemas/school.ts';
import type { Store } from '../store/sqlite.ts';
import type { AssetTable } from '../store/tables.ts';

/** Devices of the inventory: their addresses, and as answers show them. */

export type AssetRow = Selectable<AssetTable>;

/** Six octets in any usual spelling as lower case with colons; null for nothing, undefined for what is no MAC. */
export function macOf(text: string): string | null | undefined {
  const said = text.trim().toLowerCase();
  if (said === '') return null;
  const isKnown = /^([0-9a-f]{2}([:-]?)[0-9a-f]{2}(?:\2[0-9a-f]{2}){4}|[0-9a-f]{4}(\.[0-9a-f]{4}){2})$/.test(said);
  if (!isKnown) return undefined;
  return said
    .replaceAll(/[^0-9a-f]/g, '')
    .match(/../g)!
    .join(':');
}

/** IPv4 or IPv6; null for nothing, undefined for what is no address. */
export function addressOf(text: string): string | null | undefined {
  const said = text.trim().toLowerCase();
  if (said === '') return null;
  return isIP(said) === 0 ? undefined : said;
}

/** Throws Problem `already-exists`, naming the other, if an expected device of the school bears the MAC of this one. */
export async function requireFreeMac(
  write: Store,
  { id, school_id, mac, status }: Pick<AssetRow, 'id' | 'school_id' | 'mac' | 'status'>,
): Promise<void> {
  if (mac === null || status !== 'expected') return;
  const other = await write
    .selectFrom('asset')
    .select('name')
    .where('school_id', '=', school_id)
    .where('mac', '=', mac)
    .where('status', '=', 'expected')
    .where('id', '!=', id)
    .executeTakeFirst();
  if (other) throw new Problem('already-exists', sayMacTaken(mac, other.name));
}

export const sayMacTaken = (mac: string, name: string): string =>
  `địa chỉ MAC ${mac} đang là của thiết bị “${name}”: sửa địa chỉ, hoặc ngừng dùng thiết bị kia trước`;

export const shownAsset = (row: AssetRow): ListedAsset => ({
  id: row.id,
  roomId: row.room_id,
  kind: row.kind as AssetKind,
  use: row.use as Use | null,
  name: row.name,
  target: row.target,
  status: row.status as ListedAsset['status'],
  licence: row.licence,
  mac: row.mac,
  address: row.address,
  machineId: row.machine_id,
});
