import { readFileSync } from 'node:fs';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { EditionError } from './edition.ts';
import { type Finding, FindingError, score } from './engine.ts';
import { loadEdition } from './load.ts';

/**
 * `npm run -s score -- FILE`: prints the score sheet of one file of findings as JSON.
 * Exit 0, or 2 with one line that names what is wrong.
 */

const FindingInput = Type.Object(
  {
    rule: Type.Optional(Type.String()),
    item: Type.Optional(Type.String()),
    count: Type.Optional(Type.Number()),
    of: Type.Optional(Type.Number()),
    award: Type.Optional(Type.String()),
    points: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
);
const Input = Compile(
  Type.Object(
    { rubric: Type.String(), level: Type.String(), findings: Type.Array(FindingInput) },
    { additionalProperties: false },
  ),
);

export class InputError extends Error {
  override name = 'InputError';
}

/** The command's whole work: text of the input file in, printable object out. Throws InputError, EditionError, FindingError. */
export function scoreText(text: string): unknown {
  let data: unknown;
  try {
    // Notepad on Windows writes a byte order mark.
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`);
  }
  if (!Input.Check(data)) {
    const errors = Input.Errors(data);
    // A slip in a key also makes the right key missing; the key itself says more.
    const unknown = errors.find(({ keyword }) => keyword === 'boolean');
    if (unknown) throw new InputError(`${unknown.instancePath}: unknown key`);
    const first = errors[0];
    throw new InputError(`${first?.instancePath || 'input'}: ${first?.message}`);
  }
  const findings = data.findings.map(({ rule, item, ...rest }, index): Finding => {
    const id = rule ?? item;
    if (id === undefined || (rule !== undefined && item !== undefined))
      throw new InputError(`/findings/${index}: needs either rule or item`);
    return { rule: id, ...rest };
  });
  const sheet = score(loadEdition(data.rubric), [data.level], findings);
  return {
    total: sheet.total,
    grade: sheet.grade,
    standards: Object.fromEntries(Object.entries(sheet.standards).map(([id, standard]) => [id, standard.points])),
    items: sheet.items,
    gaps: sheet.gaps,
  };
}

if (import.meta.main) {
  const file = process.argv[2];
  const fail = (message: string): never => {
    process.stderr.write(`score: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
    process.exit(2);
  };
  if (!file || process.argv.length > 3) fail('usage: npm run -s score -- FILE');
  try {
    process.stdout.write(`${JSON.stringify(scoreText(readFileSync(file!, 'utf8')), null, 2)}\n`);
  } catch (error) {
    const expected =
      error instanceof InputError || error instanceof EditionError || error instanceof FindingError || isFsError(error);
    if (!expected) throw error;
    fail((error as Error).message);
  }
}

function isFsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
