import Type from 'typebox';
import { filesOf, SHA256_PATTERN, Version } from '../../shared/wire/release.ts';
import { keepReleaseFile, openReleaseFile } from '../releases/files.ts';
import { knownRelease, knownReleases, missingFiles } from '../releases/releases.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';

const params = Type.Object({ sha256: Type.String({ pattern: SHA256_PATTERN }) });
/** A school's PCs without a relay stand behind one address, with twenty files each. */
const open = { needs: 'nobody', rateLimit: { max: 6000, timeWindow: '1 minute' } } as const;
/** What has a digest or a version for a name never changes. */
const FOREVER = 'public, max-age=31536000, immutable';

/** What agents and relays fetch, for anybody: it is signed, and nothing in it is secret; and the way in for its files. */
export function releaseFileRoutes(app: App, context: Context): void {
  const { store, releases } = context;

  app.get(
    '/releases/:version/manifest',
    { schema: { params: Type.Object({ version: Version }) }, config: open },
    async (request, reply) => {
      const known = await knownRelease(store, request.params.version);
      if (!known || (await missingFiles(releases.directory, known.release)).length > 0)
        throw new Problem('not-found', 'không có phiên bản này');
      return reply.header('cache-control', FOREVER).type('application/jose').send(known.manifest);
    },
  );

  app.get('/releases/files/:sha256', { schema: { params }, config: open }, async (request, reply) => {
    const file = await openReleaseFile(releases.directory, request.params.sha256);
    if (!file) throw new Problem('not-found', 'không có tệp này');
    return reply
      .header('cache-control', FOREVER)
      .header('content-length', file.size)
      .type('application/octet-stream')
      .send(file.stream);
  });

  // In a scope of its own: here alone a body goes to the disk as it comes, up to the size that was signed.
  app.register(async (scope) => {
    const uploads = scope as unknown as App;
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, _payload, done) => done(null));
    uploads.post(
      '/releases/files/:sha256',
      { schema: { params, response: { 204: Type.Null() } }, config: { needs: 'admin' } },
      async (request, reply) => {
        const { sha256 } = request.params;
        const named = (await knownReleases(store)).map(({ release }) => filesOf(release).get(sha256));
        const file = named.find((one) => one !== undefined);
        if (!file) throw new Problem('not-found', 'không bản kê nào nêu tệp này: tải bản kê lên trước');
        await keepReleaseFile(releases.directory, file, request.raw);
        return reply.code(204).send(null);
      },
    );
  });
}
