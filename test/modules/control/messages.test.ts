import { expect } from 'chai';
import assertModule from '../../../engine/modules/control/assert.ts';
import debug from '../../../engine/modules/control/debug.ts';
import fail from '../../../engine/modules/control/fail.ts';
import { Template } from '../../../engine/values.ts';
import { attempt, failure, values } from './support.ts';

// Expected values: what ansible-core 2.19 registers for the same tasks.
describe('module debug', () => {
  it('shows a message of any type', async () => {
    expect(await values(debug, {})).to.deep.equal({ msg: 'Hello world!' });
    expect(await values(debug, { msg: ['a', 1] })).to.deep.equal({ msg: ['a', 1] });
  });

  it('shows a variable under its name', async () => {
    expect(await values(debug, { var: 'a.b' }, { a: { b: [1, 'x'] } })).to.deep.equal({ 'a.b': [1, 'x'] });
  });

  it('shows an undefined variable as such, with a warning', async () => {
    const { result, warnings } = await attempt(debug, { var: 'nosuch' });
    expect(result.values).to.deep.equal({ nosuch: "<< error 1 - 'nosuch' is undefined >>" });
    expect(warnings).to.deep.equal(["'nosuch' is undefined"]);
  });

  it('takes a text from a template for a name, and for nothing more', async () => {
    const item = new Map([['var', new Template('{{ item }}', undefined)]]);
    expect(await values(debug, item, { item: 'x.y', x: { y: 5 } })).to.deep.equal({ 'x.y': 5 });
    const attack = "lookup('pipe', 'id')";
    expect(await values(debug, item, { item: attack })).to.deep.equal({ item: attack });
    expect(await values(debug, item, { item: [1] })).to.deep.equal({ item: [1] });
  });

  it('is skipped below its verbosity', async () => {
    const { result } = await attempt(debug, { msg: 'x', verbosity: 2 }, {}, { verbosity: 1 });
    expect(result).to.include({ skipped: true, changed: false });
    expect(result.values).to.deep.equal({ skipped_reason: 'Verbosity threshold not met.' });
    expect(await values(debug, { msg: 'x', verbosity: 2 }, {}, { verbosity: 2 })).to.deep.equal({ msg: 'x' });
  });

  it('takes msg or var, not both', async () => {
    expect((await failure(debug, { msg: 'a', var: 'b' }))['msg']).to.include('exclude each other');
  });
});

describe('module assert', () => {
  it('passes when all hold', async () => {
    expect(await values(assertModule, { that: ['1 == 1', true] })).to.deep.equal({ msg: 'All assertions passed' });
    expect(await values(assertModule, { that: '1 == 1', success_msg: 'fine' })).to.deep.equal({ msg: 'fine' });
    expect(await values(assertModule, { that: new Template('{{ 1 == 1 }}', undefined) })).to.deep.equal({
      msg: 'All assertions passed',
    });
  });

  it('tells which condition does not hold', async () => {
    expect(await failure(assertModule, { that: ['1 == 1', 'x == 2'], fail_msg: 'nope' }, { x: 3 })).to.deep.equal({
      msg: 'nope',
      assertion: 'x == 2',
      evaluated_to: false,
    });
    expect((await failure(assertModule, { that: '1 == 2' }))['msg']).to.equal('Assertion failed: 1 == 2');
    expect((await failure(assertModule, { that: '1 == 2', msg: ['a', 'b'] }))['msg']).to.deep.equal(['a', 'b']);
  });

  it('refuses what is neither true nor false, and what is undefined', async () => {
    expect((await failure(assertModule, { that: 'x' }, { x: 1 }))['msg']).to.include('neither true nor false');
    expect((await failure(assertModule, { that: 'x' }, { x: 'yes' }))['msg']).to.include('`| bool`');
    expect((await failure(assertModule, { that: 'y == 1' }))['msg']).to.equal(
      "Error while evaluating conditional: 'y' is undefined (in: y == 1)",
    );
    expect((await failure(assertModule, { that: [['a']] }))['msg']).to.include('must be an expression');
    expect((await failure(assertModule, {}))['msg']).to.include('needs the argument `that`');
  });
});

describe('module fail', () => {
  it('fails', async () => {
    expect(await failure(fail, {})).to.deep.equal({ msg: 'Failed as requested from task' });
    expect(await failure(fail, { msg: 'no' })).to.deep.equal({ msg: 'no' });
  });
});
