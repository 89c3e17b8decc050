import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, killedAgainAndAgain, type Site, site, well } from './cluster.ts';

// G-06. Each operation is killed while a task is under way and run again, killed a few tasks later, and so on to its end.
// TROUPE_KILL_STEP=1 stops at every single task, which takes half an hour; the default takes a few of them.
const step = Number(process.env['TROUPE_KILL_STEP'] ?? 15);
/** For operations of hundreds of tasks. */
const wide = step > 1 ? 2 * step : 1;

describe('operations that are killed and run again end healthy', function () {
  this.timeout(1_800_000);
  const lab = useOwnLab({ hosts: 4 });
  let mirror: Mirror;
  let three: Site;
  let four: Site;
  let vars: Record<string, unknown>;
  before(async () => {
    mirror = await startMirror(lab());
    vars = {
      etcd_version: mirror.versions['3.4'],
      etcd_download_url: mirror.url,
      etcd_quota_bytes: 1_073_741_824,
      advertise_format: 'ip',
      tls: { enabled: true },
    };
    three = site(lab(), { groups: { nodes: ['node-1', 'node-2', 'node-3'], new_nodes: ['node-4'] }, vars });
    vars['etcd_site_dir'] = three.folder;
    four = site(lab(), { vars });
    well(await three.play('create_ca.yaml'));
  });
  after(() => {
    three?.remove();
    four?.remove();
  });

  const interrupted = async (
    where: Site,
    playbook: string,
    options: { words?: string[]; vars?: Record<string, unknown>; step?: number } = {},
  ) => {
    const kills = await killedAgainAndAgain(where, playbook, { step, ...options });
    console.log(`      ${playbook}: killed ${kills} times`);
    expect(kills).to.be.greaterThan(1);
    return kills;
  };
  const etcdctl = (words: string) => lab().exec('node-1', `set -a; . /etc/etcd3.client.env; etcdctl ${words}`);

  it('install.yaml, on fresh hosts', async () => {
    await interrupted(three, 'install.yaml');
    well(await three.play('install.yaml'), false);
    await etcdctl('put kept yes');
  });

  it('upgrade.yaml', async () => {
    await interrupted(three, 'upgrade.yaml', { vars: { etcd_version: mirror.versions['3.5'] } });
    vars['etcd_version'] = mirror.versions['3.5'];
    well(await three.play('install.yaml'), false);
  });

  it('add-member.yaml', async () => {
    await interrupted(three, 'add-member.yaml');
    well(await four.play('install.yaml'), false);
  });

  it('replace-member.yaml', async () => {
    await interrupted(four, 'replace-member.yaml', { words: ['-e', 'member=node-3'], step: wide });
    well(await four.play('install.yaml'), false);
  });

  it('rotate-certs.yaml --tags ca', async () => {
    await interrupted(four, 'rotate-certs.yaml', { words: ['--tags', 'ca'], step: wide });
    well(await four.play('install.yaml'), false);
  });

  it('rotate-certs.yaml', async () => {
    await interrupted(four, 'rotate-certs.yaml');
    well(await four.play('install.yaml'), false);
  });

  it('defrag.yaml', async () => {
    await interrupted(four, 'defrag.yaml', { vars: { etcd_defrag_force: true } });
    well(await four.play('install.yaml'), false);
  });

  it('remove-member.yaml', async () => {
    await interrupted(four, 'remove-member.yaml', { words: ['-e', 'member=node-4'] });
    well(await three.play('install.yaml'), false);
  });

  it('backup.yaml and restore.yaml', async () => {
    expect((await etcdctl('get kept --print-value-only')).stdout).to.equal('yes\n');
    well(await three.play('backup.yaml'));
    await etcdctl('del kept');
    const backups = join(three.folder, 'etcd-backups');
    const newest = readdirSync(backups)
      .filter((name) => name.endsWith('.db'))
      .sort()
      .at(-1)!;
    await interrupted(three, 'restore.yaml', { vars: { backup_file: join(backups, newest) } });
    well(await three.play('install.yaml'), false);
    expect((await etcdctl('get kept --print-value-only')).stdout).to.equal('yes\n');
  });

  it('uninstall.yaml --tags unrecoverable', async () => {
    // It has few tasks: each of them is the last one of a run, whatever the step.
    await interrupted(three, 'uninstall.yaml', { words: ['--tags', 'unrecoverable'], step: 1 });
    const left = await everywhere(
      lab(),
      'ls -d /var/lib/storageos-etcd /etc/etcd.conf /etc/etcdtls /usr/local/lib/etcd /etc/systemd/system/etcd* 2>/dev/null; pidof etcd3; systemctl show -p LoadState --value etcd3',
      lab().hosts.slice(0, 3),
    );
    expect(left).to.deep.equal(Array(3).fill('not-found'));
    well(await three.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), false);
  });
});
