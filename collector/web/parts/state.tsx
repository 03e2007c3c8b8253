import { Badge, type MantineColor } from '@mantine/core';
import type { FindingState } from '../../api/schemas/common.ts';
import { type Key, useT } from '../messages/messages.tsx';

/** The four states: a word and a shape always go with the colour (colour-blind readers, black-and-white prints). */
export const STATES: Record<FindingState, { key: Key; sign: string; color: MantineColor }> = {
  pass: { key: 'statePass', sign: '✓', color: 'teal' },
  fail: { key: 'stateFail', sign: '✕', color: 'red' },
  insufficient: { key: 'stateInsufficient', sign: '?', color: 'gray' },
  manual: { key: 'stateManual', sign: '✎', color: 'gray' },
};

export function StateBadge({ state, borderline = false }: { state: FindingState; borderline?: boolean }) {
  const t = useT();
  const { key, sign, color } = STATES[state];
  return (
    <Badge color={color} c={`${color}.9`} variant="light" radius="sm" className={`state state-${state}`}>
      {sign} {t(key)}
      {borderline ? ` (${t('borderline')})` : ''}
    </Badge>
  );
}
