import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Opening, proofOf, readOpening } from './access.ts';

/** `open`: the way from a shortcut to the local page of the running agent. */

/** Why there is nothing to open, in one line. */
export class OpenError extends Error {
  override name = 'OpenError';
}

const ANSWER_MS = 5_000;
/** A browser that is not running yet takes so long to read its first file, ms. */
const BROWSER_MS = 15_000;
const MAX_PROOF_CHARS = 1_000;

/** The page's address with the token that opens it once. Throws OpenError. */
export async function openingAddress(dataDir: string): Promise<string> {
  const opening = await readOpening(dataDir).catch(() => {
    throw new OpenError(`không được đọc ${dataDir}: hãy chạy bằng tài khoản quản trị của máy`);
  });
  if (!opening)
    throw new OpenError('tác tử chưa mở trang nào: kiểm tra dịch vụ đang chạy và "localPage" trong cấu hình');
  if (!(await isOurs(opening)))
    throw new OpenError(
      `ở cổng ${opening.port} không phải tác tử của máy này: kiểm tra dịch vụ đang chạy, rồi chạy lệnh doctor`,
    );
  return `http://127.0.0.1:${opening.port}/#${opening.token}`;
}

/** Whether the agent that wrote the token is who listens: another user's program there must not be told it. */
export async function isOurs({ port, token }: Opening): Promise<boolean> {
  const nonce = randomBytes(24).toString('base64url');
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/proof?nonce=${nonce}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await limited(response);
    return response.ok && JSON.parse(text).proof === proofOf(token, nonce);
  } catch {
    return false;
  }
}

async function limited(response: Response): Promise<string> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('latin1');
    if (text.length > MAX_PROOF_CHARS) throw new RangeError('too long');
  }
  return text;
}

/**
 * Shows an address in the person's browser; false where there is none. The command line of a program can be read by every
 * user of the machine, so it names a file of this user's own that leads on, and not the address.
 */
export async function showInBrowser(address: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const opener = openerOf(process.platform, env);
  if (!opener) return false;
  const folder = await mkdtemp(path.join(tmpdir(), 'thdt-open-'));
  try {
    const file = path.join(folder, 'mo-trang.html');
    await writeFile(
      file,
      `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}">`,
      {
        mode: 0o600,
      },
    );
    const [program, ...args] = opener;
    const child = spawn(program, [...args, pathToFileURL(file).href], {
      stdio: 'ignore',
      detached: true,
      windowsHide: true,
    });
    const failed = new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(true));
      child.once('exit', (code) => resolve(code !== 0));
    });
    child.unref();
    if (await Promise.race([failed, delay(BROWSER_MS, false)])) return false;
    await delay(BROWSER_MS);
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program that opens an address with what the person uses, started without a shell. */
export function openerOf(platform: string, env: NodeJS.ProcessEnv): [string, ...string[]] | null {
  if (platform === 'win32') return ['rundll32.exe', 'url.dll,FileProtocolHandler'];
  if (platform === 'darwin') return ['open'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : null;
}
