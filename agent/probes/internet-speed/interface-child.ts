/**
 * Prints what the system knows of one interface. In a process of its own, because systeminformation runs commands
 * synchronously on some systems and would hold the agent meanwhile. Argument: `{ name }`; prints InterfaceAnswer.
 */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import si from 'systeminformation';

const TRAFFIC_MS = 500;
const COMMAND_MS = 3_000;

const { name, countOnly } = JSON.parse(process.argv[2] ?? '{}') as { name: string; countOnly?: boolean };

const received = async () => {
  const [stats] = await si.networkStats(name);
  return { rxBytes: stats?.rx_bytes ?? null, txBytes: stats?.tx_bytes ?? null, at: Date.now() };
};

/** stdout of a command; empty when it is missing, fails, or takes too long. */
const run = (command: string, ...args: string[]) =>
  new Promise<string>((resolve) => {
    execFile(command, args, { timeout: COMMAND_MS, encoding: 'utf8', windowsHide: true }, (error, stdout) =>
      resolve(error ? '' : stdout),
    );
  });

/** NetworkManager's word (nmcli(1), GENERAL.METERED), or Windows' (NetworkCostType of WinRT's ConnectionCost). */
const metered = () => {
  if (process.platform === 'linux') return run('nmcli', '-g', 'GENERAL.METERED', 'device', 'show', name);
  if (process.platform !== 'win32') return '';
  const type = 'Windows.Networking.Connectivity.NetworkInformation';
  const script = `[void][${type},Windows,ContentType=WindowsRuntime]; [${type}]::GetInternetConnectionProfile().GetConnectionCost().NetworkCostType`;
  return run('powershell.exe', '-NoProfile', '-NonInteractive', '-Command', script);
};

const subinterfaces = () =>
  process.platform === 'win32' ? run('netsh', 'interface', 'ipv4', 'show', 'subinterfaces') : '';

if (countOnly) process.stdout.write(JSON.stringify(await received()));
else {
  const found = si.networkInterfaces().then((all) => [all].flat().find(({ iface }) => iface === name));
  const traffic = received().then(async (before) => {
    await delay(TRAFFIC_MS);
    return { before, after: await received() };
  });
  const [facts, { before, after }, cost, mtus] = await Promise.all([found, traffic, metered(), subinterfaces()]);
  process.stdout.write(JSON.stringify({ facts, before, after, cost, mtus }));
}
