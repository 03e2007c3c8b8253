import { doctorText, examine } from '../doctor.ts';
import { type Call, EXIT } from './call.ts';

/** What on this machine stands in the way of measuring and sending. */
export async function doctor({ config, options, stdout }: Call): Promise<number> {
  const checks = await examine(config);
  stdout(`${options.json ? JSON.stringify(checks, null, 2) : doctorText(checks)}\n`);
  return checks.every(({ problems }) => problems.length === 0) ? EXIT.done : EXIT.failed;
}
