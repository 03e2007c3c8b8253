/** A JSON text that is refused: the place in it, and what is wrong there. */
export class JsonError extends Error {
  override name = 'JsonError';
}

export interface JsonText {
  value: unknown;
  /** Line of the text, from 1, on which the value at this JSON pointer starts, or the nearest value that encloses it. */
  lineOf(pointer: string): number;
}

const MAX_DIGITS = 15; // more cannot be held by a double, and would be rounded in silence
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * Reads a JSON text (RFC 8259) more strictly than `JSON.parse`, which keeps the last of two equal keys, rounds long
 * numbers and does not always say where a text is broken. Throws JsonError with line and column; nesting deeper than
 * `maxDepth`, a key that stands twice, and numbers of more than 15 digits are refused.
 */
export function readJson(text: string, maxDepth: number): JsonText {
  let at = 0;
  const starts = new Map<object, Map<string, number>>();

  const refuse = (what: string, where = at): never => {
    const line = lineAt(text, where);
    throw new JsonError(`line ${line}, column ${where - text.lastIndexOf('\n', where - 1)}: ${what}`);
  };
  const found = () =>
    at < text.length ? `found ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))}` : 'the text ends';
  const skip = () => {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
  };
  const take = (char: string): boolean => {
    if (text[at] !== char) return false;
    at++;
    return true;
  };

  const value = (depth: number): unknown => {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (depth >= maxDepth) refuse(`nested deeper than ${maxDepth}`);
      return char === '{' ? object(depth + 1) : array(depth + 1);
    }
    if (char === '"') return string();
    for (const [word, meant] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const)
      if (text.startsWith(word, at)) {
        at += word.length;
        return meant;
      }
    return number();
  };

  const number = (): number => {
    NUMBER.lastIndex = at;
    const token = NUMBER.exec(text)?.[0];
    if (token === undefined) return refuse(`expected a value, ${found()}`);
    const digits = token
      .replace(/[eE].*$/, '')
      .replace(/\D/g, '')
      .replace(/^0+/, '');
    if (digits.length > MAX_DIGITS) refuse(`a number of more than ${MAX_DIGITS} digits`);
    at = NUMBER.lastIndex;
    return Number(token);
  };

  const string = (): string => {
    const start = at;
    at++;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) at++;
      else if (Number.isNaN(code)) refuse('a string does not end', start);
      else if (code < 0x20) refuse('a line break or control character inside a string');
    }
    at++;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return refuse('a string with a wrong escape', start);
    }
  };

  const array = (depth: number): unknown[] => {
    const list: unknown[] = [];
    const own = new Map<string, number>();
    starts.set(list, own);
    at++;
    skip();
    if (take(']')) return list;
    for (;;) {
      own.set(String(list.length), at);
      list.push(value(depth));
      skip();
      if (take(']')) return list;
      if (!take(',')) refuse(`expected , or ], ${found()}`);
      skip();
    }
  };

  const object = (depth: number): Record<string, unknown> => {
    const record: Record<string, unknown> = {};
    const own = new Map<string, number>();
    starts.set(record, own);
    at++;
    skip();
    if (take('}')) return record;
    for (;;) {
      const start = at;
      if (text[at] !== '"') refuse(`expected a key in quotes, ${found()}`);
      const key = string();
      if (own.has(key)) refuse(`key ${JSON.stringify(key)} stands twice`, start);
      if (key === '__proto__') refuse('the key "__proto__" is not allowed', start);
      skip();
      if (!take(':')) refuse(`expected :, ${found()}`);
      skip();
      own.set(key, start);
      record[key] = value(depth);
      skip();
      if (take('}')) return record;
      if (!take(',')) refuse(`expected , or }, ${found()}`);
      skip();
    }
  };

  skip();
  const root = value(0);
  skip();
  if (at < text.length) refuse(`expected the end of the text, ${found()}`);

  const lineOf = (pointer: string): number => {
    let offset = 0;
    let part: unknown = root;
    for (const token of pointer.split('/').slice(1)) {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const start = typeof part === 'object' && part !== null ? starts.get(part)?.get(key) : undefined;
      if (start === undefined) break;
      offset = start;
      part = (part as Record<string, unknown>)[key];
    }
    return lineAt(text, offset);
  };
  return { value: root, lineOf };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next !== -1 && next < offset; next = text.indexOf('\n', next + 1)) line++;
  return line;
}
