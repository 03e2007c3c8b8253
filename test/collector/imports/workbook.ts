import type { Cell, CellValue } from 'hucre';
import { readXlsx, writeXlsx } from 'hucre/xlsx';
import type { ImportAnswer } from '../../../collector/api/schemas/imports.ts';
import type { Harness } from '../harness.ts';

/** Workbooks as people would send them. */

export const workbook = async (
  name: string,
  rows: CellValue[][],
  cells: Record<string, Partial<Cell>> = {},
  others: { name: string; rows: CellValue[][] }[] = [],
): Promise<Buffer> =>
  Buffer.from(await writeXlsx({ sheets: [{ name, rows, cells: new Map(Object.entries(cells)) }, ...others] }));

/** What stands in a workbook, by sheet. */
export async function sheetsOf(bytes: Buffer): Promise<Record<string, CellValue[][]>> {
  const { sheets } = await readXlsx(bytes);
  return Object.fromEntries(sheets.map(({ name, rows }) => [name, rows]));
}

export interface Sent {
  status: number;
  body: ImportAnswer & { error?: { code: string; message: string } };
}

export const send =
  (harness: Harness) =>
  async (kind: string, bytes: Buffer, query = '', cookie = harness.cookie): Promise<Sent> => {
    const answer = await harness.app.inject({
      method: 'POST',
      url: `/api/v1/imports/${kind}${query}`,
      headers: { cookie, 'x-thdt': '1', 'content-type': 'application/octet-stream' },
      payload: bytes,
    });
    return { status: answer.statusCode, body: answer.json() };
  };

export const template =
  (harness: Harness) =>
  (kind: string, query = '', cookie = harness.cookie) =>
    harness.app.inject({ url: `/api/v1/imports/${kind}/template${query}`, headers: { cookie } });
