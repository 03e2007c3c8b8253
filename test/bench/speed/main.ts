/**
 * `npm run -s bench:speed [-- --lines 20,46 --runs 3 --tools ours,iperf3 --delay --cross --ndt7 DIRECTORY]`: our engine
 * beside others on lines shaped by the kernel, in namespaces (root). `--delay`: 20 ms of round trip by a relay in between;
 * `--cross`: 30 % of the line taken by other traffic of the same host; `--ndt7`: a directory in which @m-lab/ndt7 and web-worker are installed.
 */
import { parseArgs } from 'node:util';
import { median } from '../../../agent/probes/internet-speed/estimate.ts';
import { type ShapedLine, shapedLine, whyNoShapedLines } from '../../agent/internet-speed/shaped.ts';
import type { Measured } from './client.ts';
import { delayed } from './delayed.ts';

const { values: args } = parseArgs({
  options: {
    lines: { type: 'string', default: '10,20,44,46,100,300,500' },
    runs: { type: 'string', default: '5' },
    tools: { type: 'string', default: 'ours,ours-ndt7,fast,iperf3' },
    delay: { type: 'boolean', default: false },
    cross: { type: 'boolean', default: false },
    ndt7: { type: 'string' },
  },
});
const CLIENT = new URL('./client.ts', import.meta.url);
const SERVER = new URL('./server.ts', import.meta.url);
const TRAFFIC = new URL('../../agent/internet-speed/traffic.ts', import.meta.url);
const CROSS_SHARE = 0.3;

const say = (line = '') => process.stdout.write(`${line}\n`);

const why = whyNoShapedLines();
if (why) {
  say(`not here: ${why}`);
  process.exit(1);
}
const tools = [...args.tools.split(','), ...(args.ndt7 ? ['ndt7'] : [])];
say(`layer: ${args.delay ? 'IP (the shaper stands on a TUN device)' : 'Ethernet (14 octets a packet)'}`);
say('| line | tool | reads, Mbps: median, each run | off, median | off, worst | MB | s | CPU s | RSS MB |');
say('|---|---|---|---|---|---|---|---|---|');
for (const mbps of args.lines.split(',').map(Number)) {
  for (const tool of tools) {
    const line = await shapedLine(args.delay ? 10_000 : mbps, SERVER);
    try {
      const host = args.delay ? await delayed(line, mbps) : '10.77.0.2';
      if (tool === 'iperf3') await line.run(line.provider, 'iperf3', '-s');
      if (args.cross) await crossTraffic(line, mbps * CROSS_SHARE);
      const runs: Measured[] = [];
      for (let run = 0; run < Number(args.runs); run++) {
        const input = {
          tool,
          host,
          url: `http://${host}:8080/`,
          layer: args.delay ? 'ip' : 'ethernet',
          device: args.delay ? 'tun0' : 'va',
          ndt7: args.ndt7,
        };
        runs.push((await line.school.script(CLIENT, input)) as Measured);
      }
      say(row(mbps, tool, runs));
    } catch (error) {
      say(`| ${mbps} | ${tool} | failed: ${String(error).slice(0, 200)} |`);
    } finally {
      line.close();
    }
  }
}

async function crossTraffic(line: ShapedLine, mbps: number): Promise<void> {
  // Packet by packet, as on a real port: of a bundle a virtual one counts a single header.
  line.provider.exec('ip', 'link', 'set', 'vb', 'gso_max_segs', '1');
  await line.serve(line.school, TRAFFIC, 'receive');
  await line.serve(line.provider, TRAFFIC, 'send', String(mbps));
}

function row(mbps: number, tool: string, runs: readonly Measured[]): string {
  // What the host carried beside the test was on the line too: ours is the only one that knows of it.
  const rates = runs.map(({ mbps: own, besideMbps }) => own + (args.cross ? (besideMbps ?? 0) : 0));
  const off = (rate: number) => (rate / mbps - 1) * 100;
  const worst = rates.reduce((a, b) => (Math.abs(off(b)) > Math.abs(off(a)) ? b : a));
  const of = (pick: (one: Measured) => number, digits = 1) => median(runs.map(pick)).toFixed(digits);
  const percent = (value: number) => `${value >= 0 ? '+' : ''}${value.toFixed(2)} %`;
  const each = rates.map((rate) => rate.toFixed(mbps < 100 ? 2 : 1)).join(' ');
  return `| ${[
    mbps,
    tool,
    `${median(rates).toFixed(2)}: ${each}`,
    percent(off(median(rates))),
    percent(off(worst)),
    of(({ bytes }) => bytes / 1e6),
    of(({ seconds }) => seconds),
    of(({ cpuSeconds }) => cpuSeconds, 2),
    of(({ maxRssMb }) => maxRssMb, 0),
  ].join(' | ')} |`;
}
process.exit(0);
