import { add, type Quarters, quarters, subtract, toNumber, ZERO } from '../points.ts';
import { type Edition, type Item, itemsOf, type Rule } from './edition.ts';
import { type Matchable, matchLists, normal, type Pair } from './match.ts';

export type TreeKind = 'standard' | 'criterion' | 'item' | 'rule';
export type ListKind = 'level' | 'unit' | 'group' | 'grade' | 'reading';
type Fields = Readonly<Record<string, unknown>>;

/** One side of a row: what this edition says. `parent`: id of what it stands under, null at the top. */
export interface RowSide {
  id: string;
  parent: string | null;
  /** Every compared field, null where the edition says nothing. */
  fields: Fields;
}

/** A field that differs; `id` and `parent` are fields too (moved). */
export interface Change {
  field: string;
  a: unknown;
  b: unknown;
}

export interface Row<Kind extends string = TreeKind | ListKind> {
  kind: Kind;
  state: 'same' | 'changed' | 'added' | 'removed';
  /** How the sides were found to belong together; null where one is absent. */
  matchedBy: 'id' | 'text' | null;
  a: RowSide | null;
  b: RowSide | null;
  changes: Change[];
}

export interface Amount {
  a: number;
  b: number;
  /** b less a, exact. */
  change: number;
}

export interface EditionComparison {
  identical: boolean;
  /** Id, date, issuer, title, maximum, the words for "not attained", the share asked of mandatory standards. */
  header: Change[];
  /** Standards, criteria, items and rules in the order of b; what was removed stands where it stood in a. */
  rows: Row<TreeKind>[];
  /** Levels, units, groups, grades and readings. */
  lists: Row<ListKind>[];
  /** Maxima of the whole and of each unit's items, and how many items and rules there are. */
  sums: { total: Amount; items: Amount; rules: Amount; units: (Amount & { id: string })[] };
  /** Rows of the tree by state. */
  counts: Record<Row['state'], number>;
}

/**
 * Two editions side by side. Parts are matched by id, and by wording where ids moved (`matchLists`); rules within
 * matched items first. Pure; `compareEditions(b, a)` is the same with the sides swapped, added for removed.
 */
export function compareEditions(a: Edition, b: Edition): EditionComparison {
  const [left, right] = [treeOf(a), treeOf(b)];
  const pairs = matchTrees(left, right);
  const rows = mergeRows(left, right, pairs);
  const lists = LISTS.flatMap(([kind, list]) => {
    const [own, other] = [list(a), list(b)];
    return mergeRows(own, other, matchLists(own, other)).map((row) => ({ ...row, kind }));
  });
  const header = changesOf(headerOf(a), headerOf(b));
  const counts = { same: 0, changed: 0, added: 0, removed: 0 };
  for (const row of rows) counts[row.state]++;
  const identical = header.length === 0 && [...rows, ...lists].every((row) => row.state === 'same');
  return { identical, header, rows, lists, sums: sumsOf(a, b), counts };
}

interface Node<Kind extends string = TreeKind> extends Matchable {
  kind: Kind;
  parent: Node<Kind> | null;
  fields: Fields;
}

function treeOf(edition: Edition): Node[] {
  const nodes: Node[] = [];
  const put = (kind: TreeKind, id: string, text: string, parent: Node | null, fields: Fields): Node => {
    const node: Node = { kind, id, text, parent, fields };
    nodes.push(node);
    return node;
  };
  const putItem = (item: Item, parent: Node) => {
    const node = put('item', item.id, item.text.join('\n'), parent, itemFields(item));
    for (const rule of item.rules) put('rule', rule.id, rule.text, node, ruleFields(rule));
  };
  for (const standard of edition.standards) {
    const group = edition.groups?.find((candidate) => candidate.standards.includes(standard.id))?.id ?? null;
    const { title, max, mandatory } = standard;
    const node = put('standard', standard.id, title, null, { title, max, mandatory, group });
    for (const criterion of standard.criteria ?? []) {
      const { number, max } = criterion;
      const own = put('criterion', criterion.id, criterion.title, node, { number, title: criterion.title, max });
      for (const item of criterion.items) putItem(item, own);
    }
    for (const item of standard.items ?? []) putItem(item, node);
  }
  return nodes;
}

const itemFields = (item: Item): Fields => ({
  number: item.number,
  text: item.text,
  max: item.max,
  unit: item.unit,
  unitPrinted: item.unitPrinted,
  combine: item.combine ?? null,
  reading: item.reading ?? null,
});

function ruleFields(rule: Rule): Fields {
  const { id: _id, ...said } = rule;
  const none = { label: null, by: null, points: null, per: null, tiers: null, awards: null, max: null, counts: null };
  return { ...none, levels: null, reading: null, ...said };
}

const headerOf = (edition: Edition): Fields => ({
  id: edition.id,
  date: edition.date,
  issuer: edition.issuer,
  title: edition.title,
  max: edition.max,
  notAttained: edition.notAttained,
  mandatoryShare: edition.mandatoryShare ?? null,
});

type ListNode = Node<ListKind>;
function listOf<T extends { id: string }>(kind: ListKind, parts: readonly T[], text: (part: T) => string): ListNode[] {
  return parts.map((part) => {
    const { id, ...fields } = part;
    return { kind, id, text: text(part), parent: null, fields };
  });
}
const LISTS: [ListKind, (edition: Edition) => ListNode[]][] = [
  ['level', (edition) => listOf('level', edition.levels, (level) => level.label)],
  ['unit', (edition) => listOf('unit', edition.units, (unit) => unit.label)],
  ['group', (edition) => listOf('group', edition.groups ?? [], (group) => group.label)],
  [
    'grade',
    (edition) =>
      listOf(
        'grade',
        edition.grades.map((grade, index) => ({ rank: index + 1, needs: null, ...grade })),
        (grade) => grade.label,
      ),
  ],
  [
    'reading',
    (edition) =>
      listOf(
        'reading',
        edition.readings.map(({ default: _default, ...reading }) => reading),
        (reading) => reading.text,
      ),
  ],
];

/** From the top down, so that it is known which parents belong together. */
function matchTrees(left: readonly Node[], right: readonly Node[]): Pair<Node>[] {
  const partner = new Map<Node, Node>();
  const pairs: Pair<Node>[] = [];
  const keep = (found: readonly Pair<Node>[]) => {
    for (const pair of found) {
      partner.set(pair.a, pair.b);
      partner.set(pair.b, pair.a);
      pairs.push(pair);
    }
  };
  const sameParent = (a: Node, b: Node) => (a.parent === null ? b.parent === null : partner.get(a.parent) === b.parent);
  const free = (nodes: readonly Node[], kind: TreeKind) =>
    nodes.filter((node) => node.kind === kind && !partner.has(node));
  for (const kind of ['standard', 'criterion', 'item'] as const)
    keep(matchLists(free(left, kind), free(right, kind), sameParent));
  const rulesOf = (nodes: readonly Node[]) => Map.groupBy(free(nodes, 'rule'), (node) => node.parent!);
  const [ours, theirs] = [rulesOf(left), rulesOf(right)];
  for (const [item, rules] of ours) keep(matchLists(rules, theirs.get(partner.get(item) ?? item) ?? []));
  // A rule that went to another item: wordings such as "trừ 0,5 điểm" recur, so only one that stands once on each side.
  const [restLeft, restRight] = [once(free(left, 'rule')), once(free(right, 'rule'))];
  for (const [text, a] of restLeft) {
    const b = restRight.get(text);
    if (b) keep([{ a, b, by: a.id === b.id ? 'id' : 'text' }]);
  }
  const byId = new Map(free(right, 'rule').map((node) => [node.id, node]));
  for (const a of free(left, 'rule')) {
    const b = byId.get(a.id);
    if (b) keep([{ a, b, by: 'id' }]);
  }
  return pairs;
}

function once(nodes: readonly Node[]): Map<string, Node> {
  const byText = Map.groupBy(nodes, (node) => normal(node.text));
  return new Map([...byText].filter(([, list]) => list.length === 1).map(([text, list]) => [text, list[0]!]));
}

function mergeRows<Kind extends string>(
  left: readonly Node<Kind>[],
  right: readonly Node<Kind>[],
  pairs: readonly Pair<Node<Kind>>[],
): Row<Kind>[] {
  const ofA = new Map(pairs.map((pair) => [pair.a, pair]));
  const ofB = new Map(pairs.map((pair) => [pair.b, pair]));
  const side = (node: Node<Kind>): RowSide => ({ id: node.id, parent: node.parent?.id ?? null, fields: node.fields });
  // Removed nodes follow whatever stood before them in a.
  const removedAfter = new Map<Node<Kind> | null, Row<Kind>[]>();
  let before: Node<Kind> | null = null;
  for (const node of left) {
    const pair = ofA.get(node);
    if (pair) {
      before = pair.b;
      continue;
    }
    const row: Row<Kind> = { kind: node.kind, state: 'removed', matchedBy: null, a: side(node), b: null, changes: [] };
    const list = removedAfter.get(before);
    if (list) list.push(row);
    else removedAfter.set(before, [row]);
  }
  const rows: Row<Kind>[] = [...(removedAfter.get(null) ?? [])];
  for (const node of right) {
    const pair = ofB.get(node);
    if (pair) {
      const changes = changesOf({ id: pair.a.id, ...pair.a.fields }, { id: node.id, ...node.fields });
      const [from, to] = [pair.a.parent, node.parent];
      const stayed = from === null ? to === null : ofA.get(from)?.b === to;
      if (!stayed) changes.push({ field: 'parent', a: from?.id ?? null, b: to?.id ?? null });
      const state = changes.length === 0 ? 'same' : 'changed';
      rows.push({ kind: node.kind, state, matchedBy: pair.by, a: side(pair.a), b: side(node), changes });
    } else rows.push({ kind: node.kind, state: 'added', matchedBy: null, a: null, b: side(node), changes: [] });
    rows.push(...(removedAfter.get(node) ?? []));
  }
  return rows;
}

function changesOf(a: Fields, b: Fields): Change[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((field) => ({ field, a: a[field] ?? null, b: b[field] ?? null }))
    .filter((change) => canonical(change.a) !== canonical(change.b));
}

/** Text of a value that does not depend on the order in which a file writes its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}

function sumsOf(a: Edition, b: Edition): EditionComparison['sums'] {
  const points = (x: Quarters, y: Quarters): Amount => ({
    a: toNumber(x),
    b: toNumber(y),
    change: toNumber(subtract(y, x)),
  });
  const number = (x: number, y: number): Amount => ({ a: x, b: y, change: y - x });
  const [ofA, ofB] = [unitSums(a), unitSums(b)];
  const rules = (edition: Edition) => itemsOf(edition).reduce((sum, item) => sum + item.rules.length, 0);
  return {
    total: points(quarters(a.max), quarters(b.max)),
    items: number(itemsOf(a).length, itemsOf(b).length),
    rules: number(rules(a), rules(b)),
    units: [...new Set([...ofA.keys(), ...ofB.keys()])].map((id) => ({
      id,
      ...points(ofA.get(id) ?? ZERO, ofB.get(id) ?? ZERO),
    })),
  };
}

/** Maxima of the items that each unit assesses. */
function unitSums(edition: Edition): Map<string, Quarters> {
  const sums = new Map(edition.units.map((unit) => [unit.id, ZERO]));
  for (const item of itemsOf(edition)) sums.set(item.unit, add(sums.get(item.unit) ?? ZERO, quarters(item.max)));
  return sums;
}
