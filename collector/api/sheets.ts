import Type from 'typebox';
import type { Edition } from '../../shared/rubric/edition.ts';
import { currentFindings } from '../compliance/current.ts';
import { type SchoolContext, schoolContext } from '../compliance/service.ts';
import { entriesOf } from '../evaluation/entries.ts';
import { scoreSheet, sheetSchool } from '../evaluation/sheet.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import type { OverviewSchool } from './schemas/overview.ts';
import { SheetAnswer } from './schemas/scoresheet.ts';
import { sendExport } from './send-export.ts';

/** The 100 point sheet of one school as it stands. */
export async function sheetOf(
  { store, editions, now }: Context,
  found: SchoolContext,
  edition: Edition = editions.inForce(),
): Promise<SheetAnswer> {
  const [measured, manual] = await Promise.all([
    currentFindings(store, [found.school.id]),
    entriesOf(store, [found.school.id], null),
  ]);
  return scoreSheet({
    edition,
    school: sheetSchool(found),
    measured: measured.get(found.school.id)!,
    manual,
    asOf: now(),
  });
}

/** One standard's points, and how many of its items wait for a person or for data. */
export function standardOf(sheet: SheetAnswer, id: string): OverviewSchool['standard'] {
  const standard = sheet.standards.find((candidate) => candidate.id === id);
  if (!standard) return { points: 0, max: 0, least: 0, undecided: 0 };
  const items = standard.criteria.flatMap((criterion) => criterion.items);
  return {
    points: standard.points,
    max: standard.max,
    least: standard.least,
    undecided: items.filter((item) => item.needsAssessor).length,
  };
}

export function sheetRoutes(app: App, context: Context): void {
  const require = async (id: string) => {
    const found = await schoolContext(context.store, id);
    if (!found) throw new Problem('not-found', 'không có trường này');
    const edition = context.editions.inForce();
    return { edition, sheet: await sheetOf(context, found, edition) };
  };

  app.get(
    '/schools/:id/scoresheet',
    {
      schema: { params: Type.Object({ id: Id }), response: { 200: SheetAnswer } },
      config: { needs: 'school', own: 'id' },
    },
    async (request) => (await require(request.params.id)).sheet,
  );

  app.get(
    '/schools/:id/scoresheet/exports/:format',
    {
      schema: { params: Type.Object({ id: Id, format: Type.String({ maxLength: 16 }) }) },
      config: { needs: 'school', own: 'id' },
    },
    (request, reply) => sendExport(reply, request.params.format, () => require(request.params.id)),
  );
}
