/** What the host's grep looks for must match all that Python's expression matches, or files would be missed. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { grepSuperset, nameTests } from '../../../engine/modules/files/find/find-content.ts';
import { pythonRegex } from '../../../engine/modules/parts/python-regex.ts';

const expressions = [
  'abc',
  '^abc$',
  'a.c',
  'é',
  '.*é.*x',
  'a[^b]c?',
  'foo[^a]',
  '\\s*Listen\\s+(?:80|443)$',
  '[#;]?\\s*PermitRootLogin\\b',
  'x{2,3}y',
  '\\d+\\.\\d+',
  '\\w+=\\S*',
  'a\\*b\\[c\\]\\^d\\\\e\\-f',
  'key = "[^"]*"',
  'a*?b+?',
  '(a|b)(c|d)?',
  '^',
  '',
  '\\tindented',
  'C:\\\\dir',
  '[^x]\\W',
  'a{b}',
  '~/x',
];
const lines = [
  '',
  'abc',
  'xabc',
  'abcd',
  'a\tc',
  'aéc',
  'éx',
  '€x',
  '12é €x',
  'ab',
  'a',
  'foo',
  'foob',
  'Listen 80',
  '  Listen\t443',
  'Listen 8080',
  '#PermitRootLogin yes',
  '  PermitRootLogin',
  'PermitRootLogins',
  'xxy',
  'xxxxy',
  '10.20',
  'ä=1',
  'name=value',
  'a*b[c]^d\\e-f',
  'key = "x y"',
  'aab',
  'bd',
  '\tindented',
  'C:\\dir',
  'é€',
  'a{b}',
  '~/x',
  '|',
];

describe('find: what grep is asked for', () => {
  for (const expression of expressions) {
    it(`${expression === '' ? 'the empty expression' : expression} misses no line`, () => {
      const asked = grepSuperset(expression);
      if (asked === undefined) return;
      const options = {
        input: `${lines.join('\n')}\n`,
        encoding: 'utf8' as const,
        env: { ...process.env, LC_ALL: 'C' },
      };
      const found = spawnSync('grep', ['-a', '-n', '-E', '-e', asked], options);
      expect(found.stderr).to.equal('');
      const hit = new Set(found.stdout.split('\n').map((line) => Number.parseInt(line, 10) - 1));
      const python = pythonRegex(expression, {}, 'y');
      for (const [i, line] of lines.entries()) {
        python.lastIndex = 0;
        if (python.test(`${line}\n`)) expect(hit.has(i), `${JSON.stringify(line)} by ${asked}`).to.equal(true);
      }
    });
  }

  it('leaves to the controller what grep would read in another way', () => {
    for (const expression of ['(?i)abc', '(?=a)', '(a)\\1', 'a||b', '(|a)', 'a{,3}', 'é', '\\x41', 'a\\nb', '(?P<n>a)'])
      expect(grepSuperset(expression), expression).to.equal(undefined);
    // most of what people write can be asked
    const asked = expressions.filter((expression) => grepSuperset(expression) !== undefined);
    expect(asked.length).to.be.above(expressions.length - 4);
  });

  it('names are only asked for where find reads a pattern as Python does', () => {
    expect(nameTests(['*.log', 'x'], false)).to.deep.equal([
      '!',
      '-name',
      '.*',
      '(',
      '-name',
      '*.log',
      '-o',
      '-name',
      'x',
      ')',
    ]);
    expect(nameTests([], true)).to.deep.equal([]);
    for (const pattern of ['a?', '[ab]', 'a\\*']) expect(nameTests([pattern], true)).to.equal(undefined);
  });
});
