import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startRelay } from '../../../agent/relay/relay.ts';
import { ReleaseCache, releaseRoutes } from '../../../agent/upgrade/relay-cache.ts';
import { scratch, silent } from '../runtime/helpers.ts';

it('sixty PCs get a release through the relay, the district sends it once, and no other address is reached', async () => {
  const file = Buffer.alloc(300_000, 'a release of the agent ');
  const digest = createHash('sha256').update(file).digest('hex');
  const asked: string[] = [];
  const district = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === `/api/v1/releases/files/${digest}`) response.end(file);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => district.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void district.close());
  const collector = () => `http://127.0.0.1:${(district.address() as AddressInfo).port}`;
  const { promise: port, resolve } = Promise.withResolvers<number>();
  const cache = new ReleaseCache({ directory: scratch(), collector });
  const relay = startRelay({
    host: '127.0.0.1',
    port: 0,
    collector,
    releases: releaseRoutes(cache),
    log: silent,
    // All of them come from one address here.
    limits: { most: 64, mostOfOne: 64 },
    onListen: resolve,
  });
  onTestFinished(() => relay.stop());
  const base = `http://127.0.0.1:${await port}/api/v1`;

  const got = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const answer = await fetch(`${base}/releases/files/${digest}`);
      return createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('hex');
    }),
  );
  expect(new Set(got)).toEqual(new Set([digest]));
  expect(asked).toEqual([`GET /api/v1/releases/files/${digest}`]);

  const statuses = await Promise.all(
    ['/releases/../schools', '/releases/files/abc', '/releases', '/schools', `/releases/files/${'0'.repeat(64)}`].map(
      async (path) => (await fetch(`${base}${path}`)).status,
    ),
  );
  expect(statuses).toEqual([404, 404, 404, 404, 404]);
  expect(asked.slice(1)).toEqual([`GET /api/v1/releases/files/${'0'.repeat(64)}`]);
});
