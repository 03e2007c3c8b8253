import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { Spool } from '../../../agent/spool/spool.ts';
import { leftovers, pendingDir } from '../../../agent/spool/survey.ts';
import { scratch } from './helpers.ts';

const ENTRY = path.join(import.meta.dirname, 'spool-entry.ts');
const NODE = path.join(import.meta.dirname, '../../../node_modules/.bin/node');
const KILLS = 15;

it(`a process killed ${KILLS} times while it writes leaves every report whole, and none that it had kept is missing`, async () => {
  const dir = scratch();
  let checked = 0;
  let halfWritten = 0;
  for (let round = 0; round < KILLS; round++) {
    const child = spawn(NODE, [ENTRY, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const told: string[] = [];
    const closed = once(
      createInterface({ input: child.stdout }).on('line', (line) => {
        told.push(line);
        // From the third report on, at some moment of the next ones.
        if (told.length === 3) setTimeout(() => child.kill('SIGKILL'), Math.random() * 15);
      }),
      'close',
    );
    await closed;
    halfWritten += (await leftovers(pendingDir(dir))).length;
    const spool = await Spool.open(dir);
    const figures = `kill ${round + 1}: ${told.length} kept, ${spool.pending} pending, ${halfWritten} half written so far`;
    const kept = told.slice(-5);
    expect(
      kept.filter((id) => !spool.has(id)),
      figures,
    ).toEqual([]);
    for (const id of spool.list()) {
      const jws = await spool.read(id);
      expect([jws?.length, jws?.startsWith(id), jws?.endsWith(id)], figures).toEqual([500_000, true, true]);
      checked++;
    }
  }
  process.stdout.write(`torn write test: ${KILLS} kills, ${checked} reports read whole, ${halfWritten} half written\n`);
});
