import { expect } from 'chai';
import validate from '../../../engine/modules/control/validate_argument_spec/validate_argument_spec.ts';
import { failure, values } from './support.ts';

const errors = async (spec: unknown, given: unknown, variables = {}) => {
  const failed = await failure(validate, { argument_spec: spec, provided_arguments: given }, variables);
  expect(failed['msg']).to.match(/^Validation of arguments failed:\n/);
  return failed['argument_errors'] as string[];
};
const passes = (spec: unknown, given: unknown, variables = {}) =>
  values(validate, { argument_spec: spec, provided_arguments: given }, variables);

// What passes and what fails was tried with ansible-core 2.19; the wording is its own where it can be followed.
describe('module validate_argument_spec', () => {
  it('passes what fits, converted as Ansible converts', async () => {
    const good: [unknown, unknown][] = [
      [{ a: { type: 'int' } }, { a: '5' }],
      [{ a: { type: 'int' } }, { a: null }],
      [{ a: { type: 'str' } }, { a: [1] }],
      [{ a: { type: 'list' } }, { a: 'q,r' }],
      [{ a: { type: 'int', default: 3, choices: [3, 4] } }, {}],
      [{ a: {} }, { a: [1] }],
      [{ a: { type: 'list', choices: ['x', 'y'] } }, { a: ['x'] }],
    ];
    for (const [spec, given] of good)
      expect(await passes(spec, given)).to.deep.equal({
        msg: 'The arg spec validation passed',
        validate_args_context: {},
      });
  });

  it('reports all that is wrong, at every depth', async () => {
    const spec = {
      a: { type: 'int', required: true },
      b: { type: 'str', choices: ['x', 'y'] },
      c: { type: 'list', elements: 'int' },
      d: { type: 'dict', options: { e: { required: true } } },
    };
    const found = await errors(spec, { b: 'z', c: ['q'], d: { f: 1 }, zzz: 1 });
    expect(found).to.deep.equal([
      'missing required arguments: a',
      'Elements value for option \'c\' is of type str and we were unable to convert to int: it is "q", not an integer',
      'value of b must be one of: x, y, got: z',
      'missing required arguments: e found in d',
      'd.f, zzz. Supported parameters include: e.',
    ]);
  });

  it('names the type of a value that does not fit', async () => {
    expect((await errors({ a: { type: 'int' } }, { a: 'x' }))[0]).to.match(
      /^argument 'a' is of type str and we were unable to convert to int/,
    );
    expect((await errors({ a: { type: 'int', required: true } }, { a: null }))[0]).to.include('of type NoneType');
    expect((await errors({ a: { type: 'bool' } }, { a: 'maybe' }))[0]).to.include('unable to convert to bool');
    expect((await errors({ a: { type: 'dict' } }, { a: 'x' }))[0]).to.include('unable to convert to dict');
    expect((await errors({ a: { type: 'list', elements: 'str' } }, { a: { b: 1 } }))[0]).to.include(
      "argument 'a' is of type dict and we were unable to convert to list",
    );
    expect(await errors({ a: { type: 'str', required: true }, b: { required: true } }, {})).to.deep.equal([
      'missing required arguments: a, b',
    ]);
    expect(await errors({ a: { type: 'list', choices: ['x', 'y'] } }, { a: ['x', 'z'] })).to.deep.equal([
      'value of a must be one or more of: x, y. Got no match for: z',
    ]);
    expect(
      await errors(
        { a: { type: 'list', elements: 'dict', options: { n: { type: 'str', required: true } } } },
        { a: [{ n: 1 }, { m: 2 }] },
      ),
    ).to.deep.equal(['missing required arguments: n found in a', 'a.m. Supported parameters include: n.']);
  });

  it('takes nothing at all for a string or a raw value, and says where a value deep inside is wrong', async () => {
    await passes({ a: { type: 'str', required: true }, b: { type: 'raw', required: true } }, { a: null, b: null });
    const list = { type: 'list', elements: 'dict', options: { q: { type: 'bool', choices: [true] } } };
    const found = await errors(
      { i: { type: 'int', required: true }, l: list },
      { i: null, l: [{ q: 'a' }, { q: false }] },
    );
    expect(found).to.deep.equal([
      'argument \'i\' is of type NoneType and we were unable to convert to int: "None" cannot be converted to an int',
      "argument 'q' is of type str found in 'l'. and we were unable to convert to bool: it is \"a\", not yes or no",
      'value of q must be one of: True, got: a found in l',
      'value of q must be one of: True, got: False found in l',
    ]);
  });

  it('looks names up among the variables', async () => {
    const spec = { from_vars: { type: 'int', required: true } };
    await passes(spec, {}, { from_vars: 7 });
    expect((await errors(spec, {}, { from_vars: 'x' }))[0]).to.include('unable to convert to int');
    await passes(spec, { from_vars: 1 }, { from_vars: 'x' });
  });
});
