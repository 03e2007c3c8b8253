import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { makeKeyPair } from '../../../agent/uplink/identity.ts';
import { type Release, type ReleaseKey, signRelease } from '../../../shared/wire/release.ts';

/** A collector that has releases and nothing else, on loopback; tests break what it serves. */

export const PLATFORM = `${process.platform}-${process.arch}` as const;
export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

export async function startReleases(files: Record<string, string>, version = '2.0.0') {
  const { publicKey, privateKey } = await makeKeyPair();
  const release: Release = {
    version,
    createdAt: '2026-11-25T04:00:00.000Z',
    notes: '',
    platforms: {
      [PLATFORM]: {
        entry: 'app/main.mjs',
        files: Object.entries(files).map(([path, text]) => ({
          path,
          size: Buffer.byteLength(text),
          sha256: sha256(text),
        })),
      },
    },
  };
  const served = new Map<string, { status: number; body: string | Buffer }>();
  served.set(`/api/v1/releases/${version}/manifest`, { status: 200, body: await signRelease(release, privateKey) });
  for (const text of Object.values(files))
    served.set(`/api/v1/releases/files/${sha256(text)}`, { status: 200, body: text });
  const asked: string[] = [];
  /** Addresses of which half is sent, and then nothing. */
  const half = new Set<string>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const found = served.get(request.url ?? '') ?? { status: 404, body: '' };
    if (half.has(request.url ?? '')) {
      response.write(found.body.slice(0, found.body.length / 2));
      return;
    }
    response.writeHead(found.status, found.status === 302 ? { location: '/elsewhere' } : {}).end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: publicKey as ReleaseKey,
    privateKey,
    release,
    served,
    asked,
    half,
    fileOf: (path: string) => `/api/v1/releases/files/${sha256(files[path]!)}`,
    manifestPath: `/api/v1/releases/${version}/manifest`,
  };
}
