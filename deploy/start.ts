import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Lock, LockHeldError, takeLock } from '../agent/process-lock.ts';
import type { FromCollector, ToCollector } from '../collector/main.ts';
import { type PracticeDeviceSeen, practiceConfig, practiceInventory } from './practice.ts';

/**
 * `npm start -- [--data DIR] [--port N]`: collector, page, one agent on this machine and a practice school of simulated
 * devices, each a process of its own, on loopback only. Prints one address and one way to sign in; ends all on Ctrl-C.
 */

const ROOT = resolve(import.meta.dirname, '..');
const USAGE = 'Cách dùng: npm start -- [--data DIR] [--port N]';
const DEFAULT_DATA = 'data';
const DEFAULT_PORT = 8265;
const STARTUP_MS = 30_000;
const STOP_MS = 8000;

const children: { name: string; process: ChildProcess }[] = [];
let stopping = false;

class StartError extends Error {}
/** What a person typed wrong: one line, exit 2. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const values = parse(process.argv.slice(2));
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(values.port !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new UsageError(`--port ${values.port} không phải số cổng (0–65535)`);
  const data = resolve(values.data);
  mkdirSync(join(data, 'agent'), { recursive: true, mode: 0o700 });
  const lock = await lockOf(data);
  process.on('exit', () => lock.release());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));

  progress('Đang mở trường thực hành (thiết bị mô phỏng trên máy này)…');
  const school = start('practice school', 'test/school/main.ts', []);
  const { control, devices } = await first<{ control: string; devices: PracticeDeviceSeen[] }>(school, isReady);
  writeFileSync(join(data, 'practice.json'), JSON.stringify({ control }));

  progress('Đang mở máy chủ tiếp nhận…');
  const { collector, ready } = await startCollector(join(data, 'collector'), port);
  const made = first<Extract<FromCollector, { type: 'practice' }>>(collector, (message) => message.type === 'practice');
  collector.send({ type: 'practice', devices: practiceInventory(devices) } satisfies ToCollector);
  const { code } = await made;

  progress('Đang đăng ký tác tử…');
  const config = join(data, 'agent', 'config.json');
  writeFileSync(config, JSON.stringify(practiceConfig(ready.address, devices), null, 2), { mode: 0o600 });
  if (!existsSync(join(data, 'agent', 'identity.json'))) await enrol(config, code);
  start('agent', 'agent/main.ts', ['run', '--config', config]);

  say('');
  say(`THĐT đang chạy:  ${ready.address}`);
  say(ready.signInLink ? `Đăng nhập:       ${ready.signInLink}` : 'Đăng nhập:       tên “quantri” và mật khẩu đã đặt');
  say('');
  say('Trường thực hành gồm thiết bị mô phỏng; số đo đầu tiên hiện trong vòng một phút.');
  say(mendHint(values.data));
  say('Điểm trở lại khoảng 2–3 phút sau khi sửa. Khởi động lại thì các camera hỏng lại như cũ. Ctrl-C để dừng.');
}

function parse(args: string[]): { data: string; port?: string | undefined } {
  try {
    const options = { data: { type: 'string', default: DEFAULT_DATA }, port: { type: 'string' } } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const word = /'(?:-\w, )?([^'=\s]+)/.exec(message)?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') throw new UsageError(`thiếu giá trị sau ${word}`);
    throw new UsageError(code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? `không có lựa chọn ${word}` : `thừa "${word}"`);
  }
}

/** The command that mends a camera of the practice school that runs on this data directory. */
export function mendHint(data: string): string {
  const where =
    resolve(data) === resolve(DEFAULT_DATA) ? '' : `--data ${/[^\w./:\\-]/.test(data) ? `"${data}"` : data} `;
  return `Sửa camera hỏng: npm run -s practice -- ${where}cam-frozen live`;
}

/** The default port, or any free one when another program holds it; a port that was asked for is taken or refused. */
async function startCollector(data: string, port: number | undefined) {
  const candidates = port === undefined ? [DEFAULT_PORT, 0] : [port];
  for (const candidate of candidates) {
    const args = ['--data', data, '--port', String(candidate)];
    const collector = start('collector', 'collector/main.ts', args, candidate !== candidates.at(-1));
    const answer = await first<FromCollector>(
      collector,
      (message) => message.type === 'ready' || message.type === 'failed',
    );
    if (answer.type === 'ready') return { collector, ready: answer };
    if (answer.type === 'failed' && answer.code !== 'EADDRINUSE') throw new StartError(`collector: ${answer.message}`);
  }
  throw new StartError(`cổng ${port} đang có chương trình khác dùng; chọn cổng khác: npm start -- --port 8266`);
}

/** Starts one part as a child; when it ends by itself, everything ends, unless `mayEnd`. */
function start(name: string, script: string, args: readonly string[], mayEnd = false): ChildProcess {
  const child = fork(join(ROOT, script), args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    execArgv: [],
  });
  const entry = { name, process: child };
  children.push(entry);
  child.once('exit', (code, signal) => {
    children.splice(children.indexOf(entry), 1);
    if (stopping || mayEnd) return;
    process.stderr.write(`${name} đã dừng (${signal ?? code})\n`);
    void stop(1);
  });
  return child;
}

/** The first message that fits. Throws StartError when the child ends or nothing comes in time. */
function first<T>(child: ChildProcess, fits: (message: { type?: string; ready?: boolean }) => boolean): Promise<T> {
  return new Promise((resolvePromise, reject) => {
    const timer = setTimeout(() => finish(() => reject(new StartError('khởi động quá lâu'))), STARTUP_MS);
    const onMessage = (message: object) => {
      if (fits(message)) finish(() => resolvePromise(message as T));
    };
    const onExit = (code: number | null) => finish(() => reject(new StartError(`một thành phần đã dừng (${code})`)));
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      settle();
    };
    child.on('message', onMessage).on('exit', onExit);
  });
}

const isReady = (message: { ready?: boolean }) => message.ready === true;

async function enrol(config: string, code: string): Promise<void> {
  const args = [join(ROOT, 'agent/main.ts'), 'enroll', '--config', config, '--code', code];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], timeout: STARTUP_MS });
  const status = await new Promise((resolvePromise) => child.once('exit', resolvePromise));
  if (status !== 0) throw new StartError(`tác tử không đăng ký được (${status})`);
}

/** One start a data directory: its collector and its practice school are one each. */
async function lockOf(data: string): Promise<Lock> {
  try {
    return await takeLock(join(data, 'start.pid'), 'start');
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new StartError(`thư mục ${data} đang được tiến trình ${error.holder.pid} dùng`);
  }
}

/** Asks the children to end, the agent first so that it can hand over its last report; kills what does not. */
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const { process: child } of [...children].reverse()) {
    const ended = new Promise((resolvePromise) => child.once('exit', resolvePromise));
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
  }
  process.exit(code);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const progress = (line: string) => process.stderr.write(`${line}\n`);

if (import.meta.main)
  main().catch((error: Error) => {
    if (error instanceof UsageError) {
      process.stderr.write(`start: ${error.message}. ${USAGE}\n`);
      return stop(2);
    }
    process.stderr.write(`start: ${error instanceof StartError ? error.message : error.stack}\n`);
    return stop(1);
  });
