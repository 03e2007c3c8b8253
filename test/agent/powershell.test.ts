import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerIn, powerShellArgs } from '../../agent/powershell.ts';

const marked = (value: unknown) => `thdt:${Buffer.from(JSON.stringify(value)).toString('base64')}`;

test('a script arrives as it was written, in one argument without a character that a shell reads', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (script) => {
      const args = powerShellArgs(script);
      expect(args.at(-1)).toMatch(/^[A-Za-z0-9+/=]+$/);
      expect(Buffer.from(args.at(-1)!, 'base64').toString('utf16le')).toContain(script.toWellFormed());
    }),
  );
});

test.for([
  ['quotes', { name: `"Bkav" 'Pro' \`$(x)\`` }],
  ['a newline', { name: 'hai\r\ndòng' }],
  ['Vietnamese', { name: 'Phần mềm diệt vi-rút Đức Việt' }],
  ['beyond the first plane', { name: '🛡️ 卡巴斯基' }],
] as const)('names with %s come back as they are, whatever is printed around them', ([, value]) => {
  const line = marked(value);
  for (const output of [
    line,
    `\uFEFF${line}\r\n`,
    `WARNING: module loaded\r\n${line}\r\n#< CLIXML\r\n`,
    Buffer.from(`\uFEFF${line}\r\n`, 'utf16le').toString('utf8'),
    JSON.stringify(value),
  ])
    expect(answerIn(output)).toEqual(value);
});

test('no output, noise, a cut answer and another code page are no answer', () => {
  const cut = marked({ products: [], name: 'dài' }).slice(0, -9);
  const invalid = `thdt:${Buffer.from([0x22, 0xd0, 0x22]).toString('base64')}`;
  const otherPage = Buffer.from([...Buffer.from('{"name":"V'), 0xee, 0x22, 0x7d]).toString('utf8');
  for (const output of ['', '\r\n', '\uFEFF', 'powershell: not found', 'thdt:', cut, invalid, otherPage])
    expect(answerIn(output)).toBeUndefined();
});
