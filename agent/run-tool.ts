import { execFile } from 'node:child_process';

/** Programs of this host, bounded in time and output. */

export interface Tool {
  output: string | null;
  why: 'ok' | 'tool-missing' | 'timeout' | 'failed';
}

const MAX_OUTPUT = 1024 * 1024;

export function runTool(program: string, args: string[], timeoutMs: number, signal: AbortSignal): Promise<Tool> {
  return new Promise((resolve) => {
    const limits = {
      signal,
      timeout: timeoutMs,
      maxBuffer: MAX_OUTPUT,
      windowsHide: true,
      killSignal: 'SIGKILL' as const,
    };
    execFile(program, args, { ...limits, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) => {
      if (!error) return resolve({ output: stdout, why: 'ok' });
      if (error.code === 'ENOENT') return resolve({ output: null, why: 'tool-missing' });
      resolve({ output: null, why: error.killed || signal.aborted ? 'timeout' : 'failed' });
    });
  });
}
