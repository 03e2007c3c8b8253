import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { checkLaws, type Fail } from './laws.ts';

/**
 * An edition: one decision's whole rubric as data. The next decision is a new file in `editions/` and no code.
 *
 * Points are decimal numbers in the file, multiples of 0.25: another step (0.1) is refused when the file is read, never
 * rounded. A decision with finer steps needs the unit of `shared/points.ts` changed to the greatest step that divides
 * both (0.05), there alone, and `multipleOf` here with it.
 */

const Text = Type.String({ minLength: 1 });
/** Ids are keys of the sheet's records. */
const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^(?!__proto__$)' });
/** The upper bound keeps every sum of an edition a safe integer of quarters. */
const Points = Type.Number({ minimum: 0, maximum: 100_000, multipleOf: 0.25 });
const Percent = Type.Integer({ minimum: 0, maximum: 100 });
const common = {
  id: Id,
  text: Text,
  /** Short name, where the decision's wording is shared by several rules. */
  label: Type.Optional(Text),
  /** Id of the reading that this rule depends on. */
  reading: Type.Optional(Id),
  /** Levels of school to which the rule applies; absent: all. */
  levels: Type.Optional(Type.Array(Id, { minItems: 1 })),
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
  { ...common, shape: Type.Literal('tiers'), per: Text, tiers: Type.Array(Tier, { minItems: 1, maxItems: 50 }) },
  closed,
);
export const AwardRule = Type.Object(
  {
    ...common,
    shape: Type.Literal('award'),
    awards: Type.Array(Type.Object({ id: Id, label: Text, points: Points }, closed), { minItems: 1, maxItems: 50 }),
  },
  closed,
);
/**
 * Steps: an award whose levels are reached by a count ("từ 5 học liệu: 2 điểm, từ 10: 4 điểm"). The highest step
 * reached counts. Whoever reads only `award` still finds its levels in `awards`.
 */
export const StepsRule = Type.Object(
  {
    ...common,
    shape: Type.Literal('award'),
    by: Type.Literal('count'),
    per: Text,
    /** Several findings: absent, their counts add up; `highest`: the count is a level, and the highest counts. */
    counts: Type.Optional(Type.Literal('highest')),
    awards: Type.Array(
      Type.Object(
        {
          id: Id,
          label: Text,
          points: Points,
          from: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
          /** As printed. Absent: up to the next step; on the last one: no upper end. */
          to: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
        },
        closed,
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  closed,
);
/** Share: an award whose levels are reached by a part of a whole in percent ("trên 60% giáo viên: 6 điểm"). */
export const ShareRule = Type.Object(
  {
    ...common,
    shape: Type.Literal('award'),
    by: Type.Literal('percent'),
    per: Text,
    awards: Type.Array(
      Type.Object(
        {
          id: Id,
          label: Text,
          points: Points,
          /** Either at least this share ("từ 60%") … */
          from: Type.Optional(Percent),
          /** … or more than it ("trên 60%"). */
          above: Type.Optional(Percent),
        },
        closed,
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  closed,
);
/** `max`: "tối đa 6 điểm" for this rule; absent: the item's maximum. */
export const FreeRule = Type.Object({ ...common, shape: Type.Literal('free'), max: Type.Optional(Points) }, closed);
export const Rule = Type.Union([EachRule, OnceRule, TiersRule, AwardRule, StepsRule, ShareRule, FreeRule]);
export type Rule = Static<typeof Rule>;
/** A rule that gives points; the others take them. */
export type GivingRule = Extract<Rule, { shape: 'award' | 'free' }>;
export type TakingRule = Exclude<Rule, GivingRule>;

export const Item = Type.Object(
  {
    id: Id,
    number: Text,
    max: Points,
    /** Assessing unit, after the readings; `unitPrinted` is the decision's own spelling, empty where it names none. */
    unit: Text,
    unitPrinted: Type.String(),
    reading: Type.Optional(Id),
    /**
     * For an item that starts from 0 because its rules give points: absent, the best of them counts ("lấy điểm thành
     * tích cao nhất"); `sum`: what they give adds up, to the item's maximum at most.
     */
    combine: Type.Optional(Type.Literal('sum')),
    text: Type.Array(Text, { minItems: 1, maxItems: 100 }),
    rules: Type.Array(Rule, { minItems: 1, maxItems: 50 }),
  },
  closed,
);
export type Item = Static<typeof Item>;

export const Criterion = Type.Object(
  { id: Id, number: Text, title: Text, max: Points, items: Type.Array(Item, { minItems: 1, maxItems: 100 }) },
  closed,
);
export type Criterion = Static<typeof Criterion>;

export const Standard = Type.Object(
  {
    id: Id,
    title: Text,
    max: Points,
    /** A mandatory standard must exceed `mandatoryShare` of its own maximum. */
    mandatory: Type.Boolean(),
    criteria: Type.Optional(Type.Array(Criterion, { minItems: 1, maxItems: 50 })),
    /** Items that stand under the standard itself (bonus group). */
    items: Type.Optional(Type.Array(Item, { minItems: 1, maxItems: 100 })),
  },
  closed,
);
export type Standard = Static<typeof Standard>;

export const Reading = Type.Object(
  {
    id: Id,
    about: Type.Array(Id, { minItems: 1, maxItems: 50 }),
    text: Text,
    date: Text,
    choices: Type.Array(
      Type.Object(
        { id: Id, label: Text, reason: Text, points: Type.Optional(Points), unit: Type.Optional(Id) },
        closed,
      ),
      { minItems: 1, maxItems: 10 },
    ),
    chosen: Id,
    /** The file's own choice, set by `parseEdition` where another was chosen over it. */
    default: Type.Optional(Id),
  },
  closed,
);
export type Reading = Static<typeof Reading>;

/**
 * What a grade asks beside its total. Either points of a group, standard, criterion or item: at least `from`, or more
 * than `above`; or `without`: no fault found under this deducting rule ("điều kiện bắt buộc").
 */
export const Need = Type.Object(
  {
    /** Absent: the total, or inside a group that group. */
    of: Type.Optional(Id),
    from: Type.Optional(Points),
    above: Type.Optional(Points),
    without: Type.Optional(Id),
    /** The decision's wording. */
    text: Type.Optional(Text),
  },
  closed,
);
export type Need = Static<typeof Need>;

/** Standards that are scored together, apart from the other groups. */
export const Group = Type.Object(
  {
    id: Id,
    label: Text,
    max: Points,
    standards: Type.Array(Id, { minItems: 1, maxItems: 50 }),
    /** What every grade asks of this group. */
    needs: Type.Optional(Type.Array(Need, { minItems: 1, maxItems: 50 })),
  },
  closed,
);
export type Group = Static<typeof Group>;

export const Grade = Type.Object(
  {
    id: Id,
    label: Text,
    /** Least total; 0 where the decision asks nothing of the total. */
    from: Points,
    needs: Type.Optional(Type.Array(Need, { minItems: 1, maxItems: 50 })),
  },
  closed,
);
export type Grade = Static<typeof Grade>;

export const Edition = Type.Object(
  {
    id: Id,
    date: Text,
    issuer: Text,
    title: Text,
    max: Points,
    levels: Type.Array(Type.Object({ id: Id, label: Text }, closed), { minItems: 1, maxItems: 50 }),
    units: Type.Array(Type.Object({ id: Id, label: Text, printedAs: Type.Array(Text) }, closed), {
      minItems: 1,
      maxItems: 100,
    }),
    groups: Type.Optional(Type.Array(Group, { minItems: 1, maxItems: 20 })),
    /** Best first. */
    grades: Type.Array(Grade, { minItems: 1, maxItems: 20 }),
    notAttained: Type.Object({ id: Id, label: Text }, closed),
    /** Only an edition without mandatory standards may leave it out. A multiple of 0.25 keeps the comparison exact. */
    mandatoryShare: Type.Optional(
      Type.Object({ moreThanPercent: Type.Number({ minimum: 0, maximum: 100, multipleOf: 0.25 }), text: Text }, closed),
    ),
    readings: Type.Array(Reading, { maxItems: 100 }),
    standards: Type.Array(Standard, { minItems: 1, maxItems: 50 }),
  },
  closed,
);
export type Edition = Static<typeof Edition>;

/** An edition that cannot be taken. The message is one line that names the place: a JSON pointer, then what is wrong. */
export class EditionError extends Error {
  override name = 'EditionError';
  /** JSON pointer and what is wrong there, where the message has a place. */
  readonly at: { place: string; text: string } | undefined;
  constructor(message: string, at?: { place: string; text: string }) {
    // Ids and labels of an uploaded draft stand in messages: whatever they hold, the message stays one short line.
    super(message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500));
    this.at = at;
  }
}

const fail: Fail = (place, text) => {
  throw new EditionError(`edition: ${place} ${text}`, { place, text });
};

const check = Compile(Edition);
const ruleChecks = [EachRule, OnceRule, TiersRule, AwardRule, StepsRule, ShareRule, FreeRule].map((schema) => ({
  shape: schema.properties.shape.const as string,
  by: 'by' in schema.properties ? (schema.properties.by as { const: string }).const : undefined,
  check: Compile(schema),
}));

/**
 * Checks a parsed edition file against the schema and against the laws a schema cannot say (`checkLaws`). Applies the
 * chosen readings (points of a rule, unit of an item). `choices` overrides the file's chosen readings: reading id →
 * choice id. An edition that came from here may be given again with other choices. Throws EditionError naming the place.
 */
export function parseEdition(data: unknown, choices: Readonly<Record<string, string>> = {}): Edition {
  if (!check.Check(data)) {
    const { place, text } = schemaProblem(data);
    return fail(place, text);
  }
  const edition = structuredClone(data);
  for (const id of Object.keys(choices)) {
    if (!edition.readings.some((reading) => reading.id === id)) fail('/readings', `no reading ${id}`);
  }
  const subjects = subjectsOf(itemsOf(edition));
  checkLaws(edition, subjects, fail);
  for (const [index, reading] of edition.readings.entries()) {
    const standing = reading.default ?? reading.chosen;
    if (Object.hasOwn(choices, reading.id)) reading.chosen = choices[reading.id]!;
    if (reading.chosen === standing) delete reading.default;
    else reading.default = standing;
    const choice = reading.choices.find((candidate) => candidate.id === reading.chosen);
    if (!choice) return fail(`/readings/${index}/chosen`, `reading ${reading.id} has no choice ${reading.chosen}`);
    for (const about of reading.about) applyChoice(subjects.get(about)!, choice);
  }
  return edition;
}

/** Changes the item, or the rule of it that a reading is about, to what the choice says. */
export function applyChoice({ item, rule }: Subject, choice: Reading['choices'][number]): void {
  if (choice.unit !== undefined) item.unit = choice.unit;
  if (choice.points !== undefined && rule && 'points' in rule) rule.points = choice.points;
}

/** The first thing that the schema has against the data. A rule is held against its own shape, not against all of them. */
function schemaProblem(data: unknown): { place: string; text: string } {
  const first = firstError(check.Errors(data));
  const rulePlace = /^.*?\/rules\/\d+(?=\/|$)/.exec(first.place)?.[0];
  if (rulePlace === undefined) return first;
  let rule: unknown = data;
  for (const key of rulePlace.split('/').slice(1)) rule = (rule as Record<string, unknown>)[key];
  if (typeof rule !== 'object' || rule === null) return { place: rulePlace, text: 'must be object' };
  const { shape, by } = rule as { shape?: unknown; by?: unknown };
  const ofShape = ruleChecks.filter((candidate) => candidate.shape === shape);
  if (ofShape.length === 0) {
    const known = [...new Set(ruleChecks.map((candidate) => candidate.shape))].join(', ');
    return { place: `${rulePlace}/shape`, text: `must be one of ${known}` };
  }
  const own = ofShape.find((candidate) => candidate.by === by);
  if (!own) return { place: `${rulePlace}/by`, text: 'must be count or percent on an award, absent elsewhere' };
  const inner = firstError(own.check.Errors(rule));
  return { place: rulePlace + (inner.place === '/' ? '' : inner.place), text: inner.text };
}

function firstError(errors: ReturnType<typeof check.Errors>): { place: string; text: string } {
  const first = errors.find((error) => error.keyword !== 'boolean') ?? errors[0];
  const extra = first?.keyword === 'additionalProperties' ? `: ${first.params.additionalProperties.join(', ')}` : '';
  return { place: first?.instancePath || '/', text: `${first?.message ?? 'does not match the schema'}${extra}` };
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

/** What a reading is about: a rule with its item, or an item (then `rule` is absent). */
export interface Subject {
  item: Item;
  rule?: Rule;
}

/** All that a reading can be about, by id. */
export function subjectsOf(items: Iterable<Item>): Map<string, Subject> {
  const subjects = new Map<string, Subject>();
  for (const item of items) {
    subjects.set(item.id, { item });
    for (const rule of item.rules) subjects.set(rule.id, { item, rule });
  }
  return subjects;
}
