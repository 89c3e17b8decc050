import { expect } from 'chai';
import type { ModuleDefinition } from '../../../engine/modules/define.ts';
import { calledWith, failedAs, invocationOf } from '../../../engine/run/task/invocation.ts';
import { toPlain } from '../../../engine/values.ts';

const definition = {
  name: 'm',
  freeForm: 'cmd',
  args: { cmd: {}, path: { aliases: ['dest', 'name'] }, token: { secret: true }, rest: {} },
} as unknown as ModuleDefinition;

describe('what a module was called with', () => {
  it('has every argument, by the alias that was used too, and no secret', () => {
    const called = invocationOf(definition, { cmd: 'x', path: '/a', token: 's' }, new Map([['dest', '/a']]));
    expect(toPlain(called)).to.deep.equal({
      module_args: {
        cmd: 'x',
        path: '/a',
        dest: '/a',
        token: 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER',
        rest: null,
        _raw_params: 'x',
      },
    });
  });

  it('goes with the error of a failure', () => {
    const error = new Error('no');
    const called = new Map();
    expect(() => failedAs(error, called)).to.throw(error);
    expect(calledWith(error)).to.equal(called);
    expect(calledWith('text')).to.equal(undefined);
  });
});
