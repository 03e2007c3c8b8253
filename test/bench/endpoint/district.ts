/**
 * A collector on loopback with a school and a code for its PCs. Prints `{ base, code }`; when its input ends, how many
 * reports and samples it holds, `{ reports, samples }`.
 */
import { startRunning } from '../../collector/running.ts';

const { base, store, admin, close } = await startRunning();
const unit = await admin<{ id: string }>('POST', '/units', { name: 'Bench', parentId: null });
const about = { unitId: unit.id, code: 'BENCH', name: 'Bench', levels: ['primary'] };
const school = await admin<{ id: string }>('POST', '/schools', about);
const { code } = await admin<{ code: string }>('POST', `/schools/${school.id}/endpoint-codes`, {
  maxMachines: 5,
  days: 1,
});
process.stdout.write(`${JSON.stringify({ base, code })}\n`);
process.stdin.resume().on('end', async () => {
  const count = async (table: 'report' | 'sample') =>
    Number((await store.selectFrom(table).select(store.fn.countAll().as('n')).executeTakeFirstOrThrow()).n);
  process.stdout.write(JSON.stringify({ reports: await count('report'), samples: await count('sample') }));
  await close();
});
