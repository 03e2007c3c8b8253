import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { quarters } from '../points.ts';

/**
 * An edition: one decision's whole rubric as data. The next decision is a new file in `editions/` and no code.
 * Points are decimal numbers in the file, multiples of 0.25 (checked by `parseEdition`).
 */

const Text = Type.String({ minLength: 1 });
const Points = Type.Number({ minimum: 0, multipleOf: 0.25 });
const common = {
  id: Text,
  text: Text,
  /** Short name, where the decision's wording is shared by several rules. */
  label: Type.Optional(Text),
  /** Id of the reading that this rule depends on. */
  reading: Type.Optional(Text),
  /** Levels of school to which the rule applies; absent: all. */
  levels: Type.Optional(Type.Array(Text, { minItems: 1 })),
};
const closed = { additionalProperties: false };

export const EachRule = Type.Object({ ...common, shape: Type.Literal('each'), points: Points, per: Text }, closed);
export const OnceRule = Type.Object({ ...common, shape: Type.Literal('once'), points: Points }, closed);
export const Tier = Type.Object(
  {
    from: Type.Integer({ minimum: 1 }),
    /** Absent: no upper end. */
    to: Type.Optional(Type.Integer({ minimum: 1 })),
    /** `item`: the whole item ("Không chấm điểm"). */
    points: Type.Union([Points, Type.Literal('item')]),
  },
  closed,
);
export const TiersRule = Type.Object(
  { ...common, shape: Type.Literal('tiers'), per: Text, tiers: Type.Array(Tier, { minItems: 1 }) },
  closed,
);
export const AwardRule = Type.Object(
  {
    ...common,
    shape: Type.Literal('award'),
    awards: Type.Array(Type.Object({ id: Text, label: Text, points: Points }, closed), { minItems: 1 }),
  },
  closed,
);
export const FreeRule = Type.Object({ ...common, shape: Type.Literal('free') }, closed);
export const Rule = Type.Union([EachRule, OnceRule, TiersRule, AwardRule, FreeRule]);
export type Rule = Static<typeof Rule>;

export const Item = Type.Object(
  {
    id: Text,
    number: Text,
    max: Points,
    /** Assessing unit, after the readings; `unitPrinted` is the decision's own spelling, empty where it names none. */
    unit: Text,
    unitPrinted: Type.String(),
    reading: Type.Optional(Text),
    text: Type.Array(Text, { minItems: 1 }),
    rules: Type.Array(Rule, { minItems: 1 }),
  },
  closed,
);
export type Item = Static<typeof Item>;

export const Criterion = Type.Object(
  { id: Text, number: Text, title: Text, max: Points, items: Type.Array(Item, { minItems: 1 }) },
  closed,
);
export type Criterion = Static<typeof Criterion>;

export const Standard = Type.Object(
  {
    id: Text,
    title: Text,
    max: Points,
    /** A mandatory standard must exceed `mandatoryShare` of its own maximum. */
    mandatory: Type.Boolean(),
    criteria: Type.Optional(Type.Array(Criterion, { minItems: 1 })),
    /** Items that stand under the standard itself (bonus group). */
    items: Type.Optional(Type.Array(Item, { minItems: 1 })),
  },
  closed,
);
export type Standard = Static<typeof Standard>;

export const Reading = Type.Object(
  {
    id: Text,
    about: Type.Array(Text, { minItems: 1 }),
    text: Text,
    date: Text,
    choices: Type.Array(
      Type.Object(
        { id: Text, label: Text, reason: Text, points: Type.Optional(Points), unit: Type.Optional(Text) },
        closed,
      ),
      { minItems: 1 },
    ),
    chosen: Text,
  },
  closed,
);
export type Reading = Static<typeof Reading>;

export const Edition = Type.Object(
  {
    id: Text,
    date: Text,
    issuer: Text,
    title: Text,
    max: Points,
    levels: Type.Array(Type.Object({ id: Text, label: Text }, closed), { minItems: 1 }),
    units: Type.Array(Type.Object({ id: Text, label: Text, printedAs: Type.Array(Text) }, closed), { minItems: 1 }),
    /** Best first. */
    grades: Type.Array(Type.Object({ id: Text, label: Text, from: Points }, closed), { minItems: 1 }),
    notAttained: Type.Object({ id: Text, label: Text }, closed),
    mandatoryShare: Type.Object({ moreThanPercent: Type.Number({ minimum: 0, maximum: 100 }), text: Text }, closed),
    readings: Type.Array(Reading),
    standards: Type.Array(Standard, { minItems: 1 }),
  },
  closed,
);
export type Edition = Static<typeof Edition>;

export class EditionError extends Error {
  override name = 'EditionError';
}

const check = Compile(Edition);

/**
 * Checks a parsed edition file against the schema and against the laws a schema cannot say: sums of maxima, unique ids,
 * known units, levels and readings, tiers in order. Applies the chosen readings (points of a rule, unit of an item).
 * `choices` overrides the file's chosen readings: reading id → choice id. Throws EditionError naming the place.
 */
export function parseEdition(data: unknown, choices: Readonly<Record<string, string>> = {}): Edition {
  if (!check.Check(data)) {
    const first = check.Errors(data)[0];
    throw new EditionError(`edition: ${first?.instancePath || '/'} ${first?.message ?? 'does not match the schema'}`);
  }
  const edition = structuredClone(data);
  for (const id of Object.keys(choices)) {
    if (!edition.readings.some((reading) => reading.id === id)) throw new EditionError(`edition: no reading ${id}`);
  }
  for (const reading of edition.readings) {
    reading.chosen = choices[reading.id] ?? reading.chosen;
    applyReading(edition, reading);
  }
  checkLaws(edition);
  return edition;
}

function applyReading(edition: Edition, reading: Reading): void {
  const choice = reading.choices.find((candidate) => candidate.id === reading.chosen);
  if (!choice) throw new EditionError(`edition: reading ${reading.id} has no choice ${reading.chosen}`);
  for (const about of reading.about) {
    const item = itemsOf(edition).find(
      (candidate) => candidate.id === about || candidate.rules.some((r) => r.id === about),
    );
    if (!item) throw new EditionError(`edition: reading ${reading.id} is about unknown ${about}`);
    if (choice.unit !== undefined) item.unit = choice.unit;
    const rule = item.rules.find((candidate) => candidate.id === about);
    if (choice.points !== undefined && rule && 'points' in rule) rule.points = choice.points;
  }
}

function checkLaws(edition: Edition): void {
  const problem = (text: string): never => {
    throw new EditionError(`edition: ${text}`);
  };
  const total = (parts: readonly { max: number }[]) => parts.reduce((acc, part) => acc + quarters(part.max), 0);
  const seen = new Set<string>();
  const unique = (id: string) => (seen.has(id) ? problem(`id ${id} stands twice`) : seen.add(id));
  if (total(edition.standards) !== quarters(edition.max)) problem('maxima of the standards do not add up');
  for (const standard of edition.standards) {
    unique(standard.id);
    const parts = [...(standard.criteria ?? []), ...(standard.items ?? [])];
    if (total(parts) !== quarters(standard.max)) problem(`maxima under ${standard.id} do not add up`);
    for (const criterion of standard.criteria ?? []) {
      unique(criterion.id);
      if (total(criterion.items) !== quarters(criterion.max)) problem(`maxima under ${criterion.id} do not add up`);
    }
  }
  const units = new Set(edition.units.map((unit) => unit.id));
  const levels = new Set(edition.levels.map((level) => level.id));
  const readings = new Set(edition.readings.map((reading) => reading.id));
  for (const item of itemsOf(edition)) {
    unique(item.id);
    if (!units.has(item.unit)) problem(`item ${item.id} names unknown unit ${item.unit}`);
    if (item.reading && !readings.has(item.reading)) problem(`item ${item.id} names unknown reading ${item.reading}`);
    for (const rule of item.rules) {
      if (rule.id !== item.id) unique(rule.id);
      if (rule.reading && !readings.has(rule.reading)) problem(`rule ${rule.id} names unknown reading ${rule.reading}`);
      for (const level of rule.levels ?? [])
        if (!levels.has(level)) problem(`rule ${rule.id} names unknown level ${level}`);
      if (rule.shape === 'tiers') checkTiers(rule, problem);
    }
  }
  edition.grades.reduce((higher, grade) => {
    if (grade.from >= higher) problem('grades must stand best first');
    return grade.from;
  }, Number.POSITIVE_INFINITY);
}

function checkTiers(rule: Static<typeof TiersRule>, problem: (text: string) => never): void {
  let next = 1;
  rule.tiers.forEach((tier, index) => {
    if (tier.from !== next) problem(`tiers of ${rule.id} have a gap before ${tier.from}`);
    if (tier.to === undefined && index < rule.tiers.length - 1)
      problem(`tiers of ${rule.id}: an open tier must be last`);
    next = (tier.to ?? tier.from) + 1;
  });
}

/** Every line item of the edition, in the decision's order. */
export function itemsOf(edition: Edition): Item[] {
  return edition.standards.flatMap((standard) => [
    ...(standard.criteria ?? []).flatMap((criterion) => criterion.items),
    ...(standard.items ?? []),
  ]);
}

/** The rule with this id and the item that it belongs to. */
export function findRule(edition: Edition, id: string): { item: Item; rule: Rule } | undefined {
  for (const item of itemsOf(edition)) {
    const rule = item.rules.find((candidate) => candidate.id === id);
    if (rule) return { item, rule };
  }
  return undefined;
}
