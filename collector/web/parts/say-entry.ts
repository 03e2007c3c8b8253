import { formatPoints } from '../../../shared/points.ts';
import type { ManualFinding } from '../../api/schemas/finding.ts';
import type { SheetRule } from '../../api/schemas/scoresheet.ts';
import { gives } from '../entry-fields.ts';
import type { Translate } from '../messages/messages.tsx';

/** What an entry said, in a few words. */
export function sayEntry(entry: ManualFinding, rule: SheetRule, t: Translate): string {
  if (entry.kind === 'withdrawn') return t('entryWithdrawn');
  if (entry.kind === 'confirmed') return t('entryConfirmed');
  if (entry.kind === 'meets') return t(gives(rule) ? 'verdictNothing' : 'verdictMeets');
  const counted =
    entry.count === null
      ? null
      : t('entryCount', {
          n: entry.of === null ? entry.count : `${entry.count}/${entry.of}`,
          per: rule.per ?? '',
        }).trim();
  if (entry.points !== null) {
    const points = t(gives(rule) ? 'entryPoints' : 'entryTaken', { points: formatPoints(entry.points) });
    return counted === null ? points : `${counted}: ${points}`;
  }
  if (entry.award !== null) return rule.awards.find((candidate) => candidate.id === entry.award)?.label ?? entry.award;
  return counted ?? t('verdictFault');
}
