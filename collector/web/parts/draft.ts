import { useEffect, useRef, useState } from 'react';
import { put, remove } from '../api.ts';
import { usePlace } from './place.tsx';

/** A draft goes to the collector this long after the last letter, ms. */
const PAUSE_MS = 600;

type Fields = Readonly<Record<string, string>>;
export interface KeptDraft {
  state: 'none' | 'saving' | 'saved' | 'failed';
  /** Keeps nothing more; resolves when what was on its way has arrived. Ask it before an entry is sent. */
  hold(): Promise<void>;
  /** Goes on keeping, after an entry was refused. */
  release(): void;
  /** Forgets what was typed. */
  drop(): void;
}

/** Keeps a form's fields as they are typed; on the live sheet, which has no drafts, it does nothing. */
export function useDraft(rule: string, fields: Fields, before: Fields | null): KeptDraft {
  const { period } = usePlace();
  const path = period && `${period.path}/drafts/${encodeURIComponent(rule)}`;
  const [state, setState] = useState<KeptDraft['state']>('none');
  const text = JSON.stringify(fields);
  const now = useRef({ text, kept: text, isHeld: false, sending: Promise.resolve() });
  now.current.text = text;
  const save = useRef(() => {});
  save.current = () => {
    const own = now.current;
    if (path === null || own.isHeld || own.text === own.kept) return;
    own.kept = own.text;
    setState('saving');
    own.sending = put(path, { fields: JSON.parse(own.text) }).then(
      () => setState('saved'),
      () => setState('failed'),
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each letter starts the pause anew
  useEffect(() => {
    const timer = setTimeout(() => save.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  // What was typed just before the page, or this form, goes away is kept too.
  useEffect(() => {
    const keep = () => save.current();
    addEventListener('pagehide', keep);
    return () => {
      removeEventListener('pagehide', keep);
      keep();
    };
  }, []);
  return {
    state,
    hold: () => {
      now.current.isHeld = true;
      return now.current.sending;
    },
    release: () => {
      now.current.isHeld = false;
    },
    drop: () => {
      now.current.isHeld = true;
      if (path !== null && (before !== null || state !== 'none'))
        void now.current.sending.then(() => remove(path)).catch(() => undefined);
    },
  };
}

/** The reader's own draft of a rule. */
export function useOwnDraft(rule: string): Fields | null {
  const { period } = usePlace();
  return period?.drafts.find((draft) => draft.rule === rule && draft.fields !== null)?.fields ?? null;
}
