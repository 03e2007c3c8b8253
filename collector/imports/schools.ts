import { v7 as uuidv7 } from 'uuid';
import { plain } from '../../shared/vietnamese.ts';
import type { Level } from '../api/schemas/common.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import { type Importer, type ImportKind, type ImportRow, type ImportWork, type RowChange, RowError } from './kind.ts';

/** Schools by code: new ones are made, known ones changed. Nothing is removed. */
export const schools: ImportKind = {
  id: 'schools',
  sheet: 'Trường',
  about: [
    'Mỗi dòng một trường. Mã trường đã có thì trường đó được sửa theo dòng; chưa có thì thêm trường mới.',
    'Không trường nào bị xóa. Đơn vị chưa có là lỗi, trừ khi cột “Tạo đơn vị” ghi “có”.',
  ],
  columns: [
    {
      key: 'code',
      head: 'Mã trường',
      about: 'Mã riêng của trường, giữ cả số 0 ở đầu',
      example: '01LB017',
      required: true,
      width: 16,
      most: 32,
    },
    {
      key: 'name',
      head: 'Tên trường',
      about: 'Tên đầy đủ',
      example: 'Trường Tiểu học Gia Thụy',
      required: true,
      width: 42,
      most: 200,
    },
    {
      key: 'unit',
      head: 'Đơn vị',
      about: 'Tên đơn vị quản lý như trong hệ thống',
      example: 'Phường Gia Thụy',
      required: true,
      width: 30,
      most: 200,
    },
    {
      key: 'levels',
      head: 'Cấp học',
      about: 'Một hay nhiều cấp, cách nhau bằng dấu phẩy: Mầm non, Tiểu học, THCS',
      example: 'Tiểu học, THCS',
      required: true,
      width: 24,
      most: 100,
    },
    {
      key: 'make',
      head: 'Tạo đơn vị',
      about: '“có”: tạo đơn vị nếu chưa có',
      example: 'có',
      required: false,
      width: 12,
      most: 10,
    },
    {
      key: 'parent',
      head: 'Đơn vị cấp trên',
      about: 'Của đơn vị được tạo; để trống là cấp cao nhất',
      example: 'Quận Long Biên',
      required: false,
      width: 30,
      most: 200,
    },
  ],
  needs: 'admin',
  ofEvaluation: false,
  open,
};

const LEVELS: readonly (readonly [Level, string, ...string[]])[] = [
  ['preschool', 'Mầm non', 'MN'],
  ['primary', 'Tiểu học', 'TH'],
  ['secondary', 'THCS', 'Trung học cơ sở'],
];

interface School {
  id: string;
  unit_id: string;
  code: string;
  name: string;
  levels: string;
}

async function open({ context, person, at }: ImportWork): Promise<Importer> {
  const { store, judging } = context;
  const units = new Units(await store.selectFrom('org_unit').select(['id', 'name']).execute());
  const known = new Map<string, School>(
    (await store.selectFrom('school').select(['id', 'unit_id', 'code', 'name', 'levels']).execute()).map((row) => [
      row.code,
      row,
    ]),
  );
  const seen = new Set<string>();
  const touched: string[] = [];
  return {
    choices: {
      unit: units.names(),
      levels: LEVELS.map(([, name]) => name),
      make: ['có', 'không'],
    },
    rows: [],
    check(row): RowChange {
      const { code, name } = row as { code: string; name: string };
      if (code === '') throw new RowError('code', 'thiếu mã trường');
      if (seen.has(code)) throw new RowError('code', 'mã trường lặp lại trong tệp');
      if (name === '') throw new RowError('name', 'thiếu tên trường');
      const levels = levelsOf(row);
      const unit = units.ofRow(row);
      seen.add(code);
      const before = known.get(code);
      const after = { unit_id: unit.id, code, name, levels: JSON.stringify(levels) };
      const same = before && before.unit_id === unit.id && before.name === name && before.levels === after.levels;
      if (same) return { does: 'same' };
      const id = before?.id ?? uuidv7();
      return {
        does: before ? 'changed' : 'created',
        write: async (write) => {
          await makeUnit(write, unit, person.id, at);
          if (before) await write.updateTable('school').set(after).where('id', '=', id).execute();
          else
            await write
              .insertInto('school')
              .values({ id, ...after, calendar: null })
              .execute();
          const was = before && { unit_id: before.unit_id, code, name: before.name, levels: before.levels };
          const action = before ? 'school.changed' : 'school.created';
          await record(write, { by: person.id, action, subject: `school/${id}`, before: was ?? null, after }, at);
          touched.push(id);
        },
      };
    },
    done: () => {
      for (const id of new Set(touched)) judging.touch(id);
    },
  };
}

function levelsOf({ levels }: ImportRow): Level[] {
  const parts = levels!
    .split(/[,;/+]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new RowError('levels', 'thiếu cấp học');
  const found = parts.map((part) => {
    const level = LEVELS.find((names) => names.some((name) => plain(name) === plain(part)));
    if (!level)
      throw new RowError(
        'levels',
        `không có cấp học “${part.slice(0, 40)}”; có: ${LEVELS.map(([, name]) => name).join(', ')}`,
      );
    return level[0];
  });
  return [...new Set(found)];
}

interface Unit {
  id: string;
  name: string;
  /** Set for a unit that this file makes: below which one. */
  made?: { above: Unit | null };
}

/** Units by name, those that earlier rows make among them. */
class Units {
  readonly #all: Unit[];
  constructor(known: readonly Unit[]) {
    this.#all = [...known];
  }

  names(): string[] {
    return this.#all.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'vi'));
  }

  /** The row's unit, made if the row says so. Whoever of its rows is written first makes it in the store. */
  ofRow({ unit: name, make, parent }: ImportRow): Unit {
    if (name === '') throw new RowError('unit', 'thiếu đơn vị');
    const wants = ['co', 'x', '1'].includes(plain(make!));
    if (!wants && !['', 'khong', '0'].includes(plain(make!))) throw new RowError('make', 'chỉ ghi “có” hoặc để trống');
    const found = this.#find('unit', name!);
    if (found) return found;
    if (!wants) throw new RowError('unit', 'không có đơn vị này: sửa tên, hoặc ghi “có” ở cột Tạo đơn vị');
    const above = parent === '' ? null : this.#find('parent', parent!);
    if (above === undefined) throw new RowError('parent', 'không có đơn vị cấp trên này: ghi dòng của nó trước');
    const unit: Unit = { id: uuidv7(), name: name!, made: { above } };
    this.#all.push(unit);
    return unit;
  }

  /** By the very name; a name typed without diacritics also finds the one that reads like it. */
  #find(column: string, name: string): Unit | undefined {
    const lower = name.toLocaleLowerCase('vi');
    const exact = this.#all.filter((unit) => unit.name.toLocaleLowerCase('vi') === lower);
    const like = plain(name) === lower ? this.#all.filter((unit) => plain(unit.name) === lower) : [];
    const found = exact.length > 0 ? exact : like;
    if (found.length > 1)
      throw new RowError(column, `có ${found.length} đơn vị tên như vậy: ghi đủ dấu, hoặc đổi tên một đơn vị`);
    return found[0];
  }
}

async function makeUnit(write: Store, { id, name, made }: Unit, by: string, at: number): Promise<void> {
  if (!made) return;
  if (made.above) await makeUnit(write, made.above, by, at);
  const parentId = made.above?.id ?? null;
  const inserted = await write
    .insertInto('org_unit')
    .values({ id, name, parent_id: parentId, policy: '{}', practice: 0 })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  if (!inserted.numInsertedOrUpdatedRows) return;
  await record(
    write,
    { by, action: 'unit.created', subject: `unit/${id}`, before: null, after: { name, parentId } },
    at,
  );
}
