import { formatPoints } from '../../../shared/points.ts';
import type { ManualFinding } from '../../api/schemas/finding.ts';
import type { SheetRule } from '../../api/schemas/scoresheet.ts';
import type { Translate } from '../messages/messages.tsx';

/** What an entry said, in a few words. */
export function sayEntry(entry: ManualFinding, rule: SheetRule, t: Translate): string {
  const gives = rule.shape === 'award' || rule.shape === 'free';
  if (entry.kind === 'withdrawn') return t('entryWithdrawn');
  if (entry.kind === 'confirmed') return t('entryConfirmed');
  if (entry.kind === 'meets') return t(gives ? 'verdictNothing' : 'verdictMeets');
  if (entry.points !== null) return t('entryPoints', { points: formatPoints(entry.points) });
  if (entry.award !== null) return rule.awards.find((candidate) => candidate.id === entry.award)?.label ?? entry.award;
  return entry.count === null ? t('verdictFault') : t('entryCount', { n: entry.count, per: rule.per ?? '' });
}
