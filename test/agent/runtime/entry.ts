import { runProcess } from '../../../agent/main.ts';
import { ok } from '../../../agent/probes/probe.ts';
import { probeOf } from './probe-of.ts';

/** The agent as a process of its own, with a probe that counts instead of measuring. */

let count = 0;
await runProcess({
  probes: [probeOf('counting', { run: async () => ok({ run: `${process.pid}-${Date.now()}-${count++}` }) })],
  timings: { backoffMinMs: 20, backoffMaxMs: 100, pauseMs: 50, requestMs: 5000 },
});
