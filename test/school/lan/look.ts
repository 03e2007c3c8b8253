/**
 * The agent at the school of namespaces: its Runner with lan-reach and printer, one round of both for each line that
 * comes, nothing between. Argument: `{ lan, printer }`, their configurations; prints the samples of both a line.
 * Whoever is asked for the first time is waited for 0.15 s instead of 3.5: here an answer takes microseconds.
 */
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { lanReach } from '../../../agent/probes/lan-reach/lan-reach.ts';
import { measureRound } from '../../../agent/probes/lan-reach/round.ts';
import { printer } from '../../../agent/probes/printer/printer.ts';
import type { AnyProbe } from '../../../agent/probes/probe.ts';
import { Runner } from '../../../agent/runner.ts';

const PATIENCE_MS = 150;
const { lan, printer: printers } = JSON.parse(process.argv[2] ?? '{}');
const impatient: AnyProbe = {
  ...lanReach,
  round: (targets, config, context, tell) =>
    measureRound(targets as never, config, context, tell, { patienceMs: PATIENCE_MS }),
};
const runner = new Runner(pino({ level: 'warn' }, pino.destination(2)));
for await (const _ of createInterface(process.stdin)) {
  const rounds = await Promise.all([runner.run(impatient, lan), runner.run(printer, printers)]);
  process.stdout.write(`${JSON.stringify(rounds.flat())}
`);
}
