import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FromCollector, ToCollector } from '../collector/main.ts';
import { type PracticeDeviceSeen, practiceConfig, practiceInventory } from './practice.ts';

/**
 * `npm start -- [--data DIR] [--port N]`: collector, page, one agent on this machine and a practice school of simulated
 * devices, each a process of its own, on loopback only. Prints one address and one way to sign in; ends all on Ctrl-C.
 */

const ROOT = resolve(import.meta.dirname, '..');
const USAGE = 'usage: npm start -- [--data DIR] [--port N]';
const DEFAULT_PORT = 8265;
const STARTUP_MS = 30_000;
const STOP_MS = 8000;

const children: { name: string; process: ChildProcess }[] = [];
let stopping = false;

class StartError extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string', default: 'data' }, port: { type: 'string' } } });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new StartError(`--port ${values.port} is not a port\n${USAGE}`);
  const data = resolve(values.data);
  mkdirSync(join(data, 'agent'), { recursive: true, mode: 0o700 });
  const release = lock(data);
  process.on('exit', release);
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
  say('Sửa camera hỏng: npm run -s practice -- cam-frozen live   (Ctrl-C để dừng)');
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

/** One start a data directory: two agents of one identity would share a spool. Answers what removes the lock. */
function lock(data: string): () => void {
  const file = join(data, 'start.pid');
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && isAlive(pid)) throw new StartError(`thư mục ${data} đang được tiến trình ${pid} dùng`);
  } catch (error) {
    if (error instanceof StartError) throw error;
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
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

main().catch((error: Error) => {
  process.stderr.write(`start: ${error instanceof StartError ? error.message : error.stack}\n`);
  void stop(1);
});
