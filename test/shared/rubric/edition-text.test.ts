import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EditionError } from '../../../shared/rubric/edition.ts';
import { MAX_TEXT_BYTES, parseEditionText } from '../../../shared/rubric/edition-text.ts';
import { readJson } from '../../../shared/rubric/json.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';
import { twoGroupsText } from './fixtures/two-groups.ts';

const decisionText = readFileSync(
  new URL('../../../shared/rubric/editions/8265-qd-ubnd.json', import.meta.url),
  'utf8',
);

function problemOf(text: string, choices?: Record<string, string>): string {
  try {
    parseEditionText(text, choices);
  } catch (error) {
    expect(error).toBeInstanceOf(EditionError);
    const { message } = error as EditionError;
    expect(message).toMatch(/^edition: [^\n\r]{1,500}$/);
    return message;
  }
  return '';
}
const lineOf = (text: string, words: string) => text.slice(0, text.indexOf(words)).split('\n').length;

describe('an edition from a text', () => {
  it('is the edition of the same file', () => {
    expect(parseEditionText(decisionText)).toEqual(loadEdition('8265/QĐ-UBND'));
    expect(parseEditionText(`\uFEFF${twoGroupsText.replaceAll('\n', '\r\n')}`)).toEqual(
      parseEditionText(twoGroupsText),
    );
    const choices = { 'III.2.1-penalty': 'whole' };
    expect(parseEditionText(decisionText, choices)).toEqual(loadEdition('8265/QĐ-UBND', choices));
  });

  it.each([
    ['nothing', '', 'line 1, column 1: expected a value, the text ends'],
    ['a text cut short', '{\n"id": ', 'line 2, column 7: expected a value, the text ends'],
    ['a comma too many', '{"a": 1,\n}', 'line 2, column 1: expected a key in quotes, found "}"'],
    ['a comma too few', '{"a": 1\n "b": 2}', 'line 2, column 2: expected , or }, found "\\""'],
    ['a list that runs on', '[1 2]', 'line 1, column 4: expected , or ], found "2"'],
    ['no colon', '{"a" 1}', 'line 1, column 6: expected :'],
    ['more than one value', '{} {}', 'line 1, column 4: expected the end of the text'],
    ['single quotes', "{'a': 1}", 'expected a key in quotes'],
    ['a string without end', '{"a": "x}', 'line 1, column 7: a string does not end'],
    ['a string that ends in a backslash', '["\\', 'a string does not end'],
    ['a line break in a string', '["a\nb"]', 'line 1, column 4: a line break'],
    ['a wrong escape', '["\\x"]', 'line 1, column 2: a string with a wrong escape'],
    ['a leading zero', '[01]', 'line 1, column 3: expected , or ]'],
    ['no number', '[NaN]', 'expected a value, found "N"'],
    ['a number that would be rounded', '[0.25000000000000001]', 'a number of more than 15 digits'],
    ['a key that stands twice', '{"max": 1,\n "max": 2}', 'line 2, column 2: key "max" stands twice'],
    ['a key of every object', '{"__proto__": {}}', 'not allowed'],
    ['depth', '['.repeat(33), 'line 1, column 33: nested deeper than 32'],
    ['great depth', '{"a":'.repeat(150_000), 'nested deeper than 32'],
    ['a number that is none', '[1e999]', '/ (line 1) must be object'],
    ['another JSON', '{"hello": "world"}', '/ (line 1) must have required properties'],
    ['a large text', ' '.repeat(MAX_TEXT_BYTES + 1), 'larger than 1000000 bytes'],
    ['a text large in bytes', `"${'ệ'.repeat(400_000)}"`, 'larger than 1000000 bytes'],
    ['a web page', '<!doctype html>', 'line 1, column 1: expected a value, found "<"'],
  ])('refuses %s with its place', (_name, text, words) => {
    expect(problemOf(text)).toContain(words);
  });

  it('names pointer and line of what the schema or a law refuses', () => {
    const quarter = decisionText.replace('"points": 0.25', '"points": 0.2');
    expect(problemOf(quarter)).toMatch(
      /^edition: \/standards\/0\/criteria\/0\/items\/0\/rules\/3\/points \(line \d+\) must be multiple/,
    );
    expect(problemOf(quarter)).toContain(`(line ${lineOf(quarter, '"points": 0.2')})`);
    const sums = twoGroupsText.replace('"max": 70', '"max": 71');
    expect(problemOf(sums)).toBe(
      `edition: /max (line ${lineOf(sums, '"max": 200')}) maxima of the standards do not add up`,
    );
    const unit = twoGroupsText.replace(
      '"unit": "A",\n              "unitPrinted": "A",\n              "text"',
      '"unit": "C",\n              "unitPrinted": "A",\n              "text"',
    );
    expect(problemOf(unit)).toContain(`/unit (line ${lineOf(unit, '"unit": "C"')}) item`);
    expect(problemOf(twoGroupsText, { 'D2.1-unit': 'C' })).toContain('/readings/1/chosen');
    expect(problemOf(twoGroupsText, { nothing: 'C' })).toContain('/readings (line');
  });

  it('throws nothing but EditionError, whatever is broken', () => {
    const values: unknown[] = [null, -1, 0.1, 1e300, '', '__proto__', 'constructor', [], {}, true, [[]], { id: 'x' }];
    const paths: (string | number)[][] = [];
    const walk = (part: unknown, path: (string | number)[]) => {
      paths.push(path);
      if (typeof part === 'object' && part !== null)
        for (const [key, value] of Object.entries(part)) walk(value, [...path, key]);
    };
    walk(JSON.parse(twoGroupsText), []);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...paths.slice(1)), fc.constantFrom(...values, undefined)), {
          minLength: 1,
          maxLength: 3,
        }),
        (changes) => {
          // biome-ignore lint/suspicious/noExplicitAny: hostile data has no type
          const data: any = JSON.parse(twoGroupsText);
          for (const [path, value] of changes) {
            // biome-ignore lint/suspicious/noExplicitAny: hostile data has no type
            const parent = path.slice(0, -1).reduce<any>((part, key) => part?.[key], data);
            if (typeof parent !== 'object' || parent === null) continue;
            if (value === undefined) delete parent[path.at(-1)!];
            // A copy: a later change may write into it.
            else parent[path.at(-1)!] = structuredClone(value);
          }
          problemOf(JSON.stringify(data));
        },
      ),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.nat(twoGroupsText.length), fc.nat(20), fc.string(), (at, cut, put) => {
        problemOf(twoGroupsText.slice(0, at) + put + twoGroupsText.slice(at + cut));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the JSON reader', () => {
  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    const sample = fc.oneof(
      fc.json({ noUnicodeString: false }),
      fc
        .tuple(fc.json(), fc.nat(40), fc.constantFrom('', ',', '}', '"', '\\', '0', '\n'))
        .map(([json, at, put]) => json.slice(0, at) + put + json.slice(at + 1)),
    );
    fc.assert(
      fc.property(sample, (text) => {
        let expected: unknown;
        let parses = true;
        try {
          expected = JSON.parse(text);
        } catch {
          parses = false;
        }
        try {
          const { value } = readJson(text, 1_000);
          expect(parses).toBe(true);
          expect(value).toEqual(expected);
        } catch (error) {
          const stricter = /stands twice|__proto__|more than 15 digits/.test((error as Error).message);
          if (parses && !stricter) throw error;
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
