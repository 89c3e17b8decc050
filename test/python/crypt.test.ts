import { expect } from 'chai';
import { apr1, hashPassword, randomSalt } from '../../engine/python/crypt.ts';
import { casesOf } from './recorded.ts';

describe('crypt', () => {
  for (const [password, scheme, salt, rounds, hash] of casesOf<[string, string, string, number | null, string]>(
    'hashes',
  )) {
    it(`${scheme}, ${Buffer.byteLength(password)} bytes, salt ${salt}`, () => {
      expect(hashPassword(password, scheme, { salt, rounds: rounds ?? undefined })).to.equal(hash);
    });
  }

  // openssl passwd -apr1 -salt abcdefgh secret
  it("knows Apache's variant of md5", () => {
    expect(apr1('secret', 'abcdefgh')).to.equal('$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/');
  });

  it('makes salts that fit', () => {
    expect(randomSalt('bcrypt')).to.match(/^[./0-9A-Za-z]{22}$/);
    expect(hashPassword('x', 'bcrypt', { rounds: 4 })).to.match(/^\$2b\$04\$[./0-9A-Za-z]{53}$/);
    expect(() => hashPassword('x', 'bcrypt', { salt: 'short' })).to.throw('22 characters');
    expect(() => hashPassword('x', 'crc')).to.throw('does not know');
  });
});
