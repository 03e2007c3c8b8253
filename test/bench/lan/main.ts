/**
 * `npm run -s bench:lan [-- --runs N] [--minutes N]`: who is on a network of 253 addresses of which 200 live, by our probe
 * and by other tools, each after the neighbour table was flushed; then what it costs to keep watch over it. In network
 * namespaces (root). `--runs 0` or `--minutes 0` leaves that part out. Tools that are not installed are named as absent.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../../agent/probes/internet-speed/estimate.ts';
import { makeHosts } from '../../agent/lan-reach/hosts.ts';
import { whyNoNamespaces } from '../../agent/lan-reach/namespace.ts';
import { steady } from './steady.ts';
import { type Found, isInstalled, TOOLS } from './tools.ts';

const { values: args } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, minutes: { type: 'string', default: '10' } },
});
const say = (line = '') => process.stdout.write(`${line}\n`);

const why = whyNoNamespaces();
if (why) {
  say(`not here: ${why}`);
  process.exit(1);
}
const directory = mkdtempSync(path.join(tmpdir(), 'thdt-bench-lan-'));
try {
  say(`Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`);
  if (Number(args.runs) > 0) await compare(Number(args.runs));
  if (Number(args.minutes) > 0) await watch(Number(args.minutes));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(runs: number): Promise<void> {
  const hosts = makeHosts();
  const here = TOOLS.filter(({ program }) => program === null || isInstalled(program));
  const results = new Map<string, Found[]>(here.map(({ name }) => [name, []]));
  try {
    for (let run = 0; run < runs; run++)
      for (const { name, run: once } of here) {
        hosts.agent.exec('ip', 'neigh', 'flush', 'dev', 'va');
        results.get(name)!.push(await once(hosts, directory));
      }
  } finally {
    hosts.remove();
  }
  say();
  say(`${hosts.addresses.length} addresses, ${hosts.living.size} live; medians of ${runs}`);
  say('| tool | found | invented | s | CPU s, children included |');
  say('|---|---|---|---|---|');
  for (const { name } of TOOLS) {
    const found = results.get(name);
    if (!found) {
      say(`| ${name} | absent |`);
      continue;
    }
    const of = (figure: (one: Found) => number, digits = 0) => median(found.map(figure)).toFixed(digits);
    const isLiving = (address: string) => hosts.living.has(address);
    const cells = [
      of((one) => one.found.filter(isLiving).length),
      of((one) => one.found.filter((address) => !isLiving(address)).length),
      of(({ wallMs }) => wallMs / 1000, 2),
      of(({ cpuSeconds }) => cpuSeconds, 2),
    ];
    say(`| ${name} | ${cells.join(' | ')} |`);
  }
}

async function watch(minutes: number): Promise<void> {
  say();
  say(`Watching such a network for ${minutes} minutes, each program one of its own, all at the same time`);
  const results = await steady(minutes, directory, say);
  say('| program | found | CPU s: own | children | % of one core | RSS MB | at most |');
  say('|---|---|---|---|---|---|---|');
  for (const { name, found, usage } of results) {
    const { ownSeconds, childSeconds, rssMb, maxRssMb } = usage;
    const share = ((ownSeconds + childSeconds) / (minutes * 60)) * 100;
    const cells = [
      found,
      ownSeconds.toFixed(2),
      childSeconds.toFixed(2),
      share.toFixed(2),
      rssMb.toFixed(0),
      maxRssMb.toFixed(0),
    ];
    say(`| ${name} | ${cells.join(' | ')} |`);
  }
}
