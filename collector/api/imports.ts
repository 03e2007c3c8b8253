import Type from 'typebox';
import { dateOf } from '../../shared/calendar.ts';
import type { Person } from '../access/people.ts';
import { requireEvaluation } from '../evaluation/period.ts';
import { devices } from '../imports/devices.ts';
import type { ImportKind, ImportWork } from '../imports/kind.ts';
import { MAX_FILE_BYTES } from '../imports/read.ts';
import { importKinds } from '../imports/registry.ts';
import { runImport } from '../imports/run.ts';
import { writeTemplate } from '../imports/template.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { oneByOne } from './in-turn.ts';
import { Id } from './schemas/common.ts';
import { ImportAnswer } from './schemas/imports.ts';

const params = Type.Object({ kind: Type.String({ maxLength: 32 }) });
const closed = { additionalProperties: false };
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const MAX_WAITING = 4;

/** Many rows at once from a workbook: its template, a preview of what it would do, and the import itself. */
export function importRoutes(app: App, context: Context): void {
  const inTurn = oneByOne(MAX_WAITING, 'đang nhập nhiều tệp, hãy thử lại sau ít phút');
  const assessor = { needs: 'assessor' } as const;

  app.get(
    '/imports/:kind/template',
    {
      schema: {
        params,
        querystring: Type.Object({ evaluation: Type.Optional(Id), school: Type.Optional(Id) }, closed),
      },
      config: assessor,
    },
    async (request, reply) => {
      const kind = kindOf(request.params.kind, request.person!);
      const work = workOf(context, kind, request.person!, request.query);
      // Taken before the rows are read: whatever is entered meanwhile counts as later.
      const importer = await kind.open(work);
      const period = work.evaluationId === null ? null : await requireEvaluation(context.store, work.evaluationId);
      const evaluation = period && { id: period.id, name: period.name };
      const school = work.schoolId === null ? null : await schoolNamed(context.store, work.schoolId);
      const bytes = await writeTemplate({ kind, importer, at: work.at, evaluation, school });
      return reply
        .header('content-disposition', `attachment; filename="mau-nhap-${kind.id}.xlsx"`)
        .type(XLSX)
        .send(bytes);
    },
  );

  // The very file that the import takes, with what is there: for the school's own people too, who import none.
  app.get(
    '/schools/:id/inventory/export',
    { schema: { params: Type.Object({ id: Id }) }, config: { needs: 'school', own: 'id' } },
    async (request, reply) => {
      const work = workOf(context, devices, request.person!, { school: request.params.id });
      const importer = await devices.open(work);
      const school = await schoolNamed(context.store, request.params.id);
      const bytes = await writeTemplate({ kind: devices, importer, at: work.at, evaluation: null, school });
      const day = dateOf(work.at);
      return reply
        .header(
          'content-disposition',
          `attachment; filename="thiet-bi-${school.code.replaceAll(/[^\w-]/g, '_')}-${day}.xlsx"`,
        )
        .type(XLSX)
        .send(bytes);
    },
  );

  app.post(
    '/imports/:kind',
    {
      bodyLimit: MAX_FILE_BYTES,
      schema: {
        params,
        querystring: Type.Object(
          {
            apply: Type.Optional(Type.Enum(['true', 'false'])),
            evaluation: Type.Optional(Id),
            school: Type.Optional(Id),
          },
          closed,
        ),
        response: { 200: ImportAnswer },
      },
      config: assessor,
    },
    async (request) => {
      const kind = kindOf(request.params.kind, request.person!);
      const work = workOf(context, kind, request.person!, request.query);
      const { body } = request;
      if (!Buffer.isBuffer(body))
        throw new Problem('wrong-content-type', 'gửi tệp với content-type application/octet-stream');
      return inTurn(() => runImport(kind, { ...work, at: context.now() }, body, request.query.apply === 'true'));
    },
  );
}

/** Throws Problem: `not-found` for another kind, `no-rights` for one that only administrators import. */
function kindOf(id: string, person: Person): ImportKind {
  const kind = importKinds.find((candidate) => candidate.id === id);
  if (!kind)
    throw new Problem('not-found', `các loại nhập: ${importKinds.map((candidate) => candidate.id).join(', ')}`);
  if (kind.needs === 'admin' && person.role !== 'admin')
    throw new Problem('no-rights', 'tài khoản này không có quyền làm việc đó');
  return kind;
}

function workOf(
  context: Context,
  kind: ImportKind,
  person: Person,
  { evaluation, school }: { evaluation?: string; school?: string },
): ImportWork {
  if (kind.ofEvaluation !== (evaluation !== undefined))
    throw new Problem(
      'input-invalid',
      kind.ofEvaluation ? 'cần nêu kỳ đánh giá' : 'loại nhập này không theo kỳ đánh giá',
    );
  if ((kind.ofSchool ?? false) !== (school !== undefined))
    throw new Problem('input-invalid', kind.ofSchool ? 'cần nêu trường' : 'loại nhập này không theo trường');
  return { context, person, at: context.now(), evaluationId: evaluation ?? null, schoolId: school ?? null };
}

const schoolNamed = (store: Context['store'], id: string) =>
  store.selectFrom('school').select(['id', 'code', 'name']).where('id', '=', id).executeTakeFirstOrThrow();
