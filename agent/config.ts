import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Calendar } from '../shared/calendar.ts';
import { OWN_HOST_PROBES } from '../shared/wire/machine.ts';
import { ReleaseKey } from '../shared/wire/release.ts';
import { CalendarConfig, calendarProblem, readCalendar } from './calendar-config.ts';
import type { AnyProbe } from './probes/probe.ts';
import { clearest } from './schema-words.ts';

/** The agent's configuration: one JSON file, checked whole before anything runs. `example.json` shows every option. */

export interface Config {
  /** Absolute path of the file it came from. */
  file: string;
  /** `site`: one a school, measures its network, cameras and line. `endpoint`: on each PC, measures that PC alone. */
  role: Role;
  /** Enrols an endpoint, and again after its disk was restored or copied. */
  code?: string;
  /** Of a site: passes the school's PCs on to the collector. */
  relay?: { host?: string; port: number };
  /** Base address of the collector without a trailing slash; absent: the one of the enrolment. */
  collector?: string;
  /** Absolute path of identity, spool and state. */
  dataDir: string;
  /** How often samples are bundled into a report, seconds. */
  reportEverySeconds: number;
  log: LogLevel;
  /** Public half of the key that signs releases; absent: this agent never upgrades itself. */
  releaseKey?: ReleaseKey;
  /** Where the agent's own page listens, on loopback only; false: nowhere. Port 0: one that is free. */
  localPage: { port: number } | false;
  /** School hours, for probes that keep to them. */
  calendar: Calendar;
  /** Probes that are configured, in the order of the registry. */
  probes: ConfiguredProbe[];
}

export interface ConfiguredProbe {
  probe: AnyProbe;
  /** What stands under `probes.<name>`, of the probe's own schema. */
  config: unknown;
  everySeconds: number;
  /** `school`: by the school's hours (schedule/spread.ts); `always`: around the clock. */
  hours: 'school' | 'always';
}

/** What a person wrote wrong in the file: one line with the file and the JSON pointer. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  constructor(file: string, pointer: string, message: string) {
    super(`${file}: ${pointer ? `${pointer}: ` : ''}${message}`.replaceAll(/\s*\n\s*/g, ' '));
  }
}

const roles = ['site', 'endpoint'] as const;
export type Role = (typeof roles)[number];
/** What an endpoint measures unless its configuration names probes. */
const ENDPOINT_DEFAULT: readonly string[] = ['antivirus', 'host'];

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof levels)[number];

const closed = { additionalProperties: false };
/** A week: longer intervals do not fit a timer (24.8 days) with room to spare, and no rule asks for them. */
const MAX_EVERY_SECONDS = 7 * 24 * 3600;
const Seconds = Type.Number({ exclusiveMinimum: 0, maximum: MAX_EVERY_SECONDS });

const ScheduleEntry = Type.Object(
  {
    everySeconds: Type.Optional(Seconds),
    hours: Type.Optional(Type.Union([Type.Literal('school'), Type.Literal('always')])),
  },
  closed,
);

/** Runs by the school's hours are drawn one by one, a day at a time. */
const LEAST_SCHOOL_SECONDS = 60;

const DEFAULT_PAGE_PORT = 8264;
const LocalPage = Type.Object({ port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })) }, closed);

/** Schema of the whole file for these probes. */
export function configSchema(probes: readonly AnyProbe[]) {
  const perProbe = <T>(of: (probe: AnyProbe) => T) =>
    Object.fromEntries(probes.map((probe) => [probe.name, of(probe)]));
  return Type.Object(
    {
      role: Type.Optional(Type.Enum([...roles])),
      code: Type.Optional(Type.String({ minLength: 8, maxLength: 64 })),
      relay: Type.Optional(
        Type.Object(
          {
            /** Address to listen on; all of this host's by default. */
            host: Type.Optional(Type.String({ minLength: 2, maxLength: 255 })),
            port: Type.Integer({ minimum: 1, maximum: 65535 }),
          },
          closed,
        ),
      ),
      collector: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
      dataDir: Type.Optional(Type.String({ minLength: 1 })),
      reportEverySeconds: Type.Optional(Seconds),
      log: Type.Optional(Type.Union(levels.map((level) => Type.Literal(level)))),
      releaseKey: Type.Optional(ReleaseKey),
      calendar: Type.Optional(CalendarConfig),
      localPage: Type.Optional(Type.Union([LocalPage, Type.Literal(false)])),
      schedule: Type.Optional(
        Type.Object(
          perProbe(() => Type.Optional(ScheduleEntry)),
          closed,
        ),
      ),
      probes: Type.Optional(
        Type.Object(
          perProbe((probe) => Type.Optional(probe.schema)),
          closed,
        ),
      ),
    },
    closed,
  );
}

/** Reads and checks the file. Throws ConfigError; whatever is in the file, nothing of its values but ids is in the message. */
export function loadConfig(file: string, probes: readonly AnyProbe[]): Config {
  const data = parse(file);
  const whole = configSchema(probes);
  const schema = Compile(whole);
  if (!schema.Check(data)) {
    const { pointer, message } = clearest(schema.Errors(data), whole);
    throw new ConfigError(file, pointer, message);
  }
  const collector = data.collector === undefined ? undefined : collectorUrl(data.collector);
  if (collector === null) throw new ConfigError(file, '/collector', 'phải là địa chỉ http:// hoặc https://');
  const schedule = data.schedule as Record<string, Static<typeof ScheduleEntry> | undefined> | undefined;
  const role = (data.role as Role | undefined) ?? 'site';
  refuseWrongRole(file, role, data);
  const given = (data.probes as Record<string, unknown> | undefined) ?? defaultProbes(file, role, probes);
  const configured = probes
    .filter((probe) => given[probe.name] !== undefined)
    .map((probe) => {
      refuseBadIds(file, probe, given[probe.name]);
      const own = schedule?.[probe.name];
      const everySeconds = own?.everySeconds ?? probe.everySeconds;
      const hours = own?.hours ?? probe.hours ?? 'always';
      if (hours === 'school' && everySeconds < LEAST_SCHOOL_SECONDS)
        throw new ConfigError(
          file,
          `/schedule/${probe.name}/everySeconds`,
          `theo giờ học thì phải từ ${LEAST_SCHOOL_SECONDS} giây trở lên (hoặc ghi "hours": "always")`,
        );
      return { probe, config: given[probe.name], everySeconds, hours };
    });
  return {
    file: path.resolve(file),
    role,
    ...(data.code === undefined ? {} : { code: data.code }),
    ...(data.relay === undefined ? {} : { relay: data.relay }),
    ...(collector === undefined ? {} : { collector }),
    dataDir: path.resolve(path.dirname(file), data.dataDir ?? 'data'),
    reportEverySeconds: data.reportEverySeconds ?? 60,
    log: (data.log as LogLevel | undefined) ?? 'info',
    ...(data.releaseKey === undefined ? {} : { releaseKey: data.releaseKey as ReleaseKey }),
    localPage:
      role === 'endpoint' || data.localPage === false ? false : { port: data.localPage?.port ?? DEFAULT_PAGE_PORT },
    calendar: calendarOf(file, data.calendar),
    probes: configured,
  };
}

/** What stands in the file of one role and belongs to the other. */
function refuseWrongRole(file: string, role: Role, { relay, probes = {} }: Written): void {
  if (role === 'site') return;
  if (relay !== undefined) throw new ConfigError(file, '/relay', 'chỉ dành cho máy đo của trường ("role": "site")');
  for (const [name, own] of Object.entries(probes)) {
    if (!OWN_HOST_PROBES.has(name))
      throw new ConfigError(
        file,
        `/probes/${name}`,
        `"role": "endpoint" chỉ đo chính máy này: ${[...OWN_HOST_PROBES].join(', ')}`,
      );
    if (typeof own === 'object' && own !== null && 'target' in own)
      throw new ConfigError(file, `/probes/${name}/target`, 'bỏ dòng này: mã của máy do Phòng/Sở đặt khi ghi danh');
  }
}
type Written = { relay?: unknown; probes?: Record<string, unknown> };

function defaultProbes(file: string, role: Role, probes: readonly AnyProbe[]): Record<string, unknown> {
  if (role === 'site') throw new ConfigError(file, '/probes', 'thiếu "probes"');
  const own = probes.filter(({ name }) => ENDPOINT_DEFAULT.includes(name));
  return Object.fromEntries(own.map(({ name }) => [name, {}]));
}

/** A probe's configuration as it runs: an endpoint measures under the name that the district gave to its machine. */
export function targeted(config: Pick<Config, 'role'>, own: unknown, identity: { target?: string | undefined } | null) {
  if (config.role !== 'endpoint') return own;
  return { ...(own as object), target: identity?.target ?? hostname().slice(0, 128) };
}

function calendarOf(file: string, written: CalendarConfig | undefined): Calendar {
  const problem = calendarProblem(written);
  if (problem) throw new ConfigError(file, `/calendar${problem.at}`, problem.message);
  return readCalendar(written);
}

/** The address without query, fragment and trailing slash; null when it is none of http or https. */
export function collectorUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function parse(file: string): unknown {
  let text: string;
  try {
    // Notepad on Windows writes a byte order mark.
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError(file, '', code === 'ENOENT' ? 'không có tệp cấu hình này' : `không đọc được (${code})`);
  }
  try {
    return JSON.parse(text, tidyIds);
  } catch (error) {
    // V8 quotes the text around the mistake, which may be a password; only the place is told.
    const place = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = place === undefined ? '' : ` ở dòng ${text.slice(0, Number(place)).split('\n').length}`;
    throw new ConfigError(file, '', `không phải JSON đúng${line}`);
  }
}

/**
 * Ids meet those of the inventory, which may have been typed on another system: macOS spells ễ in three code points,
 * Windows in one (Unicode NFD, NFC), and both look the same. Spaces around an id are no part of it.
 */
function tidyIds(key: string, value: unknown): unknown {
  return (key === 'id' || key === 'target') && typeof value === 'string' ? value.normalize('NFC').trim() : value;
}

function refuseBadIds(file: string, probe: AnyProbe, config: unknown): void {
  const seen = new Set<string>();
  for (const { id } of probe.targets(config)) {
    const pointer = () => pointerToLast(config, id, `/probes/${probe.name}`) ?? `/probes/${probe.name}`;
    if (id.length === 0 || id.length > 128) throw new ConfigError(file, pointer(), 'id phải dài 1–128 ký tự');
    if (seen.has(id)) throw new ConfigError(file, pointer(), `id "${id}" bị trùng (duplicate id)`);
    seen.add(id);
  }
}

/** Pointer to the last object in `value` whose `id` is this one. */
function pointerToLast(value: unknown, id: string, at: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ((value as { id?: unknown }).id === id) return `${at}/id`;
  return Object.entries(value)
    .map(([key, child]) => pointerToLast(child, id, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`))
    .findLast((found) => found !== undefined);
}
