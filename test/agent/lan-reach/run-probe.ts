/** Runs one probe of the registry on one target; for namespaces. Argument: `{ probe, target, config }`; prints the outcome. */

import { probes } from '../../../agent/probes/registry.ts';
import { probeContext } from '../context.ts';

const { probe: name, target, config } = JSON.parse(process.argv[2] ?? '{}');
const probe = probes.find((one) => one.name === name)!;
const context = probeContext(AbortSignal.timeout(probe.deadlineMs));
process.stdout.write(JSON.stringify(await probe.run(target, config, context)));
