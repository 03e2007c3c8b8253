import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** What a test of packages needs of its machine. */

export const exec = promisify(execFile);

/** Whether a program answers to `--version` or the like: it is there and runs. */
export function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Whether this process may make a root file system of its own over this machine's: root, and a kernel with overlayfs. */
export const canOverlay = (): boolean =>
  process.getuid?.() === 0 &&
  runs(
    'unshare',
    '-m',
    'sh',
    '-c',
    `mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w /mnt/r &&
    mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r`,
  );
