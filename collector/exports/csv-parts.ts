/**
 * CSV (RFC 4180). Semicolons and a byte order mark: what a spreadsheet set to Vietnamese opens without asking, because
 * its decimal sign is the comma.
 */
export const delimited = (rows: readonly (readonly string[])[]): Buffer =>
  Buffer.from(`\uFEFF${rows.map(line).join('\r\n')}\r\n`, 'utf8');

/** A hyphen at the beginning would read as a formula; print has a dash there. */
export const dash = (text: string) => text.replace(/^[-+]\s/, '– ');

/** A cell that begins like a formula is text all the same: spreadsheets would run it (CWE-1236). */
const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
const line = (cells: readonly string[]) => cells.map(cell).join(';');
