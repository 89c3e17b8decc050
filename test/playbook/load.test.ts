import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { loadPlaybook } from '../../engine/index.ts';
import { type Project, play, withProject } from '../support/play.ts';

const listed = (files: Project) =>
  withProject({ hosts: 'h1\n', ...files }, async (cwd) => {
    const { playbooks, findings } = await loadPlaybook({ playbook: 'play.yml', inventory: 'hosts', cwd });
    return {
      tasks: playbooks[0]!.plays.flatMap((each) => each.tasks),
      findings: findings.map(({ message }) => message),
    };
  });

describe('loading a playbook', () => {
  it('renders tags with the variables of the play, its files and the blocks around', async () => {
    const { tasks } = await listed({
      'play.yml': `
- hosts: all
  vars: {t: [a, b]}
  vars_files: [more.yml]
  tasks:
    - {debug: , tags: "{{ t }}"}
    - {tags: ["{{ of_file }}", c], vars: {of_block: d}, block: [{debug: , tags: "{{ of_block }}"}]}
    - {import_tasks: t.yml, tags: "{{ t[0] }}"}
`,
      'more.yml': 'of_file: f\n',
      't.yml': '- debug:\n',
    });
    expect(tasks.map(({ tags }) => tags.join(' '))).to.deep.equal(['a b', 'f c d', 'a']);
  });

  it('refuses a keyword that only a play has, and variables that are no mapping', async () => {
    const { findings } = await listed({
      'play.yml': '- hosts: all\n  tasks:\n    - {debug: , max_fail_percentage: 1}\n    - {debug: , vars: "{{ x }}"}\n',
    });
    expect(findings[0]).to.match(/^a task has no keyword `max_fail_percentage`; it belongs on: play/);
    expect(findings[1]).to.equal('`vars` must be a mapping, not a template');
  });

  it('warns of what is missing in an included file, which fails when it is reached', async () => {
    const files = {
      'play.yml': '- hosts: h1\n  tasks: [{include_tasks: t.yml, when: false}, {include_tasks: t.yml}]\n',
      't.yml': '- {name: a, debug: {msg: first}}\n- {name: b, include_role: {name: nowhere}}\n',
    };
    const { lines } = await play(files);
    expect(lines[1]).to.equal('a | h1 | ok | first');
    expect(lines[2]).to.match(/^b .*failed/);
  });

  it('knows the tags of a play that is imported', async () => {
    const { tasks } = await listed({
      'play.yml': '- import_playbook: other.yml\n  tags: [outer]\n',
      'other.yml': "- hosts: all\n  tags: \"{{ 'in' ~ 'ner' }}\"\n  tasks: [debug: ]\n",
    });
    expect(tasks[0]!.tags).to.deep.equal(['outer', 'inner']);
  });

  it('says that a name in a tag is not known before the run', async () => {
    try {
      await listed({ 'play.yml': '- hosts: all\n  tasks: [{debug: , tags: "{{ unknown }}"}]\n' });
      expect.fail('it loaded');
    } catch (error) {
      expect(error).to.be.instanceOf(AuthorError);
      expect((error as Error).message).to.match(/unknown/);
    }
  });
});
