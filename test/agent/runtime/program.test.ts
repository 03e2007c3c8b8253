import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { TSchema } from 'typebox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configSchema, loadConfig } from '../../../agent/config.ts';
import { camera } from '../../../agent/probes/camera/camera.ts';
import { probes } from '../../../agent/probes/registry.ts';
import { scratch, writeConfig } from './helpers.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const NODE = path.join(ROOT, 'node_modules/.bin/node');
const EXAMPLE = path.join(ROOT, 'agent/example.json');
const ENDPOINT = path.join(ROOT, 'agent/example-endpoint.json');
const all = probes.some(({ name }) => name === camera.name) ? probes : [...probes, camera];

function program(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(NODE, [path.join(ROOT, 'agent/main.ts'), ...argv], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}

/** Keys of an object schema and of what is below it, as `probes/camera/targets/port`. */
function keysOf(schema: TSchema, at = ''): string[] {
  const { properties, items } = schema as { properties?: Record<string, TSchema>; items?: TSchema };
  if (items) return keysOf(items, at);
  return Object.entries(properties ?? {}).flatMap(([key, child]) => [`${at}${key}`, ...keysOf(child, `${at}${key}/`)]);
}

function keysIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysIn(item, at));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [`${at}${key}`, ...keysIn(child, `${at}${key}/`)]);
}

describe('the program with its own probes', () => {
  it('the examples are good configurations and show every option there is', () => {
    expect(loadConfig(EXAMPLE, all).probes).toHaveLength(all.length);
    expect(loadConfig(ENDPOINT, all)).toMatchObject({ role: 'endpoint', code: expect.any(String) });
    const shown = new Set([EXAMPLE, ENDPOINT].flatMap((file) => keysIn(JSON.parse(readFileSync(file, 'utf8')))));
    expect(keysOf(configSchema(all))).toContain('probes/lan-reach/targets/ports');
    expect(keysOf(configSchema(all)).filter((key) => !shown.has(key))).toEqual([]);
  });

  it('measures a service on this machine', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const target = { id: 'svc', address: '127.0.0.1', ports: [port], icmp: false, service: true };
    const file = writeConfig(scratch(), { probes: { 'lan-reach': { targets: [target] } } });
    const { code, stdout } = await program('once', '--config', file, '--probe', 'lan-reach');
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ probe: 'lan-reach', target: 'svc', ok: true, reason: null }]);
  });

  it('exits with 2 and one line for a mistake in the file', async () => {
    const file = writeConfig(scratch(), { probes: { 'lan-reach': { targets: [{ id: 'a', adress: '127.0.0.1' }] } } });
    const { code, stdout, stderr } = await program('once', '--config', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^agent: \S+agent\.json: \/probes\/lan-reach\/targets\/0\S* [^\n]+\n$/);
  });
});
