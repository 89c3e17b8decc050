import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { languagePage, page } from '../support/language_page.ts';

describe('docs/language.md', () => {
  it('says what the tables of the engine say', () => {
    const text = readFileSync(page, 'utf8');
    expect(text.match(/<!-- table /g)).to.have.length(8);
    expect(languagePage(text), 'run npx tsx test/support/language_page.ts').to.equal(text);
  });
});
