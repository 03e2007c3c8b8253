import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { readOpening } from '../../../agent/local-page/access.ts';
import type { View } from '../../../agent/local-page/view.ts';
import { main } from '../../../agent/main.ts';
import type { AnyProbe } from '../../../agent/probes/probe.ts';
import type { EnrolWaits } from '../../../agent/uplink/enrol-again.ts';
import { saveIdentity } from '../../../agent/uplink/identity.ts';
import type { FakeCollector } from '../runtime/fake-collector.ts';
import { identityOf, scratch, until, writeConfig } from '../runtime/helpers.ts';

/** An agent that runs in this process with its page on a free port of 127.0.0.1 (port 0: it has none). */
export interface RunningSite {
  port: number;
  file: string;
  dir: string;
  base: string;
  token(): Promise<string>;
  /** What `run` told the person so far. */
  said(): string;
  stop(): Promise<number>;
}

export interface SiteSetting {
  probes: readonly AnyProbe[];
  config: object;
  /** Enrolled there before it starts. */
  collector?: FakeCollector;
  /** Waits between tries of the code in the configuration. */
  enrolWaits?: EnrolWaits;
}

export async function startSite({ probes, config, collector, enrolWaits }: SiteSetting): Promise<RunningSite> {
  // The first run of each probe comes at once, and the beat is steady.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const dir = scratch();
  const file = writeConfig(dir, { log: 'silent', localPage: { port: 0 }, reportEverySeconds: 0.1, ...config });
  const { dataDir: data = path.join(dir, 'data'), localPage } = config as { dataDir?: string; localPage?: false };
  if (collector) {
    const identity = await identityOf('agent-7', collector.url);
    collector.keys.set('agent-7', identity.publicKey);
    await saveIdentity(data, identity);
  }
  const ending = new AbortController();
  let said = '';
  const tell = (text: string) => {
    said += text;
  };
  const running = main(['run', '--config', file], {
    probes,
    stdout: tell,
    stderr: tell,
    signal: ending.signal,
    ...(enrolWaits === undefined ? {} : { enrolWaits }),
  });
  const stop = async () => {
    ending.abort();
    return running;
  };
  onTestFinished(async () => {
    await stop();
    vi.restoreAllMocks();
  });
  const { port } = localPage === false ? { port: 0 } : await until('the page', () => readOpening(data));
  const token = async () => (await readOpening(data))!.token;
  return { port, file, dir, base: `http://127.0.0.1:${port}`, token, said: () => said, stop };
}

export interface Asked {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request with exactly these headers, which `fetch` would not send. */
export function ask(
  port: number,
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, method, path: target, headers, setHost: false, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

/** A browser's tab that has been signed in: asks as the page does. */
export class Tab {
  readonly port: number;
  cookie = '';
  key = '';

  constructor(port: number) {
    this.port = port;
  }

  headers(change: Record<string, string | undefined> = {}): Record<string, string> {
    const host = `127.0.0.1:${this.port}`;
    const all = {
      host,
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      cookie: this.cookie,
      'x-thdt-key': this.key,
      ...change,
    };
    return Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
    );
  }

  async enter(token: string): Promise<Asked> {
    const answer = await ask(this.port, 'POST', '/api/session', this.headers(), JSON.stringify({ token }));
    if (answer.status === 200) {
      this.key = JSON.parse(answer.body).key;
      this.cookie = String(answer.headers['set-cookie']).split(';')[0]!;
    }
    return answer;
  }

  async post(name: string, body: object = {}): Promise<Asked> {
    return ask(this.port, 'POST', `/api/${name}`, this.headers(), JSON.stringify(body));
  }

  async view(): Promise<View> {
    const { status, body } = await ask(this.port, 'GET', '/api/state', this.headers());
    if (status !== 200) throw new Error(`state: ${status} ${body}`);
    return JSON.parse(body);
  }
}

export async function tabOf(site: RunningSite): Promise<Tab> {
  const tab = new Tab(site.port);
  const { status, body } = await tab.enter(await site.token());
  if (status !== 200) throw new Error(`no session: ${status} ${body}`);
  return tab;
}

export const written = (site: RunningSite) => JSON.parse(readFileSync(site.file, 'utf8'));
