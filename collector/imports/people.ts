import { v7 as uuidv7 } from 'uuid';
import { plain } from '../../shared/vietnamese.ts';
import { derivePassword, shown } from '../access/people.ts';
import { changePerson, createPerson, requireFits } from '../access/person-change.ts';
import type { Role } from '../api/schemas/session.ts';
import { type Importer, type ImportKind, type ImportRow, type ImportWork, type RowChange, RowError } from './kind.ts';

/** People by the name that they sign in with. Nobody is removed: who has left is locked. */
export const people: ImportKind = {
  id: 'people',
  sheet: 'Người dùng',
  about: [
    'Mỗi dòng một người. Tên đăng nhập đã có thì người đó được sửa theo dòng; chưa có thì thêm người mới.',
    'Người mới không có mật khẩu ban đầu thì chưa đăng nhập được cho đến khi quản trị đặt mật khẩu. Xóa tệp này sau khi nhập nếu có ghi mật khẩu.',
  ],
  columns: [
    {
      key: 'username',
      head: 'Tên đăng nhập',
      about: 'Chữ thường không dấu, số, dấu chấm, gạch; từ 2 ký tự',
      example: 'hanh.nt',
      required: true,
      width: 20,
      most: 64,
    },
    {
      key: 'name',
      head: 'Họ tên',
      about: 'Họ và tên đầy đủ',
      example: 'Nguyễn Thị Hạnh',
      required: true,
      width: 30,
      most: 200,
    },
    {
      key: 'role',
      head: 'Vai trò',
      about: 'Quản trị, Người chấm, Người xem hoặc Trường',
      example: 'Người chấm',
      required: true,
      width: 16,
      most: 40,
    },
    {
      key: 'units',
      head: 'Đơn vị chấm',
      about: 'Của người chấm: mã hoặc tên, nhiều đơn vị cách nhau bằng dấu chấm phẩy',
      example: 'NV; CNTT',
      required: false,
      width: 28,
      most: 400,
    },
    {
      key: 'school',
      head: 'Mã trường',
      about: 'Của người thuộc trường',
      example: '01LB017',
      required: false,
      width: 16,
      most: 32,
    },
    {
      key: 'active',
      head: 'Đang dùng',
      about: '“không”: khóa tài khoản; để trống là có',
      example: 'có',
      required: false,
      width: 12,
      most: 10,
    },
    {
      key: 'password',
      head: 'Mật khẩu ban đầu',
      about: 'Từ 10 ký tự; để trống là giữ nguyên. Nhiều nhất 200 mật khẩu một tệp',
      example: '',
      required: false,
      width: 22,
      most: 256,
    },
  ],
  needs: 'admin',
  ofEvaluation: false,
  open,
};

const ROLES: readonly (readonly [Role, string])[] = [
  ['admin', 'Quản trị'],
  ['assessor', 'Người chấm'],
  ['viewer', 'Người xem'],
  ['school', 'Trường'],
];
/** As `NewPerson` takes it. */
const USERNAME = /^[a-z0-9._-]{2,64}$/;
const MIN_PASSWORD = 10;
/** Each takes a quarter of a second and 128 MiB to derive. */
const MAX_PASSWORDS = 200;

async function open({ context, person: self, at }: ImportWork): Promise<Importer> {
  const { store, editions } = context;
  const known = new Map((await store.selectFrom('person').selectAll().execute()).map((row) => [row.username, row]));
  const schoolIds = new Map(
    (await store.selectFrom('school').select(['id', 'code']).execute()).map(({ id, code }) => [code, id]),
  );
  const units = editions.units();
  const unitIds = new Map(
    [...units].flatMap(
      ([id, label]) =>
        [
          [plain(id), id],
          [plain(label), id],
        ] as const,
    ),
  );
  const seen = new Set<string>();
  let passwords = 0;
  return {
    choices: {
      role: ROLES.map(([, name]) => name),
      units: [...units.keys()],
      active: ['có', 'không'],
    },
    rows: [],
    check(row): RowChange {
      const { username, name, password } = row as { username: string; name: string; password: string };
      if (!USERNAME.test(username))
        throw new RowError('username', 'tên đăng nhập chỉ gồm a–z, 0–9, chấm, gạch, từ 2 đến 64 ký tự');
      if (seen.has(username)) throw new RowError('username', 'tên đăng nhập lặp lại trong tệp');
      if (name === '') throw new RowError('name', 'thiếu họ tên');
      const given = { name, role: roleOf(row), units: unitsOf(row, unitIds), schoolId: schoolOf(row, schoolIds) };
      requireFits(given, [...units.keys()]);
      const active = activeOf(row);
      if (password !== '' && password.length < MIN_PASSWORD)
        throw new RowError('password', `mật khẩu từ ${MIN_PASSWORD} ký tự`);
      const before = known.get(username);
      if (before?.id === self.id && (!active || given.role !== 'admin'))
        throw new RowError('', 'không tự khóa hay tự hạ quyền của mình: nhờ quản trị viên khác');
      if (password !== '' && ++passwords > MAX_PASSWORDS)
        throw new RowError('password', `mỗi tệp đặt nhiều nhất ${MAX_PASSWORDS} mật khẩu`);
      seen.add(username);
      const about = { name, role: given.role, units: JSON.stringify(given.units), school_id: given.schoolId };
      let derived: string | undefined;
      const derive = async () => {
        derived = await derivePassword(password);
      };
      const prepare = password === '' ? {} : { prepare: derive };
      if (!before) {
        const made = { id: uuidv7(), username, ...about, active: active ? 1 : 0 };
        return {
          does: 'created',
          ...prepare,
          write: (write) => createPerson(write, { ...made, password: derived ?? null }, self.id, at),
        };
      }
      const { username: _, hasPassword: __, id: ___, ...was } = { ...shown(before), active: before.active === 1 };
      const same =
        password === '' &&
        before.name === name &&
        before.role === given.role &&
        sameSet(was.units, given.units) &&
        before.school_id === given.schoolId &&
        was.active === active;
      if (same) return { does: 'same' };
      return {
        does: 'changed',
        ...prepare,
        write: (write) => {
          const changed = derived === undefined ? {} : { password: derived };
          return changePerson(write, before.id, { ...about, ...changed, active: active ? 1 : 0 }, was, self.id, at);
        },
      };
    },
  };
}

const sameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one) => b.includes(one));

function roleOf({ role }: ImportRow): Role {
  const found = ROLES.find(([id, name]) => [plain(id), plain(name)].includes(plain(role!)));
  if (!found) throw new RowError('role', `vai trò là một trong: ${ROLES.map(([, name]) => name).join(', ')}`);
  return found[0];
}

function unitsOf({ units }: ImportRow, known: ReadonlyMap<string, string>): string[] {
  // A label may hold a comma: it is tried whole before it is taken apart.
  const parts = units!.split(';').flatMap((part) => (known.has(plain(part.trim())) ? [part] : part.split(',')));
  const found = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const id = known.get(plain(part));
      if (id === undefined) throw new RowError('units', `không có đơn vị chấm “${part.slice(0, 40)}”`);
      return id;
    });
  return [...new Set(found)];
}

function schoolOf({ school }: ImportRow, known: ReadonlyMap<string, string>): string | null {
  if (school === '') return null;
  const id = known.get(school!);
  if (id === undefined) throw new RowError('school', 'không có mã trường này');
  return id;
}

function activeOf({ active }: ImportRow): boolean {
  const said = plain(active!);
  if (['', 'co', 'x', '1'].includes(said)) return true;
  if (['khong', '0'].includes(said)) return false;
  throw new RowError('active', 'chỉ ghi “có” hoặc “không”');
}
