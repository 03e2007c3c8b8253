import { parseArgs } from 'node:util';
import { destination, type Logger, pino } from 'pino';
import { type Command, EXIT, OPTIONS, type Options, type Surroundings, UsageError } from './commands/call.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { SweepRangeError } from './discovery/ranges.ts';
import { OpenError } from './local-page/open.ts';
import { LockHeldError } from './process-lock.ts';
import { SetupError } from './setup.ts';
import { EnrolError } from './uplink/enrol.ts';
import { IdentityError } from './uplink/identity.ts';

/** Command line of the agent. Data goes to stdout, the log to stderr. */

export type { Surroundings };

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

interface Entry {
  options: (keyof Options)[];
  /** Loaded when it is called: an agent that runs for months needs no other command in memory. */
  load?: () => Promise<Command>;
  /** Instead of `load`, for what makes the configuration. */
  loadBare?: () => Promise<(options: Options, around: Surroundings) => Promise<number>>;
}

const commands: Record<string, Entry> = {
  once: { load: async () => (await import('./commands/once.ts')).once, options: ['probe'] },
  run: { load: async () => (await import('./commands/run.ts')).run, options: [] },
  setup: {
    loadBare: async () => (await import('./commands/setup.ts')).setup,
    options: ['role', 'collector', 'code', 'data'],
  },
  enroll: { load: async () => (await import('./commands/enroll.ts')).enroll, options: ['code', 'collector'] },
  status: { load: async () => (await import('./commands/status.ts')).status, options: ['json'] },
  doctor: { load: async () => (await import('./commands/doctor.ts')).doctor, options: ['json'] },
  open: { load: async () => (await import('./commands/open.ts')).openLocalPage, options: ['print'] },
  discover: {
    load: async () => (await import('./commands/discover.ts')).discoverDevices,
    options: ['sweep', 'add', 'json'],
  },
  pause: { load: async () => (await import('./commands/pause.ts')).pauseHeavy, options: ['minutes'] },
  resume: { load: async () => (await import('./commands/pause.ts')).resumeHeavy, options: [] },
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
    if (command.loadBare) return await (await command.loadBare())(values, around);
    const config = loadConfig(values.config, around.probes);
    const run = await command.load!();
    return await run({ ...around, config, log: logger(config), options: values });
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
      options: OPTIONS,
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
  const { probesFor } = await import('./probes/choose.ts');
  await runProcess({ probes: await probesFor(process.argv) });
}
