import { join } from 'node:path';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyReply, LogController } from 'fastify';
import { personOfSession } from './access/people.ts';
import { agentRoutes } from './api/agents.ts';
import { auditRoutes } from './api/audit.ts';
import type { App, Context } from './api/context.ts';
import { districtRoutes } from './api/district.ts';
import { draftRoutes } from './api/drafts.ts';
import { editionRoutes } from './api/editions.ts';
import { answerError, Problem } from './api/errors.ts';
import { evaluationRoutes } from './api/evaluations.ts';
import { findingRoutes } from './api/findings.ts';
import { importRoutes } from './api/imports.ts';
import { installationRoutes } from './api/installation.ts';
import { inventoryRoutes } from './api/inventory.ts';
import { licenceRoutes } from './api/licences.ts';
import { liveRoutes } from './api/live.ts';
import { machineRoutes } from './api/machines.ts';
import { overviewRoutes } from './api/overview.ts';
import { peopleRoutes } from './api/people.ts';
import { proposalRoutes } from './api/proposals.ts';
import { releaseFileRoutes } from './api/release-files.ts';
import { releaseRoutes } from './api/releases.ts';
import { reportRoutes } from './api/reports.ts';
import type { Role } from './api/schemas/session.ts';
import { schoolRoutes } from './api/schools.ts';
import { SESSION_COOKIE, sessionRoutes } from './api/session.ts';
import { sheetRoutes } from './api/sheets.ts';
import { speedRoutes } from './api/speed.ts';
import { DEFAULT_SPEED, type SpeedOptions } from './speed/options.ts';

const BODY_LIMIT = 64 * 1024;
/** Longest that a client may take to send a request. */
const REQUEST_MS = 30_000;
/** What a speed test's last upload may take beyond its turn, until Node looks at its connections again. */
const AFTER_TURN_MS = 10_000;
/** From one address: a whole office of assessors with live pages may sit behind it. */
const REQUESTS_A_MINUTE = 12_000;
/** API requests are refused while the event loop is late by more than this, ms, but for the first moments of listening. */
const BUSY_MS = 2000;
const WARM_UP_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;
const RANK: Record<Role | 'nobody', number> = { nobody: 0, school: 1, viewer: 2, assessor: 3, admin: 4 };

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborts when the app closes: what streams must end then. */
    closing: AbortSignal;
  }
}

export interface AppOptions {
  logger?: FastifyBaseLogger;
  /** Directory of the built web page; absent: the API alone. */
  webDirectory?: string;
  /** Addresses or networks of proxies on other machines, whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[];
  /** What speed tests may take of the district's line. */
  speed?: SpeedOptions;
}

/** Builds the Fastify app and listens to nothing, so tests can inject into it. */
export async function buildApp(context: Context, options: AppOptions = {}): Promise<App> {
  const { speed = DEFAULT_SPEED, trustedProxies = [] } = options;
  const app: App = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    bodyLimit: BODY_LIMIT,
    // Node knows one time for all requests; an upload may last as long as its turn, the head of any request may not.
    requestTimeout: Math.max(REQUEST_MS, speed.enabled ? speed.maxSeconds * 1000 + AFTER_TURN_MS : 0),
    http: { headersTimeout: REQUEST_MS },
    // Behind a proxy on this machine every request would come from one address, and one stranger could use up all limits.
    trustProxy: ['loopback', ...trustedProxies],
    forceCloseConnections: true,
    logController: new LogController({ disableRequestLogging: true }),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Starting itself holds up the event loop, which says nothing about the load.
  let listeningAt = Number.POSITIVE_INFINITY;
  app.addHook('onListen', async () => {
    listeningAt = performance.now();
  });
  const refuseWhenBusy = async (_request: unknown, reply: FastifyReply) => {
    if (performance.now() - listeningAt < WARM_UP_MS) return;
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    throw new Problem('not-ready', 'máy chủ đang bận, hãy thử lại sau');
  };
  const closing = new AbortController();
  app.decorate('closing', closing.signal);
  app.addHook('preClose', async () => closing.abort());
  app.setErrorHandler<FastifyError>(answerError);

  await app.register(helmet, {
    // Mantine writes its variables into style elements; the page is served over plain http inside a school or district.
    contentSecurityPolicy: {
      directives: { 'style-src': ["'self'", "'unsafe-inline'"], 'upgrade-insecure-requests': null },
    },
    hsts: context.secureCookies,
  });
  await app.register(rateLimit, { max: REQUESTS_A_MINUTE, timeWindow: '1 minute' });
  await app.register(cookie);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'THĐT collector', version: '1' } },
  });

  app.get('/healthz', { config: { needs: 'nobody' } }, async () => {
    await context.store.selectFrom('school').select('id').limit(1).execute();
    return { status: 'ok' };
  });

  await app.register(
    async (instance) => {
      const api = instance as unknown as App;
      // The page's own files are served all the same: a page that loads can say that the server is busy.
      await instance.register(underPressure, { maxEventLoopDelay: BUSY_MS, pressureHandler: refuseWhenBusy });
      guard(api, context);
      api.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
        done(null, body),
      );
      api.get('/openapi.json', { schema: { hide: true }, config: { needs: 'nobody' } }, () => api.swagger());
      sessionRoutes(api, context);
      overviewRoutes(api, context);
      schoolRoutes(api, context);
      sheetRoutes(api, context);
      findingRoutes(api, context);
      inventoryRoutes(api, context);
      proposalRoutes(api, context);
      licenceRoutes(api, context);
      machineRoutes(api, context);
      installationRoutes(api, context);
      agentRoutes(api, context);
      reportRoutes(api, context);
      releaseRoutes(api, context);
      releaseFileRoutes(api, context);
      peopleRoutes(api, context);
      editionRoutes(api, context);
      evaluationRoutes(api, context);
      draftRoutes(api, context);
      districtRoutes(api, context);
      importRoutes(api, context);
      auditRoutes(api, context);
      speedRoutes(api, context, speed);
      await liveRoutes(api, context);
    },
    { prefix: '/api/v1' },
  );

  const { webDirectory } = options;
  if (webDirectory)
    await app.register(fastifyStatic, {
      root: webDirectory,
      cacheControl: false,
      // Names of assets change with their content; the document that names them must be asked for each time.
      setHeaders: (reply, path) => {
        reply.header('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable');
      },
    });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const isPage =
      request.method === 'GET' && !request.url.startsWith('/api/') && !/\.\w+$/.test(request.url.split('?')[0]!);
    // The page routes by itself: every address of it is the same document.
    if (webDirectory && isPage) return reply.sendFile('index.html');
    throw new Problem('not-found', 'không có địa chỉ này');
  });
  await app.ready();
  return app;
}

/** Lets in whoever has the right that the route names. Without a name only administrators pass. */
function guard(api: App, context: Context): void {
  api.decorateRequest('person', null);
  // After the rate limit, which is an onRequest hook of each route, and before the body is read.
  api.addHook('preParsing', async (request) => {
    const needs = request.routeOptions.config.needs ?? 'admin';
    if (needs === 'nobody') return;
    const token = request.cookies[SESSION_COOKIE];
    const person = token ? await personOfSession(context.store, token, context.now()) : undefined;
    if (!person) throw new Problem('signed-out', 'chưa đăng nhập hoặc phiên đã hết hạn: hãy đăng nhập');
    const { own } = request.routeOptions.config;
    const isOwn = own === 'handler' || (own && (request.params as Record<string, string>)[own] === person.schoolId);
    const isStranger = person.role === 'school' && !isOwn;
    if (RANK[person.role] < RANK[needs] || isStranger)
      throw new Problem('no-rights', 'tài khoản này không có quyền làm việc đó');
    // A form on another site can send the cookie, but not this header (OWASP: custom request headers).
    if (request.method !== 'GET' && request.headers['x-thdt'] === undefined)
      throw new Problem('no-rights', 'thiếu tiêu đề x-thdt');
    request.person = person;
  });
}

/** Where `vite build` puts the page. */
export const WEB_DIRECTORY = join(import.meta.dirname, 'web', 'dist');
