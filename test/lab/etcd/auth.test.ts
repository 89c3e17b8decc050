import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command } from '../../etcd/command.ts';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, refused, type Site, site, well } from './cluster.ts';

const rootPassword = 'canary-of-root';
const appPassword = 'canary-of-app';

describe('auth.yaml', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let by: Site;
  let auth: Record<string, unknown>;
  before(async () => {
    const mirror = await startMirror(lab());
    by = site(lab(), {
      vars: {
        etcd_version: mirror.versions['3.6'] ?? mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        etcd_quota_bytes: 1_073_741_824,
        tls: { enabled: true },
      },
    });
    auth = {
      etcd_auth_root_password: rootPassword,
      etcd_auth_roles: [
        { name: 'app', permissions: [{ key: '/app/', prefix: true }] },
        { name: 'all-read', permissions: [{ type: 'read', key: '', prefix: true }] },
      ],
      etcd_auth_users: [
        { name: 'app', password: appPassword, roles: ['app'] },
        { name: 'etcd-kubernetes', roles: ['all-read'] },
      ],
    };
    well(await by.play('create_ca.yaml'));
    well(await by.play('install.yaml'));
  });
  after(() => by?.remove());

  /** etcdctl on a host by a user's password: with the CA alone, no certificate of the playbooks. */
  const as = (user: string, password: string, words: string) =>
    lab().exec(
      'node-1',
      `. /etc/etcd3.client.env; ETCDCTL_USER=${user} ETCDCTL_PASSWORD=${password} etcdctl --command-timeout=20s --endpoints=$OWN_ENDPOINT \
       --cacert=$ETCDCTL_CACERT --cert=$ETCDCTL_CERT --key=$ETCDCTL_KEY ${words}`,
    );

  it('refuses what would lock out, before anything is done', async () => {
    refused(await by.play('auth.yaml', { ...auth, etcd_auth_root_password: '' }), 'etcd_auth_root_password is empty');
    refused(
      await by.play('auth.yaml', { ...auth, etcd_auth_users: [{ name: 'x', roles: ['nowhere'] }] }),
      'neither root nor in etcd_auth_roles: nowhere',
    );
    refused(await by.play('auth.yaml', { ...auth, tls: { enabled: false } }), 'authentication needs tls.enabled');
    const check = await by.play('auth.yaml', auth, ['--check']);
    well(check, true);
    const status = await lab().exec(
      'node-1',
      'set -a; . /etc/etcd3.client.env; etcdctl auth status; etcdctl user list',
    );
    expect(status.stdout).to.match(/^Authentication Status: false/);
    expect(status.stdout).not.to.contain('app');
  });

  it('T-05: makes roles and users and turns it on; passwords, from a vault, are in no argument and no output', async () => {
    const secrets = join(by.folder, 'secrets.yaml');
    const password = join(by.folder, 'vault-password');
    writeFileSync(password, 'open\n');
    writeFileSync(secrets, `vault_root: ${rootPassword}\nvault_app: ${appPassword}\n`);
    const sealed = await command(['vault', 'encrypt', secrets, '--vault-password-file', password]);
    expect(sealed.rc, sealed.text).to.equal(0);
    expect(readFileSync(secrets, 'utf8')).to.match(/^\$ANSIBLE_VAULT/);
    const watch = lab().exec(
      'node-1',
      'for i in $(seq 1 400); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; sleep 0.05; done',
    );
    const on = await by.play(
      'auth.yaml',
      {
        ...auth,
        etcd_auth_root_password: '{{ vault_root }}',
        etcd_auth_users: [
          { name: 'app', password: '{{ vault_app }}', roles: ['app'] },
          { name: 'etcd-kubernetes', roles: ['all-read'] },
        ],
      },
      ['-e', `@${secrets}`, '--vault-password-file', password, '-vvv', '-D'],
    );
    well(on, true);
    expect(on.text)
      .to.contain('authentication on')
      .and.not.to.match(/canary-of/);
    expect((await watch).stdout).not.to.match(/canary-of/);
    well(await by.play('auth.yaml', auth), false);
  });

  it('lets a user do what its roles say, and nothing else', async () => {
    expect((await as('app', appPassword, 'put /app/a 1')).stdout).to.equal('OK\n');
    expect((await as('app', appPassword, 'put /other 1')).stderr).to.contain('permission denied');
    expect((await as('app', 'wrong', 'get /app/a')).stderr).to.contain('authentication failed');
    expect((await as('root', rootPassword, 'user list')).stdout).to.contain('etcd-kubernetes');
  });

  it('the playbooks go on working, and the identity of Kubernetes has no role root', async () => {
    well(await by.play('install.yaml'), false);
    well(await by.play('backup.yaml'));
    expect((await by.play('status.yaml', { etcd_status_format: 'json' })).rc).to.equal(0);
    well(await by.play('kubernetes-service.yaml'));
    const roles = await lab().exec('node-1', 'set -a; . /etc/etcd3.client.env; etcdctl user get etcd-kubernetes');
    expect(roles.stdout.trim().split('\n').join(' ')).to.equal('User: etcd-kubernetes Roles: all-read');
    // Its certificate reads, and writes nothing.
    const files = ['client.crt', 'client.key'].map((name) => join(by.folder, 'kubernetes', name));
    for (const file of files) copyFileSync(file, join(lab().root('node-1'), 'root', file.split('/').at(-1)!));
    const kubernetes = (words: string) =>
      lab().exec(
        'node-1',
        `. /etc/etcd3.client.env; etcdctl --endpoints=$OWN_ENDPOINT --cacert=$ETCDCTL_CACERT --cert=/root/client.crt --key=/root/client.key ${words}`,
      );
    expect((await kubernetes('get /app/a --print-value-only')).stdout).to.equal('1\n');
    expect((await kubernetes('put /app/a 2')).stderr).to.contain('permission denied');
  });

  it('changes what differs: a password, a permission, a role that goes', async () => {
    const other = {
      ...auth,
      etcd_auth_roles: [
        { name: 'app', permissions: [{ type: 'read', key: '/app/', prefix: true }, { key: '/one key' }] },
        { name: 'all-read', state: 'absent' },
      ],
      etcd_auth_users: [
        { name: 'app', password: 'canary-of-new', roles: ['app'] },
        { name: 'etcd-kubernetes', state: 'absent' },
      ],
    };
    well(await by.play('auth.yaml', other), true);
    well(await by.play('auth.yaml', other), false);
    expect((await as('app', 'canary-of-new', 'get /app/a --print-value-only')).stdout).to.equal('1\n');
    expect((await as('app', 'canary-of-new', "put '/one key' 2")).stdout).to.equal('OK\n');
    expect((await as('app', 'canary-of-new', 'put /app/a 2')).stderr).to.contain('permission denied');
  });

  it('turns it off again', async () => {
    well(await by.play('auth.yaml', { ...auth, etcd_auth: false }), true);
    const [status] = await everywhere(lab(), 'set -a; . /etc/etcd3.client.env; etcdctl auth status');
    expect(status).to.match(/^Authentication Status: false/);
    well(await by.play('auth.yaml', { ...auth, etcd_auth: 'false' }), false);
  });
});
