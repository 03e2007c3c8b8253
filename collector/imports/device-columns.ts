import { plain } from '../../shared/vietnamese.ts';
import type { AssetKind, RoomKind, Use } from '../api/schemas/school.ts';
import { type ImportColumn, type ImportRow, RowError } from './kind.ts';

/** The columns of a school's devices, and the words that stand in them. */

type Column = Omit<ImportColumn, 'required' | 'most'> & { most?: number; required?: boolean };
const column = ({ most = 200, required = false, ...rest }: Column): ImportColumn => ({ ...rest, most, required });

export const DEVICE_COLUMNS: readonly ImportColumn[] = [
  {
    key: 'room',
    head: 'Phòng',
    about: 'Tên phòng; để trống: chưa xếp phòng',
    example: 'Tin học 1',
    width: 18,
    required: true,
  },
  {
    key: 'roomKind',
    head: 'Loại phòng',
    about: 'Ở dòng của phòng, và ở phòng được tạo',
    example: 'Tin học',
    width: 14,
    most: 40,
  },
  {
    key: 'name',
    head: 'Thiết bị',
    about: 'Tên thiết bị; để trống: dòng của phòng',
    example: 'Máy 01',
    width: 24,
    required: true,
  },
  { key: 'kind', head: 'Loại', about: 'Loại thiết bị', example: 'Máy tính', width: 16, most: 40, required: true },
  { key: 'use', head: 'Sử dụng', about: 'Mục đích của máy tính', example: 'Học sinh', width: 12, most: 40 },
  { key: 'target', head: 'Mã theo dõi', about: 'Mã trong cấu hình tác tử', example: 'pc-01', width: 20, most: 128 },
  { key: 'mac', head: 'MAC', about: 'Sáu cặp 0–9, a–f', example: '00:1a:2b:3c:4d:5e', width: 19, most: 32 },
  { key: 'address', head: 'Địa chỉ IP', about: 'IPv4 hoặc IPv6', example: '192.168.1.20', width: 17, most: 45 },
  {
    key: 'licence',
    head: 'Bản quyền diệt virus',
    about: 'Số hợp đồng hoặc mã bản quyền',
    example: 'HĐ 12/2026',
    width: 22,
  },
  { key: 'status', head: 'Trạng thái', about: 'Đang dùng hoặc Ngừng dùng', example: 'Đang dùng', width: 13, most: 40 },
  { key: 'expectedPcs', head: 'Số máy tính quy định', about: 'Ở dòng của phòng', example: '30', width: 12, most: 12 },
  { key: 'expectedPrinters', head: 'Số máy in quy định', about: 'Ở dòng của phòng', example: '1', width: 12, most: 12 },
  { key: 'make', head: 'Tạo phòng', about: '“có”: tạo phòng nếu chưa có', example: 'có', width: 11, most: 10 },
].map(column);

/** The word of each, as it is written; more spellings behind it. */
type Words<T extends string> = readonly (readonly [T, string, ...string[]])[];

export const ROOM_KINDS: Words<RoomKind> = [
  ['it', 'Tin học'],
  ['language', 'Ngoại ngữ'],
  ['classroom', 'Lớp học', 'Phòng học'],
  ['office', 'Văn phòng', 'Làm việc'],
  ['network', 'Thiết bị mạng', 'Phòng mạng', 'Máy chủ'],
  ['other', 'Khác'],
];
export const KINDS: Words<AssetKind> = [
  ['pc', 'Máy tính', 'PC'],
  ['printer', 'Máy in'],
  ['camera', 'Camera'],
  ['access-point', 'Điểm phát Wi-Fi', 'Wifi'],
  ['gateway', 'Cổng mạng'],
  ['internet', 'Đường Internet', 'Internet'],
  ['other', 'Khác'],
];
export const USES: Words<Use> = [
  ['management', 'Quản lý'],
  ['teaching', 'Dạy học'],
  ['student', 'Học sinh'],
];
export const STATUSES: Words<'expected' | 'retired'> = [
  ['expected', 'Đang dùng'],
  ['retired', 'Ngừng dùng', 'Đã ngừng dùng'],
];

export const wordOf = <T extends string>(words: Words<T>, id: string | null): string =>
  words.find(([known]) => known === id)?.[1] ?? '';

/** The id of the word in a cell. Throws RowError where it is none of them, and `missing` for nothing. */
export function choice<T extends string>(
  row: ImportRow,
  key: string,
  words: readonly (readonly [T, string, ...string[]])[],
  missing = '',
): T {
  const text = plain(row[key]!);
  if (text === '' && missing !== '') throw new RowError(key, missing);
  const found = words.find(([, ...spellings]) => spellings.some((word) => plain(word) === text));
  if (!found) throw new RowError(key, `là một trong: ${words.map(([, word]) => word).join(', ')}`);
  return found[0];
}
