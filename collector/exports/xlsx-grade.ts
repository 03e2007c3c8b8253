import type { Edition, Need } from '../../shared/rubric/edition.ts';
import { quoted } from './xlsx-parts.ts';

/** Cells of the sheet, by what stands in them. */
export interface Places {
  total: string;
  /** Points by the id of every group, standard, criterion and item. */
  points: ReadonlyMap<string, string>;
  /** By the id of a rule under which no fault may be found: above 0 where one was. */
  faults: ReadonlyMap<string, string>;
}

/** Rules under which a grade or a group asks that no fault is found. */
export function conditionsOf(edition: Edition): string[] {
  const needs = [...(edition.groups ?? []), ...edition.grades].flatMap((part) => part.needs ?? []);
  return [...new Set(needs.flatMap((need) => need.without ?? []))];
}

/** The grade as a formula over those cells, as `gradeGaps` decides it. `shut`: conditions under which there is none. */
export function gradeFormula(edition: Edition, places: Places, shut: readonly string[]): string {
  const none = quoted(edition.notAttained.label);
  const ofGroups = (edition.groups ?? []).flatMap(({ id, needs = [] }) =>
    needs.map((need) => lacks(need, places, need.of ?? id)),
  );
  const ladder = edition.grades.reduceRight((rest, { label, from, needs = [] }) => {
    const missing = [`${places.total}<${from}`, ...ofGroups, ...needs.map((need) => lacks(need, places, need.of))];
    return `IF(${any(missing)},${rest},${quoted(label)})`;
  }, none);
  return shut.length === 0 ? ladder : `IF(${any(shut)},${none},${ladder})`;
}

const any = (conditions: readonly string[]) =>
  conditions.length === 1 ? conditions[0]! : `OR(${conditions.join(',')})`;

function lacks(need: Need, { total, points, faults }: Places, of: string | undefined): string {
  if (need.without !== undefined) return `${faults.get(need.without)!}>0`;
  const cell = of === undefined ? total : points.get(of)!;
  return need.above === undefined ? `${cell}<${need.from}` : `${cell}<=${need.above}`;
}
