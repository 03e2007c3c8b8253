import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs a script of ours in a process of its own, bounded in time, memory and output, for code that may block, never end,
 * or throw where nothing can catch it. The script gets `input` as JSON in its first argument and prints one JSON value.
 */
export interface ChildLimits {
  deadlineMs: number;
  maxOutputBytes?: number;
  maxHeapMb?: number;
  signal: AbortSignal;
}

export class ChildError extends Error {
  override name = 'ChildError';
  readonly code: 'timeout' | 'too-large' | 'crashed' | 'malformed';
  constructor(code: ChildError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export function boundedChild(script: URL, input: unknown, limits: ChildLimits): Promise<unknown> {
  const { deadlineMs, maxOutputBytes = 64 * 1024, maxHeapMb = 64, signal } = limits;
  return new Promise((resolve, reject) => {
    const args = [`--max-old-space-size=${maxHeapMb}`, '--no-warnings', fileURLToPath(script), JSON.stringify(input)];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const output: Buffer[] = [];
    let size = 0;
    let complaint = '';
    const finish = (result: ChildError | { value: unknown }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      if (result instanceof ChildError) reject(result);
      else resolve(result.value);
    };
    const onAbort = () => finish(new ChildError('timeout', 'aborted'));
    const timer = setTimeout(() => finish(new ChildError('timeout', `no answer in ${deadlineMs} ms`)), deadlineMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.once('error', (error) => finish(new ChildError('crashed', error.message)));
    child.stderr.on('data', (piece: Buffer) => {
      complaint = (complaint + piece.toString()).slice(-2000);
    });
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > maxOutputBytes) finish(new ChildError('too-large', `more than ${maxOutputBytes} bytes of output`));
      else output.push(piece);
    });
    child.once('close', (code) => {
      const text = Buffer.concat(output).toString();
      if (text === '') return finish(new ChildError('crashed', firstError(complaint) || `ended with code ${code}`));
      try {
        finish({ value: JSON.parse(text) });
      } catch {
        finish(new ChildError('malformed', 'output is not JSON'));
      }
    });
  });
}

/** The line of Node's crash report that names the error. */
function firstError(complaint: string): string {
  return (/^.*(?:Error|FATAL).*$/m.exec(complaint)?.[0] ?? '').slice(0, 200);
}
