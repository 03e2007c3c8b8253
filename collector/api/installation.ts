import Type from 'typebox';
import { installationOf } from '../installation/installation.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import { Installation } from './schemas/installation.ts';

/** What a person installs agents with. A school's own person reads along; codes are made by administrators (agents.ts, machines.ts). */
export function installationRoutes(app: App, { store, downloads, now }: Context): void {
  app.get(
    '/schools/:id/installation',
    {
      schema: { params: Type.Object({ id: Id }), response: { 200: Installation } },
      config: { needs: 'school', own: 'id' },
    },
    async (request) => {
      const { id } = request.params;
      const school = await store.selectFrom('school').select(['id', 'name']).where('id', '=', id).executeTakeFirst();
      if (!school) throw new Problem('not-found', 'không có trường này');
      return { school, downloads: await downloads.list(), ...(await installationOf(store, id, now())) };
    },
  );

  // For anybody: a PC that has no agent yet has nobody who signs in, and an installer holds nothing secret.
  app.get(
    '/downloads/:name',
    {
      schema: { params: Type.Object({ name: Type.String({ maxLength: 100 }) }) },
      config: { needs: 'nobody', rateLimit: { max: 600, timeWindow: '1 minute' } },
    },
    async (request, reply) => {
      const { name } = request.params;
      const file = await downloads.open(name);
      if (!file) throw new Problem('not-found', 'không có tệp này');
      return reply
        .header('cache-control', 'no-cache')
        .header('content-length', file.bytes)
        .header('content-disposition', `attachment; filename="${name}"`)
        .type('application/octet-stream')
        .send(file.stream);
    },
  );
}
