import { v7 as uuidv7 } from 'uuid';
import { Spool } from '../../../agent/spool/spool.ts';

/** Puts large reports into the spool at argv[2] without end, and writes each id to stdout when it is kept. */

/** Near the largest report, bytes. */
const SIZE = 500_000;
const spool = await Spool.open(process.argv[2] ?? '');
for (;;) {
  const id = uuidv7();
  await spool.add(id, `${id}${'x'.repeat(SIZE - 2 * id.length)}${id}`);
  process.stdout.write(`${id}\n`);
  // An owner that acknowledges some, so that the disk does not fill.
  if (spool.pending > 20) await spool.remove(spool.list()[0] ?? '');
}
