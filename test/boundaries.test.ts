import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

/** Who may import whom (README, "The house"). Type-only imports count as imports. */

const ROOT = resolve(import.meta.dirname, '..');

function imports(top: string): { from: string; to: string; typeOnly: boolean }[] {
  return readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.split(sep).includes('dist'))
    .flatMap((name) => {
      const file = join(ROOT, top, name);
      const text = readFileSync(file, 'utf8');
      const pattern =
        /(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]/g;
      return [...text.matchAll(pattern)].map((match) => ({
        from: relative(ROOT, file).replaceAll(sep, '/'),
        to: relative(ROOT, resolve(dirname(file), match[2] ?? match[3]!)).replaceAll(sep, '/'),
        typeOnly: match[1] !== undefined,
      }));
    });
}
const say = (list: { from: string; to: string }[]) => list.map(({ from, to }) => `${from} → ${to}`);

test('shared imports neither agent nor collector', () => {
  const found = imports('shared');
  expect(found.length).toBeGreaterThan(5);
  expect(say(found.filter(({ to }) => !to.startsWith('shared/')))).toEqual([]);
});

test('the agent imports itself and shared only', () => {
  const found = imports('agent');
  expect(found.length).toBeGreaterThan(20);
  expect(say(found.filter(({ to }) => !/^((agent|shared)\/|package.json$)/.test(to)))).toEqual([]);
});

test('the collector imports itself and shared only', () => {
  const found = imports('collector');
  expect(found.length).toBeGreaterThan(40);
  expect(say(found.filter(({ to }) => !/^(collector|shared)\//.test(to)))).toEqual([]);
});

test('the page imports shared and the types of the API only', () => {
  const found = imports('collector/web').filter(
    ({ to }) => !to.startsWith('collector/web/') && !to.startsWith('shared/'),
  );
  expect(say(found.filter(({ to, typeOnly }) => !(typeOnly && to.startsWith('collector/api/schemas/'))))).toEqual([]);
});

test('what judges does no I/O: the rules reach neither the store nor the network', () => {
  const found = imports('collector/compliance/rules');
  expect(found.length).toBeGreaterThan(10);
  expect(say(found.filter(({ to }) => /store|ingest|api\/(?!schemas)/.test(to)))).toEqual([]);
});
