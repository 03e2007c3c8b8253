import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Changed } from '../api/schemas/overview.ts';

/** Listens for judged schools and refetches what the page shows of them. Answers whether the line is up. */
export function useLive(): boolean {
  const queries = useQueryClient();
  const [up, setUp] = useState(true);
  useEffect(() => {
    const source = new EventSource('/api/v1/live');
    source.addEventListener('open', () => setUp(true));
    source.addEventListener('error', () => setUp(false));
    source.addEventListener('changed', (event: MessageEvent<string>) => {
      const { schoolId } = JSON.parse(event.data) as Changed;
      void queries.invalidateQueries({ queryKey: ['overview'] });
      void queries.invalidateQueries({ queryKey: ['school', schoolId] });
    });
    return () => source.close();
  }, [queries]);
  return up;
}
