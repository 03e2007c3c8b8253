/** Runs lossTo in this process' network: argument `{ gateway }`, prints its answer. */
import { lossTo } from '../../../agent/probes/wifi/loss.ts';

const { gateway } = JSON.parse(process.argv[2] ?? '{}') as { gateway: string };
process.stdout.write(JSON.stringify(await lossTo(gateway, AbortSignal.timeout(40_000))));
