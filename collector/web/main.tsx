import '@mantine/core/styles.css';
import './style.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiFailure } from './api.ts';
import { App } from './app.tsx';
import { MessagesProvider } from './messages/messages.tsx';
import { Boundary } from './parts/boundary.tsx';

/** Refetched at this pace even when no live message came: silence of an agent shows by itself. */
const REFETCH_MS = 30_000;

/** Failures that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['no-answer', 'not-ready']);

const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: 8,
  fontFamily: 'system-ui, "Segoe UI", "Noto Sans", Arial, sans-serif',
  defaultRadius: 'md',
});
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchInterval: REFETCH_MS,
      // A collector that is busy, or a line that is gone for a moment, is asked again before anybody reads of it.
      retry: (count, error) => count < 4 && error instanceof ApiFailure && PASSING.has(error.code),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} forceColorScheme="light">
      <QueryClientProvider client={queries}>
        <MessagesProvider>
          <Boundary>
            <App />
          </Boundary>
        </MessagesProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
