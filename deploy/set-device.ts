import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `npm run -s practice -- [--data DIR] [DEVICE MODE]`: breaks or mends a simulated device of the running practice
 * school (`cam-frozen live`); without arguments it lists them. Exit 2 with one line when that cannot be done.
 */

const DEADLINE_MS = 5000;

interface Device {
  id: string;
  room: string;
  mode: string;
  modes: string[];
}
/** A line a device: its id, its mode, the modes that it can be set to, where it stands. */
const say = (devices: Device | Device[]) =>
  [devices]
    .flat()
    .map(({ id, mode, modes, room }) => `${id.padEnd(12)} ${mode.padEnd(10)} ${modes.join(' | ')}  (${room})`)
    .join('\n');

try {
  const { values, positionals } = parseArgs({
    options: { data: { type: 'string', default: 'data' } },
    allowPositionals: true,
  });
  const [device, mode] = positionals;
  const { control } = JSON.parse(readFileSync(join(values.data, 'practice.json'), 'utf8')) as { control: string };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const answer =
    device === undefined
      ? await fetch(`${control}/devices`, { signal })
      : await fetch(`${control}/devices/${encodeURIComponent(device)}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ mode }),
          signal,
        });
  const text = await answer.text();
  if (!answer.ok) throw new Error((JSON.parse(text) as { error: string }).error);
  process.stdout.write(`${say(JSON.parse(text) as Device | Device[])}\n`);
} catch (error) {
  process.stderr.write(`practice: ${(error as Error).message.split('\n')[0]} (npm start phải đang chạy)\n`);
  process.exit(2);
}
