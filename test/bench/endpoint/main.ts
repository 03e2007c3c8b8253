/**
 * `npm run -s bench:endpoint [-- --minutes N]`: what the agent costs on a PC as an endpoint, beside zabbix-agent2 and
 * node-exporter, all at the same time, on loopback. Linux. Tools that are not installed are named as absent.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isInstalled } from '../lan/tools.ts';
import { PROGRAMS } from './programs.ts';

const { values: args } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(args.minutes);
if (!(minutes > 0)) throw new Error('--minutes is a number of minutes');
const say = (line = '') => process.stdout.write(`${line}\n`);

const directory = mkdtempSync(path.join(tmpdir(), 'thdt-bench-endpoint-'));
try {
  say(`Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores; ${minutes} minutes`);
  const here = PROGRAMS.filter(({ program }) => program === null || isInstalled(program));
  const results = await Promise.all(
    here.map(async ({ name, run }, index) => {
      const own = path.join(directory, String(index));
      mkdirSync(own, { mode: 0o700 });
      // One that fails is told in its row; the others go on, and are ended in their time.
      return [name, await run(own, minutes).catch((error: Error) => error)] as const;
    }),
  );
  const by = new Map(results);
  say();
  say(
    '| program | RSS MB: mean | max | end | PSS MB: mean | max | end | CPU s | idle, % of a core | installed MB | data kB | sent bytes | did |',
  );
  say('|---|---|---|---|---|---|---|---|---|---|---|---|---|');
  for (const { name } of PROGRAMS) {
    const ran = by.get(name);
    if (!ran) {
      say(`| ${name} | absent |`);
      continue;
    }
    if (ran instanceof Error) {
      say(`| ${name} | failed: ${ran.message} |`);
      process.exitCode = 1;
      continue;
    }
    const { cost, installedMb, dataKb, sentBytes, did } = ran;
    const memory = [cost.rssMb, cost.pssMb].flatMap(({ mean, max, end }) => [mean, max, end]);
    const cells = [
      ...memory.map((mb) => mb.toFixed(0)),
      cost.cpuSeconds.toFixed(2),
      (cost.idleCpu * 100).toFixed(3),
      installedMb.toFixed(1),
      dataKb ?? '–',
      sentBytes ?? '–',
      did,
    ];
    say(`| ${name} | ${cells.join(' | ')} |`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
