/**
 * One speed test by one tool at the school's end of a shaped line. Argument: `{ tool, host, url, layer, device, ndt7 }`;
 * prints Measured. Bytes are those of the interface, memory and processor those of the tool's process.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
import { probeContext } from '../../agent/context.ts';

export interface Measured {
  /** As the tool reports: rate on the line for ours, payload for the others. */
  mbps: number;
  bytes: number;
  seconds: number;
  cpuSeconds: number;
  maxRssMb: number;
  /** Ours alone: traffic of the host beside the test. */
  besideMbps?: number;
}

const { tool, host, url, layer, device, ndt7 } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const received = () => Number(readFileSync(`/sys/class/net/${device}/statistics/rx_bytes`, 'utf8'));

async function ours(provider: object) {
  const config = { providers: [provider], layer, upload: 'never', crossCheck: 'never' };
  const { ok, values } = await internetSpeed.run(
    { id: 'internet' },
    config as never,
    probeContext(AbortSignal.timeout(60_000)),
  );
  if (!ok) throw new Error(JSON.stringify(values));
  const { lineMbps, busyDuringMbps } = values as { lineMbps: number; busyDuringMbps: number };
  return { mbps: lineMbps, besideMbps: busyDuringMbps };
}

async function fast() {
  const Api = createRequire(import.meta.url)('fast-speedtest-api');
  const api = new Api({ token: 'none', https: false, unit: Api.UNITS.Mbps });
  api.getTargets = async () => Array.from({ length: 5 }, () => `${url}speedtest`);
  return { mbps: (await api.getSpeed()) as number };
}

/** The package's own client; where it is installed is given, because the project does not depend on it. */
async function ndt7Package() {
  const required = createRequire(`${ndt7}/`);
  // It wants the browser's Worker, as its README says.
  Object.assign(globalThis, { Worker: required('web-worker') });
  const client = required('@m-lab/ndt7');
  let mbps = Number.NaN;
  const config = {
    userAcceptedDataPolicy: true,
    server: `${host}:8080`,
    protocol: 'ws',
    downloadworkerfile: required.resolve('@m-lab/ndt7/src/ndt7-download-worker.js'),
  };
  const callbacks = {
    error: (message: string) => {
      throw new Error(message);
    },
    downloadMeasurement: ({ Source, Data }: { Source: string; Data: { MeanClientMbps: number } }) => {
      if (Source === 'client') mbps = Data.MeanClientMbps;
    },
  };
  await client.downloadTest(config, callbacks, client.discoverServerURLs(config, callbacks));
  return { mbps };
}

/** As its manual says for a line of unknown speed: reverse, four streams, the first second left out. */
async function iperf3() {
  const child = spawn('iperf3', ['-c', host!, '-R', '-P', '4', '-O', '1', '-t', '5', '-J']);
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  let maxRssMb = 0;
  const look = setInterval(() => {
    try {
      const [, kb] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      maxRssMb = Math.max(maxRssMb, Number(kb ?? 0) / 1024);
    } catch {}
  }, 50);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(look);
  const { end } = JSON.parse(output);
  return {
    mbps: end.sum_received.bits_per_second / 1e6,
    maxRssMb,
    cpuSeconds: (end.cpu_utilization_percent.host_total / 100) * end.sum_received.seconds,
  };
}

const tools: Record<string, () => Promise<Partial<Measured> & { mbps: number }>> = {
  ours: () => ours({ provider: 'http', urls: [url] }),
  'ours-ndt7': () => ours({ provider: 'ndt7', urls: [`ws://${host}:8080/ndt/v7/download`] }),
  fast,
  iperf3,
  ndt7: ndt7Package,
};
const before = received();
const began = performance.now();
const result = await tools[tool!]!();
const cpu = process.cpuUsage();
const measured: Measured = {
  bytes: received() - before,
  seconds: (performance.now() - began) / 1000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  ...result,
};
process.stdout.write(JSON.stringify(measured), () => process.exit(0));
