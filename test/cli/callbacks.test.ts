import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from './console.ts';

const play =
  '- hosts: localhost\n  gather_facts: false\n  tasks: [{command: echo x}, {copy: {content: a, dest: "{{ playbook_dir }}/a"}}]\n';

describe('callbacks of ansible.cfg', () => {
  const here = project({ 'site.yaml': play });
  after(() => here.remove());
  const run = (environment: Record<string, string>, ...more: string[]) =>
    command(['site.yaml', ...more], { cwd: here.path, environment });

  it('choose the reporter that does the same', async () => {
    const oneline = await run({ ANSIBLE_STDOUT_CALLBACK: 'ansible.builtin.oneline' });
    expect(oneline.out).to.match(/^localhost \| CHANGED \|/m);
    expect(oneline.err).to.equal('');
    for (const name of ['yaml', 'community.general.yaml', 'debug', 'ansible.posix.debug']) {
      const { out, err } = await run({ ANSIBLE_STDOUT_CALLBACK: name });
      expect(out).to.include('TASK [command]');
      expect(err).to.equal('');
    }
  });

  it('are warned of where nothing here does the same, unless the command line chooses', async () => {
    const strange = { ANSIBLE_STDOUT_CALLBACK: 'community.general.diy', ANSIBLE_CALLBACKS_ENABLED: 'profile_tasks' };
    const { out, err, code } = await run(strange);
    expect(out).to.include('PLAY RECAP');
    expect(err).to.include('the callback `community.general.diy` of `stdout_callback` does not run here');
    expect(err).to.include('the callback `profile_tasks` of `callbacks_enabled` does not run here');
    expect(code).to.equal(0);
    expect((await run(strange, '--reporter', 'quiet')).err).to.equal('');
    expect((await run(strange, '--list-tasks')).err).to.equal('');
  });

  it('junit writes its report where Ansible writes it', async () => {
    const folder = join(here.path, 'reports');
    const { out, err } = await run({ ANSIBLE_CALLBACKS_ENABLED: 'junit', JUNIT_OUTPUT_DIR: folder });
    expect(err).to.equal('');
    expect(out).to.include('PLAY RECAP');
    const [file] = readdirSync(folder);
    expect(file).to.match(/^site-[\d.]+\.xml$/);
    expect(readFileSync(join(folder, file!), 'utf8')).to.include('<testsuite');
  });

  it('check mode ends with how much would change', async () => {
    expect((await run({}, '-C')).out).to.include('\nCheck mode: 0 of 1 host would change. Nothing was changed.\n');
    expect((await run({})).out).not.to.include('Check mode');
    const other = project({ 'site.yaml': play });
    const { out } = await command(['site.yaml', '-C'], { cwd: other.path });
    expect(out).to.include('\nCheck mode: 1 of 1 host would change, by 1 task. Nothing was changed.\n');
    const quiet = await command(['site.yaml', '-C', '--reporter', 'quiet'], { cwd: other.path });
    expect(quiet.out).to.include('Check mode: 1 of 1 host would change, by 1 task.');
    other.remove();
  });
});
