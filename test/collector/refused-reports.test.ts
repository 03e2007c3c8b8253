import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_REPORT_BYTES } from '../../shared/wire/report.ts';
import { signReport } from '../../shared/wire/signature.ts';
import {
  enrolAgent,
  type Harness,
  makeSchool,
  newKeys,
  sample,
  startHarness,
  type TestAgent,
  testAgent,
} from './harness.ts';

let harness: Harness;
let agent: TestAgent;
beforeAll(async () => {
  harness = await startHarness();
  agent = await enrolAgent(harness, await makeSchool(harness));
});
afterAll(() => harness.close());

async function post(jws: string, contentType = 'application/jose') {
  const answer = await harness.app.inject({
    method: 'POST',
    url: '/api/v1/reports',
    headers: { 'content-type': contentType },
    payload: jws,
  });
  return { status: answer.statusCode, body: answer.json() };
}
const counts = async () => {
  const of = async (table: 'report' | 'sample' | 'series') =>
    Number(
      (
        await harness.store
          .selectFrom(table)
          .select((eb) => eb.fn.countAll().as('n'))
          .executeTakeFirstOrThrow()
      ).n,
    );
  return { reports: await of('report'), samples: await of('sample'), series: await of('series') };
};
const good = () => agent.report([sample('lan-reach', 'pc-1', Date.now(), { method: 'icmp', rttMs: 1 })]);

async function refused(jws: string, status: number, code: string, contentType?: string) {
  const before = await counts();
  const answer = await post(jws, contentType);
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(answer.body.error.message.length).toBeGreaterThan(10);
  expect(await counts()).toEqual(before);
}

/** JSON text, in which `{"DEEP":n}` stands for n nested objects: writing those would end the stack. */
const textOf = (report: unknown) =>
  JSON.stringify(report).replace(/\{"DEEP":(\d+)\}/, (_, depth) => `${'{"a":'.repeat(+depth)}1${'}'.repeat(+depth)}`);

describe('a report is refused with a clear error, and nothing is stored', () => {
  test('every single byte of it counts: one changed byte anywhere', async () => {
    const jws = await agent.sign(good());
    const before = await counts();
    let tried = 0;
    // Every 7th byte, all three parts; the two dots and the padding bits of the last characters aside.
    for (let index = 0; index < jws.length; index += 7) {
      if (jws[index] === '.') continue;
      const changed = `${jws.slice(0, index)}${jws[index] === 'A' ? 'B' : 'A'}${jws.slice(index + 1)}`;
      const answer = await post(changed);
      expect([400, 401, 422], `byte ${index}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
      expect(['signature-invalid', 'report-malformed', 'agent-unknown']).toContain(answer.body.error.code);
      tried++;
    }
    expect(tried).toBeGreaterThan(80);
    expect(await counts()).toEqual(before);
  });

  test('one changed byte of the payload: signature-invalid', async () => {
    const [header, payload, signature] = (await agent.sign(good())).split('.');
    const changed = payload!.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    await refused(`${header}.${changed}.${signature}`, 400, 'signature-invalid');
  });

  test('an unknown agent', async () => {
    const { privateKey } = await newKeys();
    const stranger = testAgent('nobody', agent.schoolId, privateKey);
    await refused(await stranger.sign(stranger.report([])), 401, 'agent-unknown');
  });

  test('another agent’s name over its own key', async () => {
    const { privateKey } = await newKeys();
    await refused(await signReport(good(), privateKey), 400, 'signature-invalid');
  });

  test('a report of one agent inside the signature of another', async () => {
    const other = await enrolAgent(harness, agent.schoolId);
    const { CompactSign, importJWK } = await import('jose');
    const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(good())))
      .setProtectedHeader({ alg: 'EdDSA', kid: other.id, typ: 'thdt-report+jws' })
      .sign(await importJWK(other.privateKey, 'EdDSA'));
    await refused(jws, 422, 'report-invalid');
  });

  test('a revoked agent', async () => {
    const revoked = await enrolAgent(harness, agent.schoolId);
    expect(await post(await revoked.sign(revoked.report([])))).toMatchObject({ status: 201 });
    expect((await harness.ask('POST', `/agents/${revoked.id}/revoke`, {})).status).toBe(204);
    await refused(await revoked.sign(revoked.report([])), 403, 'agent-revoked');
  });

  test('too large, before it is read whole', async () => {
    await refused('x'.repeat(MAX_REPORT_BYTES + 1), 413, 'report-too-large');
  });

  test.each([
    ['empty', ''],
    ['not a JWS', 'hello'],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['a header that is not JSON', '!!!.e30.AAAA'],
    ['JSON', '{"id":1}'],
  ])('malformed: %s', async (_name, body) => {
    await refused(body, 400, 'report-malformed');
  });

  test('the wrong content type', async () => {
    await refused('{}', 400, 'report-malformed', 'application/json');
    await refused('<a/>', 400, 'report-malformed', 'application/xml');
  });

  test('a key id that is no text', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const kid of [{}, true, 1, ['a'], ''])
      await refused(
        `${part({ alg: 'EdDSA', kid, typ: 'thdt-report+jws' })}.${part(good())}.AAAA`,
        400,
        'report-malformed',
      );
  });

  test('an unsigned token (alg none) and a symmetric one', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'HS256'])
      await refused(
        `${part({ alg, kid: agent.id, typ: 'thdt-report+jws' })}.${part(good())}.`,
        400,
        'report-malformed',
      );
  });

  test.each<[string, (report: Record<string, unknown>) => unknown]>([
    ['an unknown field', (report) => ({ ...report, extra: 1 })],
    ['no id', ({ id: _, ...report }) => report],
    ['an id that is not a UUIDv7', (report) => ({ ...report, id: 'x' })],
    ['a sample without target', (report) => ({ ...report, samples: [{ probe: 'camera' }] })],
    ['a list', () => []],
    ['made on a day that no calendar has', (report) => ({ ...report, createdAt: '2026-02-30T99:00:00.000Z' })],
    [
      'measured on a day that no calendar has',
      (report) => ({ ...report, samples: [{ ...sample('camera', 'c', 0), at: '2026-13-01T00:00:00.000Z' }] }),
    ],
    [
      'values of more than 16 KB',
      (report) => ({ ...report, samples: [sample('camera', 'c', 0, { name: 'x'.repeat(17_000) })] }),
    ],
    ['values nested past reading', (report) => ({ ...report, samples: [sample('camera', 'c', 0, { DEEP: 9 })] })],
    [
      'values nested past the stack',
      (report) => ({ ...report, samples: [sample('camera', 'c', 0, { DEEP: 40_000 })] }),
    ],
  ])('signed, but not a report: %s', async (_name, change) => {
    const report = change(good() as unknown as Record<string, unknown>);
    const { CompactSign, importJWK } = await import('jose');
    const jws = await new CompactSign(new TextEncoder().encode(textOf(report)))
      .setProtectedHeader({ alg: 'EdDSA', kid: agent.id, typ: 'thdt-report+jws' })
      .sign(await importJWK(agent.privateKey, 'EdDSA'));
    await refused(jws, 422, 'report-invalid');
  });

  test('another report under an id that is taken', async () => {
    const report = good();
    expect(await post(await agent.sign(report))).toMatchObject({ status: 201, body: { stored: 'new' } });
    await refused(await agent.sign({ ...report, samples: [] }), 409, 'report-conflict');
  });
});

describe('a good report', () => {
  test('sent twice is stored once, and both times acknowledged', async () => {
    const jws = await agent.sign(good());
    const before = await counts();
    expect(await post(jws)).toMatchObject({ status: 201, body: { stored: 'new' } });
    expect(await post(jws)).toMatchObject({ status: 200, body: { stored: 'duplicate' } });
    expect(await counts()).toMatchObject({ reports: before.reports + 1, samples: before.samples + 1 });
  });

  test('sent ten times at once is stored once', async () => {
    const jws = await agent.sign(good());
    const before = await counts();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(jws)));
    expect(answers.filter((answer) => answer.body.stored === 'new')).toHaveLength(1);
    expect((await counts()).reports).toBe(before.reports + 1);
  });

  test('is stored although another of its commit cannot be', async () => {
    await sql`create trigger poison before insert on sample when new.target = 'poison'
      begin select raise(abort, 'poisoned'); end`.execute(harness.store);
    const poisoned = agent.report([sample('lan-reach', 'poison', Date.now())]);
    const reports = [good(), poisoned, good(), good()];
    const jws = await Promise.all(reports.map((report) => agent.sign(report)));
    const answers = await Promise.all(jws.map((one) => post(one)));
    expect(answers.map(({ status }) => status)).toEqual([201, 500, 201, 201]);
    await sql`drop trigger poison`.execute(harness.store);
    expect(await post(jws[1]!)).toMatchObject({ status: 201, body: { stored: 'new' } });
  });

  test('is kept whole, and its signature can be checked again', async () => {
    const report = good();
    const jws = await agent.sign(report);
    await post(jws);
    const { status, body } = await harness.ask('GET', `/reports/${report.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ jws, verified: true, payload: report, agentId: agent.id });
  });
});

describe('enrolment', () => {
  test('takes a code once, in any spelling of case and dashes, and refuses it to any other key', async () => {
    const { code } = (await harness.ask('POST', `/schools/${agent.schoolId}/enrolments`, {})).body;
    const { publicKey } = await newKeys();
    const request = { publicKey, hostname: 'a', version: '1' };
    const first = await harness.ask('POST', '/enrol', { ...request, code: code.toLowerCase().replaceAll('-', ' ') });
    expect(first.status).toBe(201);
    const other = (await newKeys()).publicKey;
    const second = await harness.ask('POST', '/enrol', { ...request, publicKey: other, code });
    expect(second).toMatchObject({ status: 403, body: { error: { code: 'code-refused' } } });
  });

  test('takes no key that is none', async () => {
    const { code } = (await harness.ask('POST', `/schools/${agent.schoolId}/enrolments`, {})).body;
    const publicKey = { kty: 'OKP', crv: 'Ed25519', x: '!'.repeat(43) };
    expect((await harness.ask('POST', '/enrol', { code, publicKey, hostname: 'a', version: '1' })).status).toBe(400);
  });

  test('takes only a public key: a private half is refused', async () => {
    const { code } = (await harness.ask('POST', `/schools/${agent.schoolId}/enrolments`, {})).body;
    const { privateKey } = await newKeys();
    const answer = await harness.ask('POST', '/enrol', { code, publicKey: privateKey, hostname: 'a', version: '1' });
    expect(answer.status).toBe(400);
  });
});
