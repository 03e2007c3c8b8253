import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** Another process that takes the lock at `file`. `said` is `held`, or the pid of the process that has it. */
export async function otherProcess(file: string): Promise<{ child: ChildProcess; said: string; end(): Promise<void> }> {
  const child = fork(path.join(import.meta.dirname, 'lock-entry.ts'), [file], {
    execPath: path.join(import.meta.dirname, '../../../node_modules/.bin/node'),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(String(message)));
    child.once('exit', () => reject(new Error('ended without a word')));
  });
  const end = () => {
    if (child.connected) child.send('end');
    return ended;
  };
  return { child, said, end };
}
