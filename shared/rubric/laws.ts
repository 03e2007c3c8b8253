import type { Static } from 'typebox';
import { quarters } from '../points.ts';
import type { Edition, Grade, Item, Need, Reading, Rule, ShareRule, StepsRule, Subject, TiersRule } from './edition.ts';

/** Refuses the edition. `place` is a JSON pointer. */
export type Fail = (place: string, text: string) => never;

/**
 * The laws of an edition that a schema cannot say: sums of maxima, unique ids, known units, levels, readings and groups,
 * tiers and steps in order, grades that can be reached, readings that can be changed. `subjects`: all
 * that a reading can be about, by id. Calls `fail` on the first breach.
 */
export function checkLaws(edition: Edition, subjects: ReadonlyMap<string, Subject>, fail: Fail): void {
  unique(edition.levels, '/levels', fail);
  unique(edition.units, '/units', fail);
  unique(edition.readings, '/readings', fail);
  unique([...edition.grades, edition.notAttained], '/grades', fail);
  const holders = checkTree(edition, fail);
  checkGroups(edition, holders, fail);
  checkGrades(edition, holders, subjects, fail);
  const decided = new Set<string>();
  edition.readings.forEach((reading, index) => {
    checkReading(edition, reading, subjects, decided, `/readings/${index}`, fail);
  });
}

function unique(list: readonly { id: string }[], place: string, fail: Fail): void {
  const seen = new Set<string>();
  list.forEach(({ id }, index) => {
    if (seen.has(id)) fail(`${place}/${index}`, `id ${id} stands twice`);
    seen.add(id);
  });
}

/** Maxima by the id of whatever holds points: group, standard, criterion, item. */
type Holders = Map<string, number>;

function checkTree(edition: Edition, fail: Fail): Holders {
  const total = (parts: readonly { max: number }[]) => parts.reduce((acc, part) => acc + quarters(part.max), 0);
  const holders: Holders = new Map();
  const seen = new Set<string>();
  const claim = (id: string, place: string) => (seen.has(id) ? fail(place, `id ${id} stands twice`) : seen.add(id));
  const hold = (part: { id: string; max: number }, place: string) => {
    claim(part.id, place);
    holders.set(part.id, part.max);
  };
  if (total(edition.standards) !== quarters(edition.max)) fail('/max', 'maxima of the standards do not add up');
  edition.standards.forEach((standard, s) => {
    const place = `/standards/${s}`;
    hold(standard, place);
    if (standard.mandatory && !edition.mandatoryShare)
      fail('/mandatoryShare', `is missing, and ${standard.id} is mandatory`);
    const parts = [...(standard.criteria ?? []), ...(standard.items ?? [])];
    if (total(parts) !== quarters(standard.max)) fail(`${place}/max`, `maxima under ${standard.id} do not add up`);
    standard.criteria?.forEach((criterion, c) => {
      const own = `${place}/criteria/${c}`;
      hold(criterion, own);
      if (total(criterion.items) !== quarters(criterion.max))
        fail(`${own}/max`, `maxima under ${criterion.id} do not add up`);
    });
  });
  for (const { item, place } of placedItems(edition)) {
    hold(item, place);
    checkItem(edition, item, place, fail);
    item.rules.forEach((rule, r) => {
      const own = `${place}/rules/${r}`;
      // The only rule of an item may carry the item's own id.
      if (rule.id !== item.id || item.rules.length > 1) claim(rule.id, own);
      checkRule(edition, item, rule, own, fail);
    });
  }
  return holders;
}

function* placedItems(edition: Edition): Generator<{ item: Item; place: string }> {
  for (const [s, standard] of edition.standards.entries()) {
    for (const [c, criterion] of (standard.criteria ?? []).entries())
      for (const [i, item] of criterion.items.entries())
        yield { item, place: `/standards/${s}/criteria/${c}/items/${i}` };
    for (const [i, item] of (standard.items ?? []).entries()) yield { item, place: `/standards/${s}/items/${i}` };
  }
}

const gives = (rule: Rule): boolean => rule.shape === 'award' || rule.shape === 'free';

function checkItem(edition: Edition, item: Item, place: string, fail: Fail): void {
  if (!edition.units.some((unit) => unit.id === item.unit))
    fail(`${place}/unit`, `item ${item.id} names unknown unit ${item.unit}`);
  if (item.reading && !edition.readings.some((reading) => reading.id === item.reading))
    fail(`${place}/reading`, `item ${item.id} names unknown reading ${item.reading}`);
  const giving = item.rules.filter(gives).length;
  if (giving > 0 && giving < item.rules.length)
    fail(`${place}/rules`, `item ${item.id} mixes rules that give points with rules that take them`);
  if (item.combine && giving === 0) fail(`${place}/combine`, `item ${item.id} has no rules that give points`);
}

function checkRule(edition: Edition, item: Item, rule: Rule, place: string, fail: Fail): void {
  if (rule.reading && !edition.readings.some((reading) => reading.id === rule.reading))
    fail(`${place}/reading`, `rule ${rule.id} names unknown reading ${rule.reading}`);
  rule.levels?.forEach((level, index) => {
    if (!edition.levels.some((known) => known.id === level))
      fail(`${place}/levels/${index}`, `rule ${rule.id} names unknown level ${level}`);
  });
  if (rule.shape === 'tiers') checkTiers(rule, `${place}/tiers`, fail);
  if (rule.shape === 'free' && rule.max !== undefined && rule.max > item.max)
    fail(`${place}/max`, `rule ${rule.id} gives more than the ${item.max} points of its item`);
  if (rule.shape !== 'award') return;
  unique(rule.awards, `${place}/awards`, fail);
  rule.awards.forEach((award, index) => {
    if (award.points > item.max)
      fail(`${place}/awards/${index}/points`, `rule ${rule.id} gives more than the ${item.max} points of its item`);
  });
  if (!('by' in rule)) return;
  rule.awards.forEach((award, index) => {
    if (index > 0 && award.points < rule.awards[index - 1]!.points)
      fail(`${place}/awards/${index}/points`, `a higher step of ${rule.id} gives less`);
  });
  if (rule.by === 'count') checkSteps(rule, `${place}/awards`, fail);
  else checkShares(rule, `${place}/awards`, fail);
}

function checkTiers(rule: Static<typeof TiersRule>, place: string, fail: Fail): void {
  let next = 1;
  rule.tiers.forEach((tier, index) => {
    if (tier.from !== next) fail(`${place}/${index}/from`, `tiers of ${rule.id} have a gap before ${tier.from}`);
    if (tier.to !== undefined && tier.to < tier.from) fail(`${place}/${index}/to`, `stands below ${tier.from}`);
    if (tier.to === undefined && index < rule.tiers.length - 1)
      fail(`${place}/${index}`, `tiers of ${rule.id}: an open tier must be last`);
    next = (tier.to ?? tier.from) + 1;
  });
}

function checkSteps(rule: Static<typeof StepsRule>, place: string, fail: Fail): void {
  rule.awards.forEach((step, index) => {
    const next = rule.awards[index + 1];
    if (next && next.from <= step.from) fail(`${place}/${index + 1}/from`, `steps of ${rule.id} are not in order`);
    if (step.to !== undefined && step.to < step.from) fail(`${place}/${index}/to`, `stands below ${step.from}`);
    if (next && step.to !== undefined && step.to + 1 !== next.from)
      fail(`${place}/${index}/to`, `steps of ${rule.id}: ${next.from} does not follow ${step.to}`);
  });
}

function checkShares(rule: Static<typeof ShareRule>, place: string, fail: Fail): void {
  let before = -1;
  rule.awards.forEach((share, index) => {
    if ((share.from === undefined) === (share.above === undefined))
      fail(`${place}/${index}`, `a share of ${rule.id} needs either from or above`);
    if (share.above === 100) fail(`${place}/${index}/above`, 'nothing is above 100 percent');
    const at = share.from ?? share.above! + 0.5; // above 60 comes after from 60, before from 61
    if (at <= before) fail(`${place}/${index}`, `shares of ${rule.id} are not in order`);
    before = at;
  });
}

function checkGroups(edition: Edition, holders: Holders, fail: Fail): void {
  const grouped = new Set<string>();
  edition.groups?.forEach((group, index) => {
    const place = `/groups/${index}`;
    if (holders.has(group.id)) fail(`${place}/id`, `id ${group.id} stands twice`);
    const sum = group.standards.reduce((acc, id, s) => {
      const standard = edition.standards.find((candidate) => candidate.id === id);
      if (!standard) return fail(`${place}/standards/${s}`, `group ${group.id} names unknown standard ${id}`);
      if (grouped.has(id)) fail(`${place}/standards/${s}`, `standard ${id} stands in two groups`);
      grouped.add(id);
      return acc + quarters(standard.max);
    }, 0);
    if (sum !== quarters(group.max)) fail(`${place}/max`, `maxima under ${group.id} do not add up`);
  });
  for (const group of edition.groups ?? []) holders.set(group.id, group.max);
}

function checkGrades(edition: Edition, holders: Holders, subjects: ReadonlyMap<string, Subject>, fail: Fail): void {
  const checkNeed = (need: Need, max: number, place: string) => {
    const bounds = [need.from, need.above, need.without].filter((value) => value !== undefined);
    if (bounds.length !== 1 || (need.without !== undefined && need.of !== undefined))
      fail(place, 'needs one of from, above (with or without of), or without alone');
    if (need.without !== undefined) {
      const rule = subjects.get(need.without)?.rule;
      if (!rule || gives(rule)) fail(`${place}/without`, `names no rule that takes points: ${need.without}`);
      return;
    }
    const most = need.of === undefined ? max : holders.get(need.of);
    if (most === undefined) return fail(`${place}/of`, `names nothing that holds points: ${need.of}`);
    if ((need.from ?? 0) > most || (need.above ?? -1) >= most) fail(place, `cannot be met: the maximum is ${most}`);
  };
  edition.groups?.forEach((group, g) => {
    group.needs?.forEach((need, n) => {
      checkNeed(need, group.max, `/groups/${g}/needs/${n}`);
    });
  });
  edition.grades.forEach((grade, g) => {
    if (grade.from > edition.max) fail(`/grades/${g}/from`, `cannot be met: the maximum is ${edition.max}`);
    grade.needs?.forEach((need, n) => {
      checkNeed(need, edition.max, `/grades/${g}/needs/${n}`);
    });
    const unreachable = edition.grades.slice(0, g).some((better) => implies(grade, better));
    if (unreachable) fail(`/grades/${g}`, 'grades must stand best first');
  });
}

/** Whether whoever reaches `grade` reaches `other` too, as far as their own words say. */
function implies(grade: Grade, other: Grade): boolean {
  const least = (need: Need) => (need.above === undefined ? quarters(need.from!) : quarters(need.above) + 1);
  const own: Need[] = [{ from: grade.from }, ...(grade.needs ?? [])];
  const asked: Need[] = [{ from: other.from }, ...(other.needs ?? [])];
  return asked.every((need) =>
    need.without === undefined
      ? least(need) === 0 ||
        own.some((mine) => mine.without === undefined && mine.of === need.of && least(mine) >= least(need))
      : own.some((mine) => mine.without === need.without),
  );
}

function checkReading(
  edition: Edition,
  reading: Reading,
  subjects: ReadonlyMap<string, Subject>,
  decided: Set<string>,
  place: string,
  fail: Fail,
): void {
  unique(reading.choices, `${place}/choices`, fail);
  for (const [field, chosen] of Object.entries({ chosen: reading.chosen, default: reading.default }))
    if (chosen !== undefined && !reading.choices.some((choice) => choice.id === chosen))
      fail(`${place}/${field}`, `reading ${reading.id} has no choice ${chosen}`);
  const first = reading.choices[0]!;
  reading.choices.forEach((choice, c) => {
    const own = `${place}/choices/${c}`;
    // Else a choice that says nothing would mean whatever was chosen before it.
    for (const field of ['points', 'unit'] as const)
      if ((choice[field] === undefined) !== (first[field] === undefined))
        fail(own, `every choice of reading ${reading.id} says ${field}, or none does`);
    if (choice.unit !== undefined && !edition.units.some((unit) => unit.id === choice.unit))
      fail(`${own}/unit`, `reading ${reading.id} names unknown unit ${choice.unit}`);
  });
  for (const [a, about] of reading.about.entries()) {
    const own = `${place}/about/${a}`;
    const subject = subjects.get(about) ?? fail(own, `reading ${reading.id} is about unknown ${about}`);
    if (first.points !== undefined && !(subject.rule && 'points' in subject.rule))
      fail(own, `reading ${reading.id} says points, and ${about} is no rule with one figure of points`);
    // Two readings that decide the same thing would undo each other.
    const decides = [
      ...(first.points === undefined ? [] : [`points of ${about}`]),
      ...(first.unit === undefined ? [] : [`unit of ${subject.item.id}`]),
    ];
    for (const what of decides) {
      if (decided.has(what)) fail(own, `reading ${reading.id} decides the ${what} a second time`);
      decided.add(what);
    }
  }
}
