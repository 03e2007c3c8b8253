import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { passesBasic, passesDigest, passesToken } from './camera-auth.ts';
import { Listener } from './listen.ts';
import { picture, randomFrom } from './scene.ts';
import * as soap from './soap.ts';

/**
 * A simulated camera: ONVIF device and media service over SOAP (ONVIF Core 8, Media 5) and a snapshot over HTTP.
 *
 * - `live` moving scene with sensor noise; `frozen` the same picture each time, ONVIF healthy; `dark` a covered lens;
 * - `auth` takes no password at all; `no-stream` ONVIF answers and has no media profile;
 * - `dead` takes connections and never answers, as a hung camera does (`unreachable`); `refusing` listens no more.
 */
export const CAMERA_MODES = ['live', 'frozen', 'dark', 'auth', 'no-stream', 'dead', 'refusing'] as const;
export type CameraMode = (typeof CAMERA_MODES)[number];

export interface CameraOptions {
  host?: string;
  port?: number;
  username?: string;
  password?: string;
  mode?: CameraMode;
  seed?: number;
  model?: string;
  /** How far the camera's clock is ahead, seconds. Tokens made by another clock are refused. */
  clockOffsetS?: number;
  /** How the snapshot asks for the password. Default Digest with SHA-256. */
  snapshotAuth?: 'MD5' | 'SHA-256' | 'basic';
  /** Host that the camera names in its addresses instead of its own. */
  announcedHost?: string;
  /** Lets the snapshot stand for so many requests, as cameras do that make one only now and then. Default 1. */
  snapshotRepeats?: number;
}

/** Largest clock difference that a token may have, ms. */
const TOKEN_AGE_MS = 60_000;
const MAX_REQUEST_BYTES = 64 * 1024;

export class SimulatedCamera {
  readonly username: string;
  readonly password: string;
  mode: CameraMode;
  readonly #options: CameraOptions;
  readonly #listener: Listener;
  readonly #random: () => number;
  readonly #nonce = randomBytes(16).toString('hex');
  #frame = 0;
  #asked = 0;
  #shown: Buffer | undefined;

  constructor(options: CameraOptions = {}) {
    this.#options = options;
    this.username = options.username ?? 'admin';
    this.password = options.password ?? 'truong-hoc-8265';
    this.mode = options.mode ?? 'live';
    this.#random = randomFrom(options.seed ?? 1);
    this.#listener = new Listener(createServer((request, response) => this.#answer(request, response)));
  }

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  async start(): Promise<this> {
    await this.#listener.open(this.#options.host, this.#options.port);
    await this.set(this.mode);
    return this;
  }

  /** Changes what the camera does, from the next request on. */
  async set(mode: CameraMode): Promise<void> {
    this.mode = mode;
    this.#shown = undefined;
    if (mode === 'refusing') return this.#listener.close();
    this.#listener.cut();
    await this.#listener.open();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.mode === 'dead') return;
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MAX_REQUEST_BYTES) request.destroy();
      else parts.push(part);
    });
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0];
      if (path === '/snapshot.jpg' && request.method === 'GET') this.#snapshot(request, response);
      else if (path?.startsWith('/onvif/') && request.method === 'POST') {
        const { status, xml } = this.#soap(Buffer.concat(parts).toString());
        response.writeHead(status, { 'content-type': 'application/soap+xml; charset=utf-8' }).end(xml);
      } else response.writeHead(404).end();
    });
  }

  #now(): number {
    return Date.now() + (this.#options.clockOffsetS ?? 0) * 1000;
  }

  #soap(envelope: string): { status: number; xml: string } {
    const call = /<(?:\w+:)?(Get\w+)[\s/>]/.exec(envelope)?.[1] ?? '';
    if (call === 'GetSystemDateAndTime') return { status: 200, xml: soap.systemDateAndTime(this.#now()) };
    const base = `http://${this.#options.announcedHost ?? this.address}:${this.port}`;
    if (call === 'GetCapabilities') return { status: 200, xml: soap.capabilities(base) };
    if (call === 'GetServices') return { status: 200, xml: soap.services(base) };
    const login = { username: this.username, password: this.password };
    if (this.mode === 'auth' || !passesToken(envelope, login, this.#now(), TOKEN_AGE_MS)) {
      return { status: 400, xml: soap.fault('ter:NotAuthorized', 'Sender not authorized') };
    }
    switch (call) {
      case 'GetDeviceInformation':
        return { status: 200, xml: soap.deviceInformation(this.#options.model ?? 'MP-320') };
      case 'GetProfiles':
        return { status: 200, xml: soap.profiles(this.mode !== 'no-stream') };
      case 'GetStreamUri': {
        const host = this.#options.announcedHost ?? this.address;
        return { status: 200, xml: soap.mediaUri('GetStreamUri', `rtsp://${host}:554/stream1`) };
      }
      case 'GetSnapshotUri':
        return { status: 200, xml: soap.mediaUri('GetSnapshotUri', `${base}/snapshot.jpg?channel=1`) };
      default:
        return { status: 400, xml: soap.fault('ter:ActionNotSupported', 'Optional action not implemented') };
    }
  }

  #snapshot(request: IncomingMessage, response: ServerResponse): void {
    const kind = this.#options.snapshotAuth ?? 'SHA-256';
    const login = { username: this.username, password: this.password };
    const header = request.headers.authorization ?? '';
    const passes =
      kind === 'basic'
        ? passesBasic(header, login)
        : passesDigest(header, login, { algorithm: kind, nonce: this.#nonce, method: 'GET', uri: request.url ?? '' });
    if (this.mode === 'auth' || !passes) {
      const digest = `Digest realm="camera", qop="auth", nonce="${this.#nonce}", algorithm=${kind}`;
      response.writeHead(401, { 'www-authenticate': kind === 'basic' ? 'Basic realm="camera"' : digest }).end();
    } else if (this.mode === 'no-stream') response.writeHead(503).end();
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(this.#look());
  }

  #look(): Buffer {
    const repeats = this.#options.snapshotRepeats ?? 1;
    const again = this.mode === 'frozen' || this.#asked++ % repeats !== 0;
    if (!again || !this.#shown) this.#shown = picture(this.#frame++, this.#random, this.mode === 'dark' ? 0 : 1);
    return this.#shown;
  }
}

/** Starts a camera. Its address and port are known when this resolves. */
export const startCamera = (options: CameraOptions = {}): Promise<SimulatedCamera> =>
  new SimulatedCamera(options).start();
