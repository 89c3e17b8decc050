/** What a playbook would do, without doing it. */
import { expect } from 'chai';
import { loadPlaybook } from '../../engine/index.ts';
import { localHosts, withProject } from '../support/play.ts';

describe('loadPlaybook', () => {
  const load = (text: string, options = {}) =>
    withProject({ 'play.yml': text, hosts: localHosts('h1', 'h2') }, (cwd) =>
      loadPlaybook({ playbook: 'play.yml', inventory: 'hosts', cwd, ...options }),
    );

  it('lists plays with their hosts and tags, and tasks by name or action, handlers not', async () => {
    const { playbooks, findings } = await load(`- name: First
  hosts: h2
  tags: [a]
  tasks:
    - name: Named
      debug:
    - block:
        - command: "true"
          tags: b
  handlers:
    - name: Never listed
      debug:
`);
    expect(findings).to.deep.equal([]);
    const [{ plays }] = playbooks as [(typeof playbooks)[0]];
    expect(plays).to.have.length(1);
    expect(plays[0]).to.include({ name: 'First', pattern: 'h2' });
    expect(plays[0]!.hosts).to.deep.equal(['h2']);
    expect(plays[0]!.tags).to.deep.equal(['a']);
    expect(plays[0]!.tasks.map(({ name }) => name)).to.deep.equal(['Named', 'command']);
    expect([...plays[0]!.tasks[1]!.tags].sort()).to.deep.equal(['a', 'b']);
  });

  it('lists only what the tags choose', async () => {
    const text = '- hosts: all\n  tasks:\n    - { debug: , name: one, tags: x }\n    - { debug: , name: two }\n';
    const names = async (options: object) =>
      (await load(text, options)).playbooks[0]!.plays[0]!.tasks.map((task) => task.name);
    expect(await names({ tags: ['x'] })).to.deep.equal(['one']);
    expect(await names({ skipTags: ['x'] })).to.deep.equal(['two']);
  });

  it('knows no hosts where a name is wrong, and warns where the pattern needs what is not there', async () => {
    const { playbooks, findings } = await load('- hosts: "{{ where }}"\n  tasks: []\n');
    expect(playbooks[0]!.plays[0]!.hosts).to.deep.equal([]);
    expect(findings.map((finding) => [finding.warning, finding.message])).to.deep.equal([
      [true, "the hosts of this play are not known: 'where' is undefined"],
    ]);
  });
});
