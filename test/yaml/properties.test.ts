import { expect } from 'chai';
import fc from 'fast-check';
import { float, fromPlain, isDict, Source, toPlain, type Value } from '../../engine/values.ts';
import { decryptVault, encryptVault, parseJson, parseYaml, toYaml } from '../../engine/yaml/index.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    'yes',
    '1:30',
    '- x',
    'a: b',
    '# c',
    ' x',
    'x\n',
    '\n\nx',
    '{{ a }}',
    "it's",
    '0x1f',
    '',
    '~',
    '<<',
    'é\u2028',
    '\ufeff',
    '\t',
  ),
  fc
    .array(fc.constantFrom('word', 'a: b', '  ', '\n', '#', "'", '"', 'é'), { maxLength: 40 })
    .map((parts) => parts.join(' ')),
);
// libyaml takes these for line breaks, as YAML 1.1 has it; the parser here does not.
const plainText = text.filter((t) => !/[\u0085\u2028\u2029]/.test(t));
const scalar: fc.Arbitrary<Value> = fc.oneof(
  plainText,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
  fc.double({ noNaN: true }).map((n) => float(n)),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(plainText, tie('value')), { maxLength: 5, selector: ([k]) => k })
      .map((pairs) => new Map(pairs)),
  ),
}));

/** Written with sorted keys, a dict comes back in another order; what it says is the same. */
function ordered(v: Value): Value {
  if (Array.isArray(v)) return v.map(ordered);
  if (!isDict(v)) return v;
  return new Map([...v].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)).map(([k, item]) => [k, ordered(item)]));
}

describe('YAML and JSON, properties', () => {
  const styles = [
    {},
    { default_flow_style: false, indent: 4 },
    { default_flow_style: true },
    { width: 20, indent: 3 },
    { width: 1000 },
  ];

  it('any value that toYaml writes is read back as it was', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(...styles), (v, style) => {
        const read = parseYaml(new Source('t', toYaml(v, style)), { trusted: false });
        expect(ordered(read)).to.deep.equal(ordered(v));
      }),
      { numRuns: 600 },
    );
  });

  it('parseJson reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
        // JSON.parse loses the last digits of such numbers.
        fc.pre(!/\d{16,}/.test(json));
        const plain = JSON.parse(json);
        const read = parseJson(new Source('t', JSON.stringify(plain, undefined, indent)), { trusted: false });
        expect(toPlain(read)).to.deep.equal(toPlain(fromPlain(plain)));
      }),
      { numRuns: 300 },
    );
  });

  it('parseYaml reads JSON too', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        fc.pre(/^[[{]/.test(json) && !/\d{16,}/.test(json));
        const read = parseYaml(new Source('t', json), { trusted: false });
        expect(toPlain(read)).to.deep.equal(toPlain(fromPlain(JSON.parse(json))));
      }),
      { numRuns: 200 },
    );
  });

  it('no text makes the parser fail with anything but an error of the author', () => {
    const marks = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '!x ',
      '|',
      '>',
      '#',
      '%',
      '\t',
      '? ',
      '<<: ',
      '{{ x }}',
      ',',
    );
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 25 }), (parts) => {
        try {
          parseYaml(new Source('t', parts.join('')));
        } catch (error) {
          expect((error as Error).name).to.equal('AuthorError');
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('vault texts decrypt to what they held', () => {
    const secret = { id: 'x', password: 'p' };
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (plain) => {
        expect(decryptVault(encryptVault(plain, secret), [secret])).to.equal(plain);
      }),
      { numRuns: 20 },
    );
  });
});
