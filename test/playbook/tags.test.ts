import { expect } from 'chai';
import { tagsMatch } from '../../engine/playbook/tags.ts';

describe('tags chosen by --tags and --skip-tags', () => {
  const cases: [string, string, string, boolean][] = [
    ['', '', '', true],
    ['a', '', '', true],
    ['never', '', '', false],
    ['never a', 'a', '', true],
    ['a', 'a', '', true],
    ['a', 'b', '', false],
    ['always', 'b', '', true],
    ['always', '', 'always', false],
    ['', 'tagged', '', false],
    ['a', 'tagged', '', true],
    ['', 'untagged', '', true],
    ['a', 'untagged', '', false],
    ['never', 'all', '', false],
    ['a', '', 'a', false],
    ['a', '', 'tagged', false],
    ['', '', 'untagged', false],
    ['a', 'a', 'all', false],
    ['always', '', 'all', true],
    ['a b', 'a', 'b', false],
  ];
  const words = (text: string) => text.split(' ').filter(Boolean);
  for (const [own, only, skip, runs] of cases)
    it(`[${own}] with --tags [${only}] and --skip-tags [${skip}]: ${runs ? 'runs' : 'does not run'}`, () => {
      expect(tagsMatch(words(own), words(only), words(skip))).to.equal(runs);
    });
});
