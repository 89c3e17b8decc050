import { expect } from 'chai';
import { type IniOptions, iniText, parseIni } from '../../engine/python/ini.ts';
import { type Answer, casesOf } from './recorded.ts';

type Read = Answer<Record<string, Record<string, string | null>>>;

describe('ini', () => {
  const plain = (text: string, options: IniOptions) =>
    Object.fromEntries([...parseIni(text, options)].map(([name, section]) => [name, Object.fromEntries(section)]));
  const check = (text: string, options: IniOptions, answer: Read) => {
    if ('error' in answer) expect(() => parseIni(text, options), text).to.throw(/^no (section|option)/);
    else expect(plain(text, options), text).to.deep.equal(answer.value);
  };

  for (const [text, usual, noValue, inline] of casesOf<[string, Read, Read, Read]>('inis')) {
    it(JSON.stringify(text), () => {
      check(text, {}, usual);
      check(text, { allowNoValue: true }, noValue);
      check(text, { inlineComments: ';' }, inline);
    });
  }

  it('names the line that is none', () => {
    expect(() => parseIni('[a]\nx = 1\nwhat\n'))
      .to.throw()
      .with.deep.include({ line: 3, text: 'what' });
  });

  it('takes no time for a long line', () => {
    expect(() => parseIni(`[a]\nb${' '.repeat(1_000_000)}c`)).to.throw();
  });

  it('is written with lines that go on', () => {
    const text = iniText(new Map([['a', new Map([['x', '1\n2']])]]));
    expect(text).to.equal('[a]\nx = 1\n\t2\n\n');
    expect(plain(text, {})).to.deep.equal({ a: { x: '1\n2' } });
  });
});
