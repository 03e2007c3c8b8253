import { Alert, Anchor, Button, Group, NativeSelect, Paper, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { EvaluationSheet } from '../../api/schemas/evaluation.ts';
import type { SheetItem } from '../../api/schemas/scoresheet.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { Evidence } from '../parts/evidence.tsx';
import { MeetRest } from '../parts/meet-rest.tsx';
import { NextSchool } from '../parts/next-school.tsx';
import { PlaceProvider } from '../parts/place.tsx';
import { Show } from '../parts/query.tsx';
import { isOpenContest, Remarks } from '../parts/remarks.tsx';
import { PrintedSheet } from '../parts/sheet-print.tsx';
import { SheetView } from '../parts/sheet-view.tsx';
import { StateOfPeriod } from '../parts/state-of-period.tsx';

/** One school's sheet in a period: proposals of the measurements, entries by unit, evidence, comments, contests. */
export function EvaluationSheetPage({ id, school, user }: { id: string; school: string; user: Session['user'] }) {
  const path = `/evaluations/${encodeURIComponent(id)}/schools/${encodeURIComponent(school)}`;
  const query = useQuery({
    queryKey: ['school', school, 'evaluation', id],
    queryFn: ({ signal }) => get<EvaluationSheet>(path, signal),
    placeholderData: keepPreviousData,
  });
  return <Show query={query}>{(data) => <SheetInPeriod data={data} path={path} user={user} />}</Show>;
}

/** Units to show: all, the reader's own, or one. */
type What = 'all' | 'open' | 'contested';

function SheetInPeriod({ data, path, user }: { data: EvaluationSheet; path: string; user: Session['user'] }) {
  const t = useT();
  const { evaluation, sheet, remarks, evidence } = data;
  const { school } = sheet;
  const items = sheet.standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));
  const mine = user.role === 'assessor' && user.units.length > 0;
  const [unit, setUnit] = useState(mine ? MINE : '');
  const [what, setWhat] = useState<What>('all');
  const fits = (item: SheetItem) =>
    (unit === '' || (unit === MINE ? user.units.includes(item.unit) : item.unit === unit)) &&
    (what !== 'open' || isUndecided(item)) &&
    (what !== 'contested' || remarks.some((remark) => remark.item === item.id && isOpenContest(remark, remarks)));
  const choice = `${unit} ${what}`;
  // What was chosen stays while it is worked on: an item that is done does not vanish under the cursor.
  const [held, setHeld] = useState<{ choice: string; ids: ReadonlySet<string> } | null>(null);
  const ids = held?.choice === choice ? held.ids : new Set(items.filter(fits).map((item) => item.id));
  if (held?.choice !== choice) setHeld({ choice, ids });
  const shown = items.filter((item) => ids.has(item.id));
  const history = Map.groupBy(data.entries, (entry) => entry.rule);
  const mayEnter = (of: string) => data.mayEnter.includes(of);
  const may = {
    comment: data.mayEnter.length > 0 || data.mayContest,
    contest: data.mayContest,
    answer: data.mayAnswer,
  };
  const place = {
    schoolId: school.id,
    entries: `${path}/entries`,
    exports: `/api/v1${path}/exports`,
    mayEnter,
    history: (rule: string) => history.get(rule) ?? [],
    period: { path, drafts: data.drafts },
  };
  const units = [...new Set(items.map((item) => item.unit))];
  const undecided = shown.filter(isUndecided).length;
  const openContests = remarks.filter((remark) => isOpenContest(remark, remarks)).length;
  return (
    <PlaceProvider value={place}>
      <SheetView
        sheet={sheet}
        title={t('periodSheet', { name: evaluation.name })}
        shows={(item) => ids.has(item.id)}
        more={(item) => (
          <div className="sheet-mores">
            <Evidence
              path={path}
              schoolId={school.id}
              item={item.id}
              files={evidence.filter((file) => file.item === item.id)}
              mayAdd={mayEnter(item.unit) || data.mayContest}
            />
            <Remarks
              path={path}
              schoolId={school.id}
              item={item.id}
              remarks={remarks.filter((remark) => remark.item === item.id)}
              may={may}
            />
          </div>
        )}
        head={
          <Paper withBorder p="sm">
            <Stack gap="xs">
              <Group justify="space-between">
                {user.role === 'school' ? (
                  <Text>{evaluation.name}</Text>
                ) : (
                  <Anchor component={Link} href={`/ky-danh-gia/${evaluation.id}`}>
                    {evaluation.name}
                  </Anchor>
                )}
                <StateOfPeriod state={evaluation.state} />
              </Group>
              <Text size="sm">
                {data.measuredAt === null
                  ? t('notMeasuredYet')
                  : t('measuredOver', {
                      from: formatDate(evaluation.from),
                      to: formatDate(evaluation.to),
                      time: formatWhen(data.measuredAt),
                    })}
              </Text>
              {data.locked && (
                <Alert color="gray" variant="outline" c="dark">
                  <Text size="sm" className="raw">
                    {t('lockedAt', { time: formatWhen(data.locked.at), digest: data.locked.digest })}
                  </Text>
                  <Anchor href={`/api/v1${path}/frozen`} download fz="sm">
                    {t('frozenFile')}
                  </Anchor>
                </Alert>
              )}
              <Group gap="sm" align="end">
                <NativeSelect
                  label={t('assessingUnit')}
                  value={unit}
                  onChange={(event) => setUnit(event.currentTarget.value)}
                  data={[
                    { value: '', label: t('anyUnit') },
                    ...(mine ? [{ value: MINE, label: t('myItems', { units: user.units.join(', ') }) }] : []),
                    ...units.map((value) => ({ value, label: value })),
                  ]}
                />
                <NativeSelect
                  label={t('itemsShown')}
                  value={what}
                  onChange={(event) => setWhat(event.currentTarget.value as What)}
                  data={[
                    { value: 'all', label: t('itemsAll') },
                    { value: 'open', label: t('itemsOpen') },
                    { value: 'contested', label: t('itemsContested', { n: openContests }) },
                  ]}
                />
                <Text size="sm">{t('itemsLeft', { n: undecided, all: shown.length })}</Text>
                <MeetRest items={shown} />
                {what !== 'all' && (
                  <Button variant="subtle" size="compact-sm" onClick={() => setHeld(null)}>
                    {t('filterAgain')}
                  </Button>
                )}
              </Group>
              {shown.length === 0 && <Text size="sm">{t('itemsNone')}</Text>}
            </Stack>
          </Paper>
        }
      />
      {user.role !== 'school' && (
        <NextSchool evaluationId={evaluation.id} schoolId={school.id} units={mine ? user.units : data.mayEnter} />
      )}
      <PrintedSheet sheet={sheet} />
    </PlaceProvider>
  );
}

const MINE = 'mine';
const isUndecided = (item: SheetItem) => item.needsAssessor;
