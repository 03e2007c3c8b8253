import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Listener } from './listen.ts';
import { picture, randomFrom } from './scene.ts';
import * as soap from './soap.ts';

/**
 * Cameras that mean harm, or are broken as if they did. Those named `…-snapshot` answer ONVIF in order and attack with
 * the picture.
 */
export const HOSTILITIES = [
  'drip', // one byte a second, for ever
  'drip-head', // the same within the head of the answer
  'endless', // a body without end, as fast as it is taken
  'broken-xml',
  'entities', // a DTD whose entities would grow to gigabytes
  'deep-xml', // tens of thousands of elements in one another
  'html', // a web page where ONVIF was expected
  'not-http',
  'always-401', // takes no answer to its challenge
  'foreign', // every address it names lies on another host
  'no-profile-token', // answers in order of elements that are not there
  'echo', // asks for the password in clear and says it back as its model
  'drip-snapshot',
  'endless-snapshot',
  'giant-snapshot', // a JPEG head that promises 65,500 × 65,500 pixels
  'cut-snapshot', // a JPEG that ends in its head
  'text-snapshot',
  'redirect-snapshot', // to another host
  'loop-snapshot', // to itself, for ever
] as const;
export type Hostility = (typeof HOSTILITIES)[number];

export class HostileCamera {
  /** Requests taken. */
  asked = 0;
  readonly #how: Hostility;
  /** Address of another host, `http://127.…:port`, that the camera names. */
  readonly #trap: string;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #listener = new Listener(createServer((request, response) => this.#answer(request, response)));

  constructor(how: Hostility, trap = 'http://127.0.0.9:9') {
    this.#how = how;
    this.#trap = trap;
  }

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  async start(): Promise<this> {
    await this.#listener.open();
    return this;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#listener.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked++;
    response.on('error', () => {});
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const call = /<(?:\w+:)?(Get\w+)[\s/>]/.exec(body)?.[1];
      if (call === undefined) this.#attackPicture(response);
      else this.#attackSoap(call, request, response);
    });
  }

  #attackSoap(call: string, request: IncomingMessage, response: ServerResponse): void {
    const good = this.#goodSoap(call);
    switch (this.#how) {
      case 'drip':
        this.#drip(response, good);
        return;
      case 'drip-head':
        this.#every(1000, response, () => response.socket?.write('H'));
        return;
      case 'endless':
        pour(response, '<a>'.repeat(20_000));
        return;
      case 'broken-xml':
        response.end(`${good.slice(0, good.length / 2)}</nothing><<&`);
        return;
      case 'entities': {
        const grow = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};">`).join('');
        response.end(good.replace('?>', `?><!DOCTYPE x [<!ENTITY e0 "ha">${grow}]>`).replace('Mo', '&e30;'));
        return;
      }
      case 'deep-xml':
        response.end(good.replace('Body>', `Body>${'<a>'.repeat(40_000)}${'</a>'.repeat(40_000)}`));
        return;
      case 'html':
        response.end('<html><title>Camera</title></html>');
        return;
      case 'not-http':
        response.socket?.end('SSH-2.0-dropbear\r\n\r\n');
        return;
      case 'always-401':
        this.#challenge(response);
        return;
      case 'echo': {
        const sent = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
        if (sent === undefined) {
          response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
          return;
        }
        const said = Buffer.from(sent, 'base64').toString();
        response.end(call === 'GetDeviceInformation' ? soap.deviceInformation(said) : good);
        return;
      }
      default:
        response.end(good);
        return;
    }
  }

  #goodSoap(call: string): string {
    const own = `http://${this.address}:${this.port}`;
    const base = this.#how === 'foreign' ? this.#trap : own;
    switch (call) {
      case 'GetSystemDateAndTime':
        return soap.systemDateAndTime(Date.now());
      case 'GetCapabilities':
        return soap.capabilities(base);
      case 'GetDeviceInformation':
        return soap.deviceInformation('Z-1');
      case 'GetProfiles':
        return this.#how === 'no-profile-token'
          ? soap.profiles(true).replace('token="main"', '__proto__="x"')
          : soap.profiles(true);
      case 'GetStreamUri':
        return soap.mediaUri('GetStreamUri', 'rtsp://admin:secret@127.0.0.9/user=admin&password=secret&channel=1');
      default:
        return soap.mediaUri('GetSnapshotUri', `${base}/snapshot.jpg`);
    }
  }

  #attackPicture(response: ServerResponse): void {
    const good = picture(1, randomFrom(1));
    switch (this.#how) {
      case 'drip-snapshot':
        this.#drip(response, 'x'.repeat(10_000));
        return;
      case 'endless-snapshot':
        pour(response, '\xff'.repeat(60_000));
        return;
      case 'giant-snapshot': {
        const size = good.indexOf(Buffer.from([0xff, 0xc0])) + 5; // start of frame (ITU-T T.81, B.2.2)
        good.writeUInt16BE(65_500, size);
        good.writeUInt16BE(65_500, size + 2);
        response.end(good);
        return;
      }
      case 'cut-snapshot':
        response.end(good.subarray(0, 300));
        return;
      case 'text-snapshot':
        response.end('no picture');
        return;
      case 'redirect-snapshot':
        response.writeHead(302, { location: `${this.#trap}/snapshot.jpg` }).end();
        return;
      case 'loop-snapshot':
        response.writeHead(302, { location: '/snapshot.jpg' }).end();
        return;
      case 'always-401':
        this.#challenge(response);
        return;
      default:
        response.end(good);
        return;
    }
  }

  #challenge(response: ServerResponse): void {
    const nonce = Math.random().toString(36);
    response.writeHead(401, { 'www-authenticate': `Digest realm="x", qop="auth", nonce="${nonce}"` }).end();
  }

  #drip(response: ServerResponse, text: string): void {
    let at = 0;
    response.write(text[at++]);
    this.#every(1000, response, () => response.write(text[at++ % text.length]));
  }

  #every(ms: number, response: ServerResponse, act: () => void): void {
    act();
    const timer = setInterval(act, ms);
    this.#timers.add(timer);
    response.once('close', () => {
      clearInterval(timer);
      this.#timers.delete(timer);
    });
  }
}

/** Writes `piece` again and again until the other side goes. */
function pour(response: ServerResponse, piece: string): void {
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
}

export const startHostileCamera = (how: Hostility, trap?: string): Promise<HostileCamera> =>
  new HostileCamera(how, trap).start();
