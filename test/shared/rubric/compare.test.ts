import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareEditions, type EditionComparison, type Row } from '../../../shared/rubric/compare.ts';
import { type Edition, type Item, parseEdition } from '../../../shared/rubric/edition.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';
import { matchLists } from '../../../shared/rubric/match.ts';
import { twoGroups } from './fixtures/two-groups.ts';

const decision = loadEdition('8265/QĐ-UBND');
const invented = parseEdition(twoGroups());

/** The decision with a change, still a lawful edition. */
function draft(change: (edition: Edition) => void): Edition {
  const edition = structuredClone(decision);
  change(edition);
  return parseEdition(edition);
}
const criterion = (edition: Edition, s: number, c: number) => edition.standards[s]!.criteria![c]!;
const find = (rows: readonly Row[], kind: string, id: string) =>
  rows.find((row) => row.kind === kind && (row.b ?? row.a)!.id === id)!;
const differing = (comparison: EditionComparison) => comparison.rows.filter((row) => row.state !== 'same');

/** The same comparison with the sides swapped, rows in an order of their own. */
function mirrored(comparison: EditionComparison): unknown {
  const swap = <T extends { a: unknown; b: unknown }>(part: T): T => ({ ...part, a: part.b, b: part.a });
  const states = { same: 'same', changed: 'changed', added: 'removed', removed: 'added' } as const;
  const amount = <T extends { a: number; b: number; change: number }>(part: T): T => ({
    ...swap(part),
    change: part.change === 0 ? 0 : -part.change,
  });
  const { total, items, rules, units } = comparison.sums;
  return ordered({
    ...comparison,
    header: comparison.header.map(swap),
    rows: comparison.rows.map((row) => ({ ...swap(row), state: states[row.state], changes: row.changes.map(swap) })),
    lists: comparison.lists.map((row) => ({ ...swap(row), state: states[row.state], changes: row.changes.map(swap) })),
    sums: { total: amount(total), items: amount(items), rules: amount(rules), units: units.map(amount) },
    counts: { ...comparison.counts, added: comparison.counts.removed, removed: comparison.counts.added },
  });
}
function ordered(comparison: EditionComparison): unknown {
  const key = (row: Row) => JSON.stringify([row.kind, row.a?.id ?? null, row.b?.id ?? null]);
  const sort = <T>(list: readonly T[], by: (part: T) => string) => list.toSorted((x, y) => (by(x) < by(y) ? -1 : 1));
  const rows = (list: readonly Row[]) =>
    sort(
      list.map((row) => ({ ...row, changes: sort(row.changes, (change) => change.field) })),
      key,
    );
  const units = sort(comparison.sums.units, (unit) => unit.id);
  const sums = { ...comparison.sums, units };
  return { ...comparison, rows: rows(comparison.rows), lists: rows(comparison.lists), sums };
}

describe('two editions side by side', () => {
  it.each([
    ['the decision', decision],
    ['the invented one', invented],
  ])('finds no difference between an edition and itself: %s', (_name, edition) => {
    const comparison = compareEditions(edition, structuredClone(edition));
    expect(comparison).toMatchObject({ identical: true, header: [], counts: { changed: 0, added: 0, removed: 0 } });
    expect(comparison.rows.every((row) => row.matchedBy === 'id' && row.changes.length === 0)).toBe(true);
    expect(comparison.sums.total.change).toBe(0);
  });

  it('does not mind in which order a file writes its keys', () => {
    const turned = JSON.parse(JSON.stringify(decision), (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).reverse())
        : part,
    ) as Edition;
    expect(compareEditions(decision, turned).identical).toBe(true);
  });

  it('shows other weights with both sides, and their sums', () => {
    const other = draft((edition) => {
      edition.id = 'draft';
      edition.standards[0]!.max = 30;
      edition.standards[1]!.max = 45;
      criterion(edition, 0, 1).max = 10;
      criterion(edition, 0, 1).items[0]!.max = 5;
      criterion(edition, 1, 0).max = 20;
      criterion(edition, 1, 0).items[0]!.max = 13;
      edition.grades[0]!.from = 96.25;
    });
    const comparison = compareEditions(decision, other);
    expect(comparison.header).toEqual([{ field: 'id', a: '8265/QĐ-UBND', b: 'draft' }]);
    expect(differing(comparison).map((row) => [row.kind, row.a!.id, row.changes])).toEqual([
      ['standard', 'I', [{ field: 'max', a: 35, b: 30 }]],
      ['criterion', 'I.2', [{ field: 'max', a: 15, b: 10 }]],
      ['item', 'I.2.1', [{ field: 'max', a: 10, b: 5 }]],
      ['standard', 'II', [{ field: 'max', a: 40, b: 45 }]],
      ['criterion', 'II.1', [{ field: 'max', a: 15, b: 20 }]],
      ['item', 'II.1.1', [{ field: 'max', a: 8, b: 13 }]],
    ]);
    expect(find(comparison.lists, 'grade', 'A').changes).toEqual([{ field: 'from', a: 95, b: 96.25 }]);
    expect(comparison.sums).toMatchObject({
      total: { a: 100, b: 100, change: 0 },
      items: { a: 27, b: 27, change: 0 },
      rules: { a: 51, b: 51, change: 0 },
    });
    const units = Object.fromEntries(comparison.sums.units.map((unit) => [unit.id, unit.change]));
    expect(units).toEqual({ NV: 0, PGD: -5, CNTT: 5, TCKH: 0 });
    expect(comparison.counts).toEqual({ same: comparison.rows.length - 6, changed: 6, added: 0, removed: 0 });
  });

  it('shows every way in which a rule can differ', () => {
    const other = draft((edition) => {
      const [first] = criterion(edition, 0, 0).items;
      first!.rules[0] = { ...first!.rules[0]!, shape: 'each', points: 0.25, per: 'lỗi' } as Item['rules'][number];
      first!.rules[1]!.text += ' (sửa)';
      first!.unit = 'CNTT';
      criterion(edition, 1, 1).items[1]!.rules[0] = {
        ...criterion(edition, 1, 1).items[1]!.rules[0]!,
        tiers: [{ from: 1, points: 5 }],
      } as Item['rules'][number];
      edition.standards[3]!.items![1]!.rules[0]!.levels = ['primary'];
      edition.readings[0]!.chosen = 'whole';
    });
    const { rows, lists } = compareEditions(decision, other);
    const changes = (kind: string, id: string) =>
      find(rows, kind, id)
        .changes.map((change) => change.field)
        .sort();
    expect(changes('rule', 'I.1.1.a')).toEqual(['per', 'points', 'shape']);
    expect(changes('rule', 'I.1.1.b')).toEqual(['text']);
    expect(changes('item', 'I.1.1')).toEqual(['unit']);
    expect(changes('rule', 'II.2.2.a')).toEqual(['tiers']);
    expect(changes('rule', 'IV.2.a')).toEqual(['levels']);
    expect(changes('rule', 'III.2.1.a')).toEqual(['points']); // by the reading
    expect(find(lists, 'reading', 'III.2.1-penalty').changes).toEqual([{ field: 'chosen', a: 'half', b: 'whole' }]);
  });

  it('shows added and removed items where they stand', () => {
    const fresh: Item = {
      id: 'I.1.9',
      number: '9',
      max: 3,
      unit: 'NV',
      unitPrinted: 'NV',
      text: ['Nội dung hoàn toàn mới của bản dự thảo'],
      rules: [{ id: 'I.1.9.a', shape: 'once', points: 3, text: 'Không có nội dung mới' }],
    };
    const other = draft((edition) => {
      const { items } = criterion(edition, 0, 0);
      items[1]!.max = 4;
      items.push(fresh);
      const third = criterion(edition, 0, 2);
      third.items[1]!.max += third.items.shift()!.max; // I.3.1 goes
    });
    const comparison = compareEditions(decision, other);
    expect(differing(comparison).map((row) => [row.state, row.kind, (row.b ?? row.a)!.id])).toEqual([
      ['changed', 'item', 'I.1.2'],
      ['added', 'item', 'I.1.9'],
      ['added', 'rule', 'I.1.9.a'],
      ['removed', 'item', 'I.3.1'],
      ['removed', 'rule', 'I.3.1.a'],
      ['changed', 'item', 'I.3.2'],
    ]);
    expect(find(comparison.rows, 'item', 'I.1.9')).toMatchObject({ a: null, matchedBy: null, b: { parent: 'I.1' } });
    const ids = comparison.rows.map((row) => (row.b ?? row.a)!.id);
    expect(ids.indexOf('I.3.1')).toBe(ids.indexOf('I.3') + 1);
  });

  it('follows an item whose number moved because another was put in before it', () => {
    const other = draft((edition) => {
      const { items } = criterion(edition, 0, 0);
      const [, second] = items;
      const moved = structuredClone(second!);
      moved.id = 'I.1.3';
      moved.number = '3';
      moved.max = 4;
      for (const rule of moved.rules) rule.id = rule.id.replace('I.1.2', 'I.1.3');
      moved.text[0] = moved.text[0]!.replace(/\.?$/, ' (sửa chữ)');
      second!.max = 3;
      second!.text = ['Một nội dung khác hẳn, chưa từng có trong văn bản cũ'];
      second!.rules = [{ id: 'I.1.2.a', shape: 'once', points: 3, text: 'Chưa làm điều khác hẳn đó' }];
      items.push(moved);
    });
    const comparison = compareEditions(decision, other);
    const row = find(comparison.rows, 'item', 'I.1.3');
    expect(row).toMatchObject({ state: 'changed', matchedBy: 'text', a: { id: 'I.1.2' } });
    expect(row.changes.map((change) => change.field)).toEqual(['id', 'number', 'text', 'max']);
    expect(find(comparison.rows, 'item', 'I.1.2')).toMatchObject({ state: 'added', a: null });
    expect(find(comparison.rows, 'rule', 'I.1.3.b')).toMatchObject({
      matchedBy: 'text',
      changes: [{ field: 'id', a: 'I.1.2.b', b: 'I.1.3.b' }],
    });
    expect(find(comparison.rows, 'rule', 'I.1.2.a').state).toBe('added');
  });

  it('follows an item, and a rule, that went elsewhere', () => {
    const other = draft((edition) => {
      const [from, to] = [criterion(edition, 0, 2), criterion(edition, 0, 1)];
      const moved = from.items.shift()!;
      to.items.push(moved);
      from.max -= moved.max;
      to.max += moved.max;
      criterion(edition, 0, 0).items[1]!.rules.push(criterion(edition, 0, 0).items[0]!.rules.pop()!);
    });
    const comparison = compareEditions(decision, other);
    expect(find(comparison.rows, 'item', 'I.3.1').changes).toEqual([{ field: 'parent', a: 'I.3', b: 'I.2' }]);
    expect(find(comparison.rows, 'rule', 'I.1.1.d').changes).toEqual([{ field: 'parent', a: 'I.1.1', b: 'I.1.2' }]);
    expect(comparison.counts).toMatchObject({ added: 0, removed: 0 });
  });

  it('compares grades, groups and readings that only one edition has', () => {
    const comparison = compareEditions(decision, invented);
    const states = (kind: string) =>
      comparison.lists.filter((row) => row.kind === kind).map((row) => [row.state, (row.b ?? row.a)!.id]);
    expect(states('group')).toEqual([
      ['added', 'D'],
      ['added', 'Q'],
    ]);
    expect(states('grade')).toContainEqual(['removed', 'A']);
    expect(states('grade')).toContainEqual(['added', '3']);
    expect(states('level')).toContainEqual(['same', 'primary']);
    expect(comparison.sums.total).toEqual({ a: 100, b: 200, change: 100 });
    const count = (side: 'a' | 'b') => comparison.rows.filter((row) => row[side] !== null).length;
    expect([count('a'), count('b')]).toEqual([
      compareEditions(decision, decision).rows.length,
      compareEditions(invented, invented).rows.length,
    ]);
  });

  it('is the same from either side, each part of both editions in exactly one row', () => {
    const edit = fc.record({
      s: fc.nat(2),
      c: fc.nat(2),
      i: fc.nat(3),
      how: fc.constantFrom('drop', 'rename', 'reword', 'copy', 'swap', 'rule'),
      word: fc.constantFrom('mới', 'khác', 'phần mềm', 'trang thiết bị'),
    });
    const edited = (edits: { s: number; c: number; i: number; how: string; word: string }[]) => {
      // Comparing asks for the shape of an edition only, so sums need not hold here; ids stay unique.
      const edition = structuredClone(decision);
      let serial = 0;
      for (const { s, c, i, how, word } of edits) {
        const list = edition.standards[s]!.criteria;
        const items = list?.[c % list.length]?.items;
        const item = items?.[i % items.length];
        if (!items || !item) continue;
        const fresh = (): string => `N.${++serial}`;
        if (how === 'drop' && items.length > 1) items.splice(items.indexOf(item), 1);
        if (how === 'rename') item.id = fresh();
        if (how === 'reword') item.text = [`${item.text[0]} ${word}`];
        if (how === 'copy')
          items.unshift({
            ...structuredClone(item),
            id: fresh(),
            rules: item.rules.map((r) => ({ ...r, id: fresh() })),
          });
        if (how === 'swap') [items[0], items[items.length - 1]] = [items.at(-1)!, items[0]!];
        if (how === 'rule') item.rules.unshift({ id: fresh(), shape: 'once', points: 1, text: word });
      }
      return edition;
    };
    const editions = fc.array(edit, { maxLength: 8 }).map(edited);
    fc.assert(
      fc.property(editions, editions, (a, b) => {
        const comparison = compareEditions(a, b);
        expect(ordered(compareEditions(b, a))).toEqual(mirrored(comparison));
        for (const [side, edition] of [
          ['a', a],
          ['b', b],
        ] as const) {
          const ids = comparison.rows.flatMap((row) => (row[side] ? [`${row.kind} ${row[side].id}`] : [])).sort();
          const all = compareEditions(edition, edition).rows.map((row) => `${row.kind} ${row.a!.id}`);
          expect(ids).toEqual(all.sort());
        }
        const { same, changed, added, removed } = comparison.counts;
        expect(same + changed + added + removed).toBe(comparison.rows.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe('matching by id and wording', () => {
  const nodes = (...texts: [id: string, text: string][]) => texts.map(([id, text]) => ({ id, text }));
  const pairs = (a: [string, string][], b: [string, string][]) =>
    matchLists(nodes(...a), nodes(...b))
      .map((pair) => `${pair.a.id}-${pair.b.id}`)
      .sort();

  it('lets an equal wording beat an equal id of another wording, and pairs the rest by id', () => {
    expect(
      pairs(
        [
          ['1', 'trang web của trường'],
          ['2', 'mạng nội bộ'],
        ],
        [
          ['1', 'phòng máy tính'],
          ['2', 'trang web của trường'],
        ],
      ),
    ).toEqual(['1-2']);
    expect(pairs([['1', 'trang web']], [['1', 'phòng máy']])).toEqual(['1-1']);
    expect(
      pairs(
        [
          ['1', 'x'],
          ['2', 'y'],
        ],
        [
          ['1', 'y'],
          ['2', 'x'],
        ],
      ),
    ).toEqual(['1-2', '2-1']);
  });

  it('does not take seconds for large drafts that share nothing', () => {
    const many = (prefix: string): [string, string][] =>
      Array.from({ length: 3_000 }, (_, index) => [`${prefix}${index}`, `nội dung chung ${prefix} số ${index % 7}`]);
    const start = performance.now();
    matchLists(nodes(...many('a')), nodes(...many('b')));
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
