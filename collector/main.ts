import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { type Collector, startCollector } from './collector.ts';
import { ensurePracticeSchool, type PracticeDevice } from './practice.ts';
import { readReleaseKey } from './releases/key.ts';
import { SPEED_FLAGS, SPEED_USAGE, speedOptions } from './speed/options.ts';

/**
 * `npm run collector -- [--data DIR] [--port N] [--host ADDRESS] [--rubric ID] [--secure-cookies] [--release-key
 * FILE] [--downloads DIR]`, and what speed tests may take (speed/options.ts). Prints its address and, until the first administrator has a password, the link that signs
 * in. Logs to standard error.
 * Started with an IPC channel, it answers `{ready}` and makes the practice school when asked to.
 */

const USAGE = `usage: npm run collector -- [--data DIR] [--port N] [--host ADDRESS] [--rubric ID] [--secure-cookies] [--trusted-proxy NET]… [--release-key FILE] [--downloads DIR] ${SPEED_USAGE}`;
const PRACTICE_SWEEP_MS = 3000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: 'data/collector' },
      port: { type: 'string', default: '8265' },
      host: { type: 'string', default: '127.0.0.1' },
      rubric: { type: 'string' },
      'secure-cookies': { type: 'boolean', default: false },
      'release-key': { type: 'string' },
      downloads: { type: 'string' },
      'trusted-proxy': { type: 'string', multiple: true, default: [] },
      ...SPEED_FLAGS,
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`--port ${values.port} is not a port`);
  const { data, host, rubric, downloads, 'secure-cookies': secureCookies, 'release-key': keyFile } = values;
  const trustedProxies = values['trusted-proxy'];
  for (const proxy of trustedProxies)
    if (!isNetwork(proxy))
      throw new TypeError(`--trusted-proxy ${proxy} is no address and no network such as 10.0.0.0/24`);
  const releaseKey = keyFile === undefined ? undefined : readReleaseKey(keyFile);
  return {
    data,
    host,
    rubric,
    downloads,
    port,
    secureCookies,
    trustedProxies,
    releaseKey,
    speed: speedOptions(values),
  };
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  return (
    version !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
  );
}

/** Messages over the IPC channel, from the program that started this one. */
export type ToCollector = { type: 'practice'; devices: PracticeDevice[] };
export type FromCollector =
  | { type: 'ready'; address: string; signInLink: string | null }
  | { type: 'practice'; schoolId: string; code: string }
  | { type: 'failed'; code: string; message: string };

const tell = (message: FromCollector) => process.send?.(message);

function stopOnSignals(collector: Collector): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void collector.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
}

try {
  const options = readOptions();
  const log = pino({ level: process.env.LOG_LEVEL ?? 'info' }, pino.destination(2));
  const child = process.send !== undefined;
  const collector = await startCollector({ ...options, log, ...(child ? { sweepMs: PRACTICE_SWEEP_MS } : {}) });
  stopOnSignals(collector);
  process.on('message', (message: ToCollector) => {
    if (message.type !== 'practice') return;
    ensurePracticeSchool(collector.store, message.devices, Date.now()).then(
      (made) => tell({ type: 'practice', ...made }),
      (error: Error) => tell({ type: 'failed', code: 'practice', message: error.message }),
    );
  });
  const { address, signInLink } = collector;
  tell({ type: 'ready', address, signInLink });
  if (!child) process.stdout.write(`${address}\n${signInLink === null ? '' : `${signInLink}\n`}`);
} catch (error) {
  const { code = '', message } = error as { code?: string; message: string };
  tell({ type: 'failed', code, message });
  const usage = code.startsWith('ERR_PARSE_ARGS') || error instanceof TypeError;
  process.stderr.write(`collector: ${message}${usage ? `\n${USAGE}` : ''}\n`);
  process.exit(usage ? 2 : 1);
}
