/**
 * Asks a monitoring program for every address, inside a namespace. Argument: Asking; prints `{ found, wallMs }`, of the
 * last minute where it asks for some. All at once, or each address at its own second of every minute, as Prometheus and
 * Zabbix spread their questions.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Asking {
  what: 'blackbox' | 'zabbix';
  port: number;
  addresses: readonly string[];
  /** Null: once, all at once. */
  minutes: number | null;
}

const ANSWER_MS = 10_000;
const { what, port, addresses, minutes } = JSON.parse(process.argv[2] ?? '{}') as Asking;

/** Blackbox exporter: its metric `probe_success`. */
async function blackbox(address: string): Promise<boolean> {
  const url = `http://127.0.0.1:${port}/probe?module=icmp&target=${address}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  return /^probe_success 1$/m.test(await answer.text());
}

/** A passive check of Zabbix: header `ZBXD`, flags, length, then the key; answered in the same form. */
function zabbix(address: string): Promise<boolean> {
  const key = Buffer.from(`thdt.ping[${address}]`);
  const head = Buffer.alloc(13);
  head.write('ZBXD\x01');
  head.writeUInt32LE(key.length, 5);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer for ${address}`)));
    socket.on('error', reject);
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
    });
    socket.on('close', () => resolve(answer.slice(13).trim() === '1'));
    socket.end(Buffer.concat([head, key]));
  });
}

const ask = what === 'blackbox' ? blackbox : zabbix;
const start = performance.now();
let found: string[] = [];
for (let minute = 0; minute < (minutes ?? 1); minute++) {
  const answers = await Promise.all(
    addresses.map(async (address, index) => {
      const at = minutes === null ? 0 : (minute + index / addresses.length) * 60_000;
      await delay(Math.max(0, start + at - performance.now()));
      return (await ask(address).catch(() => false)) ? address : null;
    }),
  );
  found = answers.filter((address) => address !== null);
}
process.stdout.write(JSON.stringify({ found, wallMs: performance.now() - start }));
