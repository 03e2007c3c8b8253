import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ManualFinding } from '../../api/schemas/finding.ts';
import type { SheetAnswer } from '../../api/schemas/scoresheet.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { PlaceProvider } from '../parts/place.tsx';
import { Show } from '../parts/query.tsx';
import { PrintedSheet } from '../parts/sheet-print.tsx';
import { SheetView } from '../parts/sheet-view.tsx';

/** The live sheet of 100 points; every rule says what decided it, and takes an entry by hand. */
export function Sheet({ id, user }: { id: string; user: Session['user'] }) {
  const t = useT();
  const path = `/schools/${encodeURIComponent(id)}`;
  const sheet = useQuery({
    queryKey: ['school', id, 'sheet'],
    queryFn: ({ signal }) => get<SheetAnswer>(`${path}/scoresheet`, signal),
    placeholderData: keepPreviousData,
  });
  const entries = useQuery({
    queryKey: ['school', id, 'entries'],
    queryFn: ({ signal }) => get<ManualFinding[]>(`${path}/findings`, signal),
    placeholderData: keepPreviousData,
  });
  const history = Map.groupBy(entries.data ?? [], (entry) => entry.rule);
  const place = {
    schoolId: id,
    entries: `${path}/findings`,
    exports: `/api/v1${path}/scoresheet/exports`,
    mayEnter: (unit: string) => user.role === 'admin' || (user.role === 'assessor' && user.units.includes(unit)),
    history: (rule: string) => history.get(rule) ?? [],
    period: null,
  };
  return (
    <Show query={sheet}>
      {(data) => (
        <PlaceProvider value={place}>
          <SheetView sheet={data} title={t('sheetTitle')} />
          <PrintedSheet sheet={data} />
        </PlaceProvider>
      )}
    </Show>
  );
}
