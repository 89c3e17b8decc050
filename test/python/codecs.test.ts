import { expect } from 'chai';
import { encodeText, UnencodableError } from '../../engine/python/codecs.ts';

/** Python: text.encode(NAME).hex(). */
const cases: [string, string, string][] = [
  ['windows-1252', 'a€é–', '6180e996'],
  ['cp1251', 'Привет', 'cff0e8e2e5f2'],
  ['iso8859-15', '€', 'a4'],
  ['latin-1', 'é', 'e9'],
  ['koi8-r', 'Ж', 'f6'],
  ['utf-16', 'a', 'fffe6100'],
  ['UTF_16_BE', 'a', '0061'],
  ['utf-8-sig', 'a', 'efbbbf61'],
  ['', 'é', 'c3a9'],
];

describe("encodings by Python's names", () => {
  for (const [name, text, hex] of cases)
    it(`${name || 'none'}: ${text}`, () => expect(encodeText(text, name)?.toString('hex')).to.equal(hex));

  it('say which character they do not have, and are not guessed', () => {
    expect(() => encodeText('a€', 'latin-1')).to.throw(UnencodableError, '€');
    expect(encodeText('a', 'idontexist')).to.equal(undefined);
    expect(encodeText('a', 'shift_jis')).to.equal(undefined);
  });
});
