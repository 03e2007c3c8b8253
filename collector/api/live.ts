import { fastifySSE } from '@fastify/sse';
import { personOfSession } from '../access/people.ts';
import type { App, Context } from './context.ts';
import { SESSION_COOKIE } from './session.ts';

const HEARTBEAT_MS = 15_000;

/** Server-sent events: `changed` names the school whose findings were judged anew; the page fetches what it shows. */
export async function liveRoutes(app: App, context: Context): Promise<void> {
  await app.register(fastifySSE, { heartbeatInterval: HEARTBEAT_MS });
  app.get('/live', { sse: { kind: 'only' }, config: { needs: 'school', own: 'handler' } }, async (request, reply) => {
    const closed = new AbortController();
    const own = request.person!.schoolId;
    request.raw.once('close', () => closed.abort());
    app.closing.addEventListener('abort', () => closed.abort(), { signal: closed.signal });
    reply.sse.onClose(() => closed.abort());
    // Whoever signs out, or is signed out, must not go on reading.
    const token = request.cookies[SESSION_COOKIE] ?? '';
    const checking = setInterval(async () => {
      const person = await personOfSession(context.store, token, context.now()).catch(() => undefined);
      if (!person) closed.abort();
    }, HEARTBEAT_MS);
    closed.signal.addEventListener('abort', () => clearInterval(checking), { once: true });
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'hello', data: { at: new Date(context.now()).toISOString() } });
    await reply.sse.send(
      (async function* () {
        for await (const change of context.live.changes(closed.signal))
          if (own === null || change.schoolId === own) yield { event: 'changed', data: change };
      })(),
    );
  });
}
