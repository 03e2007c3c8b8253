/**
 * Prints what the system knows of its Wi-Fi connections as JSON, WifiFacts. In a process of its own, because
 * systeminformation runs commands synchronously. Asks for no scan: one would disturb what is measured next.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import si from 'systeminformation';
import type { WifiFacts } from './connection.ts';

const COMMAND_MS = 5_000;

/** stdout of a command; undefined when it is missing, fails, or takes too long. */
const run = (command: string, ...args: string[]) =>
  new Promise<string | undefined>((resolve) => {
    const limits = { timeout: COMMAND_MS, maxBuffer: 64 * 1024, windowsHide: true, encoding: 'utf8' as const };
    execFile(command, args, limits, (error, stdout) => resolve(error ? undefined : stdout));
  });

/** Interfaces with a phy of cfg80211 (sysfs), and what iw says of each. */
async function links(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir('/sys/class/net').catch(() => [])) {
    const isWireless = (await readdir(`/sys/class/net/${name}`).catch((): string[] => [])).includes('phy80211');
    const text = isWireless ? await run('iw', 'dev', name, 'link') : undefined;
    if (text !== undefined) found[name] = text;
  }
  return found;
}

async function facts(): Promise<WifiFacts> {
  const { platform } = process;
  const defaultInterface = await si.networkInterfaceDefault();
  if (platform === 'win32')
    return { platform, defaultInterface, netsh: (await run('netsh', 'wlan', 'show', 'interfaces')) ?? '' };
  const byIw = platform === 'linux' ? await links() : {};
  // Where iw told something it told more; nmcli's list, which the library reads, may begin a scan.
  if (Object.keys(byIw).length > 0) return { platform, defaultInterface, links: byIw };
  return { platform, defaultInterface, connections: await si.wifiConnections() };
}

process.stdout.write(JSON.stringify(await facts()));
