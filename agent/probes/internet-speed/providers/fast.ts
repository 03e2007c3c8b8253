import { type FastOptions, fastServers } from './fast-servers.ts';
import { httpLine } from './http-line.ts';
import type { Provider } from './provider.ts';

/** The nearby servers behind fast.com, found by fast-speedtest-api and measured by our own engine. Their page sends to the same addresses. */
export const fast = (options: Pick<FastOptions, 'token' | 'fastUrl'>): Provider => ({
  name: 'fast',
  open: async ({ kept, signal }) => {
    const found = await fastServers({ ...options, kept, signal });
    if ('outcome' in found) return found;
    return { line: httpLine({ downloads: found.urls, uploads: found.urls }) };
  },
});
