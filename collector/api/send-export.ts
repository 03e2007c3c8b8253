import type { FastifyReply } from 'fastify';
import type { Edition } from '../../shared/rubric/edition.ts';
import { formatDate } from '../../shared/vietnamese.ts';
import { exportFormats } from '../exports/registry.ts';
import { Problem } from './errors.ts';
import type { SheetAnswer } from './schemas/scoresheet.ts';

/** A sheet and the edition that it was scored by. */
export interface ScoredSheet {
  sheet: SheetAnswer;
  edition: Edition;
}

/** Answers a sheet as a file in the format of that id, named by school and day. Throws Problem for an unknown format. */
export async function sendExport(
  reply: FastifyReply,
  id: string,
  sheetOf: () => Promise<ScoredSheet>,
): Promise<FastifyReply> {
  const format = exportFormats.find((candidate) => candidate.id === id);
  if (!format)
    throw new Problem('not-found', `các định dạng xuất: ${exportFormats.map((candidate) => candidate.id).join(', ')}`);
  const { sheet, edition } = await sheetOf();
  const day = formatDate(sheet.asOf).split('/').reverse().join('-');
  const name = `phieu-cham-${sheet.school.code.replaceAll(/[^\w-]/g, '_')}-${day}.${format.extension}`;
  return reply
    .header('content-disposition', `attachment; filename="${name}"`)
    .type(format.contentType)
    .send(await format.write(sheet, edition));
}
