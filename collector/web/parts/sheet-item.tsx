import { Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import type { SheetItem as Item } from '../../api/schemas/scoresheet.ts';
import { useT } from '../messages/messages.tsx';
import { usePlace } from './place.tsx';
import { sourceKey } from './sheet-print.tsx';
import { ReadingNote, SheetRule } from './sheet-rule.tsx';

/** One item of the sheet with its rules. `more`: what the place adds to it (evidence, comments). */
export function SheetItem({ item, more }: { item: Item; more?: ReactNode }) {
  const t = useT();
  const { mayEnter } = usePlace();
  return (
    <section className="sheet-item" aria-label={item.id} id={`muc-${item.id}`}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="md">
        <div>
          <Group gap={8}>
            <Text fw={600}>{item.id}</Text>
            <Badge size="sm" variant="outline" color="gray.8" radius="sm" className="whole-badge">
              {t(sourceKey(item))}
            </Badge>
            {item.needsAssessor && <Text size="xs">{t('needsAssessor')}</Text>}
          </Group>
          {item.text.map((line) => (
            <Text size="sm" key={line}>
              {line}
            </Text>
          ))}
          <Text size="xs">{t('assessedBy', { unit: item.unit })}</Text>
          <ReadingNote reading={item.reading} />
        </div>
        <Text fw={700} className="num">
          {formatPoints(item.points)}/{formatPoints(item.max)}
        </Text>
      </Group>
      {item.rules.map((rule) => (
        <SheetRule key={rule.id} rule={rule} max={item.max} mayEnter={mayEnter(item.unit)} />
      ))}
      {more}
    </section>
  );
}
