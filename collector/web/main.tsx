import '@mantine/core/styles.css';
import '@mantine/charts/styles.css';
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
      retry: (count, error) => count < 2 && error instanceof ApiFailure && error.code === 'no-answer',
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
