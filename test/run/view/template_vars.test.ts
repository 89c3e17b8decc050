/** The variables that a template file sees besides the host's: https://docs.ansible.com/ansible/latest/collections/ansible/builtin/template_module.html */
import { hostname, userInfo } from 'node:os';
import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('variables of a template file', () => {
  it('tell who it is, where it lies and where its text goes', async () => {
    const { events } = await play({
      'play.yml': `- hosts: h1
  tasks:
    - template: { src: t.j2, dest: "{{ playbook_dir }}/out" }
    - debug: { msg: "{{ lookup('file', playbook_dir ~ '/out') }}|{{ playbook_dir }}" }
`,
      'templates/t.j2':
        '{{ template_host }}|{{ template_uid }}|{{ template_path }}|{{ template_fullpath }}|{{ template_destpath }}|' +
        '{{ template_run_date is gt template_mtime }}|{{ template_mtime.year > 2000 }}|{{ ansible_managed }}',
    });
    const last = events.findLast((event) => event.type === 'task:result');
    const words = String(last?.type === 'task:result' && last.result.values['msg']).split('|');
    const folder = words.at(-1)!;
    const template = `${folder}/templates/t.j2`;
    const { username } = userInfo();
    expect(words).to.deep.equal([
      ...[hostname(), username, 't.j2', template, `${folder}/out`],
      ...['True', 'True', 'Ansible managed', folder],
    ]);
  });

  it("leave the user's own ansible_managed alone", async () => {
    const { lines } = await play({
      'play.yml': `- hosts: h1
  vars: { ansible_managed: by hand }
  tasks: [{ debug: { msg: "{{ lookup('template', 't.j2') }}" } }]
`,
      'templates/t.j2': '{{ ansible_managed }}',
    });
    expect(lines.join('\n')).to.include('by hand');
  });
});
