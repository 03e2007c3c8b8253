import { v7 as uuidv7 } from 'uuid';
import { ReleaseError, verifyRelease } from '../../shared/wire/release.ts';
import { record } from '../audit/audit.ts';
import { type KnownRelease, knownRelease, knownReleases, missingFiles } from '../releases/releases.ts';
import { rolloutsInForce } from '../releases/rollout.ts';
import { versionsOutThere } from '../releases/spread.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { NewRelease, NewRollout, ReleaseEntry, ReleaseOverview } from './schemas/releases.ts';

/** Room for a manifest in JSON. */
const MANIFEST_BODY_BYTES = 600 * 1024;
const admin = { needs: 'admin' } as const;
const iso = (at: number) => new Date(at).toISOString();

/** Releases of the agent, and which version its agents shall run. */
export function releaseRoutes(app: App, context: Context): void {
  const { store, now } = context;

  app.get('/releases', { schema: { response: { 200: ReleaseOverview } }, config: admin }, () => overview(context));

  app.post(
    '/releases',
    {
      bodyLimit: MANIFEST_BODY_BYTES,
      schema: { body: NewRelease, response: { 200: ReleaseEntry, 201: ReleaseEntry } },
      config: admin,
    },
    async (request, reply) => {
      const manifest = request.body.manifest.trim();
      const release = await verified(context, manifest);
      const { version } = release;
      const by = request.person!.id;
      const isNew = await store.transaction().execute(async (write) => {
        const known = await knownRelease(write, version);
        if (known && known.manifest !== manifest)
          throw new Problem('already-exists', `đã có phiên bản ${version} với nội dung khác: hãy phát hành số mới`);
        if (known) return false;
        await write.insertInto('release').values({ version, manifest, by, at: now() }).execute();
        const after = { version, platforms: Object.keys(release.platforms) };
        await record(write, { by, action: 'release.added', subject: `release/${version}`, before: null, after }, now());
        return true;
      });
      const entry = await entryOf(context, (await knownRelease(store, version))!);
      return reply.code(isNew ? 201 : 200).send(entry);
    },
  );

  app.post(
    '/releases/rollouts',
    { schema: { body: NewRollout, response: { 201: ReleaseOverview } }, config: admin },
    async (request, reply) => {
      const { unitId, version, sharePercent, running } = request.body;
      const by = request.person!.id;
      await requireReady(context, version);
      const unit =
        unitId === null
          ? null
          : await store.selectFrom('org_unit').select('id').where('id', '=', unitId).executeTakeFirst();
      if (unit === undefined) throw new Problem('not-found', 'không có đơn vị này');
      await store.transaction().execute(async (write) => {
        const before = (await rolloutsInForce(write)).find((row) => row.unit_id === unitId);
        await write
          .insertInto('rollout')
          .values({
            id: uuidv7(),
            unit_id: unitId,
            version,
            share: sharePercent,
            running: running ? 1 : 0,
            by,
            at: now(),
          })
          .execute();
        const change = {
          by,
          action: 'rollout.changed',
          subject: unitId === null ? 'rollout' : `unit/${unitId}/rollout`,
          before: before
            ? { version: before.version, sharePercent: before.share, running: before.running === 1 }
            : null,
          after: { version, sharePercent, running },
        };
        await record(write, change, now());
      });
      return reply.code(201).send(await overview(context));
    },
  );
}

async function verified({ releases: { key } }: Context, manifest: string) {
  if (key === null)
    throw new Problem('not-now', 'máy chủ chưa biết khóa phát hành: khởi động lại với --release-key rồi tải lên');
  return verifyRelease(manifest, key).catch((error: unknown) => {
    if (!(error instanceof ReleaseError)) throw error;
    throw new Problem(
      'input-invalid',
      error.code === 'signature'
        ? 'bản kê không mang chữ ký của khóa phát hành mà máy chủ này biết'
        : `không phải bản kê phát hành hợp lệ: ${error.message}`,
    );
  });
}

/** Throws Problem unless the version is here with all its files. */
async function requireReady({ store, releases }: Context, version: string | null): Promise<void> {
  if (version === null) return;
  const known = await knownRelease(store, version);
  if (!known) throw new Problem('not-found', `không có phiên bản ${version}`);
  const missing = await missingFiles(releases.directory, known.release);
  if (missing.length > 0)
    throw new Problem('not-now', `phiên bản ${version} còn thiếu ${missing.length} tệp: tải lên đủ đã`);
}

async function entryOf({ store, releases }: Context, known: KnownRelease): Promise<ReleaseEntry> {
  const { release } = known;
  const author = await store.selectFrom('person').select('name').where('id', '=', known.by).executeTakeFirst();
  const [first] = Object.values(release.platforms);
  return {
    version: known.version,
    notes: release.notes,
    platforms: Object.keys(release.platforms),
    bytes: first?.files.reduce((sum, { size }) => sum + size, 0) ?? 0,
    createdAt: release.createdAt,
    uploadedBy: author?.name ?? '',
    uploadedAt: iso(known.at),
    missing: (await missingFiles(releases.directory, release)).map(({ sha256 }) => sha256),
  };
}

async function overview(context: Context): Promise<ReleaseOverview> {
  const { store } = context;
  const [known, rollouts, people, units, { versions, troubles }] = await Promise.all([
    knownReleases(store),
    rolloutsInForce(store),
    store.selectFrom('person').select(['id', 'name']).execute(),
    store.selectFrom('org_unit').select(['id', 'name']).execute(),
    versionsOutThere(store),
  ]);
  const nameOf = (list: { id: string; name: string }[], id: string | null) =>
    list.find((one) => one.id === id)?.name ?? null;
  return {
    hasKey: context.releases.key !== null,
    releases: await Promise.all(known.map((one) => entryOf(context, one))),
    rollouts: rollouts.map((row) => ({
      unitId: row.unit_id,
      unitName: nameOf(units, row.unit_id),
      version: row.version!,
      sharePercent: row.share,
      running: row.running === 1,
      by: nameOf(people, row.by) ?? '',
      at: iso(row.at),
    })),
    versions,
    troubles: troubles.map((one) => ({ ...one, lastReportAt: iso(one.lastReportAt) })),
  };
}
