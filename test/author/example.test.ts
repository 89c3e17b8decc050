/** examples/install.ts has the plays and tasks of playbooks/install.yaml. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadPlaybook } from '../../engine/index.ts';

const cwd = fileURLToPath(new URL('../../', import.meta.url));

describe('the install of etcd in TypeScript', function () {
  this.timeout(60_000);
  it('has the same plays, hosts, tasks, tags and findings as in YAML', async () => {
    const loaded = async (playbook: string) => {
      const { playbooks, findings } = await loadPlaybook({ playbook, inventory: 'db1,', cwd, rolesPath: ['roles'] });
      const plays = playbooks[0]!.plays.map(({ tasks, ...play }) => ({
        ...play,
        tasks: tasks.map(({ name, tags, path }) => `${name} ${tags.join()} ${path.startsWith('roles') ? path : ''}`),
      }));
      return { plays, findings: findings.filter(({ warning }) => !warning).map(({ message }) => message) };
    };
    const yaml = await loaded('playbooks/install.yaml');
    expect(yaml.plays.flatMap(({ tasks }) => tasks).length).to.be.greaterThan(50);
    expect(await loaded('examples/install.ts')).to.deep.equal(yaml);
  });
});
