import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Changed } from '../api/schemas/overview.ts';

/** Least time between two looks at a period's whole, ms. */
const EVALUATIONS_MS = 2000;

/** Listens for judged schools and refetches what the page shows of them. Answers whether the line is up. */
export function useLive(): boolean {
  const queries = useQueryClient();
  const [up, setUp] = useState(true);
  useEffect(() => {
    let evaluations: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource('/api/v1/live');
    source.addEventListener('open', () => setUp(true));
    source.addEventListener('error', () => setUp(false));
    source.addEventListener('changed', (event: MessageEvent<string>) => {
      const { schoolId } = JSON.parse(event.data) as Changed;
      void queries.invalidateQueries({ queryKey: ['overview'] });
      void queries.invalidateQueries({ queryKey: ['school', schoolId] });
      void queries.invalidateQueries({ queryKey: ['installation', schoolId] });
      // A period answers for every school at once: while hundreds are judged it is asked for now and then.
      evaluations ??= setTimeout(() => {
        evaluations = undefined;
        void queries.invalidateQueries({ queryKey: ['evaluations'] });
      }, EVALUATIONS_MS);
    });
    return () => {
      clearTimeout(evaluations);
      source.close();
    };
  }, [queries]);
  return up;
}
