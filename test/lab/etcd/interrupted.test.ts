import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, interruptedAt, type Site, site, well } from './cluster.ts';

// G-06. Each operation is killed while a task is under way and run again, killed at a later one, and so on to its end: a
// choice of tasks that changes with the day of the last commit, or with TROUPE_KILL_STEP=1 all of them, which takes about an
// hour. Elections of a second, because many of the runs wait for one.
const quick = { etcd_heartbeat_interval: 100, etcd_election_timeout: 1000, etcd_quota_bytes: 1_073_741_824 };

describe('operations that are killed and run again end healthy', function () {
  this.timeout(3_600_000);
  const lab = useOwnLab({ hosts: 4 });
  let mirror: Mirror;
  let three: Site;
  let four: Site;
  let vars: Record<string, unknown>;
  before(async () => {
    mirror = await startMirror(lab());
    vars = {
      ...quick,
      etcd_version: mirror.versions['3.4'],
      etcd_download_url: mirror.url,
      advertise_format: 'ip',
    };
    three = site(lab(), { groups: { nodes: ['node-1', 'node-2', 'node-3'], new_nodes: ['node-4'] }, vars });
    vars['etcd_site_dir'] = three.folder;
    four = site(lab(), { vars });
  });
  after(() => {
    three?.remove();
    four?.remove();
  });

  /** The key is there, and a run of install.yaml finds nothing to do. */
  const whole = async (where: Site) => {
    well(await where.play('install.yaml'), false);
    expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('yes\n');
  };

  it('install.yaml, on fresh hosts', async () => {
    await interruptedAt(three, 'install.yaml');
    await etcdctl(lab(), 'put kept yes');
    await whole(three);
  });

  it('U-06: upgrade.yaml', async () => {
    await interruptedAt(three, 'upgrade.yaml', { vars: { etcd_version: mirror.versions['3.5'] } });
    vars['etcd_version'] = mirror.versions['3.5'];
    await whole(three);
    expect(new Set(await everywhere(lab(), 'etcd3 --version | head -1', lab().hosts.slice(0, 3)))).to.deep.equal(
      new Set([`etcd Version: ${mirror.versions['3.5']}`]),
    );
  });

  it('M-04: add-member.yaml', async () => {
    await interruptedAt(three, 'add-member.yaml');
    await whole(four);
    expect((await etcdctl(lab(), 'member list')).match(/started.*false$/gm)).to.have.length(4);
  });

  it('remove-member.yaml', async () => {
    await interruptedAt(four, 'remove-member.yaml', { words: ['-e', 'member=node-4'] });
    await whole(three);
    expect((await etcdctl(lab(), 'member list')).match(/started/g)).to.have.length(3);
  });

  const backups = () => join(three.folder, 'etcd-backups');
  const snapshots = () =>
    readdirSync(backups())
      .filter((name) => name.endsWith('.db'))
      .sort();

  it('backup.yaml: what is there in the end is whole', async () => {
    await interruptedAt(three, 'backup.yaml');
    expect(snapshots()).to.not.have.length(0);
    for (const name of snapshots()) {
      execFileSync('sha256sum', ['-c', '--quiet', `${name}.sha256`], { cwd: backups() });
      expect(existsSync(join(backups(), `${name}.json`)), name).to.equal(true);
    }
    // Nor have the members anything unfinished.
    const left = await everywhere(lab(), 'cd /var/backups/etcd 2>/dev/null && ls -A | grep -v "^etcd-" || true');
    expect(new Set(left)).to.deep.equal(new Set(['']));
  });

  it('restore.yaml', async () => {
    const backup_file = join(backups(), snapshots().at(-1)!);
    await etcdctl(lab(), 'del kept');
    await interruptedAt(three, 'restore.yaml', { vars: { backup_file } });
    await whole(three);
  });

  it('uninstall.yaml --tags unrecoverable', async () => {
    await interruptedAt(three, 'uninstall.yaml', { words: ['--tags', 'unrecoverable'] });
    const left = await everywhere(
      lab(),
      'ls -d /var/lib/storageos-etcd /etc/etcd.conf /etc/etcdtls /usr/local/lib/etcd /etc/systemd/system/etcd* 2>/dev/null; pidof etcd3; systemctl show -p LoadState --value etcd3',
      lab().hosts.slice(0, 3),
    );
    expect(left).to.deep.equal(Array(3).fill('not-found'));
    well(await three.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), false);
  });
});

describe('operations with TLS that are killed and run again end healthy', function () {
  this.timeout(3_600_000);
  const lab = useOwnLab({ hosts: 3 });
  let three: Site;
  before(async () => {
    const mirror = await startMirror(lab());
    three = site(lab(), {
      vars: {
        ...quick,
        etcd_version: mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        advertise_format: 'fqdn',
        etcd_port_client: '12379',
        etcd_port_peers: '12380',
        tls: { enabled: true },
      },
    });
    well(await three.play('create_ca.yaml'));
  });
  after(() => three?.remove());

  const whole = async () => {
    well(await three.play('install.yaml'), false);
    expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('yes\n');
  };

  it('install.yaml, on fresh hosts', async () => {
    await interruptedAt(three, 'install.yaml');
    await etcdctl(lab(), 'put kept yes');
    await whole();
  });

  it('replace-member.yaml', async () => {
    await interruptedAt(three, 'replace-member.yaml', { words: ['-e', 'member=node-3'] });
    await whole();
    expect((await etcdctl(lab(), 'member list')).match(/started.*false$/gm)).to.have.length(3);
  });

  it('rotate-certs.yaml', async () => {
    await interruptedAt(three, 'rotate-certs.yaml');
    await whole();
  });

  it('rotate-certs.yaml --tags ca: one CA in the end, and it is another', async () => {
    const trusted = () => everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem');
    const [before] = await trusted();
    await interruptedAt(three, 'rotate-certs.yaml', {
      vars: { etcd_ca_at_once: true },
      words: ['--tags', 'ca'],
    });
    await whole();
    const after = await trusted();
    expect(new Set(after).size).to.equal(1);
    expect(after[0]!.match(/BEGIN/g)).to.have.length(1);
    expect(after[0]).to.not.equal(before);
  });

  it('defrag.yaml', async () => {
    await interruptedAt(three, 'defrag.yaml', { vars: { etcd_defrag_force: true } });
    await whole();
  });
});
