/** S-32: what a host returned never says how to reach a host or who acts on it; nothing a host says runs on the controller. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isRestricted } from '../../engine/vars/restricted.ts';
import { play, withProject } from '../support/play.ts';

const hostile = {
  ansible_connection: 'local',
  ansible_ssh_common_args: '-o ProxyCommand=touch%20/tmp/owned',
  ansible_host: '10.0.0.1',
  ansible_become_exe: '/tmp/owned',
  ansible_become: true,
  ansible_python_interpreter: '/tmp/owned',
  ansible_shell_executable: '/tmp/owned',
  inventory_hostname: 'other',
  hostvars: {},
  plain_fact: 'kept',
  ansible_ssh_host_key_rsa_public: 'kept too',
};
const program = `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ changed: false, ansible_facts: hostile })}\nEND\n`;

const book = `
- hosts: h1
  tasks:
    - hostile:
    - debug:
        msg: "{{ ansible_connection | default('none') }} {{ ansible_ssh_common_args | default('none') }} {{ ansible_host | default('none') }}"
    - debug: {msg: "{{ inventory_hostname }} {{ ansible_become_exe | default('none') }} {{ plain_fact }} {{ ansible_ssh_host_key_rsa_public }}"}
    - command: id -un
- hosts: h2
  tasks:
    - command: echo delegated
      delegate_to: h1
`;

describe('facts that say how to connect (S-32)', () => {
  it('are dropped with a warning that names them; others stay', async () => {
    const { recap, events, lines } = await play({ 'play.yml': book, 'library/hostile.sh': program });
    expect(recap.exitCode, lines.join('\n')).to.equal(0);
    const messages = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    const warned = messages.find((text) => text.includes('how to connect'))!;
    for (const name of Object.keys(hostile).filter(isRestricted)) expect(warned).to.include(`\`${name}\``);
    const shown = events.flatMap((event) => (event.type === 'task:result' ? [String(event.result.values['msg'])] : []));
    expect(shown).to.include('local none h1');
    expect(shown).to.include('h1 none kept kept too');
  });

  it('are dropped from a cache of facts that somebody wrote', async () => {
    await withProject(
      { 'cache/h1': JSON.stringify({ ansible_connection: 'nosuch', ansible_user_id: 'root' }) },
      async (folder) => {
        const { recap, events } = await play(
          `
- hosts: h1
  tasks:
    - debug: {msg: "{{ ansible_user_id }}"}
    - command: 'true'
`,
          { factCache: { folder: join(folder, 'cache') } },
        );
        expect(recap.exitCode).to.equal(0);
        const texts = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
        expect(texts.join('\n')).to.include('the fact cache').and.include('`ansible_connection`');
      },
    );
  });

  it('every variable that the connection reads is restricted', () => {
    const folder = new URL('../../engine/run/view/', import.meta.url);
    const text = readFileSync(new URL('connection.ts', folder), 'utf8');
    const names = [...text.matchAll(/'(ansible_\w+)'/g)].map((match) => match[1]!);
    expect(names.length).to.be.greaterThan(20);
    expect(names.filter((name) => !isRestricted(name))).to.deep.equal([]);
  });

  it('run nothing on the controller', async () => {
    await withProject({}, async (folder) => {
      const mark = join(folder, 'owned');
      const facts = { ansible_connection: 'ssh', ansible_ssh_common_args: `-o ProxyCommand="touch ${mark}"` };
      const redirecting = `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ ansible_facts: facts })}\nEND\n`;
      writeFileSync(join(folder, 'x'), '');
      await play({
        'play.yml': book.replace(/ {4}- debug:[\s\S]*?(?= {4}- command)/, ''),
        'library/hostile.sh': redirecting,
      });
      expect(existsSync(mark)).to.equal(false);
    });
  });
});
