import { readStatus, statusText } from '../status.ts';
import { type Call, EXIT } from './call.ts';

/** Reports that wait, were refused, and the last acknowledgement. */
export async function status({ config, options, stdout }: Call): Promise<number> {
  const found = await readStatus(config);
  stdout(`${options.json ? JSON.stringify(found, null, 2) : statusText(found)}\n`);
  return EXIT.done;
}
