import { expect } from 'chai';
import { actionArgs, actionName, actions, metaActions } from '../../engine/playbook/actions.ts';

describe('the words of the language', () => {
  it('are known by their short name and as ansible.builtin’s', () => {
    for (const name of Object.keys(actions))
      expect([
        actionName(name),
        actionName(`ansible.builtin.${name}`),
        actionName(`ansible.legacy.${name}`),
      ]).to.deep.equal([name, name, name]);
    for (const other of ['copy', 'our_meta', 'community.general.meta', 'toString', 'meta.x'])
      expect(actionName(other), other).to.equal(undefined);
  });

  it('have each argument explained', () => {
    for (const { args, free, required } of Object.values(actions)) {
      for (const arg of args) expect(actionArgs[arg], arg).to.be.a('string');
      if (free !== undefined) expect(args).to.include(free);
      for (const arg of required ?? []) expect(args).to.include(arg);
    }
    expect(Object.keys(metaActions)).to.include.members(['flush_handlers', 'end_role', 'noop']);
  });
});
