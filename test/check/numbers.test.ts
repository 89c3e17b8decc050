/** Numbers that their author meant as something else. */
import { expect } from 'chai';
import { found, onH1 } from './found.ts';

describe('numbers of YAML', () => {
  it('that are versions or times in other eyes are a warning, in all files but what a role tells the world', async () => {
    const lines = await found({
      'play.yml': onH1(
        '- debug: {msg: "{{ x }}"}\n  vars: {app_version: 1.20, x: 22:22, share: 0.50, other_version: "1.20"}',
      ),
      'group_vars/all.yml': 'release: 24.10\n',
      'roles/r/meta/main.yml': 'galaxy_info: {min_ansible_version: 2.10}\n',
    });
    expect(lines).to.deep.equal([
      'warning: YAML reads 24.10 as the number 24.1 @group_vars/all.yml:1:10',
      'warning: YAML reads 1.20 as the number 1.2 @play.yml:4:27',
      'warning: YAML reads 22:22 as the number 1342 @play.yml:4:36',
    ]);
  });
});
