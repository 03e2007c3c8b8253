import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Edition, EditionError, parseEdition } from '../../../shared/rubric/edition.ts';
import { twoGroups } from './fixtures/two-groups.ts';

const decision = (): Edition =>
  JSON.parse(
    readFileSync(new URL('../../../shared/rubric/editions/8265-qd-ubnd.json', import.meta.url), 'utf8'),
  ) as Edition;
const item = (edition: Edition, s: number, c: number, i: number) => edition.standards[s]!.criteria![c]!.items[i]!;
// biome-ignore lint/suspicious/noExplicitAny: hostile data has no type
type Any = any;

describe('an edition is refused with its place', () => {
  const mixed = '/standards/2/criteria/0/items/1/rules/0';
  const summed = '/standards/0/criteria/0/items/1/rules/1';
  it.each<[string, string, unknown, string]>([
    ['a step that is no quarter', '/grades/0/from', 75.1, '/grades/0/from must be multiple of 0.25'],
    ['a huge number', '/max', 1e300, '/max must be <='],
    ['a field too many', '/standards/0/bonus', 1, '/standards/0 must not have additional properties: bonus'],
    ['a field too few', '/title', undefined, '/ must have required properties title'],
    [
      'a wrong field, by the shape of its rule',
      `${summed}/awards/1/points`,
      '6',
      `${summed}/awards/1/points must be number`,
    ],
    ['a rule that lacks a field', `${mixed}/per`, undefined, `${mixed} must have required properties per`],
    ['an unknown shape', `${mixed}/shape`, 'twice', `${mixed}/shape must be one of each, once, tiers, award, free`],
    ['an unknown measure of an award', `${summed}/by`, 'weight', `${summed}/by must be count or percent`],
    ['a rule that is no object', mixed, 7, `${mixed} must be object`],
    ['an id that no record can keep', '/standards/0/id', '__proto__', '/standards/0/id must match'],
  ])('%s', (_name, place, value, words) => {
    const data = twoGroups();
    const keys = place.split('/').slice(1);
    const last = keys.pop()!;
    const parent = keys.reduce((part: Any, key) => part[key], data);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
    expect(() => parseEdition(data)).toThrow(EditionError);
    expect(() => parseEdition(data)).toThrow(words);
  });

  it('anything but an object', () => {
    for (const data of [null, undefined, 7, 'x', [], [[]]])
      expect(() => parseEdition(data)).toThrow('edition: / must be object');
  });

  const first = (e: Edition) => item(e, 0, 0, 1);
  const awards = (e: Edition, rule: number) => (first(e).rules[rule] as Any).awards;
  it.each<[string, (edition: Edition) => void, string]>([
    ['groups that do not add up', (e) => (e.groups![0]!.max = 90), '/groups/0/max maxima under D do not add up'],
    ['a group of nothing', (e) => (e.groups![0]!.standards[1] = 'D9'), '/groups/0/standards/1 group D names unknown'],
    ['a standard in two groups', (e) => e.groups![1]!.standards.push('D1'), '/groups/1/standards/2 standard D1'],
    ['a group named as a standard', (e) => (e.groups![0]!.id = 'Q1'), '/groups/0/id id Q1 stands twice'],
    ['a need of nothing', (e) => (e.grades[1]!.needs![0]!.of = 'X'), '/grades/1/needs/0/of names nothing'],
    ['two bounds', (e) => (e.grades[1]!.needs![0]!.above = 3), '/grades/1/needs/0 needs one of from, above'],
    ['no bound', (e) => delete e.grades[1]!.needs![0]!.from, '/grades/1/needs/0 needs one of'],
    ['a bound past the maximum', (e) => (e.grades[1]!.needs![0]!.from = 100.25), 'cannot be met: the maximum is 100'],
    ['above the maximum', (e) => (e.grades[0]!.needs![0]!.above = 100), '/grades/0/needs/0 cannot be met'],
    ['a total past the maximum', (e) => (e.grades[0]!.from = 200.25), '/grades/0/from cannot be met'],
    ['a fault that is none', (e) => (e.grades[0]!.needs![3]!.without = 'D2.1.a'), '/grades/0/needs/3/without'],
    [
      'a grade that can never be the result',
      (e) => e.grades.splice(1, 0, { id: 'x', label: 'x', from: 170, needs: e.grades[0]!.needs! }),
      '/grades/1 grades must stand best first',
    ],
    ['grades in the wrong order', (e) => e.grades.reverse(), 'grades must stand best first'],
    ['two grades of one id', (e) => (e.grades[1]!.id = '3'), '/grades/1 id 3 stands twice'],
    ['steps out of order', (e) => awards(e, 1).reverse(), '/items/1/rules/1/awards/1'],
    ['steps with a gap', (e) => (awards(e, 1)[0].to = 3), '/awards/0/to steps of D1.1.1.b: 5 does not follow 3'],
    ['a step that ends before it starts', (e) => (awards(e, 1)[0].to = 0), '/awards/0/to stands below 1'],
    ['a higher step that gives less', (e) => (awards(e, 1)[2].points = 5), '/awards/2/points a higher step'],
    [
      'a step worth more than its item',
      (e) => (awards(e, 1)[2].points = 31),
      '/awards/2/points rule D1.1.1.b gives more',
    ],
    ['a share with two bounds', (e) => (awards(e, 2)[0].above = 3), '/awards/0 a share of D1.1.1.c needs either'],
    ['shares out of order', (e) => (awards(e, 2)[0].from = 61), '/awards/1 shares of D1.1.1.c are not in order'],
    ['a share above everything', (e) => (awards(e, 2)[1].above = 100), '/awards/1/above'],
    [
      'free points above the item',
      (e) => ((first(e).rules[0] as Any).max = 31),
      '/rules/0/max rule D1.1.1.a gives more',
    ],
    ['adding up where rules take', (e) => (item(e, 2, 0, 1).combine = 'sum'), '/items/1/combine'],
    [
      'rules that give beside rules that take',
      (e) => item(e, 2, 0, 1).rules.push({ id: 'new', shape: 'free', text: 'x' }),
      '/standards/2/criteria/0/items/1/rules item Q1.1.2 mixes',
    ],
    ['a rule twice in its item', (e) => first(e).rules.push({ ...first(e).rules[0]! }), 'id D1.1.1.a stands twice'],
    ['two awards of one id', (e) => (awards(e, 1)[1].id = 'few'), '/awards/1 id few stands twice'],
    ['a tier that ends before it starts', (e) => ((item(e, 2, 0, 1).rules[1] as Any).tiers[0].to = 0), '/tiers/0/to'],
    ['a mandatory standard without a share', (e) => (e.standards[0]!.mandatory = true), '/mandatoryShare is missing'],
    ['a reading with an unknown unit', (e) => (e.readings[1]!.choices[1]!.unit = 'C'), '/readings/1/choices/1/unit'],
    ['a reading half said', (e) => delete e.readings[0]!.choices[1]!.points, '/readings/0/choices/1 every choice'],
    ['points for what has no one figure', (e) => (e.readings[0]!.about = ['Q1.1.2.b']), '/readings/0/about/0'],
    ['a reading about nothing', (e) => (e.readings[2]!.about = ['Z']), '/readings/2/about/0'],
    ['a choice that is none', (e) => (e.readings[0]!.chosen = 'four'), '/readings/0/chosen'],
    ['two readings of one id', (e) => (e.readings[1]!.id = e.readings[0]!.id), '/readings/1 id'],
  ])('%s', (_name, change, words) => {
    const data = twoGroups();
    change(data);
    expect(() => parseEdition(data)).toThrow(EditionError);
    expect(() => parseEdition(data)).toThrow(words);
  });

  it('refuses choices of readings that are not there, whatever JavaScript inherits', () => {
    expect(() => parseEdition(twoGroups(), { constructor: 'x' })).toThrow('/readings no reading constructor');
    const data = twoGroups();
    data.readings[0]!.id = 'constructor';
    item(data, 2, 0, 1).rules[0]!.reading = 'constructor';
    expect(parseEdition(data).readings[0]!.chosen).toBe('two');
  });

  it('keeps messages one short line, whatever an id holds', () => {
    const data = twoGroups();
    data.groups![0]!.standards[0] = 'a\nb\u2028c';
    expect(() => parseEdition(data)).toThrow('unknown standard a b c');
    data.title = undefined as unknown as string;
    (data as Any)['x'.repeat(10_000)] = 1;
    try {
      parseEdition(data);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThanOrEqual(500);
    }
  });
});

describe('an edition that was read', () => {
  it.each([
    ['the decision', decision],
    ['the invented one', twoGroups],
  ])('is the file itself with its readings applied: %s', (_name, data) => {
    const edition = parseEdition(data());
    expect(edition).toEqual(data());
    expect(parseEdition(edition)).toEqual(edition);
  });

  it('remembers the choice of the file, and goes back to it', () => {
    const other = parseEdition(twoGroups(), { 'Q1.1.2-points': 'three' });
    expect(other.readings[0]).toMatchObject({ chosen: 'three', default: 'two' });
    expect(item(other, 2, 0, 1).rules[0]).toMatchObject({ points: 3 });
    expect(parseEdition(other)).toEqual(other);
    expect(parseEdition(other, { 'Q1.1.2-points': 'two' })).toEqual(parseEdition(twoGroups()));
  });
});
