/** Files of variables that a run will read. */
import { expect } from 'chai';
import { found, onH1 } from './found.ts';

describe('files of variables', () => {
  it('are read before the run: those of hosts and groups in the play, and vars_files', async () => {
    const files = {
      'play.yml': onH1('- debug:').replace('  tasks:', '  vars_files: [v.yml]\n  tasks:'),
      'v.yml': 'a: [\n',
      'host_vars/h1.yml': 'b: {\n',
      'host_vars/h2.yml': 'c: {\n',
    };
    const lines = await found(files);
    expect(lines.map((line) => line.replace(/.*@/, '').replace(/:.*/, '')).sort()).to.deep.equal([
      'host_vars/h1.yml',
      'v.yml',
    ]);
  });

  it('of a vault need no password of one who only looks', async () => {
    const vault = '$ANSIBLE_VAULT;1.1;AES256\n6162\n';
    expect(await found({ 'play.yml': onH1('- debug:'), 'host_vars/h1.yml': vault })).to.deep.equal([]);
  });
});
