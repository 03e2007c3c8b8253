import { timingSafeEqual } from 'node:crypto';
import Type from 'typebox';
import {
  checkPassword,
  closeSession,
  FIRST_ADMINISTRATOR,
  hashToken,
  openSession,
  type Person,
  personByName,
  setPassword,
} from '../access/people.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { NewPassword, Session, SignIn } from './schemas/session.ts';

export const SESSION_COOKIE = 'thdt_session';

export function sessionRoutes(app: App, context: Context): void {
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: context.secureCookies } as const;
  const limited = { rateLimit: { max: 20, timeWindow: '1 minute' } };

  app.post(
    '/session',
    { schema: { body: SignIn, response: { 200: Session } }, config: { needs: 'nobody', ...limited } },
    async (request, reply) => {
      const person =
        'link' in request.body ? await byLink(context, request.body.link) : await byPassword(context, request.body);
      const token = await openSession(context.store, person.id, context.now());
      reply.setCookie(SESSION_COOKIE, token, { ...cookie, maxAge: 7 * 24 * 3600 });
      return { user: person };
    },
  );

  app.get(
    '/session',
    { schema: { response: { 200: Session } }, config: { needs: 'school', own: 'handler' } },
    (request) => ({
      user: request.person!,
    }),
  );

  app.delete(
    '/session',
    { schema: { response: { 204: Type.Null() } }, config: { needs: 'school', own: 'handler' } },
    async (request, reply) => {
      await closeSession(context.store, request.cookies[SESSION_COOKIE] ?? '');
      return reply.clearCookie(SESSION_COOKIE, cookie).code(204).send(null);
    },
  );

  app.put(
    '/session/password',
    {
      schema: { body: NewPassword, response: { 204: Type.Null() } },
      config: { needs: 'school', own: 'handler', ...limited },
    },
    async (request, reply) => {
      const { person } = request;
      await setPassword(context.store, person!.id, request.body.password, request.cookies[SESSION_COOKIE] ?? '');
      if (person!.username === FIRST_ADMINISTRATOR) context.signInLinkHash = null;
      return reply.code(204).send(null);
    },
  );
}

async function byLink(context: Context, link: string): Promise<Person> {
  const expected = context.signInLinkHash;
  const right = expected !== null && timingSafeEqual(Buffer.from(expected), Buffer.from(hashToken(link)));
  const person = right ? await personByName(context.store, FIRST_ADMINISTRATOR) : undefined;
  if (!person || person.hasPassword)
    throw new Problem(
      'sign-in-refused',
      'liên kết đăng nhập không còn hiệu lực: dùng tên và mật khẩu, hoặc liên kết mới in ra khi khởi động máy chủ',
    );
  return person;
}

async function byPassword(context: Context, given: { username: string; password: string }): Promise<Person> {
  const person = await checkPassword(context.store, given.username, given.password);
  if (!person) throw new Problem('sign-in-refused', 'tên hoặc mật khẩu không đúng');
  return person;
}
