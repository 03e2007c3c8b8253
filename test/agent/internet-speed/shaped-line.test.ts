import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { joinNamespaces, makeNamespace, whyNoNamespaces } from '../lan-reach/namespace.ts';

/** Lines shaped by the kernel (tc-tbf(8)), which counts the Ethernet header and no frame check sequence. */
const LINES = (process.env.THDT_SHAPED_MBPS ?? '46').split(',').map(Number);
const SECONDS = Number(process.env.THDT_SHAPED_SECONDS ?? 4);

test.for(LINES)(
  'a line shaped to %d Mbps reads as that, its payload about 4 percent less',
  { timeout: 60_000 },
  async (line, ctx) => {
    const why = whyNoNamespaces();
    if (why) ctx.skip(why);
    const [agent, provider] = [makeNamespace(), makeNamespace()];
    ctx.onTestFinished(() => {
      agent.remove();
      provider.remove();
    });
    joinNamespaces(agent, provider);
    try {
      provider.exec(
        'tc',
        'qdisc',
        'add',
        'dev',
        'vb',
        'root',
        'tbf',
        'rate',
        `${line}mbit`,
        'burst',
        '64k',
        'latency',
        '50ms',
      );
    } catch {
      ctx.skip('tc tbf does not work here');
    }
    const script = fileURLToPath(new URL('./file-server.ts', import.meta.url));
    const server = spawn('ip', ['netns', 'exec', provider.name, process.execPath, script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    ctx.onTestFinished(() => void server.kill('SIGKILL'));
    await once(server.stdout, 'data');

    const result = (await agent.script(new URL('../lan-reach/run-probe.ts', import.meta.url), {
      probe: 'internet-speed',
      target: { id: 'internet' },
      config: { provider: 'http', urls: ['http://10.77.0.2:8080/'], seconds: SECONDS },
    })) as { ok: boolean; values: Record<string, number> };
    const { payloadMbps, lineMbps } = result.values;
    if (process.env.THDT_SHAPED_MBPS) process.stdout.write(`${line} Mbps: payload ${payloadMbps}, line ${lineMbps}\n`);
    expect(result).toMatchObject({ ok: true, values: { valid: true, layer: 'ethernet', failures: 0 } });
    expect(lineMbps).toBeGreaterThan(line * 0.98);
    expect(lineMbps).toBeLessThan(line * 1.02);
    expect(payloadMbps).toBeLessThan(line * 0.98);
  },
);
