import { expect } from 'chai';
import { unescapeText, unescapeWhole } from '../../engine/python/escapes.ts';
import { type Answer, casesOf } from './recorded.ts';

describe('escapes in string literals', () => {
  for (const [body, answer] of casesOf<[string, Answer<string>]>('literals')) {
    it(JSON.stringify(body), () => {
      const read = () =>
        unescapeText(body, (message) => {
          throw new SyntaxError(message);
        });
      if ('error' in answer) expect(read).to.throw(SyntaxError);
      else expect(read()).to.equal(answer.value);
    });
  }

  it('outside of literals only whole escapes count, and no octal ones', () => {
    expect(unescapeWhole(String.raw`a\n\x41\u00e9\x4\u12\101\q\U0011ffff`)).to.equal(
      'a\nAé\\x4\\u12\\101\\q\\U0011ffff',
    );
  });
});
