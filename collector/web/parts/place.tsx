import { createContext, useContext } from 'react';
import type { Draft } from '../../api/schemas/evaluation.ts';
import type { ManualFinding } from '../../api/schemas/finding.ts';

/** Where a sheet stands: the live one of a school, or the one of a period. Says what may be entered on it, and where to. */
export interface Place {
  schoolId: string;
  /** Where entries are posted. */
  entries: string;
  /** Address of the exports; the format comes last. */
  exports: string;
  /** Whether the reader enters the items of this assessing unit now. */
  mayEnter(unit: string): boolean;
  /** Every entry for a rule, newest first. */
  history(rule: string): readonly ManualFinding[];
  /** Only in a period: conflicts are told, measurements confirmed, drafts kept. */
  period: { path: string; drafts: readonly Draft[] } | null;
}

const PlaceContext = createContext<Place | null>(null);
export const PlaceProvider = PlaceContext;

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('PlaceProvider is missing');
  return place;
}
