import { httpLine } from './http-line.ts';
import type { Provider } from './provider.ts';

/** Any list of addresses that serve large files; `uploads`: addresses that take a POST of any size. */
export const http = (downloads: readonly string[], uploads: readonly string[] = []): Provider => ({
  name: 'http',
  open: async () => ({ line: httpLine({ downloads, uploads }) }),
});
