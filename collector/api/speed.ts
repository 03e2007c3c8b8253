import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JWK } from 'jose';
import Type from 'typebox';
import { REPORT_CONTENT_TYPE, RefusedError } from '../../shared/wire/report.ts';
import { claimedAgent, verifyClaims } from '../../shared/wire/signature.ts';
import {
  MAX_SPEED_STREAMS,
  MAX_TURN_REQUEST_BYTES,
  SPEED_TYP,
  SpeedAddress,
  SpeedTurn,
  SpeedUpload,
} from '../../shared/wire/speed.ts';
import { Downloads, LINGER_MS } from '../speed/download.ts';
import type { SpeedOptions } from '../speed/options.ts';
import { Seen } from '../speed/seen.ts';
import { type Turn, Turns } from '../speed/turns.ts';
import { receive } from '../speed/upload.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';

/** How far an agent's clock may be from ours, ms. */
const MOST_SKEW_MS = 10 * 60_000;
const Token = Type.Object({ token: Type.String({ minLength: 1, maxLength: 64 }) }, { additionalProperties: false });
/** A hundred schools may stand behind one address of the network's provider. */
const limited = { needs: 'nobody', rateLimit: { max: 1200, timeWindow: '1 minute' } } as const;

/** The district's own server for speed tests of its agents; what it may take of the line stands in `SpeedOptions`. */
export function speedRoutes(app: App, context: Context, options: SpeedOptions): void {
  const { store, now } = context;
  const turns = new Turns(options);
  const seen = new Seen();
  const downloads = new WeakMap<Turn, Downloads>();
  app.closing.addEventListener('abort', () => turns.close(), { once: true });

  /** The active agent that signed this, now and for the first time. Throws RefusedError as for reports, or Problem. */
  async function signedBy(jws: string): Promise<string> {
    const agentId = claimedAgent(jws, SPEED_TYP);
    const agent = await store
      .selectFrom('agent')
      .select(['public_key', 'status'])
      .where('id', '=', agentId)
      // The PCs of a school measure no line, and there are many of them.
      .where('kind', '=', 'site')
      .executeTakeFirst();
    if (!agent) throw new RefusedError('agent-unknown', `không có tác tử ${agentId}: đăng ký lại tác tử ở máy này`);
    const claims = await verifyClaims(SPEED_TYP, jws, agentId, JSON.parse(agent.public_key) as JWK);
    // Only after the signature: whoever does not hold the key learns nothing about the agent's standing.
    if (agent.status !== 'active')
      throw new RefusedError('agent-revoked', 'tác tử đã bị thu hồi: xin mã cài đặt mới rồi đăng ký lại');
    const at = Date.parse(claims.at);
    if (Math.abs(at - now()) > MOST_SKEW_MS)
      throw new Problem('signature-stale', 'giờ trong chữ ký lệch quá 10 phút: hãy chỉnh đồng hồ của máy chạy tác tử');
    // Of the signed part alone: the same signature can be spelt in more than one way (RFC 4648, 3.5).
    const digest = createHash('sha256')
      .update(jws.slice(0, jws.lastIndexOf('.')))
      .digest('base64');
    const use = seen.take(agentId, digest, now(), at + MOST_SKEW_MS);
    if (use === 'used') throw new Problem('signature-used', 'chữ ký này đã được dùng: hãy ký lại yêu cầu');
    if (use === 'full') throw new Problem('speed-often', 'tác tử hỏi lượt đo quá nhiều, hãy thử lại sau 10 phút');
    return agentId;
  }

  function requireTurn(token: string): Turn {
    const turn = turns.find(token);
    if (!turn) throw new Problem('speed-lapsed', 'lượt đo đã hết: hãy xin lượt mới');
    return turn;
  }

  function enter(token: string): Turn {
    const turn = requireTurn(token);
    if (!turn.enter())
      throw new Problem('speed-streams', `mỗi lượt đo chỉ mở ${MAX_SPEED_STREAMS} luồng cùng lúc: hãy bớt luồng`);
    return turn;
  }

  app.post(
    '/speed/turn',
    { bodyLimit: MAX_TURN_REQUEST_BYTES, schema: { response: { 200: SpeedTurn } }, config: limited },
    async (request, reply): Promise<SpeedTurn> => {
      if (!options.enabled)
        throw new Problem('speed-off', 'máy chủ này không nhận đo tốc độ: chọn máy chủ đo khác trong cấu hình tác tử');
      if (typeof request.body !== 'string')
        throw new RefusedError('report-malformed', `yêu cầu phải có content-type ${REPORT_CONTENT_TYPE}`);
      const turn = turns.take(await signedBy(request.body));
      if ('why' in turn) {
        reply.header('retry-after', turn.retryAfterSeconds);
        throw turn.why === 'busy'
          ? new Problem('speed-busy', 'máy khác đang đo: mỗi lúc chỉ một máy, hãy thử lại sau')
          : new Problem('speed-often', `mỗi máy chỉ được đo ${options.turnsPerHour} lần một giờ, hãy thử lại sau`);
      }
      const { maxSeconds, maxBytes, limitMbps } = options;
      const expiresAt = new Date(now() + maxSeconds * 1000).toISOString();
      reply.header('cache-control', 'no-store');
      return { token: turn.token, expiresAt, maxSeconds, maxBytes, limitMbps };
    },
  );

  app.delete(
    '/speed/turn',
    { schema: { querystring: Token, response: { 204: Type.Null() } }, config: limited },
    async (request, reply) => {
      turns.release(request.query.token);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/speed/download',
    // Without HEAD: it would count bytes that nobody gets.
    { exposeHeadRoute: false, schema: { querystring: Token }, config: limited },
    async (request, reply) => {
      const turn = enter(request.query.token);
      const own = downloads.get(turn) ?? new Downloads(turn);
      downloads.set(turn, own);
      // Sent as the pace allows, not as a stream that fills buffers.
      reply.hijack();
      own.add(reply.raw);
    },
  );

  app.get(
    '/speed/address',
    { schema: { response: { 200: SpeedAddress } }, config: limited },
    async (request, reply): Promise<SpeedAddress> => {
      reply.header('cache-control', 'no-store');
      // IPv4 on a socket of IPv6 (RFC 4291, 2.5.5.2).
      return { address: request.ip.replace(/^::ffff:(?=[\d.]+$)/i, '') };
    },
  );

  // In a scope of its own: here alone a body is neither read into memory nor held to the limit of the other routes.
  app.register(async (scope) => {
    const uploads = scope as unknown as App;
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, _payload, done) => done(null));
    uploads.post(
      '/speed/upload',
      { schema: { querystring: Token, response: { 200: SpeedUpload } }, config: limited, onResponse: cutUnread },
      (request) => receive(request.raw, enter(request.query.token)),
    );
  });
}

/** Who goes on sending after the answer has the time to read it, and is then cut off. */
async function cutUnread({ raw }: FastifyRequest, _reply: FastifyReply): Promise<void> {
  if (!raw.complete) setTimeout(() => raw.destroy(), LINGER_MS).unref();
}
