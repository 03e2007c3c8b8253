import { startControl } from './control.ts';
import { startSchool } from './school.ts';

/**
 * The practice school as a process of its own: `node test/school/main.ts [--port N] [--line-mbps N] [--one-address]`.
 * Says `{"ready":true,"control":…,"devices":[…]}` on stdout, and over IPC when it was forked. Ends on SIGTERM or
 * SIGINT, and when its parent goes: IPC closes, or stdin where there is no IPC and stdin is no terminal.
 */
const option = (name: string) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : Number(process.argv[at + 1]);
};

const lineMbps = option('--line-mbps');
const school = await startSchool({
  ...(lineMbps === undefined ? {} : { lineMbps }),
  ...(process.argv.includes('--one-address') ? { host: '127.0.0.1' } : {}),
});
const control = await startControl(school, option('--port'));

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.all([control.close(), school.close()]);
  process.exit(0);
}
process.on('SIGTERM', end);
process.on('SIGINT', end);
if (process.send) process.on('disconnect', end);
else if (!process.stdin.isTTY) process.stdin.on('end', end).on('error', end).resume();

const ready = { ready: true, control: control.url, devices: school.devices() };
process.stdout.write(`${JSON.stringify(ready)}\n`);
process.send?.(ready);
