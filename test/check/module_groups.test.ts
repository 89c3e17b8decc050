/** Groups of module_defaults. */
import { expect } from 'chai';
import { moduleGroups } from '../../engine/check/module_groups.ts';

describe('groups of modules', () => {
  it('have short names with and without the collection that says so, and those of collections', () => {
    for (const name of ['aws', 'ansible.builtin.aws', 'amazon.aws.aws', 'community.docker.docker'])
      expect(moduleGroups.has(name), name).to.equal(true);
    expect(moduleGroups.has('nope')).to.equal(false);
  });
});
