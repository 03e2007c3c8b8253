import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Network namespaces of our own, for what loopback cannot show. All names carry this process' id. */
let count = 0;
const LISTENS_MS = 15_000;

/** Why namespaces cannot be made here; undefined when they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `thdt-try-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'ip netns does not work here';
  }
}

export interface Namespace {
  name: string;
  /** Runs a command inside, to its end. */
  exec(...command: string[]): string;
  /** Runs a script of ours inside, with `input` as JSON in its argument; the JSON that it prints. */
  script(file: URL, input: unknown): Promise<unknown>;
  /** Resolves when something listens at this port. Throws when nothing does within 15 s. */
  listens(protocol: 'tcp' | 'udp', port: number): Promise<void>;
  remove(): void;
}

export function makeNamespace(): Namespace {
  const name = `thdt-${process.pid}-${count++}`;
  execFileSync('ip', ['netns', 'add', name]);
  const exec = (...command: string[]) =>
    execFileSync('ip', ['netns', 'exec', name, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  exec('ip', 'link', 'set', 'lo', 'up');
  return {
    name,
    exec,
    script: (file, input) => {
      const args = ['netns', 'exec', name, process.execPath, fileURLToPath(file), JSON.stringify(input)];
      const child = spawn('ip', args, {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      let output = '';
      child.stdout.on('data', (piece: Buffer) => {
        output += piece.toString();
      });
      return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', () => {
          try {
            resolve(JSON.parse(output));
          } catch {
            reject(new Error(`no JSON: ${output}`));
          }
        });
      });
    },
    listens: async (protocol, port) => {
      const which = protocol === 'tcp' ? '-Hltn' : '-Hlun';
      for (const until = performance.now() + LISTENS_MS; performance.now() < until; await delay(20))
        if (exec('ss', which, `sport = :${port}`) !== '') return;
      throw new Error(`nothing listens at ${protocol} port ${port}`);
    },
    remove: () => execFileSync('ip', ['netns', 'del', name]),
  };
}

/** Joins two namespaces by a cable: `one` gets 10.77.0.1/24 on va, `other` 10.77.0.2/24 on vb. */
export function joinNamespaces(one: Namespace, other: Namespace): void {
  const pair = ['va', 'netns', one.name, 'type', 'veth', 'peer', 'name', 'vb', 'netns', other.name];
  execFileSync('ip', ['link', 'add', ...pair]);
  one.exec('ip', 'address', 'add', '10.77.0.1/24', 'dev', 'va');
  other.exec('ip', 'address', 'add', '10.77.0.2/24', 'dev', 'vb');
  one.exec('ip', 'link', 'set', 'va', 'up');
  other.exec('ip', 'link', 'set', 'vb', 'up');
}
