import {
  Anchor,
  Badge,
  Box,
  Button,
  Group,
  NativeSelect,
  Paper,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import { formatTime, plain } from '../../../shared/vietnamese.ts';
import type { Overview, OverviewCell, OverviewSchool } from '../../api/schemas/overview.ts';
import { get } from '../api.ts';
import { formatWhen } from '../format.ts';
import { type Key, useT } from '../messages/messages.tsx';
import { Certain } from '../parts/certain.tsx';
import { Show } from '../parts/query.tsx';
import { STATES } from '../parts/state.tsx';

type FigureId = keyof Overview['figures'];
const FIGURES: { id: FigureId; key: Key; fits(school: OverviewSchool): boolean }[] = [
  { id: 'meetingAll', key: 'figMeetingAll', fits: (school) => school.cells.every((cell) => cell.state === 'pass') },
  { id: 'openIncidents', key: 'figIncidents', fits: (school) => school.openIncidents > 0 },
  { id: 'silentAgents', key: 'figSilent', fits: (school) => school.agents.silent > 0 },
  { id: 'slowInternet', key: 'figSlow', fits: (school) => fails(school, 'III.2.2.a') },
  { id: 'withoutAntivirus', key: 'figAntivirus', fits: (school) => fails(school, 'III.3.1.a', 'III.3.1.b') },
];
const fails = (school: OverviewSchool, ...rules: string[]) =>
  school.cells.some((cell) => rules.includes(cell.rule) && cell.state === 'fail');

/**
 * Worst first: fewest points that stand whatever is still to be judged, so that a school that never reported does not
 * look better than one that did; then most failed rules, then fewest points at best.
 */
const worse = (a: OverviewSchool, b: OverviewSchool) =>
  a.standard.least - b.standard.least ||
  count(b, 'fail') - count(a, 'fail') ||
  a.standard.points - b.standard.points ||
  a.name.localeCompare(b.name, 'vi');
const count = (school: OverviewSchool, state: string) => school.cells.filter((cell) => cell.state === state).length;

export function District() {
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<Overview>('/overview', signal),
    placeholderData: keepPreviousData,
  });
  return <Show query={overview}>{(data) => <Schools overview={data} />}</Show>;
}

function Schools({ overview }: { overview: Overview }) {
  const t = useT();
  const [figure, setFigure] = useState<FigureId | null>(null);
  const [search, setSearch] = useState('');
  const [level, setLevel] = useState('');
  const [unit, setUnit] = useState('');
  const [rule, setRule] = useState('');
  const [state, setState] = useState('');
  const [order, setOrder] = useState(() => [...overview.schools].sort(worse).map((school) => school.id));
  // Rows keep their place under the cursor; new schools come last until the user sorts again.
  const place = (school: OverviewSchool) => (order.includes(school.id) ? order.indexOf(school.id) : order.length);
  // A chosen rule is the only column, and the one that the state is asked of.
  const shown = (cells: OverviewCell[]) => cells.filter((cell) => rule === '' || cell.rule === rule);
  const rules = overview.rules.filter(({ id }) => rule === '' || id === rule);
  const units = new Map(overview.schools.map((school) => [school.unit.id, school.unit.name]));
  const chosen = FIGURES.find((entry) => entry.id === figure);
  const schools = overview.schools
    .filter((school) => !chosen || chosen.fits(school))
    .filter((school) => plain(`${school.name} ${school.code}`).includes(plain(search)))
    .filter((school) => level === '' || (school.levels as string[]).includes(level))
    .filter((school) => unit === '' || school.unit.id === unit)
    .filter((school) => state === '' || shown(school.cells).some((cell) => cell.state === state))
    .sort((a, b) => place(a) - place(b));

  return (
    <Stack gap="md">
      <Group justify="space-between" align="baseline">
        <Title order={1} size="h2">
          {t('district')}
        </Title>
        <Text size="sm">{t('updatedAt', { time: formatTime(overview.asOf) })}</Text>
      </Group>
      <div className="figures">
        {FIGURES.map((entry) => (
          <button
            type="button"
            key={entry.id}
            className="figure"
            aria-pressed={figure === entry.id}
            onClick={() => setFigure(figure === entry.id ? null : entry.id)}
          >
            <strong>{overview.figures[entry.id]}</strong>
            {t(entry.key)}
          </button>
        ))}
      </div>
      <Group gap="sm" align="end">
        <TextInput
          label={t('search')}
          placeholder={t('searchHint')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('level')}
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value)}
          data={[
            { value: '', label: t('anyLevel') },
            ...(['preschool', 'primary', 'secondary'] as const).map((value) => ({ value, label: t(value) })),
          ]}
        />
        <NativeSelect
          label={t('unit')}
          value={unit}
          onChange={(event) => setUnit(event.currentTarget.value)}
          data={[
            { value: '', label: t('anyUnit') },
            ...[...units].sort(([, a], [, b]) => a.localeCompare(b, 'vi')).map(([value, label]) => ({ value, label })),
          ]}
        />
        <NativeSelect
          label={t('ruleFilter')}
          value={rule}
          onChange={(event) => setRule(event.currentTarget.value)}
          data={[
            { value: '', label: t('anyRule') },
            ...overview.rules.map(({ id, short }) => ({ value: id, label: `${id} ${short}` })),
          ]}
        />
        <NativeSelect
          label={t('stateFilter')}
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
          data={[
            { value: '', label: t('anyState') },
            ...(['fail', 'insufficient', 'pass'] as const).map((value) => ({ value, label: t(STATES[value].key) })),
          ]}
        />
        <Button
          variant="default"
          onClick={() => setOrder([...overview.schools].sort(worse).map((school) => school.id))}
        >
          {t('sortNow')}
        </Button>
      </Group>
      {chosen && (
        <Group gap="xs">
          <Text size="sm">{t('filterOn', { name: t(chosen.key) })}</Text>
          <Button size="compact-sm" variant="light" onClick={() => setFigure(null)}>
            {t('filterOff')}
          </Button>
        </Group>
      )}
      {overview.schools.length === 0 ? (
        <Text>{t('noSchools')}</Text>
      ) : schools.length === 0 ? (
        <Text>{t('noMatch')}</Text>
      ) : (
        <>
          <Paper withBorder className="wide-table scroll">
            <Table className="cell-table" verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('school')}</Table.Th>
                  <Table.Th className="num">{t('standard3')}</Table.Th>
                  {rules.map(({ id, short, text }) => (
                    <Table.Th key={id} title={text}>
                      {short}
                      <Text size="xs" fw={400}>
                        {id}
                      </Text>
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {schools.map((school) => (
                  <Table.Tr key={school.id}>
                    <Table.Td>
                      <SchoolName school={school} />
                    </Table.Td>
                    <Table.Td className="num">
                      <Points school={school} />
                    </Table.Td>
                    {shown(school.cells).map((cell) => (
                      <Table.Td key={cell.rule}>
                        <Cell cell={cell} />
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Paper>
          <div className="school-cards">
            {schools.map((school) => (
              <Paper withBorder p="sm" mb="sm" key={school.id}>
                <SchoolName school={school} />
                <Box mt={4}>
                  <Points school={school} />
                </Box>
                <Table mt="xs" verticalSpacing={4}>
                  <Table.Tbody>
                    {shown(school.cells).map((cell) => (
                      <Table.Tr key={cell.rule}>
                        <Table.Td>{overview.rules.find(({ id }) => id === cell.rule)?.short}</Table.Td>
                        <Table.Td>
                          <Cell cell={cell} />
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Paper>
            ))}
          </div>
          <Text size="sm">{t('schoolsShown', { n: schools.length })}</Text>
        </>
      )}
    </Stack>
  );
}

function SchoolName({ school }: { school: OverviewSchool }) {
  const t = useT();
  const { lastReportAt } = school.agents;
  return (
    <>
      <Anchor component={Link} href={`/truong/${school.id}`} fw={600}>
        {school.name}
      </Anchor>
      <Group gap={6}>
        <Text size="xs">{school.unit.name}</Text>
        {school.practice && (
          <Badge
            size="sm"
            variant="outline"
            color="gray.8"
            radius="sm"
            className="whole-badge"
            title={t('practiceLong')}
          >
            {t('practice')}
          </Badge>
        )}
      </Group>
      <Text size="xs">{lastReportAt ? t('lastReport', { time: formatWhen(lastReportAt) }) : t('neverReported')}</Text>
    </>
  );
}

function Points({ school }: { school: OverviewSchool }) {
  const t = useT();
  const { points, max, undecided } = school.standard;
  return (
    <>
      <Text fw={600} span>
        {formatPoints(points)}/{formatPoints(max)}
      </Text>
      <Certain standard={school.standard} />
      {undecided > 0 && (
        <Text size="xs" title={t('provisional', { n: undecided })}>
          {t('provisionalShort', { n: undecided })}
        </Text>
      )}
    </>
  );
}

/** A state with its figure; a change since the last drawing is marked for a moment. */
function Cell({ cell }: { cell: OverviewCell }) {
  const t = useT();
  const { key, sign } = STATES[cell.state];
  const now = `${cell.state}|${cell.figure}`;
  const before = useRef(now);
  const changes = useRef(0);
  if (before.current !== now) {
    before.current = now;
    changes.current++;
  }
  return (
    <div
      key={changes.current}
      className={`rule-cell rule-${cell.state} ${changes.current > 0 ? 'fresh' : ''}`}
      title={cell.verdict}
    >
      <b>
        {sign} {t(key)}
      </b>
      {cell.figure}
    </div>
  );
}
