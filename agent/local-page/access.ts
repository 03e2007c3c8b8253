import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from '../spool/durable.ts';

/**
 * Who may use the local page: whoever can read the agent's data directory, which other users of the PC cannot. A token in
 * a file there is exchanged for a session and is then another one, so what stays in a browser's history opens nothing.
 *
 * A session has two halves. The cookie alone would not do: browsers send it to every port of 127.0.0.1, so a server of
 * another user of this PC could collect it. The key is kept by the page's own origin and goes with each request.
 */

const FILE = 'local-page.json';
/** Bits of chance: 256. */
const SECRET_BYTES = 32;
/** A page that is open asks every few seconds; one that is closed is forgotten after this, ms. */
export const IDLE_MS = 15 * 60_000;
/** However busy, ms. */
export const LONGEST_MS = 8 * 3_600_000;
/** A session's cookie is another one from then on, ms; the one before goes on for requests that are under way. */
export const ROTATE_MS = 10 * 60_000;
const OVERLAP_MS = 30_000;
const MAX_SESSIONS = 16;
/** Wrong tokens within the window before no token is looked at, right or wrong. */
export const MAX_WRONG = 10;
export const WRONG_WINDOW_MS = 60_000;

export interface Opening {
  port: number;
  token: string;
}

/** Where the page of a running agent is, and the token that opens it; null when none is running or it may not be read. */
export async function readOpening(dataDir: string): Promise<Opening | null> {
  try {
    const { port, token } = JSON.parse(await readFile(path.join(dataDir, FILE), 'utf8'));
    return Number.isInteger(port) && typeof token === 'string' ? { port, token } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error;
    return null;
  }
}

/** What only a holder of the token can say of `nonce`: whoever listens on the port must show it before it is told the token. */
export const proofOf = (token: string, nonce: string): string =>
  createHmac('sha256', token).update(`thdt-local-page ${nonce}`).digest('base64url');

export interface Session {
  /** Sent as cookie. */
  cookie: string;
  /** Kept by the page. */
  key: string;
}

interface Held {
  cookie: Buffer;
  earlier: { cookie: Buffer; until: number } | null;
  key: Buffer;
  begunAt: number;
  rotatedAt: number;
  usedAt: number;
}

export class Access {
  readonly #dataDir: string;
  readonly #now: () => number;
  #token = '';
  #port = 0;
  readonly #sessions: Held[] = [];
  #wrong: number[] = [];

  constructor(dataDir: string, now: () => number = () => performance.now()) {
    this.#dataDir = dataDir;
    this.#now = now;
  }

  /** Makes a token for a page at `port` and writes it where only the owner of the data directory reads it. */
  async open(port: number): Promise<void> {
    this.#port = port;
    await this.#newToken();
  }

  proof(nonce: string): string {
    return proofOf(this.#token, nonce);
  }

  /** A session for the right token, which from then on is wrong; null for any other; 'wait' after too many of those. */
  async enter(token: string): Promise<Session | null | 'wait'> {
    const now = this.#now();
    this.#wrong = this.#wrong.filter((at) => now - at < WRONG_WINDOW_MS);
    if (this.#wrong.length >= MAX_WRONG) return 'wait';
    if (!same(digest(token), digest(this.#token))) {
      this.#wrong.push(now);
      return null;
    }
    const [cookie, key] = [secret(), secret()];
    const held = { cookie: digest(cookie), earlier: null, key: digest(key), begunAt: now, rotatedAt: now, usedAt: now };
    // Before the first wait, so that the same token shown twice at once opens one session.
    this.#token = '';
    this.#sessions.push(held);
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift();
    await this.#newToken();
    return { cookie, key };
  }

  /** Whether both halves are those of one session; `cookie` is the new one where it was time for another. */
  check(cookie: string | undefined, key: string | undefined): { cookie: string | null } | null {
    const held = this.#find(cookie, key);
    if (!held) return null;
    const now = this.#now();
    held.usedAt = now;
    if (now - held.rotatedAt < ROTATE_MS) return { cookie: null };
    const next = secret();
    held.earlier = { cookie: held.cookie, until: now + OVERLAP_MS };
    held.cookie = digest(next);
    held.rotatedAt = now;
    return { cookie: next };
  }

  leave(cookie: string | undefined, key: string | undefined): void {
    const held = this.#find(cookie, key);
    if (held) this.#sessions.splice(this.#sessions.indexOf(held), 1);
  }

  #find(cookie: string | undefined, key: string | undefined): Held | undefined {
    if (cookie === undefined || key === undefined) return undefined;
    const now = this.#now();
    const [shownCookie, shownKey] = [digest(cookie), digest(key)];
    const alive = (one: Held) => now - one.usedAt < IDLE_MS && now - one.begunAt < LONGEST_MS;
    for (const one of this.#sessions.filter((held) => !alive(held)))
      this.#sessions.splice(this.#sessions.indexOf(one), 1);
    return this.#sessions.find(
      (one) =>
        same(shownKey, one.key) &&
        (same(shownCookie, one.cookie) ||
          (one.earlier !== null && now < one.earlier.until && same(shownCookie, one.earlier.cookie))),
    );
  }

  async #newToken(): Promise<void> {
    this.#token = secret();
    await mkdir(this.#dataDir, { recursive: true, mode: 0o700 });
    await writeDurably(this.#dataDir, FILE, `${JSON.stringify({ port: this.#port, token: this.#token })}\n`, 0o600);
  }
}

const secret = () => randomBytes(SECRET_BYTES).toString('base64url');
/** Of one length whatever was shown, so that comparing takes the same time. */
const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (one: Buffer, other: Buffer) => timingSafeEqual(one, other);
