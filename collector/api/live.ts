import { fastifySSE } from '@fastify/sse';
import type { App, Context } from './context.ts';

const HEARTBEAT_MS = 15_000;

/** Server-sent events: `changed` names the school whose findings were judged anew; the page fetches what it shows. */
export async function liveRoutes(app: App, context: Context): Promise<void> {
  await app.register(fastifySSE, { heartbeatInterval: HEARTBEAT_MS });
  app.get('/live', { sse: { kind: 'only' }, config: { needs: 'viewer' } }, async (request, reply) => {
    const closed = new AbortController();
    request.raw.once('close', () => closed.abort());
    app.closing.addEventListener('abort', () => closed.abort(), { signal: closed.signal });
    reply.sse.onClose(() => closed.abort());
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'hello', data: { at: new Date(context.now()).toISOString() } });
    await reply.sse.send(
      (async function* () {
        for await (const change of context.live.changes(closed.signal)) yield { event: 'changed', data: change };
      })(),
    );
  });
}
