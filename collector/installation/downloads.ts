import { createHash } from 'node:crypto';
import { constants, type ReadStream } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Download } from '../api/schemas/installation.ts';

/** Installers of the agent that an administrator put into a directory. Nothing is served but what a packager of this project names. */

/** As deploy/package makes them: `thdt-agent-1.2.3-windows-x64.exe`, `thdt-agent_1.2.3_amd64.deb`. */
const WINDOWS = /^thdt-agent-(\d{1,5}\.\d{1,5}\.\d{1,5})-windows-x64\.exe$/;
const DEBIAN = /^thdt-agent_(\d{1,5}\.\d{1,5}\.\d{1,5})_(amd64|arm64)\.deb$/;
/** More are old versions that nobody removed. */
const MAX_LISTED = 30;

function described(name: string): Pick<Download, 'version' | 'system'> | null {
  const windows = WINDOWS.exec(name);
  if (windows) return { version: windows[1]!, system: 'windows' };
  const debian = DEBIAN.exec(name);
  return debian && { version: debian[1]!, system: debian[2] === 'arm64' ? 'debian-arm64' : 'debian-amd64' };
}

const byVersion = (one: Download, other: Download) =>
  other.version.localeCompare(one.version, 'en', { numeric: true }) || one.name.localeCompare(other.name, 'en');

export class Downloads {
  readonly #directory: string;
  /** Digests by name, size and time of change: a file is read once, not at each look. */
  readonly #digests = new Map<string, Promise<string>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What is there, the newest version first. */
  async list(): Promise<Download[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const found: Download[] = [];
    for (const name of names) {
      const what = described(name);
      const file = what && (await this.#open(name));
      if (!file) continue;
      try {
        const { size, mtimeMs } = await file.stat();
        found.push({ name, bytes: size, sha256: await this.#digestOf(`${name} ${size} ${mtimeMs}`, file), ...what });
      } finally {
        await file.close();
      }
    }
    return found.sort(byVersion).slice(0, MAX_LISTED);
  }

  /** The bytes of one and their number; null when it is not here or bears another name than an installer's. */
  async open(name: string): Promise<{ bytes: number; stream: ReadStream } | null> {
    const file = described(name) && (await this.#open(name));
    if (!file) return null;
    const { size } = await file.stat();
    // One that grows while it is read is not sent longer than it was said to be; an empty one has no last byte.
    return { bytes: size, stream: file.createReadStream(size === 0 ? {} : { end: size - 1 }) };
  }

  /** A plain file of that directory itself: no link leads out of it. */
  async #open(name: string): Promise<FileHandle | null> {
    const place = path.join(this.#directory, name);
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
    if (!file) return null;
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return null;
  }

  #digestOf(key: string, file: FileHandle): Promise<string> {
    const known = this.#digests.get(key);
    if (known) return known;
    const digest = sha256(file);
    this.#digests.set(key, digest);
    digest.catch(() => this.#digests.delete(key));
    return digest;
  }
}

async function sha256(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
