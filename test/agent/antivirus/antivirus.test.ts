import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { antivirus, outcome } from '../../../agent/probes/antivirus/antivirus.ts';
import { clamavDatabases, processNames } from '../../../agent/probes/antivirus/host-facts.ts';
import { runTool } from '../../../agent/run-tool.ts';
import { probeContext } from '../context.ts';
import { recorded } from './recorded.ts';

test('this host is asked and answers', async () => {
  const context = probeContext(AbortSignal.timeout(antivirus.deadlineMs));
  const result = await antivirus.run({ id: 'host' }, {}, context);
  expect(result).toMatchObject({ ok: true, values: { platform: process.platform } });
  expect(Array.isArray(result.values.products)).toBe(true);
});

test('no products is an answer, no answer is not', () => {
  expect(outcome('win32', [])).toEqual({ ok: true, values: { platform: 'win32', products: [] } });
  expect(outcome('win32', undefined)).toMatchObject({ ok: false, reason: 'malformed' });
});

test('a missing tool, a failing tool and an endless tool are told apart', async () => {
  const signal = AbortSignal.timeout(10_000);
  expect(await runTool('thdt-no-such-tool', [], 1000, signal)).toEqual({ output: null, why: 'tool-missing' });
  const node = (script: string, ms = 5000) => runTool(process.execPath, ['-e', script], ms, signal);
  expect((await node('process.exit(3)')).why).toBe('failed');
  expect((await node('setInterval(() => {}, 1000)', 300)).why).toBe('timeout');
  expect((await node('process.stdout.write("1")')).output).toBe('1');
});

test('the databases of ClamAV and the processes are read where they lie', async (ctx) => {
  const folder = await mkdtemp(join(tmpdir(), 'thdt-clamav-'));
  ctx.onTestFinished(() => rm(folder, { recursive: true }));
  expect(await clamavDatabases(folder)).toEqual([]);
  await writeFile(join(folder, 'daily.cvd'), recorded('linux-clamav-daily.cvd') + 'x'.repeat(10_000));
  const [database] = await clamavDatabases(folder);
  expect(database?.header).toHaveLength(512);
  expect(await processNames(folder)).toBeNull();
  if (process.platform === 'linux') expect(await processNames('/proc')).not.toHaveLength(0);
});

test('values stay small whatever is found', () => {
  fc.assert(
    fc.property(fc.nat(200), (count) => {
      const products = Array.from({ length: count }, () => ({ name: 'x', on: null, upToDate: null }));
      expect((outcome('linux', products).values.products as unknown[]).length).toBeLessThanOrEqual(32);
    }),
  );
});
