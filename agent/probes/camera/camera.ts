import Type, { type Static } from 'typebox';
import { HOST_PATTERN, HOST_WORDS, isHost } from '../lan-reach/host.ts';
import { failed, type Outcome, ok, type Probe, type ProbeContext, type Reason, type Values } from '../probe.ts';
import { contained, type End } from './contained.ts';
import { judge, type Remembered } from './judge.ts';
import type { Change, Facts, Figures, Message } from './messages.ts';

const closed = { additionalProperties: false };
const CameraTarget = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128 }),
    /** IPv4, IPv6 or host name. */
    address: Type.String({ maxLength: 253, pattern: HOST_PATTERN, description: HOST_WORDS }),
    /** Port of ONVIF. Default 80. */
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    /** User of ONVIF, which many cameras keep apart from the user of their web page. */
    username: Type.Optional(Type.String({ maxLength: 64 })),
    password: Type.Optional(Type.String({ maxLength: 128 })),
  },
  closed,
);
const CameraConfig = Type.Object(
  {
    targets: Type.Array(CameraTarget, { maxItems: 1024 }),
    /** Longest wait for one whole answer of a camera, ms. Default 4000. */
    answerMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 10_000 })),
    /** Time between two pictures, ms. Default 1000. */
    gapMs: Type.Optional(Type.Integer({ minimum: 50, maximum: 3000 })),
  },
  closed,
);
export type CameraTarget = Static<typeof CameraTarget>;
export type CameraConfig = Static<typeof CameraConfig>;

/**
 * `live` and `frozen` and `dark` are said of pictures; `no-stream`: ONVIF answers and there is no picture; `auth`:
 * credentials refused; `onvif-down`: the host is there and does not speak ONVIF; `unreachable`: nothing answers.
 */
export type CameraState = 'live' | 'frozen' | 'dark' | 'no-stream' | 'auth' | 'onvif-down' | 'unreachable';

const DEADLINE_MS = 20_000;
/** The child gets less, so that what it has found by then is still told. */
const CHILD_MS = DEADLINE_MS - 1_500;
const REMEMBERED = 'pictures';

/** Whether a camera shows the room now: two pictures about a second apart, judged here; only figures leave. */
export const camera: Probe<CameraConfig, CameraTarget> = {
  name: 'camera',
  schema: CameraConfig,
  everySeconds: 300,
  deadlineMs: DEADLINE_MS,
  heavy: false,
  concurrency: 4,
  targets: (config) => config.targets,
  run: measure,
};

/** What the child has told by its end. */
interface Told {
  facts: Facts | undefined;
  pictures: { pictures: Figures[]; change: Change } | undefined;
  trouble: Extract<Message, { kind: 'trouble' }> | undefined;
}

async function measure(target: CameraTarget, config: CameraConfig, context: ProbeContext): Promise<Outcome> {
  const { address: host, port = 80, username = '', password = '' } = target;
  // What the schema's pattern lets through and is no address, such as 10.0.0.999.
  if (!isHost(host)) return failed('unresolved', { state: 'unreachable', message: 'not an address' });
  const { answerMs = 4000, gapMs = 1000 } = config;
  const told: Told = { facts: undefined, pictures: undefined, trouble: undefined };
  const startedAt = performance.now();
  const end = await contained(
    { host, port, username, password, answerMs, gapMs },
    { deadlineMs: CHILD_MS, signal: context.signal },
    (message) => {
      if (message.kind === 'facts') told.facts = message.facts;
      else if (message.kind === 'pictures') told.pictures = message;
      else told.trouble = message;
    },
  );
  if (end === 'broken') context.log('camera child broke', { target: target.id });
  const values: Values = { ...told.facts, tookMs: Math.round(performance.now() - startedAt) };
  const outcome = told.pictures
    ? judged(told.pictures, values, context.memory)
    : troubled(told.trouble ?? troubleOfEnd(end, told.facts !== undefined), values);
  return { ...outcome, values: withoutPassword(outcome.values, password) };
}

function judged(
  seen: { pictures: Figures[]; change: Change },
  values: Values,
  memory: ProbeContext['memory'],
): Outcome {
  const last = memory.get(REMEMBERED) as Remembered | undefined;
  const { remember, ...judgement } = judge(seen.pictures, seen.change, last, Date.now());
  memory.set(REMEMBERED, remember);
  const newest = seen.pictures.at(-1)!;
  const all: Values = {
    ...values,
    ...judgement,
    changedCells: Math.round(seen.change.cells * 1000) / 1000,
    changeLuma: Math.round(seen.change.luma * 1000) / 1000,
    snapshotBytes: newest.bytes,
    widthPx: newest.width,
    heightPx: newest.height,
  };
  return judgement.state === 'live' ? ok(all) : failed('not-live', all);
}

type Trouble = NonNullable<Told['trouble']>;

/** A child that ended without a word: what it had told before says how far it came. */
function troubleOfEnd(end: End, heard: boolean): Trouble {
  const code = end === 'killed' ? 'timeout' : end === 'too-much' ? 'too-large' : 'failed';
  const message = end === 'killed' ? 'not done in time' : 'the process that asks the camera ended early';
  return { kind: 'trouble', stage: heard ? 'onvif' : 'reach', code, heard: heard || end !== 'killed', message };
}

function troubled(trouble: Trouble, values: Values): Outcome {
  const state = stateOf(trouble);
  const fallback: Record<CameraState, Reason> = {
    live: 'failed',
    frozen: 'not-live',
    dark: 'not-live',
    'no-stream': 'not-live',
    auth: 'auth',
    'onvif-down': 'refused',
    unreachable: 'timeout',
  };
  // `refused` says nothing of a camera whose ONVIF had just answered.
  const telling = trouble.code !== 'failed' && !(state === 'no-stream' && trouble.code === 'refused');
  return failed(telling ? trouble.code : fallback[state], { ...values, state, message: trouble.message });
}

function stateOf({ code, stage, heard }: Trouble): CameraState {
  if (code === 'auth') return 'auth';
  if (code === 'not-live' || stage === 'picture') return 'no-stream';
  return heard ? 'onvif-down' : 'unreachable';
}

/** A camera that was given its password by HTTP Basic could say it back in any of its names. */
function withoutPassword(values: Values, password: string): Values {
  if (password.length < 4) return values;
  const blank = (value: unknown) => (typeof value === 'string' ? value.replaceAll(password, '…') : value);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, blank(value)]));
}
