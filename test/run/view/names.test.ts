import { expect } from 'chai';
import type { Task } from '../../../engine/playbook/nodes.ts';
import { shownName } from '../../../engine/run/view/names.ts';

describe('the name of a task', () => {
  it('is shown with its role', () => {
    expect(shownName({ role: { role: { name: 'web' } } } as Task, 'Install')).to.equal('web : Install');
    expect(shownName({ role: undefined } as Task, 'Install')).to.equal('Install');
  });
});
