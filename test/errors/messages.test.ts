/** The message of each kind of mistake, whole: where it is, what is wrong in plain words, and what to do. */
import { expect } from 'chai';
import { readMistakes, said } from './messages.ts';

const mistakes = readMistakes();

describe('what is said of mistakes', () => {
  for (const mistake of mistakes) {
    it(mistake.name, async () => {
      const { code, says } = await said(mistake);
      expect(says).to.equal(mistake.says);
      expect(code).to.equal(mistake.code);
    });
  }

  it('covers at least eighty kinds, each once', () => {
    expect(new Set(mistakes.map((m) => m.name)).size)
      .to.equal(mistakes.length)
      .and.at.least(80);
  });
});
