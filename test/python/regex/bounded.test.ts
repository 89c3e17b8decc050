/** A RegExp whose time is bounded, used as any RegExp. */
import { expect } from 'chai';
import { ModuleFailure } from '../../../engine/errors.ts';
import { pythonRegex as ofModule } from '../../../engine/modules/parts/python-regex.ts';
import { BoundedRegExp } from '../../../engine/python/regex/bounded.ts';
import { RegexCost } from '../../../engine/python/regex/cost.ts';
import { substitute } from '../../../engine/python/regex/replacement.ts';
import { pythonRegex } from '../../../engine/python/regex/translate.ts';

const many = `${'a'.repeat(44)}!`;
const isSmall = (pattern: string, text: string) => {
  const { source, flags } = pythonRegex(pattern);
  return new RegexCost(source, flags).isSmall(text);
};

describe('python/regex/bounded', () => {
  // The engine of JavaScript would take years with each of these: what hangs here fails by mocha's time-out.
  for (const pattern of [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a*)*$',
    '^(?:a?){44}b',
    `^${'(a|a)'.repeat(44)}$`,
    `^${'a?'.repeat(44)}${'a'.repeat(44)}b`,
    '(?=(a+)+$)a!$',
    '(x+x+)+y',
  ])
    it(`ends with ${pattern.slice(0, 40)}`, () => {
      expect(pythonRegex(pattern).test(many.replace('!', '?'))).to.equal(false);
      expect([...many.matchAll(pythonRegex(pattern, {}, 'g'))].length).to.be.lessThan(2);
    });

  it('ends with a large text and several repetitions', () => {
    expect(pythonRegex('.*.*.*=.*').test('x'.repeat(300_000))).to.equal(false);
    expect(pythonRegex(String.raw`\s+$`).test(`${' '.repeat(300_000)}x`)).to.equal(false);
  });

  it('leaves what people write to the engine of JavaScript', () => {
    const line = '#PermitRootLogin prohibit-password   # as it was delivered';
    for (const pattern of [
      String.raw`^\s*#?\s*PermitRootLogin\s+.*$`,
      '^(.*)=(.*)$',
      String.raw`(\d+)\.(\d+)\.(\d+)`,
      '^Port ',
      'a|b|c',
    ])
      expect(isSmall(pattern, line), pattern).to.equal(true);
    expect(isSmall('^(a+)+$', 'aa')).to.equal(false);
  });

  it('has the results of a RegExp: groups, names, indices, sticky, splitting and replacing', () => {
    // A choice inside a repetition: always the machine's.
    const slow = (pattern: string, extra = '') => pythonRegex(pattern, {}, extra);
    const found = slow('(?P<word>(?:a|b)+)(c)?', 'd').exec('xxabac')!;
    expect([...found]).to.deep.equal(['abac', 'aba', 'c']);
    expect(found.index).to.equal(2);
    expect(found.groups!['word']).to.equal('aba');
    expect(found.indices![1]).to.deep.equal([2, 5]);
    expect(found.indices!.groups!['word']).to.deep.equal([2, 5]);
    expect('1ab2ba3'.split(slow('(?:a|b)+'))).to.deep.equal(['1', '2', '3']);
    expect('1ab2ba3'.replace(slow('(?:a|b)+', 'g'), (all) => `<${all}>`)).to.equal('1<ab>2<ba>3');
    const sticky = slow('(?:a|b)+', 'y');
    expect(sticky.test('1ab')).to.equal(false);
    sticky.lastIndex = 1;
    expect(sticky.test('1ab')).to.equal(true);
    expect(sticky.lastIndex).to.equal(3);
    expect(substitute(slow('((?:a|b)+)'), String.raw`[\1]`, '1ab2ba3')).to.deep.equal({
      text: '1[ab]2[ba]3',
      count: 2,
    });
  });

  it('fails as its owner says: the failure of a task, with the expression as it was written', () => {
    const expression = ofModule(String.raw`^(a+)+\1b$`, { bytes: true });
    expect(() => expression.test(many)).to.throw(ModuleFailure, String.raw`${'`'}^(a+)+\1b$${'`'} takes too long`);
    expect(() => new BoundedRegExp(expression, 'g').test(many)).to.throw(ModuleFailure);
  });
});
