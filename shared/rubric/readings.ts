import { quarters, subtract, toNumber } from '../points.ts';
import {
  applyChoice,
  type Edition,
  EditionError,
  type Item,
  itemsOf,
  type Reading,
  type Rule,
  subjectsOf,
} from './edition.ts';
import { type Finding, score } from './engine.ts';

/** What an administrator sees of a reading before choosing: every choice, and what it would change, by scoring. */
export interface ReadingView {
  id: string;
  text: string;
  date: string;
  /** Ids of the rules and items that it is about. */
  about: string[];
  /** Choice in force, the file's own choice, and whether they are the same. */
  chosen: string;
  default: string;
  isDefault: boolean;
  choices: ChoiceView[];
}

export interface ChoiceView {
  id: string;
  label: string;
  reason: string;
  isChosen: boolean;
  isDefault: boolean;
  /** Rules whose item would score otherwise than under the choice in force; empty: no points change. */
  points: PointsEffect[];
  /** Items that another unit would assess. */
  units: { item: string; from: string; to: string }[];
}

export interface PointsEffect {
  item: string;
  rule: string;
  /** The least finding about this rule that makes a difference, and the one that makes the greatest. */
  first: ScoredFinding;
  most: ScoredFinding;
}

export interface ScoredFinding {
  finding: Finding;
  /** Points of the item with this finding alone: under the choice in force, and under this one. */
  before: number;
  after: number;
  change: number;
}

/** Every reading of the edition. Pure; throws EditionError for an edition that did not come from `parseEdition`. */
export function readingsOf(edition: Edition): ReadingView[] {
  const items = new Map([...subjectsOf(itemsOf(edition))].map(([id, { item }]) => [id, item]));
  return edition.readings.map((reading, index) => {
    const standing = reading.default ?? reading.chosen;
    const about = new Set(
      reading.about.map((id) => {
        const item = items.get(id);
        if (item) return item;
        throw new EditionError(`edition: /readings/${index}/about reading ${reading.id} is about unknown ${id}`);
      }),
    );
    if (!reading.choices.some((choice) => choice.id === reading.chosen))
      throw new EditionError(
        `edition: /readings/${index}/chosen reading ${reading.id} has no choice ${reading.chosen}`,
      );
    return {
      id: reading.id,
      text: reading.text,
      date: reading.date,
      about: [...reading.about],
      chosen: reading.chosen,
      default: standing,
      isDefault: reading.chosen === standing,
      choices: reading.choices.map((choice) => {
        const pairs = [...about].map((before) => ({ before, after: readAs(before, reading, choice) }));
        return {
          id: choice.id,
          label: choice.label,
          reason: choice.reason,
          isChosen: choice.id === reading.chosen,
          isDefault: choice.id === standing,
          points: pairs.flatMap(({ before, after }) => pointsEffects(edition, before, after)),
          units: pairs
            .filter(({ before, after }) => before.unit !== after.unit)
            .map(({ before, after }) => ({ item: before.id, from: before.unit, to: after.unit })),
        };
      }),
    };
  });
}

/** The item as this choice would have it. */
function readAs(item: Item, reading: Reading, choice: Reading['choices'][number]): Item {
  const copy = structuredClone(item);
  const subjects = subjectsOf([copy]);
  for (const id of reading.about) {
    const subject = subjects.get(id);
    if (subject) applyChoice(subject, choice);
  }
  return copy;
}

function pointsEffects(edition: Edition, before: Item, after: Item): PointsEffect[] {
  return before.rules.flatMap((rule, index) => {
    const changes = probes(before, [rule, after.rules[index]!])
      .map((finding): ScoredFinding => {
        const points = { before: itemPoints(edition, before, finding), after: itemPoints(edition, after, finding) };
        return { finding, ...points, change: toNumber(subtract(quarters(points.after), quarters(points.before))) };
      })
      .filter(({ change }) => change !== 0);
    if (changes.length === 0) return [];
    const most = changes.reduce((best, entry) => (Math.abs(entry.change) > Math.abs(best.change) ? entry : best));
    return [{ item: before.id, rule: rule.id, first: changes[0]!, most }];
  });
}

/**
 * Findings about a rule among which every difference between its two readings shows, least first. Only rules with one
 * figure of points can be read in two ways; the difference grows evenly with the count until the item is empty under
 * one reading, then shrinks: its greatest value lies where either reading empties the item.
 */
function probes(item: Item, [a, b]: [Rule, Rule]): Finding[] {
  if (!('points' in a && 'points' in b) || a.points === b.points) return [];
  if (a.shape === 'once') return [{ rule: a.id }];
  const ends = [a.points, b.points]
    .filter((points) => points > 0)
    .flatMap((points) => [Math.floor(item.max / points), Math.ceil(item.max / points)]);
  const counts = [...new Set([1, ...ends])].filter((count) => count > 0).sort((x, y) => x - y);
  return counts.map((count) => ({ rule: a.id, count }));
}

/** What the item scores with this finding alone, scored as part of an edition that holds nothing else. */
function itemPoints(edition: Edition, item: Item, finding: Finding): number {
  const { groups: _groups, ...rest } = edition;
  const alone: Edition = {
    ...rest,
    grades: [],
    standards: [{ id: 'alone', title: item.id, max: item.max, mandatory: false, items: [item] }],
  };
  const levels = edition.levels.map((level) => level.id);
  return score(alone, levels, [finding]).items[item.id]!.points;
}
