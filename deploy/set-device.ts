import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `npm run -s practice -- [--data DIR] [DEVICE MODE]`: breaks or mends a simulated device of the running practice
 * school (`cam-frozen live`); without arguments it lists them. Exit 2 with one line when that cannot be done.
 */

const USAGE = 'Cách dùng: npm run -s practice -- [--data DIR] [THIẾT-BỊ CHẾ-ĐỘ]';
const DEADLINE_MS = 5000;

interface Device {
  id: string;
  room: string;
  mode: string;
  modes: string[];
}
/** A line a device: its id, its mode, the modes that it can be set to, where it stands. */
const say = (devices: Device[]) =>
  devices
    .map(({ id, mode, modes, room }) => `${id.padEnd(12)} ${mode.padEnd(10)} ${modes.join(' | ')}  (${room})`)
    .join('\n');

/** One line for the person who typed the command. */
class PracticeError extends Error {}
/** The school does not take the change. */
class RefusedError extends PracticeError {}

try {
  const { data, device, mode, rest } = parse();
  if (rest.length > 0) throw new PracticeError(`thừa "${rest[0]}". ${USAGE}`);
  const control = controlOf(data);
  const devices = (await ask(control, '/devices')) as Device[];
  if (device === undefined) process.stdout.write(`${say(devices)}\n`);
  else {
    const known = devices.find(({ id }) => id === device);
    if (!known) throw new PracticeError(`không có thiết bị "${device}"; có: ${devices.map(({ id }) => id).join(', ')}`);
    if (mode === undefined) throw new PracticeError(`thiếu chế độ cho ${device}; có: ${known.modes.join(' | ')}`);
    const changed = (await ask(control, `/devices/${encodeURIComponent(device)}`, { mode }).catch((error: Error) => {
      if (error instanceof RefusedError)
        throw new PracticeError(`${device} không có chế độ "${mode}"; có: ${known.modes.join(' | ')}`);
      throw error;
    })) as Device;
    process.stdout.write(`${say([changed])}\n`);
  }
} catch (error) {
  process.stderr.write(`practice: ${(error as Error).message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exit(2);
}

function parse() {
  try {
    const options = { data: { type: 'string', default: 'data' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [device, mode, ...rest] = positionals;
    return { data: values.data, device, mode, rest };
  } catch (error) {
    const word = /'(?:-\w, )?([^'=\s]+)/.exec((error as Error).message)?.[1] ?? '';
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE';
    throw new PracticeError(`${missing ? 'thiếu giá trị sau' : 'không có lựa chọn'} ${word}. ${USAGE}`);
  }
}

/** Address of the practice school's control, as `npm start` has written it. */
function controlOf(data: string): string {
  const file = join(data, 'practice.json');
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { control: string }).control;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') throw new PracticeError(`không đọc được ${file} (${code ?? 'không phải JSON'})`);
    throw new PracticeError(`không có ${file}: npm start phải đang chạy, với --data khác thì ghi --data ở đây nữa`);
  }
}

async function ask(control: string, path: string, change?: object): Promise<unknown> {
  const post = change && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  };
  let answer: Response;
  try {
    answer = await fetch(`${control}${path}`, { ...post, signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    throw new PracticeError(`trường thực hành không trả lời (${cause?.code ?? message}): npm start phải đang chạy`);
  }
  const body = (await answer.json()) as { error?: string };
  if (answer.ok) return body;
  const message = body.error ?? `HTTP ${answer.status}`;
  throw answer.status === 400 ? new RefusedError(message) : new PracticeError(message);
}
