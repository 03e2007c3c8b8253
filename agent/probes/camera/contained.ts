import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job, Message } from './messages.ts';

/** Starts the child for one camera and holds it: time, heap, output, files. */

export interface Limits {
  /** The child is killed after this long, ms. */
  deadlineMs: number;
  signal: AbortSignal;
}

/** How the child ended: by itself, by the clock or the runner, by saying too much, or by breaking. */
export type End = 'done' | 'killed' | 'too-much' | 'broken';

/**
 * Heap of the child, MB: jpeg-js decodes 2560×1440 in 64 and 3840×2160 in 96, no less. Pixels lie outside the heap,
 * bounded by picture.ts; resident at most, measured: 100 MB at 320×240, 160 at 720p, 185 at 1080p, 425 at 4K.
 */
const HEAP_MB = 96;
/** Grids of three pictures are about 20 KiB. */
const MAX_OUTPUT_BYTES = 256 * 1024;

const SCRIPT = fileURLToPath(new URL('./onvif-child.ts', import.meta.url));
/** All that the child may read: the probes' code and the installed packages. */
const READABLE = [join(dirname(SCRIPT), '..'), ...packagesOf('node-onvif'), ...packagesOf('jpeg-js')];

/** Runs `job` and hands each message to `onMessage`. Never rejects; resolves when the child is gone. */
export function contained(job: Job, limits: Limits, onMessage: (message: Message) => void): Promise<End> {
  return new Promise((resolve) => {
    let end: End = 'done';
    const child = spawn(process.execPath, [...flags(), SCRIPT], {
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      // Nothing of the agent's environment; Windows opens no socket without SystemRoot.
      env: process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot },
    });
    const stop = (why: End) => {
      if (end === 'done') end = why;
      child.kill('SIGKILL');
    };
    const onAbort = () => stop('killed');
    const timer = setTimeout(onAbort, limits.deadlineMs);
    limits.signal.addEventListener('abort', onAbort, { once: true });
    if (limits.signal.aborted) onAbort();

    let size = 0;
    let rest = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (piece: string) => {
      size += piece.length;
      if (size > MAX_OUTPUT_BYTES) return stop('too-much');
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const message = messageIn(line);
        if (!message) return stop('broken');
        onMessage(message);
      }
    });
    // A child that is gone before it read its job is seen at `close`.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(job));

    const finish = () => {
      clearTimeout(timer);
      limits.signal.removeEventListener('abort', onAbort);
      resolve(end);
    };
    child.once('error', () => {
      end = 'broken';
      finish();
    });
    child.once('close', (code) => {
      if (end === 'done' && code !== 0) end = 'broken';
      finish();
    });
  });
}

/** Anything else on stdout (a dependency that prints) means that the child is not what it should be. */
function messageIn(line: string): Message | undefined {
  try {
    const message = JSON.parse(line) as Message | null;
    return message && typeof message.kind === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Node's permission model leaves the child no writing, no programs, no threads, and reading only of READABLE. */
function flags(): string[] {
  const readable = [...new Set(READABLE)].map((folder) => `--allow-fs-read=${folder}`);
  return [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=4', '--no-warnings', '--permission', ...readable];
}

/** The node_modules folder in which `name` lies; none when the agent is a bundle, which holds the package itself. */
function packagesOf(name: string): string[] {
  try {
    const at = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return [join(dirname(at), ...name.split('/').map(() => '..'))];
  } catch {
    return [];
  }
}
