/** Templates of a play: where they look for files, what lookups see, what is only known while it runs. */
import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('rendering', () => {
  it('lookups look beside the task, in its role first', async () => {
    const { lines } = await play({
      'play.yml': "- hosts: h1\n  roles: [r]\n  tasks: [{ debug: { msg: \"{{ lookup('file', 'word') }}\" } }]\n",
      'roles/r/tasks/main.yml': "- debug: { msg: \"{{ lookup('file', 'word') }}\" }\n",
      'roles/r/files/word': 'of the role',
      'files/word': 'of the play',
    });
    expect(lines.join('\n')).to.match(/of the role[\s\S]*of the play/);
  });

  it('lookup("template") sees variables given to it, and settings', async () => {
    const { lines } = await play({
      'play.yml': `- hosts: h1
  vars: { who: host }
  tasks:
    - debug: { msg: "{{ lookup('template', 't.j2', template_vars={'who': 'given'}) }}" }
    - debug: { msg: "{{ lookup('template', 't.j2') }}" }
`,
      'templates/t.j2': 'for {{ who }}',
    });
    expect(lines.join('\n')).to.match(/for given[\s\S]*for host/);
  });

  it('lookup("config") knows settings by their names', async () => {
    const { events } = await play(
      "- hosts: h1\n  tasks: [{ debug: { msg: \"{{ lookup('config', 'DEFAULT_FORKS') + 1 }}\" } }]\n",
      { forks: 7 },
    );
    const result = events.find((event) => event.type === 'task:result');
    expect(result?.type === 'task:result' && result.result.values['msg']).to.be.oneOf([8, '8']);
  });

  it('what a lookup returns is data, whatever braces it holds (S-01)', async () => {
    const { lines } = await play({
      'play.yml': "- hosts: h1\n  tasks: [{ debug: { msg: \"{{ lookup('file', 'word') }}\" } }]\n",
      'files/word': '{{ 6 * 7 }}',
    });
    expect(lines.join('\n')).to.include('{{ 6 * 7 }}').and.not.include('42');
  });
});
