import { expect } from 'chai';
import { staysInLines } from '../../../engine/modules/files/replace.ts';

describe('replace in a large file', () => {
  it('is changed in pieces only by expressions that match inside of lines', () => {
    const stays = (regexp: string, more = {}) =>
      staysInLines({ path: '/f', backup: false, encoding: 'utf-8', replace: '', regexp, ...more });
    for (const regexp of ['^port = (\\d+)$', 'a.*b', '[a-z]+', 'x{2,3}|y', '\\bword\\b', '(?i)name'])
      expect(stays(regexp), regexp).to.equal(true);
    for (const regexp of ['a\\nb', 'a\nb', '\\s+', '[^#]*', '\\Aa', 'b\\Z', '(?s)a.b', '\\D', '\\x0a', '\\W', '\\S'])
      expect(stays(regexp), regexp).to.equal(false);
    expect(stays('a', { after: 'x' })).to.equal(false);
    expect(stays('a', { encoding: 'utf-16' })).to.equal(false);
  });
});
