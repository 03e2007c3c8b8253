import { writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair } from 'jose';

/**
 * `npm run -s release:key -- FILE`: makes the key that signs releases. The private half goes into FILE, which must not be
 * there yet and which only its owner may read; the public half, for the configuration of agents and collector, is printed.
 */

const [file, ...rest] = process.argv.slice(2);
if (file === undefined || rest.length > 0) {
  process.stderr.write('usage: npm run -s release:key -- FILE\n');
  process.exit(2);
}
const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const { kty, crv, x, d } = await exportJWK(privateKey);
try {
  writeFileSync(file, `${JSON.stringify({ kty, crv, x, d })}\n`, { mode: 0o600, flag: 'wx' });
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  process.stderr.write(
    `release:key: ${code === 'EEXIST' ? `${file} is there already: a key is never replaced` : message}\n`,
  );
  process.exit(1);
}
process.stdout.write(`${JSON.stringify({ kty, crv, x })}\n`);
