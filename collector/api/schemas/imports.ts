import Type, { type Static } from 'typebox';

/** Tables of many rows as XLSX: a template to fill in, a preview, and the import itself. */

export const ImportKind = Type.Enum(['schools', 'people', 'entries', 'devices']);
export type ImportKind = 'schools' | 'people' | 'entries' | 'devices';

/** A row that was not taken, as a spreadsheet counts; row 0: the whole file. */
export const ImportError = Type.Object({
  row: Type.Integer(),
  /** Heading of the column; empty: the whole row. */
  column: Type.String(),
  /** What stands there, shortened. */
  value: Type.String(),
  /** One Vietnamese line that says what to do. */
  why: Type.String(),
});
export type ImportError = Static<typeof ImportError>;

/**
 * POST /api/v1/imports/:kind?apply=false|true[&evaluation=ID][&school=ID], the file as application/octet-stream → ImportAnswer.
 * Without `apply` nothing is written. With it every row without an error is.
 */
export const ImportAnswer = Type.Object({
  /** Rows with content; `created + changed + same` and the rows with errors. */
  rows: Type.Integer(),
  created: Type.Integer(),
  changed: Type.Integer(),
  same: Type.Integer(),
  /** At most 1,000, in order of row. */
  errors: Type.Array(ImportError),
  /** How many errors there are beyond those. */
  moreErrors: Type.Integer(),
  applied: Type.Boolean(),
});
export type ImportAnswer = Static<typeof ImportAnswer>;
