import { afterAll, beforeAll, expect, test } from 'vitest';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
import { signClaims } from '../../../shared/wire/signature.ts';
import { probeContext } from '../../agent/context.ts';
import type { TestAgent } from '../harness.ts';
import { type District, district } from './district.ts';

let own: District;
beforeAll(async () => {
  own = await district();
});
afterAll(() => own.close());

const measure = (url: string, agent: TestAgent) =>
  internetSpeed.run(
    { id: 'internet' },
    { providers: [{ provider: 'collector' }], seconds: 2, minSeconds: 0.5, certainty: 0.05, upload: 'always' },
    probeContext(AbortSignal.timeout(60_000), {
      collector: {
        url,
        signed: (typ, claims) =>
          signClaims(typ, { ...claims, agent: agent.id, at: new Date().toISOString() }, agent.privateKey),
      },
    }),
  );

test('an agent measures with the endpoint, gives its turn back, and the next one measures', { retry: 2 }, async () => {
  const { port } = await own.serve({ limitMbps: 60 });
  const url = `http://127.0.0.1:${port}`;
  const first = await measure(url, await own.agentOf());
  // The server gave what it said that it gives: it, and not the line, may have been what was measured.
  expect(first).toMatchObject({ ok: true, values: { provider: 'collector', valid: false } });
  expect(first.values.marks).toContain('server-limited');
  expect(first.values.payloadMbps).toBeGreaterThan(60 * 0.9);
  expect(first.values.payloadMbps).toBeLessThan(60 * 1.08);
  expect(first.values.upload).not.toBeNull();
  expect(await measure(url, await own.agentOf())).toMatchObject({ ok: true });
});

test('two agents at once: one is told to come again, and both measure', async () => {
  const { port } = await own.serve({ limitMbps: 60 });
  const url = `http://127.0.0.1:${port}`;
  const agents = [await own.agentOf(), await own.agentOf()];
  const results = await Promise.all(agents.map((agent) => measure(url, agent)));
  expect(results).toMatchObject([{ ok: true }, { ok: true }]);
});

test('an endpoint that is switched off is a reason', async () => {
  const { port } = await own.serve({ enabled: false });
  const result = await measure(`http://127.0.0.1:${port}`, await own.agentOf());
  expect(result).toMatchObject({ ok: false, reason: 'refused', values: { httpStatus: 404 } });
  expect(result.values.message).toContain('không nhận đo tốc độ');
});
