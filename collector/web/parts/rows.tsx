import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { Scroll } from './scroll.tsx';

export interface Column {
  name: string;
  /** Figures: right-aligned, never broken. */
  num?: boolean;
}
export interface Row {
  key: string;
  cells: readonly ReactNode[];
  /** No longer in force: grey. */
  quiet?: boolean;
}

/** A table with headers; on a phone every row becomes a card and every cell carries its header. */
export function Rows({ label, columns, rows }: { label: string; columns: readonly Column[]; rows: readonly Row[] }) {
  return (
    <Scroll label={label}>
      <Table className="rows" verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ name, num }) => (
              <Table.Th key={name} scope="col" className={num ? 'num' : ''}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key} className={row.quiet ? 'quiet' : ''}>
              {columns.map(({ name, num }, index) => (
                <Table.Td key={name} data-label={name} className={num ? 'num' : ''}>
                  <div>{row.cells[index]}</div>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}
