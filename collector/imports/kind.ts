import type { Person } from '../access/people.ts';
import type { Context } from '../api/context.ts';
import type { Store } from '../store/sqlite.ts';

/**
 * A kind of import. To add one, add a file here that exports an ImportKind and name it in `registry.ts`: address, template,
 * reading, preview, errors by row and the writing in transactions follow.
 */
export interface ImportKind {
  /** Last part of its address. */
  id: string;
  /** Name of the sheet with the rows. */
  sheet: string;
  /** Heading of the explanation: what this import does. */
  about: readonly string[];
  columns: readonly ImportColumn[];
  /** Least right; `assessor` then sees to the rows itself. */
  needs: 'admin' | 'assessor';
  /** Whether it is about one period. */
  ofEvaluation: boolean;
  /** Whether it is about one school. */
  ofSchool?: boolean;
  /** Loads what rows are checked against. Throws Problem. */
  open(work: ImportWork): Promise<Importer>;
}

export interface ImportColumn {
  key: string;
  /** As it is headed; matched without case and diacritics. */
  head: string;
  about: string;
  example: string;
  /** Whether a file without this column is refused. */
  required: boolean;
  /** Only helps to read: never imported. */
  info?: boolean;
  /** Filled in by the template: a row with nothing else is one that nobody touched, and is passed over. */
  prefilled?: boolean;
  /** Characters. */
  width: number;
  /** Longest text taken. */
  most: number;
}

export interface ImportWork {
  context: Context;
  person: Person;
  at: number;
  evaluationId: string | null;
  schoolId: string | null;
}

/** One row by the keys of its columns: trimmed, NFC, empty where nothing stands. */
export type ImportRow = Readonly<Record<string, string>>;

export interface Importer {
  /** What may be chosen in a column, for the template's lists. */
  choices: Readonly<Record<string, readonly string[]>>;
  /** Rows that the template comes with. */
  rows: readonly ImportRow[];
  /** Why the template comes without rows though it could have some. */
  note?: string;
  /**
   * What this row would do, checked against the store and the rows before it. Throws RowError.
   * `madeAt`: when the template was handed out, epoch ms; null: the file does not say. `given`: keys of the columns that
   * the file has.
   */
  check(row: ImportRow, madeAt: number | null, given: ReadonlySet<string>): RowChange;
  /** After rows were written: who must be told. */
  done?(): void;
}

export interface RowChange {
  does: 'created' | 'changed' | 'same';
  /** Writes the change and its row of the audit log, inside a transaction. Throws Problem. Absent: nothing to write. */
  write?(write: Store): Promise<void>;
  /** Work that takes long and belongs outside of the transaction, before it. */
  prepare?(): Promise<void>;
}

/** Why a row is not taken. `column`: a key of the kind's columns, or empty for the whole row. */
export class RowError extends Error {
  override name = 'RowError';
  readonly column: string;
  constructor(column: string, message: string) {
    super(message);
    this.column = column;
  }
}
