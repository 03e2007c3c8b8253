import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CalendarShape } from '../../api/schemas/school.ts';
import { put } from '../api.ts';
import { formatLocalDate } from '../format.ts';
import { type Key, useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

/** Monday first, as weeks are read here; the numbers are those of Date.getDay. */
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0];
const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;

interface Hours {
  open: boolean;
  from: string;
  to: string;
}

/** A school's hours by weekday and its closed days: only school hours are judged. */
export function CalendarForm({ path, calendar }: { path: string; calendar: CalendarShape }) {
  const t = useT();
  const [week, setWeek] = useState<Hours[]>(() =>
    calendar.week.map((hours) => ({
      open: hours !== null,
      from: asTime(hours?.[0] ?? 7 * 60),
      to: asTime(hours?.[1] ?? 17 * 60),
    })),
  );
  const [closed, setClosed] = useState(() => calendar.closed.map((range, key) => ({ ...range, key })));
  const hoursWrong = ({ open, from, to }: Hours) => open && !(minutesOf(from) < minutesOf(to));
  const closedWrong = ({ from, to }: { from: string; to: string }) => from === '' || to === '' || from > to;
  const body = (): CalendarShape => ({
    week: week.map(({ open, from, to }) => (open ? [minutesOf(from), minutesOf(to)] : null)),
    closed: closed.map(({ from, to }) => ({ from, to })),
  });
  const changeDay = (day: number, change: Partial<Hours>) =>
    setWeek(week.map((hours, index) => (index === day ? { ...hours, ...change } : hours)));
  const changeRange = (key: number, change: Partial<{ from: string; to: string }>) =>
    setClosed(closed.map((range) => (range.key === key ? { ...range, ...change } : range)));

  return (
    <ActForm
      act={() => put(`${path}/calendar`, body())}
      label={t('saveCalendar')}
      disabled={week.some(hoursWrong) || closed.some(closedWrong)}
    >
      <Text size="sm">{t('calendarHelp')}</Text>
      {WEEKDAYS.map((day) => {
        const hours = week[day]!;
        const name = t(`weekday_${day}` as Key);
        return (
          <Group key={day} gap="xs" className="day-row">
            <Checkbox
              className="day-name"
              label={name}
              checked={hours.open}
              onChange={(event) => changeDay(day, { open: event.currentTarget.checked })}
            />
            {hours.open ? (
              <>
                <TextInput
                  size="xs"
                  w={64}
                  aria-label={t('opens', { day: name })}
                  value={hours.from}
                  onChange={(event) => changeDay(day, { from: event.currentTarget.value })}
                />
                <Text size="sm" span>
                  –
                </Text>
                <TextInput
                  size="xs"
                  w={64}
                  aria-label={t('closes', { day: name })}
                  value={hours.to}
                  onChange={(event) => changeDay(day, { to: event.currentTarget.value })}
                />
                {hoursWrong(hours) && (
                  <Text size="sm" c="red.9" role="alert">
                    {t('hoursWrong')}
                  </Text>
                )}
              </>
            ) : (
              <Text size="sm">{t('dayClosed')}</Text>
            )}
          </Group>
        );
      })}
      <Text size="sm" fw={600} mt="xs">
        {t('closedDays')}
      </Text>
      {closed.length === 0 && <Text size="sm">{t('noClosedDays')}</Text>}
      {closed.map((range) => (
        <Group key={range.key} gap="xs" align="end">
          <TextInput
            type="date"
            size="xs"
            label={t('closedFrom')}
            value={range.from}
            onChange={(event) => changeRange(range.key, { from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            size="xs"
            label={t('closedTo')}
            value={range.to}
            onChange={(event) => changeRange(range.key, { to: event.currentTarget.value })}
          />
          <Text size="sm" c={closedWrong(range) ? 'red.9' : 'dark'} className="range-said">
            {closedWrong(range) ? t('closedWrong') : sayRange(range, t('days', { n: daysOf(range) }))}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`${t('removeClosed')} ${formatLocalDate(range.from)}`}
            onClick={() => setClosed(closed.filter((other) => other.key !== range.key))}
          >
            {t('removeClosed')}
          </Button>
        </Group>
      ))}
      <Button
        variant="light"
        size="compact-sm"
        w="fit-content"
        onClick={() => setClosed([...closed, { from: '', to: '', key: Math.max(-1, ...closed.map((r) => r.key)) + 1 }])}
      >
        {t('addClosed')}
      </Button>
    </ActForm>
  );
}

const asTime = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
/** "7:30" or "07:30", to 24:00; anything else is NaN, before and after nothing. */
const minutesOf = (time: string): number => {
  const [, hours, minutes] = /^(\d{1,2}):([0-5]\d)$/.exec(time.trim()) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= DAY_MINUTES ? total : Number.NaN;
};

const daysOf = ({ from, to }: { from: string; to: string }) =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
const sayRange = ({ from, to }: { from: string; to: string }, days: string) =>
  `${formatLocalDate(from)} – ${formatLocalDate(to)} (${days})`;
