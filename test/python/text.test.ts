import { expect } from 'chai';
import { pyRepr, toText } from '../../engine/python/text.ts';
import { Template } from '../../engine/values.ts';
import { casesOf } from './recorded.ts';

describe('repr', () => {
  for (const [text, shown] of casesOf<[string, string]>('texts')) {
    it(shown, () => {
      expect(pyRepr(text)).to.equal(shown);
    });
  }

  it('shows a template inside a list as the string it was written as', () => {
    expect(toText([new Template('{{ a }}', undefined)])).to.equal("['{{ a }}']");
  });
});
