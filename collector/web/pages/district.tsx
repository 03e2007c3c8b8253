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
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { Overview, OverviewCell, OverviewSchool } from '../../api/schemas/overview.ts';
import { get } from '../api.ts';
import { type Key, useT } from '../messages/messages.tsx';
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

/** Worst first: most failed rules, then fewest points, then what is undecided. */
const worse = (a: OverviewSchool, b: OverviewSchool) =>
  count(b, 'fail') - count(a, 'fail') ||
  a.standard.points - b.standard.points ||
  count(b, 'insufficient') - count(a, 'insufficient') ||
  a.name.localeCompare(b.name, 'vi');
const count = (school: OverviewSchool, state: string) => school.cells.filter((cell) => cell.state === state).length;

/** Letters without diacritics, so "truong" finds "Trường". */
const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/đ/gi, 'd').toLowerCase();

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
  const [state, setState] = useState('');
  const [order, setOrder] = useState(() => [...overview.schools].sort(worse).map((school) => school.id));
  // Rows keep their place under the cursor; new schools come last until the user sorts again.
  const place = (school: OverviewSchool) => (order.includes(school.id) ? order.indexOf(school.id) : order.length);
  const chosen = FIGURES.find((entry) => entry.id === figure);
  const schools = overview.schools
    .filter((school) => !chosen || chosen.fits(school))
    .filter((school) => plain(`${school.name} ${school.code}`).includes(plain(search)))
    .filter((school) => level === '' || (school.levels as string[]).includes(level))
    .filter((school) => state === '' || school.cells.some((cell) => cell.state === state))
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
                  {overview.rules.map((rule) => (
                    <Table.Th key={rule.id} title={rule.text}>
                      {rule.short}
                      <Text size="xs" fw={400}>
                        {rule.id}
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
                    {school.cells.map((cell) => (
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
                <Group justify="space-between" align="start" wrap="nowrap">
                  <SchoolName school={school} />
                  <Box className="num">
                    <Points school={school} />
                  </Box>
                </Group>
                <Table mt="xs" verticalSpacing={4}>
                  <Table.Tbody>
                    {school.cells.map((cell) => (
                      <Table.Tr key={cell.rule}>
                        <Table.Td>{overview.rules.find((rule) => rule.id === cell.rule)?.short}</Table.Td>
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
          <Badge size="sm" variant="outline" color="gray.8" radius="sm" title={t('practiceLong')}>
            {t('practice')}
          </Badge>
        )}
      </Group>
      <Text size="xs">
        {lastReportAt
          ? t('lastReport', { time: `${formatTime(lastReportAt)} ${formatDate(lastReportAt)}` })
          : t('neverReported')}
      </Text>
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
