import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { compareMachines, Machine } from '../../shared/wire/machine.ts';
import { writeDurably } from '../spool/durable.ts';

/** Who the agent is: an Ed25519 key (RFC 8037) made on this machine, and the name that the collector gave to it. */

const PublicKey = Type.Object({ kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: Type.String() });
const PrivateKey = Type.Object({ ...PublicKey.properties, d: Type.String() });
const KeyPair = Type.Object({ publicKey: PublicKey, privateKey: PrivateKey });
const Identity = Type.Object({
  agentId: Type.String({ minLength: 1, maxLength: 64 }),
  school: Type.Object({ id: Type.String(), name: Type.String() }),
  /** Where it was enrolled; the configuration's `collector` goes before it. */
  collector: Type.String(),
  /** Of an endpoint: the district's name for this machine, and the hardware by which it is known. */
  target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  machine: Type.Optional(Machine),
  /** Digests of the codes that are done with: the one that enrolled, and one that stood in the configuration then. */
  spentCodes: Type.Optional(Type.Array(Type.String())),
  ...KeyPair.properties,
});
export type KeyPair = Static<typeof KeyPair>;
export type Identity = Static<typeof Identity>;

const identitySchema = Compile(Identity);
const enrollingSchema = Compile(Type.Object({ ...KeyPair.properties, machine: Type.Optional(Machine) }));
const IDENTITY = 'identity.json';
const ENROLLING_KEY = 'enrolling-key.json';

/** As the collector reads codes: case, spaces and hyphens are no part of them. */
export const codeDigest = (code: string): string =>
  createHash('sha256').update(code.toUpperCase().replaceAll(/[\s-]/g, '')).digest('hex');

/** The identity file is there and cannot be used. */
export class IdentityError extends Error {
  override name = 'IdentityError';
}

export const identityFile = (dataDir: string): string => path.join(dataDir, IDENTITY);

/** The identity in `dataDir`, null before the first enrolment. Throws IdentityError when the file is damaged. */
export async function loadIdentity(dataDir: string): Promise<Identity | null> {
  const data = await readJson(identityFile(dataDir));
  if (data === null) return null;
  if (!identitySchema.Check(data))
    throw new IdentityError(`${identityFile(dataDir)}: tệp danh tính hỏng, hãy xoá tệp này và ghi danh lại (enroll)`);
  await keepPrivate(identityFile(dataDir));
  return data;
}

/** Writes the identity so that a crash leaves the old one or the new one; only the owner may read it. */
export async function saveIdentity(dataDir: string, identity: Identity): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeDurably(dataDir, IDENTITY, `${JSON.stringify(identity, null, 2)}\n`);
  await rm(path.join(dataDir, ENROLLING_KEY), { force: true });
}

/**
 * The key to enrol with. It is on disk before it is shown to the collector: when the answer gets lost, the next try
 * shows the same key, and a collector that has used up the code for it can answer the same again. One that came with the
 * disk of another machine is not used.
 */
export async function enrollingKey(dataDir: string, machine?: Machine): Promise<KeyPair> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const kept = await readJson(path.join(dataDir, ENROLLING_KEY));
  if (kept !== null && enrollingSchema.Check(kept)) {
    const isOurs = !machine || (kept.machine !== undefined && compareMachines(kept.machine, machine) !== 'other');
    if (isOurs) return { publicKey: kept.publicKey, privateKey: kept.privateKey };
  }
  const pair = await makeKeyPair();
  await writeDurably(dataDir, ENROLLING_KEY, `${JSON.stringify(machine ? { ...pair, machine } : pair)}\n`);
  return pair;
}

export async function makeKeyPair(): Promise<KeyPair> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x, d } = (await exportJWK(pair.privateKey)) as JWK & { x: string; d: string };
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return { publicKey, privateKey: { ...publicKey, d } };
}

/** Whether others than the owner can read the file. Windows has no such bits: false. */
export async function readableByOthers(file: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(file)).mode & 0o077) !== 0;
}

async function keepPrivate(file: string): Promise<void> {
  if (await readableByOthers(file)) await chmod(file, 0o600);
}

/** Null when there is no such file; undefined when it is no JSON. */
async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
