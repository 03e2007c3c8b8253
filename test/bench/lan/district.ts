/**
 * A collector on loopback of a namespace, with a school and an agent that needs no code. Argument: `{ dataDir }`, the
 * agent's; prints `ready` when the agent's identity is there, and when its input ends `{ devices, found }`: of how many
 * devices the last sample of lan-reach arrived, and of how many it found one.
 */
import { saveIdentity } from '../../../agent/uplink/identity.ts';
import { placeAgent, startRunning } from '../../collector/running.ts';

const { dataDir } = JSON.parse(process.argv[2] ?? '{}') as { dataDir: string };
const { base, store, admin, close } = await startRunning();
const unit = await admin<{ id: string }>('POST', '/units', { name: 'Bench', parentId: null });
const about = { unitId: unit.id, code: 'BENCH', name: 'Bench', levels: ['primary'] };
const school = await admin<{ id: string }>('POST', '/schools', about);
const { id: agentId, privateKey } = await placeAgent(store, school.id);
const publicKey = { kty: 'OKP', crv: 'Ed25519', x: privateKey.x! } as const;
await saveIdentity(dataDir, {
  agentId,
  school: { id: school.id, name: 'Bench' },
  collector: base,
  publicKey,
  privateKey: { ...publicKey, d: privateKey.d! },
});
process.stdout.write('ready\n');
process.stdin.resume().on('end', async () => {
  const rows = await store
    .selectFrom('sample')
    .select(['target', 'ok'])
    .where('probe', '=', 'lan-reach')
    .orderBy('at')
    .execute();
  const last = new Map(rows.map(({ target, ok }) => [target, ok]));
  const found = [...last.values()].filter((ok) => ok === 1).length;
  process.stdout.write(JSON.stringify({ devices: last.size, found }));
  await close();
});
