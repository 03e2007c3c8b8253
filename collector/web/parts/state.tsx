import { Badge, type MantineColor } from '@mantine/core';
import type { FindingState } from '../../api/schemas/common.ts';
import { type Key, useT } from '../messages/messages.tsx';

/** The four states: a word and a shape always go with the colour (colour-blind readers, black-and-white prints). */
export const STATES: Record<FindingState, { key: Key; sign: string; color: MantineColor; ink: string }> = {
  pass: { key: 'statePass', sign: '✓', color: 'teal', ink: '#05503a' },
  fail: { key: 'stateFail', sign: '✕', color: 'red', ink: '#8f1d1d' },
  insufficient: { key: 'stateInsufficient', sign: '?', color: 'gray', ink: '#343a40' },
  manual: { key: 'stateManual', sign: '✎', color: 'gray', ink: '#343a40' },
};

export function StateBadge({ state, borderline = false }: { state: FindingState; borderline?: boolean }) {
  const t = useT();
  const { key, sign, color, ink } = STATES[state];
  return (
    <Badge color={color} c={ink} variant="light" radius="sm" className={`state state-${state}`}>
      {sign} {t(key)}
      {borderline ? ` (${t('borderline')})` : ''}
    </Badge>
  );
}
