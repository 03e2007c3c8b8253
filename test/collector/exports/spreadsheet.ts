import { all, parseXml, textOf } from './xml.ts';
import { unzip, zip } from './zip.ts';

/** A workbook's first sheet as a reader sees it, and what its formulas come to when they are computed anew. */
export type Value = number | string | null;
export interface ReadCell {
  formula: string | null;
  /** As stored in the file. */
  value: Value;
  isText: boolean;
}
export type ReadSheet = Map<string, ReadCell>;

const sheetPath = (number: number) => `xl/worksheets/sheet${number}.xml`;

/** `number`: which sheet, from 1. */
export function readSheet(bytes: Buffer, number = 1): ReadSheet {
  const files = unzip(bytes);
  const strings = all(parseXml(files.get('xl/sharedStrings.xml')!.toString('utf8')), 'si').map((entry) =>
    // ECMA-376 22.9.2.19: _x0041_ stands for the character with that code.
    textOf(entry).replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
  const sheet: ReadSheet = new Map();
  for (const cell of all(parseXml(files.get(sheetPath(number))!.toString('utf8')), 'c')) {
    const stored = all(cell, 'v')[0];
    const formula = all(cell, 'f')[0];
    const isText = cell.attributes.t === 's' || cell.attributes.t === 'str';
    let value: Value = null;
    if (stored) value = cell.attributes.t === 's' ? strings[Number(textOf(stored))]! : textOf(stored);
    if (stored && !isText) value = Number(value);
    sheet.set(cell.attributes.r!, { formula: formula ? textOf(formula) : null, value, isText });
  }
  return sheet;
}

/** The same file without stored results, so that whoever opens it has to compute. */
export function withoutResults(bytes: Buffer): Buffer {
  const files = unzip(bytes);
  let found = 0;
  for (const [name, content] of files) {
    if (!name.startsWith('xl/worksheets/sheet')) continue;
    const bare = content.toString('utf8').replaceAll(/(<\/f>)<v>[^<]*<\/v>/g, (_, end: string) => {
      found += 1;
      return end;
    });
    files.set(name, Buffer.from(bare));
  }
  if (found === 0) throw new Error('no stored result found');
  return zip(files);
}

/** Values of all formulas, computed from the entered cells alone. Knows what the export uses and nothing more. */
export function compute(sheet: ReadSheet): Map<string, Value> {
  const done = new Map<string, Value>();
  const lookUp = (name: string): Value => {
    if (done.has(name)) return done.get(name)!;
    const cell = sheet.get(name);
    const value = cell?.formula ? scalar(evaluate(cell.formula, lookUp)) : (cell?.value ?? null);
    done.set(name, value);
    return value;
  };
  return new Map([...sheet].filter(([, { formula }]) => formula !== null).map(([name]) => [name, lookUp(name)]));
}

type Result = Value | boolean | Value[];
const scalar = (result: Result): Value => {
  if (Array.isArray(result)) throw new Error('a range where one value belongs');
  return typeof result === 'boolean' ? Number(result) : result;
};
const numbers = (results: Result[]) =>
  results.flat().filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));

function evaluate(formula: string, lookUp: (name: string) => Value): Result {
  const tokens = [
    ...formula.matchAll(/"(?:[^"]|"")*"|[A-Z]+\d+(?::[A-Z]+\d+)?|\d+(?:\.\d+)?|[A-Z]+(?=\()|<=|>=|[-+*/<>(),]/g),
  ].map(([token]) => token);
  if (tokens.join('') !== formula) throw new Error(`cannot read ${formula}`);
  let at = 0;
  const take = (wanted?: string) => {
    const token = tokens[at]!;
    if (wanted !== undefined && token !== wanted) throw new Error(`${wanted} expected in ${formula}`);
    at += 1;
    return token;
  };
  const binary = (next: () => Result, operators: Record<string, (a: number, b: number) => Result>) => (): Result => {
    let left = next();
    while (tokens[at]! in operators) {
      const operate = operators[take()]!;
      left = operate(Number(scalar(left) ?? 0), Number(scalar(next()) ?? 0));
    }
    return left;
  };
  const primary = (): Result => {
    const token = take();
    if (token === '(') {
      const inner = comparison();
      take(')');
      return inner;
    }
    if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
    if (/^\d/.test(token)) return Number(token);
    const range = /^([A-Z]+)(\d+):\1(\d+)$/.exec(token);
    if (range) {
      const [from, to] = [Number(range[2]), Number(range[3])];
      return Array.from({ length: to - from + 1 }, (_, index) => lookUp(`${range[1]}${from + index}`));
    }
    if (/\d$/.test(token)) return lookUp(token);
    take('(');
    const given: Result[] = [comparison()];
    while (tokens[at] === ',') {
      take();
      given.push(comparison());
    }
    take(')');
    return call(token, given);
  };
  const product = binary(primary, { '*': (a, b) => a * b, '/': (a, b) => a / b });
  const addition = binary(product, { '+': (a, b) => a + b, '-': (a, b) => a - b });
  const comparison = binary(addition, {
    '<': (a, b) => a < b,
    '>': (a, b) => a > b,
    '<=': (a, b) => a <= b,
    '>=': (a, b) => a >= b,
  });
  const result = comparison();
  if (at !== tokens.length) throw new Error(`rest left over in ${formula}`);
  return result;
}

function call(name: string, given: Result[]): Result {
  switch (name) {
    case 'SUM':
      return numbers(given).reduce((sum, value) => sum + value, 0);
    case 'MAX':
      return Math.max(...(numbers(given).length > 0 ? numbers(given) : [0]));
    case 'MIN':
      return Math.min(...numbers(given));
    case 'COUNT':
      return numbers(given).length;
    case 'OR':
      return given.some(Boolean);
    case 'IF':
      return given[0] ? given[1]! : given[2]!;
    default:
      throw new Error(`function ${name} is not known here`);
  }
}
