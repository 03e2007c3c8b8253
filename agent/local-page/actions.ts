import { mkdir } from 'node:fs/promises';
import Type, { type Static, type TObject } from 'typebox';
import { Compile } from 'typebox/compile';
import { ConfigError, collectorUrl, loadConfig } from '../config.ts';
import type { Written } from '../config-file.ts';
import { addTargets } from '../discovery/adopt.ts';
import { SweepRangeError } from '../discovery/ranges.ts';
import { readFound } from '../discovery/report-found.ts';
import { Runner } from '../runner.ts';
import { MAX_PAUSE_MS, pause, resume } from '../schedule/pause.ts';
import { EnrolError, enrol } from '../uplink/enrol.ts';
import { type Row, rowOf } from './rows.ts';
import type { Site } from './site.ts';

/** What a person can do on the page: `POST /api/<name>` with a small JSON object. */

/** What did not work, in one line for the person. */
export class ActionError extends Error {
  override name = 'ActionError';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 422) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface Action {
  /** Checks the body; false when it is none. */
  accepts(body: unknown): boolean;
  run(site: Site, body: unknown): Promise<unknown>;
}

const closed = { additionalProperties: false };
const Id = Type.String({ minLength: 1, maxLength: 128 });

/** Joins a schema to the work that relies on it. */
function action<T extends TObject>(schema: T, run: (site: Site, body: Static<T>) => Promise<unknown>): Action {
  const compiled = Compile(schema);
  return { accepts: (body) => compiled.Check(body), run: (site, body) => run(site, body as Static<T>) };
}

const nothing = Type.Object({}, closed);

export const actions: Readonly<Record<string, Action>> = {
  enrol: action(
    Type.Object({ code: Type.String({ maxLength: 100 }), collector: Type.String({ maxLength: 2048 }) }, closed),
    enrolHere,
  ),
  run: action(Type.Object({ probe: Id }, closed), async ({ live }, { probe }) => {
    const started = live.runNow(probe);
    if (started === 'ended')
      throw new ActionError('not-running', 'Tác tử chưa chạy phép đo nào: hãy thử lại sau ít giây.');
    return { started };
  }),
  'camera-password': action(
    Type.Object(
      {
        id: Id,
        username: Type.String({ maxLength: 64 }),
        password: Type.String({ minLength: 1, maxLength: 128 }),
      },
      closed,
    ),
    setCameraPassword,
  ),
  'camera-try': action(Type.Object({ id: Id }, closed), tryCamera),
  pause: action(
    Type.Object({ minutes: Type.Integer({ minimum: 1, maximum: MAX_PAUSE_MS / 60_000 }) }, closed),
    async ({ config }, { minutes }) => {
      const until = Date.now() + minutes * 60_000;
      await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
      await pause(config.dataDir, until);
      return { until: new Date(until).toISOString() };
    },
  ),
  resume: action(nothing, async ({ config }) => ({ wasPaused: await resume(config.dataDir) })),
  discover: action(
    Type.Object({ range: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]) }, closed),
    async ({ search, config }, { range }) => {
      try {
        return { started: search.start(config.file, range === null ? null : range.trim()) };
      } catch (error) {
        if (!(error instanceof SweepRangeError)) throw error;
        throw new ActionError('range', error.message.replace(/^--sweep: /, ''));
      }
    },
  ),
  'discover-stop': action(nothing, async ({ search }) => {
    await search.stop();
    return {};
  }),
  adopt: action(Type.Object({ ids: Type.Array(Id, { minItems: 1, maxItems: 4096 }) }, closed), adoptFound),
  reload: action(nothing, async (site) => {
    site.reload();
    return {};
  }),
  doctor: action(nothing, async (site) => {
    site.examine();
    return {};
  }),
};

/** Runs an action; what a person can mend becomes an ActionError, the rest is a bug and is thrown on. */
export async function perform(action: Action, site: Site, body: unknown): Promise<unknown> {
  try {
    return await action.run(site, body);
  } catch (error) {
    if (error instanceof ConfigError) throw new ActionError('config', `Tệp cấu hình: ${error.message}`);
    if (error instanceof EnrolError) throw new ActionError(error.code, error.message);
    const { code, syscall, path } = error as NodeJS.ErrnoException;
    if (syscall === undefined || path === undefined) throw error;
    throw new ActionError(
      'disk',
      `không ghi được ${path} (${code}): tài khoản chạy tác tử cần quyền ghi thư mục này, và đĩa phải còn chỗ`,
    );
  }
}

let enrolling = false;

async function enrolHere(site: Site, { code, collector: given }: { code: string; collector: string }) {
  const collector = collectorUrl(given.trim());
  if (collector === null)
    throw new ActionError('address', 'địa chỉ phải bắt đầu bằng https:// (hoặc http://): chép từ trang của Phòng/Sở');
  if (enrolling) throw new ActionError('busy', 'đang ghi danh: hãy đợi lần trước xong', 409);
  enrolling = true;
  try {
    const { school } = await enrol(site.config.dataDir, collector, code, undefined, site.config.code);
    // The file's address goes before that of the enrolment.
    if (site.config.collector !== undefined && site.config.collector !== collector)
      await site.change((config: Written) => {
        config.collector = collector;
      });
    site.enrolled();
    return { school: school.name };
  } finally {
    enrolling = false;
  }
}

async function setCameraPassword(
  site: Site,
  { id, username, password }: { id: string; username: string; password: string },
) {
  await site.change(
    (config: Written) => {
      const target = config.probes?.camera?.targets?.find((one: Written) => tidy(one?.id) === tidy(id));
      if (!target) throw new ActionError('no-camera', `không có camera ${id} trong tệp cấu hình`, 404);
      target.username = username;
      target.password = password;
    },
    { secret: true },
  );
  return {};
}

/** As the configuration reads ids (config.ts). */
const tidy = (id: unknown) => (typeof id === 'string' ? id.normalize('NFC').trim() : id);

const TRIES_AT_ONCE = 4;
let trying = 0;

/** Measures one camera at once, by the file as it stands. Shown to the person alone: it is no round of the schedule. */
async function tryCamera(site: Site, { id }: { id: string }): Promise<Row> {
  const config = loadConfig(site.config.file, site.probes);
  const configured = config.probes.find(({ probe }) => probe.name === 'camera');
  const { probe, config: own } = configured ?? {};
  const only = probe && {
    ...probe,
    targets: () => (probe.targets(own) as { id: string }[]).filter((target) => target.id === id),
  };
  if (!only || only.targets().length === 0) throw new ActionError('no-camera', `không có camera ${id}`, 404);
  if (trying >= TRIES_AT_ONCE) throw new ActionError('busy', 'đang thử nhiều camera: hãy đợi ít giây', 409);
  trying++;
  try {
    const [sample] = await new Runner(site.log).run(only, own, { signal: site.signal });
    if (!sample) throw new ActionError('ending', 'tác tử đang dừng', 503);
    return rowOf(sample);
  } finally {
    trying--;
  }
}

async function adoptFound(site: Site, { ids }: { ids: string[] }) {
  const last = await readFound(site.config.dataDir);
  const known = new Set(
    site.config.probes.flatMap(({ probe, config }) => (probe.targets(config) as { id: string }[]).map(({ id }) => id)),
  );
  const wanted = new Set(ids);
  const devices = last?.found.filter(({ proposedId }) => wanted.has(proposedId) && !known.has(proposedId)) ?? [];
  if (devices.length === 0)
    throw new ActionError('nothing', 'các thiết bị này đã khai hoặc không còn trong kết quả tìm');
  let added = 0;
  await site.change((config: Written) => {
    added = addTargets(config, devices);
  });
  return { added, left: devices.length - added };
}
