import { useEffect, useRef, useState } from 'react';
import { put, remove } from '../api.ts';
import { usePlace } from './place.tsx';

/** A draft goes to the collector this long after the last letter, ms. */
const PAUSE_MS = 600;

export interface KeptDraft {
  /** What this reader had typed before, or null. */
  before: Readonly<Record<string, string>> | null;
  state: 'none' | 'saving' | 'saved' | 'failed';
  /** Forgets what was typed. */
  drop(): void;
}

/** Keeps a form's fields as they are typed; on the live sheet, which has no drafts, it does nothing. */
export function useDraft(
  rule: string,
  fields: Readonly<Record<string, string>>,
  before: KeptDraft['before'],
): KeptDraft {
  const { period } = usePlace();
  const path = period && `${period.path}/drafts/${encodeURIComponent(rule)}`;
  const [state, setState] = useState<KeptDraft['state']>('none');
  const text = JSON.stringify(fields);
  const kept = useRef(text);
  const dropped = useRef(false);
  useEffect(() => {
    if (path === null || text === kept.current) return;
    const save = () => {
      if (dropped.current || text === kept.current) return;
      kept.current = text;
      setState('saving');
      put(path, { fields: JSON.parse(text) }).then(
        () => setState('saved'),
        () => setState('failed'),
      );
    };
    const timer = setTimeout(save, PAUSE_MS);
    // What was typed just before the page goes away is kept too.
    addEventListener('pagehide', save);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', save);
    };
  }, [path, text]);
  const drop = () => {
    dropped.current = true;
    if (path !== null && (before !== null || state !== 'none')) remove(path).catch(() => undefined);
  };
  return { before, state, drop };
}

/** The reader's own draft of a rule. */
export function useOwnDraft(rule: string): KeptDraft['before'] {
  const { period } = usePlace();
  return period?.drafts.find((draft) => draft.rule === rule && draft.fields !== null)?.fields ?? null;
}
