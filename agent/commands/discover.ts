import { ConfigError } from '../config.ts';
import { discover } from '../discovery/discover.ts';
import { type Call, EXIT } from './call.ts';

/** Devices of the network that might be measured. */
export async function discoverDevices({ config, options, stdout, stderr, signal }: Call): Promise<number> {
  if (config.role === 'endpoint')
    throw new ConfigError(config.file, '/role', 'máy tính của trường không tìm thiết bị: chạy discover ở máy đo');
  const { sweep: ranges = [], add = false, json = false } = options;
  const terminal = process.stderr.isTTY === true;
  const whole = await discover({ config, ranges, add, json, stdout, stderr, terminal, signal });
  return whole ? EXIT.done : EXIT.interrupted;
}
