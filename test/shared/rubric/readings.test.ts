import { describe, expect, it } from 'vitest';
import { type Edition, EditionError, parseEdition } from '../../../shared/rubric/edition.ts';
import { type Finding, score } from '../../../shared/rubric/engine.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';
import { readingsOf } from '../../../shared/rubric/readings.ts';
import { twoGroups } from './fixtures/two-groups.ts';

const reading = (edition: Edition, id: string) => readingsOf(edition).find((view) => view.id === id)!;

describe('the readings of Quyết định 8265', () => {
  const edition = loadEdition('8265/QĐ-UBND');

  it('shows what "trừ 05 điểm" read as 5 would take, by scoring', () => {
    const view = reading(edition, 'III.2.1-penalty');
    expect(view).toMatchObject({ chosen: 'half', default: 'half', isDefault: true, about: ['III.2.1.a'] });
    expect(view.choices.map(({ id, isChosen, isDefault }) => [id, isChosen, isDefault])).toEqual([
      ['half', true, true],
      ['whole', false, false],
    ]);
    expect(view.choices[0]).toMatchObject({ points: [], units: [] });
    const scored = { finding: { rule: 'III.2.1.a' }, before: 1.5, after: 0, change: -1.5 };
    expect(view.choices[1]!.points).toEqual([{ item: 'III.2.1', rule: 'III.2.1.a', first: scored, most: scored }]);
  });

  it('says from where another choice was made, and what going back would change', () => {
    const view = reading(loadEdition('8265/QĐ-UBND', { 'III.2.1-penalty': 'whole' }), 'III.2.1-penalty');
    expect(view).toMatchObject({ chosen: 'whole', default: 'half', isDefault: false });
    expect(view.choices[0]!.points[0]!.first).toMatchObject({ before: 0, after: 1.5, change: 1.5 });
    expect(view.choices[1]).toMatchObject({ isChosen: true, isDefault: false, points: [] });
  });

  it('shows the unit that would assess instead', () => {
    const view = reading(edition, 'II.1.3-unit');
    expect(view.choices.map(({ id, units }) => [id, units])).toEqual([
      ['CNTT', []],
      ['PGD', [{ item: 'II.1.3', from: 'CNTT', to: 'PGD' }]],
      ['NV', [{ item: 'II.1.3', from: 'CNTT', to: 'NV' }]],
    ]);
  });

  it('shows every reading of the file, in its order, and none that changes points but the one', () => {
    const views = readingsOf(edition);
    expect(views.map((view) => view.id)).toEqual(edition.readings.map((entry) => entry.id));
    expect(views.filter((view) => view.choices.some((choice) => choice.points.length > 0))).toHaveLength(1);
  });
});

describe('readings of a counted rule', () => {
  const data = twoGroups();
  data.readings[0]!.choices.push({ id: 'none', label: 'x', points: 0, reason: 'x' });
  const edition = parseEdition(data);

  it('shows the least count that makes a difference and the one that makes the greatest', () => {
    const [two, three, none] = reading(edition, 'Q1.1.2-points').choices;
    expect(two!.points).toEqual([]);
    const at = (count: number, before: number, after: number) => ({
      finding: { rule: 'Q1.1.2.a', count },
      before,
      after,
      change: after - before,
    });
    // 40 points: 13 reports at 3 leave 1 where 2 would leave 14; the 14th takes the item away, 12 would be left
    expect(three!.points).toEqual([{ item: 'Q1.1.2', rule: 'Q1.1.2.a', first: at(1, 38, 37), most: at(13, 14, 1) }]);
    expect(none!.points[0]).toMatchObject({ first: at(1, 38, 40), most: at(20, 0, 40) });
  });

  it('agrees with scoring the whole edition under the other choice, for every count', () => {
    for (const choice of ['three', 'none']) {
      const { points } = reading(edition, 'Q1.1.2-points').choices.find((entry) => entry.id === choice)!;
      const other = parseEdition(edition, { 'Q1.1.2-points': choice });
      const changes = Array.from({ length: 60 }, (_, count) => {
        const findings: Finding[] = [{ rule: 'Q1.1.2.a', count }];
        return score(other, ['primary'], findings).total - score(edition, ['primary'], findings).total;
      });
      expect(points[0]!.first.finding.count).toBe(changes.findIndex((change) => change !== 0));
      expect(points[0]!.first.change).toBe(changes[1]);
      expect(Math.abs(points[0]!.most.change)).toBe(Math.max(...changes.map(Math.abs)));
    }
  });

  it('does not change the edition', () => {
    const before = structuredClone(edition);
    readingsOf(edition);
    expect(edition).toEqual(before);
  });

  it('names the place of a reading that cannot be shown', () => {
    const broken = twoGroups();
    broken.readings[1]!.about = ['D9'];
    expect(() => readingsOf(broken)).toThrow(EditionError);
    expect(() => readingsOf(broken)).toThrow('/readings/1/about');
    const wrong = twoGroups();
    wrong.readings[2]!.chosen = 'x';
    expect(() => readingsOf(wrong)).toThrow('/readings/2/chosen');
  });

  it('refuses two readings that decide the same thing', () => {
    const twice = twoGroups();
    twice.readings.push({ ...twice.readings[0]!, id: 'again' });
    expect(() => parseEdition(twice)).toThrow('/readings/3/about/0 reading again decides the points of Q1.1.2.a');
  });
});
