import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ReleaseKey } from '../shared/wire/release.ts';
import { ensureFirstAdministrator, hashToken, newToken } from './access/people.ts';
import type { Context } from './api/context.ts';
import { buildApp, WEB_DIRECTORY } from './app.ts';
import { Editions } from './editions/editions.ts';
import { Ingest } from './ingest/ingest.ts';
import { Downloads } from './installation/downloads.ts';
import { DEFAULT_TIMES, startJudging } from './judging/judging.ts';
import { Live } from './live.ts';
import type { SpeedOptions } from './speed/options.ts';
import { openSqlite, type Store } from './store/sqlite.ts';

export interface CollectorOptions {
  /** Directory of the store. */
  data: string;
  host: string;
  /** 0: any free one. */
  port: number;
  log: Logger;
  /** Edition that scores live sheets while nobody chose one; without it the newest shipped. */
  rubric?: string | undefined;
  /** Cookies over https only; set it behind a TLS proxy. */
  secureCookies?: boolean;
  /** Addresses or networks (CIDR) of proxies on other machines. */
  trustedProxies?: readonly string[];
  /** How often every school is judged anew without a report, ms. */
  sweepMs?: number;
  /** What speed tests may take of the district's line; without it the defaults. */
  speed?: SpeedOptions;
  /** Directory of the installers that people download; default `downloads` of the store's. */
  downloads?: string | undefined;
  /** Public half of the key that signs releases of the agent; without it no release is taken. */
  releaseKey?: ReleaseKey | undefined;
}

export interface Collector {
  /** `http://host:port` */
  address: string;
  /** Page that signs the first administrator in, while this person has no password. */
  signInLink: string | null;
  store: Store;
  close(): Promise<void>;
}

/** Opens the store, listens, and keeps findings true until closed. Throws when the port is taken. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { log, host } = options;
  const store = await openSqlite(options.data);
  const editions = await Editions.open(store, options.rubric).catch(async (error: unknown) => {
    await store.destroy();
    throw error;
  });
  const live = new Live();
  const { sweepMs = DEFAULT_TIMES.sweepMs } = options;
  const againMs = Math.min(DEFAULT_TIMES.againMs, sweepMs);
  const judging = startJudging(options.data, live, log, { ...DEFAULT_TIMES, sweepMs, againMs });
  const linkToken = (await ensureFirstAdministrator(store)) ? newToken() : null;
  const context: Context = {
    store,
    editions,
    ingest: new Ingest(store, (schoolId, isFirst) => {
      judging.touch(schoolId);
      // Somebody who has just installed it is watching; judging comes in its turn.
      if (isFirst) live.publish({ schoolId, at: new Date().toISOString() });
    }),
    live,
    now: Date.now,
    judging,
    evidenceDirectory: join(options.data, 'evidence'),
    releases: { directory: join(options.data, 'releases'), key: options.releaseKey ?? null },
    downloads: new Downloads(options.downloads ?? join(options.data, 'downloads')),
    signInLinkHash: linkToken === null ? null : hashToken(linkToken),
    secureCookies: options.secureCookies ?? false,
  };
  const hasPage = existsSync(join(WEB_DIRECTORY, 'index.html'));
  if (!hasPage) log.warn('the page is not built: npm run build');
  const app = await buildApp(context, {
    logger: log,
    ...(hasPage ? { webDirectory: WEB_DIRECTORY } : {}),
    ...(options.speed ? { speed: options.speed } : {}),
    trustedProxies: options.trustedProxies ?? [],
  });
  const close = async () => {
    await app.close();
    await context.ingest.idle();
    await judging.stop();
    await store.destroy();
  };
  try {
    await app.listen({ host, port: options.port });
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { address, signInLink: linkToken === null ? null : `${address}/dang-nhap#${linkToken}`, store, close };
}
