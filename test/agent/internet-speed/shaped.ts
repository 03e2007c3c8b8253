import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { joinNamespaces, makeNamespace, type Namespace, whyNoNamespaces } from '../lan-reach/namespace.ts';

/**
 * Lines shaped by the kernel (tc-tbf(8)), both ways, which counts the Ethernet header and no frame check sequence: a
 * school at 10.77.0.1 and a provider at 10.77.0.2 with a server of endless files on port 8080.
 */
export interface ShapedLine {
  school: Namespace;
  provider: Namespace;
  url: string;
  /** Runs the probe at the school; the outcome that it gives. */
  probe(config: object): Promise<{ ok: boolean; reason?: string; values: Record<string, unknown> }>;
  /** Starts a program of ours in a namespace and waits until it says `ready`. */
  serve(where: Namespace, script: URL, ...args: string[]): Promise<void>;
  /** Starts any other program in a namespace. */
  run(where: Namespace, ...command: string[]): Promise<void>;
  close(): void;
}

/** Why no such line can be made here; undefined when it can. */
export function whyNoShapedLines(): string | undefined {
  const why = whyNoNamespaces();
  if (why) return why;
  const { pid } = process;
  const name = `thdt-tbf-${pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'exec', name, 'tc', ...shape('lo', 10)], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'tc tbf does not work here';
  } finally {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  }
}

const shape = (device: string, mbps: number) =>
  `qdisc replace dev ${device} root tbf rate ${Math.round(mbps * 1000)}kbit burst 64k latency 50ms`.split(' ');

const PROBE = new URL('../lan-reach/run-probe.ts', import.meta.url);
const SERVER = new URL('./file-server.ts', import.meta.url);

export async function shapedLine(mbps: number, server = SERVER): Promise<ShapedLine> {
  const [school, provider] = [makeNamespace(), makeNamespace()];
  const started: ReturnType<typeof spawn>[] = [];
  const close = () => {
    for (const child of started) child.kill('SIGKILL');
    school.remove();
    provider.remove();
  };
  const serve = async (where: Namespace, script: URL, ...args: string[]) => {
    const child = spawn('ip', ['netns', 'exec', where.name, process.execPath, fileURLToPath(script), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    started.push(child);
    await once(child.stdout, 'data');
  };
  const run = async (where: Namespace, ...command: string[]) => {
    const child = spawn('ip', ['netns', 'exec', where.name, ...command], { stdio: 'ignore' });
    started.push(child);
    await once(child, 'spawn');
    await delay(300);
  };
  try {
    joinNamespaces(school, provider);
    provider.exec('tc', ...shape('vb', mbps));
    school.exec('tc', ...shape('va', mbps));
    await serve(provider, server);
  } catch (error) {
    close();
    throw error;
  }
  const url = 'http://10.77.0.2:8080/';
  return {
    school,
    provider,
    url,
    serve,
    run,
    close,
    probe: (config) =>
      school.script(PROBE, {
        probe: 'internet-speed',
        target: { id: 'internet' },
        config: { providers: [{ provider: 'http', urls: [url], uploadUrls: [url] }], layer: 'ethernet', ...config },
      }) as ReturnType<ShapedLine['probe']>,
  };
}
