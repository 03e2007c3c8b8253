import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { type Edition, type Item, itemsOf } from '../../shared/rubric/edition.ts';
import type { Person } from '../access/people.ts';
import { record } from '../audit/audit.ts';
import { requireLevels } from '../editions/editions.ts';
import { draftsOf, dropDraft } from '../evaluation/drafts.ts';
import { entriesOf, makeEntry, unitsOf } from '../evaluation/entries.ts';
import { fileName, keepFile, MAX_EVIDENCE_BYTES, openFile } from '../evaluation/evidence.ts';
import { detailOf, sheetsOf } from '../evaluation/overview.ts';
import {
  checkOpen,
  checkStep,
  daysOf,
  type EvaluationRow,
  editionOf,
  filledFindings,
  isOpen,
  requireEvaluation,
  requireOpen,
  windowOf,
} from '../evaluation/period.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import {
  Evaluation,
  EvaluationDetail,
  EvaluationSheet,
  EvidenceFile,
  NewEntry,
  NewEvaluation,
  NewRemark,
  NewState,
  Remark,
} from './schemas/evaluation.ts';
import { ManualFinding } from './schemas/finding.ts';
import { sendExport } from './send-export.ts';

const params = Type.Object({ id: Id });
const ofSchool = Type.Object({ id: Id, school: Id });
/** Unit that answers a school's contest (kiến nghị); of an edition without it, the unit that assesses the item. */
const ANSWERING_UNIT = 'CNTT';
const answering = (edition: Edition, item: Item) =>
  edition.units.some((unit) => unit.id === ANSWERING_UNIT) ? ANSWERING_UNIT : item.unit;

/** The yearly evaluation: periods, and each school's sheet in one. */
export function evaluationRoutes(app: App, context: Context): void {
  const { store, editions, now } = context;
  const admin = { needs: 'admin' } as const;
  const own = { needs: 'school', own: 'school' } as const;
  const tell = (schoolId: string) => context.live.publish({ schoolId, at: new Date(now()).toISOString() });

  app.get(
    '/evaluations',
    { schema: { response: { 200: Type.Array(Evaluation) } }, config: { needs: 'school', own: 'handler' } },
    async (request) => {
      const { role, schoolId } = request.person!;
      const rows = await store
        .selectFrom('evaluation')
        .selectAll()
        .$if(role === 'school', (query) =>
          query.where('state', '!=', 'prepared').where('id', 'in', (part) =>
            part
              .selectFrom('evaluation_school')
              .select('evaluation_id')
              .where('school_id', '=', schoolId ?? ''),
          ),
        )
        .orderBy('created_at', 'desc')
        .execute();
      return Promise.all(rows.map((row) => shownEvaluation(context, row as EvaluationRow)));
    },
  );

  app.post(
    '/evaluations',
    { bodyLimit: NEW_EVALUATION_BYTES, schema: { body: NewEvaluation, response: { 201: Evaluation } }, config: admin },
    async (request, reply) => {
      const { name, from, to, edition: given, schoolIds } = request.body;
      checkWindow(from, to);
      const edition =
        given === undefined ? editions.inForce() : (editions.byKey(given) ?? editions.byId(given))?.edition;
      if (!edition) throw new Problem('input-invalid', `không có bộ tiêu chí ${given}`);
      const row = {
        id: uuidv7(),
        name: name.normalize('NFC').trim(),
        edition_id: edition.id,
        edition: JSON.stringify(edition),
        ...windowOf(from, to),
        state: 'prepared',
        created_by: request.person!.id,
        created_at: now(),
      };
      await store.transaction().execute(async (write) => {
        await write.insertInto('evaluation').values(row).execute();
        for (const school_id of schoolIds) {
          const known = await write.selectFrom('school').select('id').where('id', '=', school_id).executeTakeFirst();
          if (!known) throw new Problem('input-invalid', `không có trường ${school_id}`);
          await write.insertInto('evaluation_school').values({ evaluation_id: row.id, school_id }).execute();
        }
        await requireLevels(write, edition, schoolIds);
        await record(
          write,
          {
            by: request.person!.id,
            action: 'evaluation.created',
            subject: `evaluation/${row.id}`,
            before: null,
            after: { name: row.name, from, to, edition: edition.id, schools: schoolIds.length },
          },
          row.created_at,
        );
      });
      return reply.code(201).send(await shownEvaluation(context, row as EvaluationRow));
    },
  );

  app.get(
    '/evaluations/:id',
    { schema: { params, response: { 200: EvaluationDetail } }, config: { needs: 'viewer' } },
    async (request): Promise<EvaluationDetail> => {
      const row = await requireEvaluation(store, request.params.id);
      return { ...(await shownEvaluation(context, row)), ...(await detailOf(store, row, now())) };
    },
  );

  app.put(
    '/evaluations/:id/state',
    { schema: { params, body: NewState, response: { 200: Evaluation } }, config: admin },
    async (request) => {
      const { to, reason } = request.body;
      const { id } = request.params;
      const state = to === 'locked' ? 'locking' : to;
      await store.transaction().execute(async (write) => {
        // Taken first, so that two administrators do not step at once.
        await write
          .updateTable('evaluation')
          .set({ created_at: (eb) => eb.ref('created_at') })
          .where('id', '=', id)
          .execute();
        const row = await requireEvaluation(write, id);
        checkStep(row.state, to, reason);
        await write.updateTable('evaluation').set({ state }).where('id', '=', id).execute();
        // Sheets are frozen while it is locking, and kept with what is locked: no other state has any.
        if (state !== 'locking') await write.deleteFrom('locked_sheet').where('evaluation_id', '=', id).execute();
        await record(
          write,
          {
            by: request.person!.id,
            action: 'evaluation.state',
            subject: `evaluation/${id}`,
            before: row.state,
            after: reason === undefined ? state : { state, reason },
          },
          now(),
        );
      });
      if (state === 'open') context.judging.fill(id);
      if (state === 'locking') context.judging.lock(id);
      return shownEvaluation(context, await requireEvaluation(store, id));
    },
  );

  app.get(
    '/evaluations/:id/schools/:school',
    { schema: { params: ofSchool, response: { 200: EvaluationSheet } }, config: own },
    async (request): Promise<EvaluationSheet> => {
      const { row, schoolId } = await placeOf(context, request.params, request.person!);
      const edition = editionOf(row);
      const [sheet] = await sheetsOf(store, row, edition, now(), [schoolId]);
      if (!sheet) throw new Problem('not-ready', 'phiếu đang được khóa, hãy thử lại sau ít phút');
      const locked = await store
        .selectFrom('locked_sheet')
        .select(['digest', 'at'])
        .where('evaluation_id', '=', row.id)
        .where('school_id', '=', schoolId)
        .executeTakeFirst();
      const filled = (await filledFindings(store, row.id, [schoolId])).get(schoolId);
      const open = isOpen(row);
      const units = unitsOf(request.person!, edition);
      return {
        evaluation: await shownEvaluation(context, row, edition),
        sheet,
        measuredAt: filled ? new Date(filled.at).toISOString() : null,
        entries: (await entriesOf(store, [schoolId], row.id)).map(({ schoolId: _, ...entry }) => entry),
        evidence: await evidenceOf(context, row.id, schoolId),
        remarks: await remarksOf(context, row.id, schoolId),
        drafts: open ? await draftsOf(store, row.id, schoolId, request.person!, now()) : [],
        locked: locked ? { digest: locked.digest, at: new Date(locked.at).toISOString() } : null,
        mayEnter: open ? units : [],
        mayContest: open && request.person!.role === 'school',
        mayAnswer: open && itemsOf(edition).some((item) => units.includes(answering(edition, item))),
      };
    },
  );

  app.post(
    '/evaluations/:id/schools/:school/entries',
    { schema: { params: ofSchool, body: NewEntry, response: { 201: ManualFinding } }, config: { needs: 'assessor' } },
    async (request, reply) => {
      const { row, schoolId, levels } = await openPlace(context, request.params, request.person!);
      const place = { schoolId, levels, edition: editionOf(row), evaluationId: row.id };
      const entry = await makeEntry(store, place, request.person!, request.body, now());
      await dropDraft(store, { evaluationId: row.id, schoolId, rule: entry.rule }, request.person!);
      tell(schoolId);
      return reply.code(201).send(entry);
    },
  );

  app.post(
    '/evaluations/:id/schools/:school/remarks',
    { schema: { params: ofSchool, body: NewRemark, response: { 201: Remark } }, config: own },
    async (request, reply) => {
      const person = request.person!;
      const { row, schoolId } = await openPlace(context, request.params, person);
      const { item, kind, answers = null, text } = request.body;
      const edition = editionOf(row);
      const unit = answering(edition, requireItem(edition, item));
      if (person.role === 'viewer') throw new Problem('no-rights', 'người xem không ghi vào phiếu');
      if (kind === 'contest' && person.role !== 'school')
        throw new Problem('no-rights', 'kiến nghị do chính trường gửi');
      if (kind === 'answer' && !unitsOf(person, edition).includes(unit))
        throw new Problem('no-rights', `kiến nghị do ${unit} trả lời`);
      if ((kind === 'answer') !== (answers !== null))
        throw new Problem('input-invalid', 'câu trả lời cần nêu kiến nghị mà nó trả lời');
      const remark = { id: uuidv7(), item, kind, answers, text: text.trim() };
      const at = now();
      await store.transaction().execute(async (write) => {
        await write
          .insertInto('remark')
          .values({ ...remark, evaluation_id: row.id, school_id: schoolId, by: person.id, at })
          .execute();
        await requireOpen(write, row.id);
        if (answers !== null) {
          const contest = await write
            .selectFrom('remark')
            .select('id')
            .where('id', '=', answers)
            .where('evaluation_id', '=', row.id)
            .where('school_id', '=', schoolId)
            .where('item', '=', item)
            .where('kind', '=', 'contest')
            .executeTakeFirst();
          if (!contest) throw new Problem('input-invalid', 'không có kiến nghị này ở mục đó');
        }
        const subject = `evaluation/${row.id}/school/${schoolId}/${item}`;
        await record(write, { by: person.id, action: `remark.${kind}`, subject, before: null, after: remark }, at);
      });
      tell(schoolId);
      return reply.code(201).send({ ...remark, by: person.name, at: new Date(at).toISOString() });
    },
  );

  app.post(
    '/evaluations/:id/schools/:school/evidence',
    {
      bodyLimit: MAX_EVIDENCE_BYTES,
      schema: {
        params: ofSchool,
        querystring: Type.Object({
          item: Type.String({ minLength: 1, maxLength: 64 }),
          name: Type.String({ minLength: 1, maxLength: 255 }),
        }),
        response: { 201: EvidenceFile },
      },
      config: own,
    },
    async (request, reply) => {
      const person = request.person!;
      const { row, schoolId } = await openPlace(context, request.params, person);
      const { item, name } = request.query;
      const { unit } = requireItem(editionOf(row), item);
      if (person.role === 'viewer' || (person.role === 'assessor' && !person.units.includes(unit)))
        throw new Problem('no-rights', `minh chứng của mục ${item} do ${unit} hoặc trường nộp`);
      if (!Buffer.isBuffer(request.body))
        throw new Problem('wrong-content-type', 'gửi tệp với content-type application/octet-stream');
      const kept = await keepFile(context.evidenceDirectory, request.body);
      const file = { id: uuidv7(), item, name: fileName(name, kept.type), ...kept };
      const at = now();
      await store.transaction().execute(async (write) => {
        await write
          .insertInto('evidence')
          .values({ ...file, evaluation_id: row.id, school_id: schoolId, by: person.id, at })
          .execute();
        await requireOpen(write, row.id);
        const subject = `evaluation/${row.id}/school/${schoolId}/${item}`;
        await record(write, { by: person.id, action: 'evidence.added', subject, before: null, after: file }, at);
      });
      tell(schoolId);
      return reply.code(201).send({ ...file, by: person.name, at: new Date(at).toISOString() });
    },
  );

  app.get(
    '/evaluations/:id/schools/:school/evidence/:file',
    { schema: { params: Type.Object({ id: Id, school: Id, file: Id }) }, config: own },
    async (request, reply) => {
      const { row, schoolId } = await placeOf(context, request.params, request.person!);
      const file = (await evidenceOf(context, row.id, schoolId)).find(({ id }) => id === request.params.file);
      if (!file) throw new Problem('not-found', 'không có tệp minh chứng này');
      const stream = await openFile(context.evidenceDirectory, file.digest);
      return reply
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`)
        .header('content-security-policy', "default-src 'none'; sandbox")
        .type(file.type)
        .send(stream);
    },
  );

  app.get(
    '/evaluations/:id/schools/:school/exports/:format',
    { schema: { params: Type.Object({ id: Id, school: Id, format: Type.String({ maxLength: 16 }) }) }, config: own },
    async (request, reply) => {
      const { row, schoolId } = await placeOf(context, request.params, request.person!);
      return sendExport(reply, request.params.format, async () => {
        const edition = editionOf(row);
        const [sheet] = await sheetsOf(store, row, edition, now(), [schoolId]);
        if (!sheet) throw new Problem('not-ready', 'phiếu đang được khóa, hãy thử lại sau ít phút');
        return { sheet, edition };
      });
    },
  );

  app.get(
    '/evaluations/:id/schools/:school/frozen',
    { schema: { params: ofSchool }, config: own },
    async (request, reply) => {
      const { row, schoolId } = await placeOf(context, request.params, request.person!);
      const locked = await store
        .selectFrom('locked_sheet')
        .select('body')
        .where('evaluation_id', '=', row.id)
        .where('school_id', '=', schoolId)
        .executeTakeFirst();
      if (!locked) throw new Problem('not-found', 'phiếu chưa khóa');
      return reply
        .header('content-disposition', `attachment; filename="phieu-khoa-${row.id}-${schoolId}.json"`)
        .type('application/json; charset=utf-8')
        .send(locked.body);
    },
  );
}

/** 10,000 ids of schools. */
const NEW_EVALUATION_BYTES = 1024 * 1024;
const FIRST_DAY = '2020-01-01';
const MOST_DAYS = 400;

/** Throws Problem for a window that nobody can mean: a slip in a year would have decades of days read. */
function checkWindow(from: string, to: string): void {
  if (from > to) throw new Problem('input-invalid', 'ngày đầu phải trước ngày cuối');
  if (from < FIRST_DAY) throw new Problem('input-invalid', 'ngày đầu sớm nhất là 01/01/2020');
  const { from_at, to_at } = windowOf(from, to);
  const days = Math.round((to_at - from_at) / (24 * 3600_000));
  if (days > MOST_DAYS) throw new Problem('input-invalid', `khoảng ngày dài ${days} ngày, nhiều nhất là ${MOST_DAYS}`);
}

interface SchoolPlace {
  row: EvaluationRow;
  schoolId: string;
  levels: string[];
}

/** A school of a period. Throws Problem `not-found`; a school's person sees no period that is still prepared. */
async function placeOf(
  { store }: Context,
  { id, school }: { id: string; school: string },
  person: Person,
): Promise<SchoolPlace> {
  const row = await requireEvaluation(store, id);
  const found = await store
    .selectFrom('evaluation_school')
    .innerJoin('school', 'school.id', 'evaluation_school.school_id')
    .select('levels')
    .where('evaluation_id', '=', id)
    .where('school_id', '=', school)
    .executeTakeFirst();
  if (!found || (person.role === 'school' && row.state === 'prepared'))
    throw new Problem('not-found', 'trường này không thuộc kỳ đánh giá');
  return { row, schoolId: school, levels: JSON.parse(found.levels) as string[] };
}

export async function openPlace(
  context: Context,
  address: { id: string; school: string },
  person: Person,
): Promise<SchoolPlace> {
  const place = await placeOf(context, address, person);
  checkOpen(place.row);
  return place;
}

function requireItem(edition: Edition, id: string) {
  const item = itemsOf(edition).find((candidate) => candidate.id === id);
  if (!item) throw new Problem('input-invalid', `không có mục ${id}`);
  return item;
}

async function shownEvaluation(
  { store }: Context,
  row: EvaluationRow,
  { id, date, title }: Edition = editionOf(row),
): Promise<Evaluation> {
  const [author, schools] = await Promise.all([
    store.selectFrom('person').select('name').where('id', '=', row.created_by).executeTakeFirst(),
    store
      .selectFrom('evaluation_school')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('evaluation_id', '=', row.id)
      .executeTakeFirstOrThrow(),
  ]);
  return {
    id: row.id,
    name: row.name,
    edition: { id, date, title },
    ...daysOf(row),
    state: row.state,
    schools: Number(schools.n),
    createdBy: author?.name ?? '',
    createdAt: new Date(row.created_at).toISOString(),
  };
}

async function evidenceOf({ store }: Context, evaluationId: string, schoolId: string): Promise<EvidenceFile[]> {
  const rows = await store
    .selectFrom('evidence')
    .innerJoin('person', 'person.id', 'evidence.by')
    .select(['evidence.id', 'item', 'evidence.name', 'type', 'bytes', 'digest', 'person.name as by', 'at'])
    .where('evaluation_id', '=', evaluationId)
    .where('evidence.school_id', '=', schoolId)
    .orderBy('at')
    .execute();
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}

async function remarksOf({ store }: Context, evaluationId: string, schoolId: string): Promise<Remark[]> {
  const rows = await store
    .selectFrom('remark')
    .innerJoin('person', 'person.id', 'remark.by')
    .select(['remark.id', 'item', 'kind', 'answers', 'text', 'person.name as by', 'at'])
    .where('evaluation_id', '=', evaluationId)
    .where('remark.school_id', '=', schoolId)
    .orderBy('at')
    .execute();
  return rows.map((row) => ({ ...row, kind: row.kind as Remark['kind'], at: new Date(row.at).toISOString() }));
}
