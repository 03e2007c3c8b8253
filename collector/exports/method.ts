import { formatPoints } from '../../shared/points.ts';
import type { Edition, Need } from '../../shared/rubric/edition.ts';
import type { SheetAnswer } from '../api/schemas/scoresheet.ts';
import { namesOf } from '../evaluation/shown.ts';
import { stop } from './text.ts';

/** The decision's "Cách đánh giá": from how many points which grade, and what is asked beside them. Pure. */
export function methodLines(edition: Edition): string[] {
  const { grades, groups = [], mandatoryShare } = edition;
  const names = namesOf(edition);
  const say = (need: Need, of: string | undefined) => sayNeed(need, of, names);
  const asksMore = groups.length > 0 || grades.some((grade) => grade.needs);
  const ladder = grades.map(({ label, from }, index) => {
    const below = index > 0 ? grades[index - 1]!.from : undefined;
    const end = below === undefined ? '' : ` đến dưới ${formatPoints(below)} điểm`;
    return `${label} từ ${formatPoints(from)} điểm trở lên${end}`;
  });
  const detailed = grades.map(({ label, from, needs = [] }) => {
    const asked = [
      ...(from > 0 ? [`tổng điểm từ ${formatPoints(from)}`] : []),
      ...needs.map((need) => say(need, need.of)),
    ];
    return asked.length === 0 ? `${label}: không yêu cầu thêm.` : `${label}: ${asked.join('; ')}.`;
  });
  const ofGroups = groups.flatMap(({ id, needs = [] }) => needs.map((need) => `${say(need, need.of ?? id)}.`));
  return [
    ...(asksMore
      ? [...(ofGroups.length > 0 ? [`Mọi mức: ${ofGroups.map(stop).join('; ')}.`] : []), ...detailed]
      : [`${ladder.join('; ')}.`]),
    ...(mandatoryShare ? [`${stop(mandatoryShare.text)}.`] : []),
  ];
}

function sayNeed(need: Need, of: string | undefined, names: ReadonlyMap<string, string>): string {
  if (need.text !== undefined) return stop(need.text);
  if (need.without !== undefined) return `không có tồn tại “${names.get(need.without) ?? need.without}”`;
  const holder = of === undefined ? 'tổng điểm' : `${names.get(of) ?? of}`;
  return need.above === undefined
    ? `${holder} từ ${formatPoints(need.from!)} điểm`
    : `${holder} trên ${formatPoints(need.above)} điểm`;
}

/** Groups whose conditions are not met, and what the next better grade still asks. */
export function groupNotes(sheet: SheetAnswer): string[] {
  const next = sheet.gaps.findLast((gap) => !gap.reached);
  return [
    ...(sheet.groups ?? []).filter(({ met }) => !met).map(({ title }) => `${title}: chưa đạt điều kiện của nhóm.`),
    ...(next && next.needs.length > 0 ? [`Để đạt ${next.label} còn: ${next.needs.map(sayLack).join('; ')}.`] : []),
  ];
}

/** "Nhóm dạy, học trên 75 điểm (thiếu 3,25 điểm)" */
export const sayLack = ({ text, points }: SheetAnswer['gaps'][number]['needs'][number]): string =>
  points === null ? `khắc phục “${stop(text)}”` : `${stop(text)} (thiếu ${formatPoints(points)} điểm)`;
