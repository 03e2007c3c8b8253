import { parseEdition } from '../../shared/rubric/edition.ts';
import { Problem } from '../api/errors.ts';
import { record } from '../audit/audit.ts';
import { type EvaluationRow, editionOf, isOpen, requireEvaluation, STATE_NAMES } from '../evaluation/period.ts';
import type { Store } from '../store/sqlite.ts';
import { type Act, requireChoice } from './editions.ts';

/** Reads an unclear place otherwise in the copy of the edition that one period holds. Throws Problem. */
export async function chooseInPeriod(
  store: Store,
  evaluationId: string,
  reading: string,
  choice: string,
  { by, reason, at }: Act,
): Promise<EvaluationRow> {
  return store.transaction().execute(async (write) => {
    // Taken first, so that nobody else changes the period between the look and the write.
    await write
      .updateTable('evaluation')
      .set({ created_at: (eb) => eb.ref('created_at') })
      .where('id', '=', evaluationId)
      .execute();
    const row = await requireEvaluation(write, evaluationId);
    const before = requireChoice(editionOf(row), reading, choice);
    if (row.state !== 'prepared' && !isOpen(row))
      throw new Problem('not-now', `kỳ đánh giá đang ở bước “${STATE_NAMES[row.state]}”: không đổi cách đọc được`);
    if (before === choice) return row;
    const edition = JSON.stringify(parseEdition(JSON.parse(row.edition), { [reading]: choice }));
    await write.updateTable('evaluation').set({ edition }).where('id', '=', evaluationId).execute();
    const change = {
      by,
      action: 'reading.chosen',
      subject: `evaluation/${evaluationId}/reading/${reading}`,
      before,
      after: { choice, reason: reason.trim() },
    };
    await record(write, change, at);
    return { ...row, edition };
  });
}
