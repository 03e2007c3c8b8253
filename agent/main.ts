import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { destination, type Logger, pino } from 'pino';
import { formatDate, formatTime } from '../shared/vietnamese.ts';
import type { Machine } from '../shared/wire/machine.ts';
import { type Config, ConfigError, collectorUrl, loadConfig, targeted } from './config.ts';
import { SweepRangeError } from './discovery/ranges.ts';
import { doctorText, examine } from './doctor.ts';
import { keptFiles } from './kept.ts';
import { OpenError, openingAddress, showInBrowser } from './local-page/open.ts';
import { readMachine } from './machine.ts';
import { keepLogsFew } from './old-logs.ts';
import type { AnyProbe } from './probes/probe.ts';
import { LockHeldError, takeLock } from './process-lock.ts';
import { Runner } from './runner.ts';
import { onLine } from './schedule/line.ts';
import { MAX_PAUSE_MS, pause, pausedUntil, resume } from './schedule/pause.ts';
import { SetupError, setUp } from './setup.ts';
import { readStatus, statusText } from './status.ts';
import { EXIT_UPGRADED } from './upgrade/launched.ts';
import { collectorAccess } from './uplink/collector-access.ts';
import { EnrolError, enrol } from './uplink/enrol.ts';
import type { EnrolWaits } from './uplink/enrol-again.ts';
import { IdentityError, loadIdentity } from './uplink/identity.ts';
import { ownIdentity } from './uplink/self-enrol.ts';
import type { Timings } from './uplink/sender.ts';
import { serve } from './uplink/service.ts';
import { WRONG_ROLE } from './uplink/site-enrol.ts';

/** Command line of the agent. Data goes to stdout, the log to stderr. */

const USAGE = `Cách dùng: npm run -s agent -- LỆNH --config TỆP

  once    --config TỆP [--probe TÊN]              đo một lượt, in mỗi mẫu một dòng JSON
  run     --config TỆP                            đo theo lịch và gửi về collector
  setup   --config TỆP [--role site|endpoint] [--collector URL] [--code MÃ] [--data THƯ-MỤC]
                                                  tạo hoặc sửa tệp cấu hình; trình cài đặt gọi lệnh này
  enroll  --config TỆP --code MÃ [--collector URL]  ghi danh máy này bằng mã dùng một lần
  status  --config TỆP [--json]                   bản tin đang chờ, bị từ chối, lần xác nhận gần nhất
  doctor  --config TỆP [--json]                   tìm điều cản trở việc đo và gửi trên máy này
  open    --config TỆP [--print]                  mở trang của tác tử đang chạy trên máy này
  discover --config TỆP [--sweep DẢI …] [--add] [--json]
                                                  tìm thiết bị trên mạng để đề xuất đo; không có --sweep thì chỉ hỏi
                                                  những máy mà máy này đã biết; --add ghi chúng vào tệp cấu hình
  pause   --config TỆP [--minutes SỐ]             ngừng những phép đo chiếm đường truyền (mặc định 60 phút)
  resume  --config TỆP                            đo lại ngay

Mã thoát: 0 xong, 1 không xong, 2 sai lệnh hoặc sai cấu hình.`;

const EXIT = { done: 0, failed: 1, usage: 2, upgraded: EXIT_UPGRADED, interrupted: 130 } as const;

/** What a person typed wrong: one line, exit 2. */
class UsageError extends Error {
  override name = 'UsageError';
}

export interface Surroundings {
  probes: readonly AnyProbe[];
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** Aborts when the process shall end. */
  signal: AbortSignal;
  /** Waits of the sender and of enrolling by itself, for tests. */
  timings?: Partial<Timings>;
  enrolWaits?: EnrolWaits;
  /** The hardware of this host. */
  machine?: (signal: AbortSignal) => Promise<Machine>;
}

interface Call extends Surroundings {
  config: Config;
  log: Logger;
  options: Options;
}
type Options = ReturnType<typeof parse>['values'];

interface Command {
  options: (keyof Options)[];
  run?: (call: Call) => Promise<number>;
  /** Instead of `run`, for what makes the configuration. */
  runBare?: (options: Options, around: Surroundings) => Promise<number>;
}

const commands: Record<string, Command> = {
  once: { run: once, options: ['probe'] },
  run: { run, options: [] },
  setup: { runBare: setup, options: ['role', 'collector', 'code', 'data'] },
  enroll: { run: enroll, options: ['code', 'collector'] },
  status: { run: status, options: ['json'] },
  doctor: { run: doctor, options: ['json'] },
  open: { run: openLocalPage, options: ['print'] },
  discover: { run: discoverDevices, options: ['sweep', 'add', 'json'] },
  pause: { run: pauseHeavy, options: ['minutes'] },
  resume: { run: resumeHeavy, options: [] },
};

/** The whole program: arguments in, exit code out. Rejects for bugs only. */
export async function main(argv: string[], around: Surroundings): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    const [name = '', ...rest] = positionals;
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) {
      around.stderr(`${name ? `agent: không có lệnh "${name}"\n` : ''}${USAGE}\n`);
      return EXIT.usage;
    }
    if (rest.length > 0) throw new UsageError(`thừa "${rest[0]}"`);
    for (const option of Object.keys(values) as (keyof Options)[])
      if (option !== 'config' && !command.options.includes(option))
        throw new UsageError(`lệnh ${name} không có --${option}`);
    if (!values.config) throw new UsageError('thiếu --config TỆP');
    if (command.runBare) return await command.runBare(values, around);
    const config = loadConfig(values.config, around.probes);
    return await command.run!({ ...around, config, log: logger(config), options: values });
  } catch (error) {
    if (
      error instanceof UsageError ||
      error instanceof ConfigError ||
      error instanceof SweepRangeError ||
      error instanceof SetupError
    )
      return told(around, error, EXIT.usage);
    if (error instanceof IdentityError || error instanceof EnrolError || error instanceof OpenError)
      return told(around, error, EXIT.failed);
    if (error instanceof LockHeldError)
      return told(
        around,
        new Error(`tác tử đang chạy rồi (tiến trình ${error.holder.pid}), một thư mục dữ liệu chỉ chạy một tác tử`),
        EXIT.failed,
      );
    if (isDiskError(error))
      return told(
        around,
        new Error(`không dùng được ${error.path} (${error.code}): kiểm tra quyền và đĩa`),
        EXIT.failed,
      );
    throw error;
  }
}

function told({ stderr }: Surroundings, error: Error, code: number): number {
  stderr(`agent: ${error.message}\n`);
  return code;
}

/** The data directory is not writable, the disk is full: for a person to mend. */
function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        probe: { type: 'string' },
        code: { type: 'string' },
        collector: { type: 'string' },
        role: { type: 'string' },
        data: { type: 'string' },
        json: { type: 'boolean' },
        minutes: { type: 'string' },
        sweep: { type: 'string', multiple: true },
        add: { type: 'boolean' },
        print: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(argumentWords(error as NodeJS.ErrnoException));
  }
}

/** Node's English about an argument, in the words of this program; whatever else it says is told as it is. */
function argumentWords({ code, message }: NodeJS.ErrnoException): string {
  const option = /'(?:-\w, )?(--?[^\s'=]+)/.exec(message)?.[1] ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `không có lựa chọn ${option}`;
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return message.includes('does not take') ? `${option} không nhận giá trị` : `thiếu giá trị sau ${option}`;
  return message.split('\n')[0]!;
}

/** Written synchronously: the last lines before a crash are the ones that matter. */
function logger(config: Config): Logger {
  return pino({ level: config.log, base: null }, destination({ dest: 2, sync: true }));
}

/** Every configured probe once, or the one that is named; one after the other, so that they do not disturb each other. */
async function once({ config, log, options, probes, stdout, stderr, signal }: Call): Promise<number> {
  const named = options.probe;
  const chosen = config.probes.filter(({ probe }) => named === undefined || probe.name === named);
  if (named !== undefined && chosen.length === 0)
    throw new UsageError(
      probes.some((probe) => probe.name === named)
        ? `phép đo "${named}" chưa được khai trong ${config.file} (/probes/${named})`
        : `không có phép đo "${named}"; có: ${probes.map((probe) => probe.name).join(', ')}`,
    );
  if (chosen.length === 0) stderr(`agent: chưa có gì để đo: ${config.file} chưa khai phép đo nào trong "probes"\n`);
  // A damaged identity keeps from sending, not from measuring.
  const identity = await loadIdentity(config.dataDir).catch(() => null);
  const paused = chosen.some(({ probe }) => probe.heavy) ? await pausedUntil(config.dataDir) : null;
  if (paused !== null)
    stderr(`agent: chú ý: phép đo thường trực đang tạm ngừng đến ${formatTime(paused)}, lệnh once vẫn đo\n`);
  const runner = new Runner(log, () => new Date(), {
    kept: keptFiles(config.dataDir, log),
    collector: () => collectorAccess(config, identity),
  });
  let broken = false;
  for (const { probe, config: own } of chosen) {
    if (probe.targets(targeted(config, own, identity)).length === 0)
      stderr(`agent: ${probe.name}: chưa khai thiết bị nào, không có gì để đo\n`);
    const done = await onLine(
      {
        dataDir: config.dataDir,
        probe,
        signal,
        onWait: ({ pid, what }) => stderr(`agent: ${probe.name}: chờ tiến trình ${pid} đo xong (${what})…\n`),
        onNoLock: ({ message }) =>
          stderr(`agent: ${probe.name}: không biết tác tử thường trực có đang đo không (${message})\n`),
      },
      () =>
        runner.run(probe, targeted(config, own, identity), {
          signal,
          onSample: (sample) => stdout(`${JSON.stringify(sample)}\n`),
        }),
    );
    if (signal.aborted) return EXIT.interrupted;
    if ('busy' in done)
      stderr(
        `agent: ${probe.name}: chưa đo, tiến trình ${done.busy.pid} vẫn đang dùng đường truyền: hãy thử lại sau\n`,
      );
    broken ||= 'busy' in done || done.result.some((sample) => sample.reason === 'internal');
  }
  return broken ? EXIT.failed : EXIT.done;
}

async function run(call: Call): Promise<number> {
  const { config, log, probes, signal, stdout, timings } = call;
  if (config.role === 'site' && config.localPage === false) await requireEnrolment(config);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await takeLock(path.join(config.dataDir, 'run.lock'), 'run');
  keepLogsFew(path.join(path.dirname(config.file), 'logs'), signal);
  try {
    const say = (line: string) => stdout(`${line}\n`);
    const options = { config, log, say, signal, ...(timings === undefined ? {} : { timings }) };
    if (config.role === 'site') {
      const { serveSite } = await import('./local-page/serve-with-page.ts');
      return exitOf(await serveSite({ ...options, probes, enrolWaits: call.enrolWaits }));
    }
    const machine = await machineOf(call);
    const identity = await endpointIdentity(call, machine, say);
    return identity ? exitOf(await serve({ ...options, identity, machine })) : EXIT.done;
  } finally {
    lock.release();
  }
}

const exitOf = (end: 'ended' | 'upgraded') => (end === 'upgraded' ? EXIT.upgraded : EXIT.done);

/** Without a page nobody could bring a code later. */
async function requireEnrolment(config: Config): Promise<void> {
  if (config.code !== undefined && config.collector !== undefined) return;
  const identity = await loadIdentity(config.dataDir);
  if (identity?.target !== undefined) throw new ConfigError(config.file, '/role', WRONG_ROLE);
  if (!identity)
    throw new ConfigError(config.file, '', 'máy này chưa ghi danh: chạy lệnh enroll với mã của Phòng/Sở trước');
}

const machineOf = ({ machine = readMachine, signal }: Call): Promise<Machine> => machine(signal);

function endpointIdentity({ config, log, signal, enrolWaits }: Call, machine: Machine, say: (line: string) => void) {
  const { dataDir, collector, code } = config;
  const waits = enrolWaits === undefined ? {} : { waits: enrolWaits };
  return ownIdentity({ dataDir, collector, code, machine, log, say, signal, ...waits });
}

/** By options, or by the environment, which an installer need not quote. */
async function setup(options: Options, { probes, stdout }: Surroundings): Promise<number> {
  const { THDT_ROLE, THDT_COLLECTOR, THDT_CODE } = process.env;
  const { config: file = '', role = THDT_ROLE, collector = THDT_COLLECTOR, code = THDT_CODE, data } = options;
  await setUp(file, { role, collector, code, data });
  loadConfig(file, probes);
  stdout(`Đã ghi ${file}\n`);
  return EXIT.done;
}

async function enroll(call: Call): Promise<number> {
  const { config, options, stdout, stderr } = call;
  const code = options.code ?? config.code;
  if (!code) throw new UsageError('thiếu --code MÃ');
  const given = options.collector ?? config.collector;
  if (given === undefined) throw new UsageError('thiếu --collector URL (tệp cấu hình không có "collector")');
  const collector = collectorUrl(given);
  if (collector === null) throw new UsageError('--collector phải là địa chỉ http:// hoặc https://');
  const { agentId, school } = await enrol(
    config.dataDir,
    collector,
    code,
    config.role === 'endpoint' ? { machine: await machineOf(call) } : undefined,
    config.code,
  );
  stdout(`Đã ghi danh: ${agentId}, ${school.name} (${school.id}), collector ${collector}\n`);
  if (config.collector !== undefined && config.collector !== collector)
    stderr(
      `agent: chú ý: lệnh run gửi về ${config.collector} theo "collector" trong ${config.file}, hãy sửa cho khớp\n`,
    );
  return EXIT.done;
}

async function status({ config, options, stdout }: Call): Promise<number> {
  const found = await readStatus(config);
  stdout(`${options.json ? JSON.stringify(found, null, 2) : statusText(found)}\n`);
  return EXIT.done;
}

async function doctor({ config, options, stdout }: Call): Promise<number> {
  const checks = await examine(config);
  stdout(`${options.json ? JSON.stringify(checks, null, 2) : doctorText(checks)}\n`);
  return checks.every(({ problems }) => problems.length === 0) ? EXIT.done : EXIT.failed;
}

/** The address is printed where it is not shown: it opens the page once. */
async function openLocalPage({ config, options, stdout, stderr }: Call): Promise<number> {
  const address = await openingAddress(config.dataDir);
  if (!options.print && (await showInBrowser(address))) return EXIT.done;
  stdout(`${address}\n`);
  stderr('agent: mở địa chỉ trên bằng trình duyệt của máy này; nó chỉ dùng được một lần\n');
  return EXIT.done;
}

async function discoverDevices({ config, options, stdout, stderr, signal }: Call): Promise<number> {
  if (config.role === 'endpoint')
    throw new ConfigError(config.file, '/role', 'máy tính của trường không tìm thiết bị: chạy discover ở máy đo');
  const { sweep: ranges = [], add = false, json = false } = options;
  // Only here: the list of vendors takes memory that a running agent has no use for.
  const { discover } = await import('./discovery/discover.ts');
  const terminal = process.stderr.isTTY === true;
  const whole = await discover({ config, ranges, add, json, stdout, stderr, terminal, signal });
  return whole ? EXIT.done : EXIT.interrupted;
}

async function pauseHeavy({ config, options, stdout }: Call): Promise<number> {
  const minutes = Number(options.minutes ?? 60);
  const most = MAX_PAUSE_MS / 60_000;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > most)
    throw new UsageError(`--minutes phải là số nguyên từ 1 đến ${most}`);
  const until = Date.now() + minutes * 60_000;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await pause(config.dataDir, until);
  stdout(
    `Tạm ngừng đo tốc độ Internet đến ${formatTime(until)} ngày ${formatDate(until)}. Đo lại sớm hơn: lệnh resume\n`,
  );
  return EXIT.done;
}

async function resumeHeavy({ config, stdout }: Call): Promise<number> {
  stdout((await resume(config.dataDir)) ? 'Đã cho đo lại.\n' : 'Không có gì đang tạm ngừng.\n');
  return EXIT.done;
}

/**
 * Runs `main` as this process: ends on SIGTERM, SIGINT and when a parent that started it with an IPC channel is gone.
 * The exit is explicit, because a probe that ignores its signal must not keep the process alive.
 */
export async function runProcess(
  around: Pick<Surroundings, 'probes' | 'timings' | 'machine' | 'enrolWaits'>,
): Promise<never> {
  const ending = new AbortController();
  const end = () => {
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    ending.abort();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', () => ending.abort());
  // It may have gone while this one was loading.
  if (process.send && !process.connected) ending.abort();
  // `once | head` closes the pipe: nobody reads on, which is no error. A service goes on measuring.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!process.argv.includes('run')) process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  const code = await main(process.argv.slice(2), {
    ...around,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    signal: ending.signal,
  });
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(code);
}

if (import.meta.main) {
  const { probes } = await import('./probes/registry.ts');
  await runProcess({ probes });
}
