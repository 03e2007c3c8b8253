import Type from 'typebox';
import { formatDate, plain } from '../../shared/vietnamese.ts';
import { detailOf } from '../evaluation/overview.ts';
import { daysOf, type EvaluationRow, editionOf, requireEvaluation } from '../evaluation/period.ts';
import { districtLines } from '../exports/district/lines.ts';
import { districtFormats } from '../exports/district/registry.ts';
import { writeApart } from '../exports/district/write.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { oneByOne } from './in-turn.ts';
import { Id } from './schemas/common.ts';

/** Summaries being written or waiting for it. */
const MAX_WAITING = 4;

/** The summary of a period as a file: schools by rank, grades by level and unit, progress, change since an earlier period. */
export function districtRoutes(app: App, context: Context): void {
  const { store, now } = context;
  const inTurn = oneByOne(MAX_WAITING, 'đang xuất nhiều bảng tổng hợp, hãy thử lại sau ít phút');
  app.get(
    '/evaluations/:id/exports/:format',
    {
      schema: {
        params: Type.Object({ id: Id, format: Type.String({ maxLength: 16 }) }),
        querystring: Type.Object({ previous: Type.Optional(Id) }, { additionalProperties: false }),
      },
      config: { needs: 'viewer' },
    },
    async (request, reply) => {
      const { id, format: name } = request.params;
      const { previous: earlier } = request.query;
      const format = districtFormats.find((candidate) => candidate.id === name);
      if (!format) {
        const known = districtFormats.map((candidate) => candidate.id).join(', ');
        throw new Problem('not-found', `các định dạng xuất: ${known}`);
      }
      if (earlier === id) throw new Problem('input-invalid', 'kỳ trước phải là một kỳ khác');
      const row = await requireEvaluation(store, id);
      const before = earlier === undefined ? null : await requireEvaluation(store, earlier);
      const at = now();
      const detail = await detailOf(store, row, at);
      const lines = districtLines({
        evaluation: { name: row.name, ...daysOf(row), state: row.state, ...detail },
        edition: editionOf(row),
        previous: before && (await previousOf(context, before, at)),
        asOf: asOf(detail.rows, at),
      });
      const day = formatDate(lines.asOf).split('/').reverse().join('-');
      const slug = plain(row.name)
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-+|-+$/g, '')
        .slice(0, 60);
      return reply
        .header('content-disposition', `attachment; filename="tong-hop-${slug || 'ky'}-${day}.${format.extension}"`)
        .type(format.contentType)
        .send(await inTurn(() => writeApart(format.id, lines)));
    },
  );
}

async function previousOf({ store }: Context, row: EvaluationRow, at: number) {
  const { rows } = await detailOf(store, row, at);
  return { name: row.name, max: editionOf(row).max, rows };
}

/** A locked period's figures are those of the moment when its last sheet was locked. */
function asOf(rows: readonly { locked: { at: string } | null }[], now: number): string {
  const locked = rows.flatMap((row) => (row.locked ? [row.locked.at] : [])).sort();
  return rows.length > 0 && locked.length === rows.length ? locked.at(-1)! : new Date(now).toISOString();
}
