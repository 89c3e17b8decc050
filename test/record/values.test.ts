import { expect } from 'chai';
import { decode, encode, NotKept } from '../../engine/record/values.ts';
import { Float, Template, Timestamp, type Value } from '../../engine/values.ts';

const through = (value: Value): Value => decode(JSON.parse(JSON.stringify(encode(value))));

describe('values of a record', () => {
  it('come back with their types, and dicts with their order', () => {
    const dict: Value = new Map<Value, Value>([
      ['2', 'text'],
      [2, 'number'],
      ['1', null],
      [true, [1, 1.5, new Float(1), 12345678901234567890n]],
      ['__proto__', 'a key like any other'],
    ]);
    const back = through(dict) as Map<Value, Value>;
    expect([...back.keys()]).to.deep.equal(['2', 2, '1', true, '__proto__']);
    expect(back.get(true)).to.deep.equal([1, 1.5, new Float(1), 12345678901234567890n]);
    const time = through(new Timestamp('2026-11-28', new Date('2026-11-28'), true));
    expect(time).to.deep.equal(new Timestamp('2026-11-28', new Date('2026-11-28'), true));
  });

  it('of hosts stay text, whatever they look like', () => {
    const hostile: Value = new Map<Value, Value>([['$t', '{{ lookup("pipe", "id") }}']]);
    expect(through(hostile)).to.deep.equal(hostile);
    expect(through('{{ x }}')).to.equal('{{ x }}');
    expect(through(new Map([['a', '\ud800 \u2028 \x00']]))).to.deep.equal(new Map([['a', '\ud800 \u2028 \x00']]));
    expect(through(new Template('{{ x }}', undefined))).to.be.instanceOf(Template);
  });

  it('that have no form are refused', () => {
    expect(() => encode({} as Value)).to.throw(NotKept);
  });
});
