/** Many secrets looked for in one pass. */
import { expect } from 'chai';
import { SecretSearch } from '../../engine/run/secret_search.ts';

function searchFor(...words: string[]): SecretSearch {
  const search = new SecretSearch();
  for (const word of words) search.add(word);
  return search;
}

describe('the search for secrets', () => {
  it('replaces the longest that is at a place, and what overlaps as one', () => {
    expect(searchFor('abcd', 'abcdef').replace('xabcdefx', '*')).to.equal('x*x');
    expect(searchFor('abcd', 'cdefg').replace('xabcdefgx', '*')).to.equal('x*x');
    expect(searchFor('abcd').replace('abcdabcd abc', '*')).to.equal('** abc');
  });

  it('takes nothing shorter than four characters for a secret', () => {
    expect(searchFor('abc').size).to.equal(0);
    expect(searchFor('abc').replace('abc', '*')).to.equal('abc');
  });

  it('says where a text that goes on may be cut: nothing of a secret is before it', () => {
    const search = searchFor('topsecret');
    expect(search.safeEnd('all is well')).to.equal('all is well'.length);
    expect(search.safeEnd('it is tops')).to.equal('it is '.length);
    expect(search.safeEnd('it is t')).to.equal('it is '.length);
    expect(search.safeEnd('it is topsecret!')).to.equal('it is topsecret!'.length);
    // Its last letter may begin another one, and it is not to be cut.
    expect(search.safeEnd('it is topsecret')).to.equal('it is '.length);
  });

  it('finds in a random text what a plain search finds', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const word = (length: number) => Array.from({ length }, () => 'ab'[random(2)]).join('');
    for (let round = 0; round < 300; round++) {
      const words = Array.from({ length: 3 }, () => word(4 + random(3)));
      const text = word(40);
      const hidden = Array.from(text, () => false);
      for (const each of words)
        for (let at = text.indexOf(each); at >= 0; at = text.indexOf(each, at + 1))
          hidden.fill(true, at, at + each.length);
      const left = searchFor(...words)
        .replace(text, '*')
        .replaceAll('*', '');
      expect(left, `${words} in ${text}`).to.equal(
        Array.from(text)
          .filter((_, at) => !hidden[at])
          .join(''),
      );
    }
  });
});
