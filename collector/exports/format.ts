import type { Edition } from '../../shared/rubric/edition.ts';
import type { SheetAnswer } from '../api/schemas/scoresheet.ts';

/** An export of the score sheet. To add one, add a file here that exports a Format and name it in `registry.ts`. */
export interface Format {
  /** Last part of its address. */
  id: string;
  extension: string;
  contentType: string;
  /** `edition`: the one that the sheet was scored by, with its readings. */
  write(sheet: SheetAnswer, edition: Edition): Promise<Buffer> | Buffer;
}
