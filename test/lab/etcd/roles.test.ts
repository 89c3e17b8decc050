import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, site } from './cluster.ts';

const root = join(import.meta.dirname, '../../..');
const readme = readFileSync(join(root, 'roles/README.md'), 'utf8');
const block = (language: string) => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(readme)![1]!;

// As roles/README.md shows it: a directory with nothing but ansible.cfg, an inventory and this playbook.
describe('the roles in a project of their own', function () {
  this.timeout(300_000);
  const lab = useOwnLab({ hosts: 1 });

  it('a playbook of ten lines installs a cluster, by roles_path', async () => {
    const mirror = await startMirror(lab());
    const by = site(lab(), { vars: {} });
    try {
      const write = (name: string, text: string) => writeFileSync(join(by.folder, name), text);
      const playbook = block('yaml');
      expect(playbook.trim().split('\n')).to.have.length.at.most(10);
      write('site.yaml', playbook);
      write('ansible.cfg', block('ini').replace(/^roles_path = .*$/m, `roles_path = ${join(root, 'roles')}`));
      write(
        'vars.json',
        JSON.stringify({
          etcd_version: mirror.versions['3.5'],
          etcd_download_url: mirror.url,
          etcd_quota_bytes: 1_073_741_824,
        }),
      );
      const run = () =>
        spawnSync(process.execPath, [join(root, 'dist/cli.js'), 'site.yaml', '-i', 'hosts', '-e', '@vars.json'], {
          cwd: by.folder,
          encoding: 'utf8',
        });
      const first = run();
      expect(first.status, first.stdout + first.stderr).to.equal(0);
      expect(await etcdctl(lab(), 'member list')).to.match(/started, etcd-node-1,/);
      const again = run();
      expect(again.stdout, again.stderr).to.match(/changed=0 .*failed=0/);
      expect((await lab().exec('node-1', 'ls /run/etcd3-maintenance')).rc).to.equal(2);
      // What a role needs and another one sets is an argument of it, and is asked for before its first task.
      write('site.yaml', '- hosts: nodes\n  gather_facts: false\n  roles: [etcd_install]\n');
      const alone = run();
      expect(alone.status).to.equal(2);
      expect(alone.stdout).to.contain('missing required arguments: etcd_found, etcd_token');
    } finally {
      by.remove();
    }
  });
});
