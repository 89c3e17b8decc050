import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, type Played, refused, type Site, serials, site, well } from './cluster.ts';
import { nothingLost, startWriter } from './writer.ts';

// Everything an operator does to a running cluster, while a client writes: no acknowledged write is lost.
describe('operating a cluster', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 4 });
  let mirror: Mirror;
  let vars: Record<string, unknown>;
  const sites: Site[] = [];
  const at = (groups: Record<string, string[]>) => {
    const made = site(lab(), { groups, vars });
    sites.push(made);
    return made;
  };
  let three: Site;
  let four: Site;
  before(async () => {
    mirror = await startMirror(lab());
    vars = {
      etcd_version: mirror.versions['3.4'],
      etcd_download_url: mirror.url,
      etcd_quota_bytes: 1_073_741_824,
      advertise_format: 'ip',
      tls: { enabled: true },
    };
    three = at({ nodes: ['node-1', 'node-2', 'node-3'], new_nodes: ['node-4'] });
    vars['etcd_site_dir'] = three.folder;
    four = at({ nodes: ['node-1', 'node-2', 'node-3', 'node-4'] });
    well(await three.play('create_ca.yaml'));
    well(await three.play('install.yaml'));
  });
  after(() => {
    for (const one of sites) one.remove();
  });

  const whileWriting = async (what: string, work: () => Promise<Played>) => {
    const writer = await startWriter(lab());
    const played = await work();
    const written = await writer.stop();
    well(played);
    nothingLost(what, written);
  };
  const etcdctl = (words: string) => lab().exec('node-1', `set -a; . /etc/etcd3.client.env; etcdctl ${words}`);

  it('U-01, U-02: refuses two minor versions at once, and the way back', async () => {
    refused(
      await three.play('upgrade.yaml', { etcd_version: '3.6.14' }),
      'more than one minor version',
      'set etcd_version to a 3.5',
    );
    refused(await three.play('upgrade.yaml', { etcd_version: '3.4.10' }), 'is older');
  });

  it('U-01 to U-07: upgrades 3.4 to 3.5 while a client writes, with a snapshot first', async () => {
    await whileWriting('upgrade', () => three.play('upgrade.yaml', { etcd_version: mirror.versions['3.5'] }));
    vars['etcd_version'] = mirror.versions['3.5'];
    expect(readdirSync(join(three.folder, 'etcd-backups')).filter((name) => name.endsWith('.db')).length).to.equal(1);
    well(await three.play('install.yaml'), false);
  });

  it('M-02: adds a member while a client writes; the second time nothing changes', async () => {
    await whileWriting('add a member', () => three.play('add-member.yaml'));
    expect((await etcdctl('member list')).stdout.match(/started/g)).to.have.length(4);
    well(await three.play('add-member.yaml'), false);
    well(await four.play('install.yaml'), false);
  });

  it('M-06: removes a member while a client writes', async () => {
    await whileWriting('remove a member', () => four.play('remove-member.yaml', {}, ['-e', 'member=node-4']));
    expect((await etcdctl('member list')).stdout.match(/started/g)).to.have.length(3);
    const [state] = await everywhere(
      lab(),
      'systemctl is-active etcd3; systemctl is-enabled etcd3; ls /var/lib/storageos-etcd',
      [lab().hosts[3]!],
    );
    expect(state).to.match(/^inactive\ndisabled\nmember\.before-removal-/);
    well(await three.play('install.yaml'), false);
  });

  it('M-03: refuses a new member whose data folder is not empty', async () => {
    const kept = '/var/lib/storageos-etcd/member';
    await lab().exec('node-4', `mv ${kept}.before-removal-* ${kept}`, { check: true });
    refused(await three.play('add-member.yaml'), 'already has the data of a member');
    await lab().exec('node-4', `mv ${kept} ${kept}.before-removal-1`, { check: true });
  });

  it('T-08: rotates the certificates while a client writes, without a restart', async () => {
    const pids = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    const [before] = await serials(lab(), 'node-2', 2379, '/etc/etcdtls/server.pem');
    await whileWriting('rotate certificates', () => three.play('rotate-certs.yaml'));
    const [after, own] = await serials(lab(), 'node-2', 2379, '/etc/etcdtls/server.pem');
    expect(after).to.equal(own).and.to.not.equal(before);
    expect(await everywhere(lab(), 'systemctl show -p MainPID --value etcd3')).to.deep.equal(pids);
  });

  it('T-10: changes the CA while a client writes', async () => {
    const before = await everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem', lab().hosts.slice(0, 3));
    await whileWriting('change the CA', () => three.play('rotate-certs.yaml', {}, ['--tags', 'ca']));
    const after = await everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem', lab().hosts.slice(0, 3));
    expect(new Set(after).size).to.equal(1);
    expect(after[0]).not.to.equal(before[0]);
    expect(after[0]!.match(/BEGIN/g)).to.have.length(1);
    well(await three.play('install.yaml'), false);
  });

  it('X-01: defragments while a client writes, and only where it is worth it', async () => {
    const idle = await three.play('defrag.yaml');
    well(idle, false);
    await whileWriting('defragment', () => three.play('defrag.yaml', { etcd_defrag_force: true }));
  });

  it('M-06, G-01: refuses to remove a member that the quorum needs', async () => {
    await lab().exec('node-2', 'systemctl stop etcd3', { check: true });
    refused(
      await three.play('remove-member.yaml', {}, ['-e', 'member=node-3']),
      '1 of 2 members would be healthy, and 2 must be',
    );
    await lab().exec('node-2', 'systemctl start etcd3', { check: true });
  });

  it('M-01: replaces a member that lost its data', async () => {
    await lab().exec('node-3', 'systemctl stop etcd3; rm -r /var/lib/storageos-etcd/member', { check: true });
    well(await three.play('replace-member.yaml', {}, ['-e', 'member=node-3']));
    well(await three.play('install.yaml'), false);
  });

  it('B-01, R-01 to R-06: brings every key back after two of three lost their data', async () => {
    for (let i = 0; i < 20; i++) await etcdctl(`put kept/${i} ${i}`);
    well(await three.play('backup.yaml'));
    const backups = join(three.folder, 'etcd-backups');
    const file = join(
      backups,
      readdirSync(backups)
        .filter((name) => name.endsWith('.db'))
        .sort()
        .at(-1)!,
    );
    for (const host of ['node-2', 'node-3'])
      await lab().exec(host, 'systemctl stop etcd3; rm -r /var/lib/storageos-etcd/member', { check: true });

    const pid = () => lab().exec('node-1', 'systemctl show -p MainPID --value etcd3');
    const running = (await pid()).stdout;
    const damaged = join(three.folder, 'damaged.db');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(damaged, bytes);
    refused(await three.play('restore.yaml', { backup_file: damaged }), 'cannot be restored');
    writeFileSync(damaged, 'this is no snapshot\n');
    refused(await three.play('restore.yaml', { backup_file: damaged }), 'cannot be restored');
    refused(
      await three.play('restore.yaml', { backup_file: '/nowhere/backup.db' }),
      'neither on this machine nor on a member',
    );
    expect((await pid()).stdout).to.equal(running);

    well(await three.play('restore.yaml', { backup_file: file }));
    expect((await etcdctl('get --prefix kept/ --keys-only')).stdout.match(/kept/g)).to.have.length(20);
    well(await three.play('install.yaml'), false);
  });

  it('uninstalls only what it is told to, and only when it is told', async () => {
    const quiet = await four.play('uninstall.yaml');
    well(quiet, false);
    expect(quiet.text).to.contain('/var/lib/storageos-etcd');
    expect((await etcdctl('endpoint health')).rc).to.equal(0);
    well(await four.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), true);
    const left = await everywhere(
      lab(),
      'ls -d /var/lib/storageos-etcd /etc/etcd.conf /etc/etcdtls /usr/local/lib/etcd 2>/dev/null; systemctl is-active etcd3',
    );
    expect(new Set(left)).to.deep.equal(new Set(['inactive']));
  });
});
