import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const input = (overrides: object) => ({ rubric: '8265/QĐ-UBND', level: 'primary', findings: [], ...overrides });

async function run(content: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(await mkdtemp(join(tmpdir(), 'thdt-score-')), 'in.json');
  await writeFile(file, content);
  const args = ['-r', './shared/require-node-24.cjs', 'shared/rubric/score.ts', file];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('npm run score', () => {
  it('prints the sheet: 90 points and Loại B with no findings', async () => {
    const { code, stdout } = await run(JSON.stringify(input({})));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ total: 90, grade: 'B', standards: { I: 35, II: 40, III: 15, IV: 0 } });
  });

  it('takes the example of the manual', async () => {
    const findings = [
      { rule: 'I.1.1.b', count: 2 },
      { rule: 'IV.2.a', award: 'district' },
      { item: 'IV.4', points: 1.5 },
    ];
    const { stdout } = await run(JSON.stringify(input({ findings })));
    const sheet = JSON.parse(stdout);
    expect(sheet.total).toBe(92.5);
    expect(sheet.items['I.1.1']).toMatchObject({ points: 4, max: 5, needsAssessor: false });
    expect(sheet.items['I.1.1'].deductions[0]).toMatchObject({ rule: 'I.1.1.b', count: 2, points: 1 });
  });

  it.each([
    ['an unknown rule', input({ findings: [{ rule: 'V.1.a', count: 1 }] }), 'V.1.a'],
    ['a negative count', input({ findings: [{ rule: 'I.1.1.b', count: -1 }] }), 'count -1'],
    ['a broken count', input({ findings: [{ rule: 'I.1.1.b', count: 0.5 }] }), 'count 0.5'],
    ['an award not in the list', input({ findings: [{ rule: 'IV.3.a', award: 'national' }] }), 'national'],
    ['points above the maximum', input({ findings: [{ item: 'IV.4', points: 2.25 }] }), 'IV.4'],
    ['points between the quarters', input({ findings: [{ item: 'IV.4', points: 1.1 }] }), '0.25'],
    ['an award of another level', input({ findings: [{ rule: 'IV.1.b', award: 'one' }] }), 'IV.1.b'],
    ['an unknown level', input({ level: 'university' }), 'university'],
    ['an unknown rubric', input({ rubric: '1/QĐ' }), '1/QĐ'],
    ['a count where an award belongs', input({ findings: [{ rule: 'IV.2.a', count: 1 }] }), 'award'],
    ['a missing count', input({ findings: [{ rule: 'I.1.1.b' }] }), 'needs count'],
    ['an unknown field', input({ findings: [{ rule: 'I.1.1.b', count: 1, note: 'x' }] }), 'findings'],
  ])('ends with 2 and one line for %s', async (_name, data, named) => {
    const { code, stdout, stderr } = await run(JSON.stringify(data));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(named);
  });

  it.each([
    ['in a finding', input({ findings: [{ rule: 'I.1.1.b', cuont: 1 }] }), '/findings/0/cuont: unknown key'],
    ['beside the findings', { ...input({}), levle: 'primary' }, '/levle: unknown key'],
    ['in place of another', { rubric: '8265/QĐ-UBND', levle: 'primary', findings: [] }, '/levle: unknown key'],
    ['with a line break in it', input({ findings: [{ rule: 'I.1.1.b', 'a\nb': 1 }] }), 'unknown key'],
  ])('names an unknown key %s', async (_name, data, named) => {
    const { code, stderr } = await run(JSON.stringify(data));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^score: [^\n]+\n$/);
    expect(stderr).toContain(named);
  });

  it('takes a file that begins with a byte order mark', async () => {
    const { code, stdout } = await run(`\uFEFF${JSON.stringify(input({}))}`);
    expect([code, JSON.parse(stdout).total]).toEqual([0, 90]);
  });

  it('ends with 2 and one line for text that is not JSON', async () => {
    const { code, stderr } = await run('{\n"rubric": ');
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
