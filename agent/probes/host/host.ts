import { readFile } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { askPowerShell } from '../../powershell.ts';
import { runTool } from '../../run-tool.ts';
import { HostConfig, hostCautions, hostTargets } from '../host-target.ts';
import { failed, type Outcome, ok, type Probe } from '../probe.ts';
import { type HostFacts, word } from './facts.ts';
import { readLinuxHost } from './linux.ts';
import { readMacHost } from './macos.ts';
import { isSupported, KNOWN_UNTIL } from './os-support.ts';
import { readWindowsHost, WINDOWS_HOST_SCRIPT } from './windows.ts';

/** What the agent's own host is: name, operating system and until when it is mended, firewall. Evidence: no rule judges it. */
export const host: Probe<HostConfig> = {
  name: 'host',
  schema: HostConfig,
  everySeconds: 6 * 3600,
  deadlineMs: 30_000,
  heavy: false,
  concurrency: 1,
  targets: hostTargets,
  run: async (_target, _config, { signal }) => {
    const { facts, why } = await ask(process.platform, signal);
    return outcome(process.platform, facts, why, Date.now());
  },
  cautions: hostCautions,
};

type Why = 'ok' | 'tool-missing' | 'timeout' | 'failed';

async function ask(
  platform: NodeJS.Platform,
  signal: AbortSignal,
): Promise<{ facts: HostFacts | undefined; why: Why }> {
  const output = async (program: string, ...args: string[]) => (await runTool(program, args, 5_000, signal)).output;
  const text = (path: string) => readFile(path, { encoding: 'utf8', signal }).catch(() => null);
  if (platform === 'win32') {
    const { answer, why } = await askPowerShell(WINDOWS_HOST_SCRIPT, signal);
    return { facts: readWindowsHost(answer), why };
  }
  if (platform === 'linux') {
    const [osRelease, uuid, units, ufw, ruleset] = await Promise.all([
      text('/etc/os-release'),
      text('/sys/class/dmi/id/product_uuid'),
      output('systemctl', 'list-units', '--type=service', '--all', '--plain', '--no-legend', '--no-pager'),
      text('/etc/ufw/ufw.conf'),
      output('nft', 'list', 'ruleset'),
    ]);
    return { facts: readLinuxHost({ osRelease, kernel: release(), uuid, units, ufw, ruleset }), why: 'ok' };
  }
  if (platform === 'darwin') {
    const [version, firewall, expert] = await Promise.all([
      output('/usr/bin/sw_vers'),
      output('/usr/libexec/ApplicationFirewall/socketfilterfw', '--getglobalstate'),
      output('/usr/sbin/ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'),
    ]);
    return { facts: readMacHost({ version, firewall, platform: expert }), why: 'ok' };
  }
  return { facts: undefined, why: 'tool-missing' };
}

/** The sample for what was read; no facts with `ok` is an answer that does not answer. */
export function outcome(platform: NodeJS.Platform, facts: HostFacts | undefined, why: Why, nowMs: number): Outcome {
  if (!facts) return failed(why === 'ok' ? 'malformed' : why, { platform });
  const { os, support, firewall, hardwareId } = facts;
  const supported = isSupported(support, nowMs);
  return ok({
    platform,
    hostname: word(hostname()),
    os,
    support: { ...support, supported, knownUntil: KNOWN_UNTIL },
    firewall,
    hardwareId,
  });
}
