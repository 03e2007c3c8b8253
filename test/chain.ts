import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** `npm start` as a child: collector, page, agent and practice school on loopback, on a free port and fresh data. */
export interface Chain {
  process: ChildProcess;
  data: string;
  base: string;
  /** Signs the first administrator in. */
  link: string;
  /** Ends everything that it started and removes the data. Answers the exit code. */
  stop(): Promise<number | null>;
}

export const ROOT = resolve(import.meta.dirname, '..');
const LINK_MS = 50_000;

export async function startChain(): Promise<Chain> {
  const data = mkdtempSync(join(tmpdir(), 'thdt-chain-'));
  const child = fork(join(ROOT, 'deploy/start.ts'), ['--data', data, '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((done) => child.once('exit', done).kill('SIGTERM'));
    rmSync(data, { recursive: true, force: true });
    return child.exitCode;
  };
  try {
    const link = await linkOf(child);
    return { process: child, data, base: new URL(link).origin, link, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function linkOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let text = '';
    const timer = setTimeout(() => failed(new Error(`no sign-in link: ${text}`)), LINK_MS);
    child.stdout!.on('data', (chunk: Buffer) => {
      text += String(chunk);
      const link = /http:\/\/127\.0\.0\.1:\d+\/dang-nhap#\S+/.exec(text)?.[0];
      if (!link) return;
      clearTimeout(timer);
      found(link);
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      text += String(chunk);
    });
  });
}
