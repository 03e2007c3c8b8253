import { askPowerShell } from '../../powershell.ts';
import { HostConfig, hostCautions, hostTargets } from '../host-target.ts';
import { failed, type Outcome, ok, type Probe, type Values } from '../probe.ts';
import { askLinux, askMac } from './host-facts.ts';
import { readLinux } from './linux.ts';
import { readMac } from './macos.ts';
import type { Product } from './products.ts';
import { readWindows, WINDOWS_SCRIPT } from './windows.ts';

type Target = { id: string };

const MAX_PRODUCTS = 32;

/**
 * The protection software of the agent's own host. ok whenever the system answered: `products: []` then means that it is
 * known to have none of those that can be seen, which is another thing than not knowing.
 */
export const antivirus: Probe<HostConfig, Target> = {
  name: 'antivirus',
  schema: HostConfig,
  everySeconds: 6 * 3600,
  deadlineMs: 30_000,
  heavy: false,
  concurrency: 1,
  targets: hostTargets,
  run: (_target, _config, context) => ask(process.platform, context.signal),
  cautions: hostCautions,
  doctor: async () => {
    if (process.platform !== 'win32') return [];
    const { answer } = await askPowerShell('$answer = 1', AbortSignal.timeout(10_000), 10_000);
    return answer === 1 ? [] : ['antivirus: PowerShell không chạy được trên máy này'];
  },
};

async function ask(platform: NodeJS.Platform, signal: AbortSignal): Promise<Outcome> {
  const now = Date.now();
  if (platform === 'win32') {
    const { answer, why } = await askPowerShell(WINDOWS_SCRIPT, signal);
    if (why !== 'ok') return failed(why, { platform });
    const read = readWindows(answer, now); // no output is no answer
    return outcome(platform, read?.products, read && { productType: read.productType });
  }
  if (platform === 'linux') return outcome(platform, readLinux(await askLinux(signal), now));
  if (platform === 'darwin') return outcome(platform, readMac(await askMac(signal), now));
  return failed('tool-missing', { platform, message: 'không biết cách hỏi hệ điều hành này' });
}

/** The sample for what was read; `undefined` is an answer that does not answer. */
export function outcome(platform: NodeJS.Platform, products: Product[] | undefined, more: Values = {}): Outcome {
  if (!products) return failed('malformed', { platform });
  return ok({ platform, ...more, products: products.slice(0, MAX_PRODUCTS) });
}
