import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { command } from '../../etcd/command.ts';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, refused, type Site, site, well } from './cluster.ts';

// What must not happen to a cluster, nor to what others have on its machines; and the way back when most of it is lost.
describe('guards of the etcd library', function () {
  this.timeout(900_000);
  const lab = useOwnLab({ hosts: 5 });
  let mirror: Mirror;
  const sites: Site[] = [];
  const vars: Record<string, unknown> = {
    etcd_quota_bytes: 1_073_741_824,
    advertise_format: 'ip',
    tls: { enabled: true },
  };
  const at = (nodes: number[], added: number[] = []) => {
    const names = (numbers: number[]) => numbers.map((n) => `node-${n}`);
    const groups = { nodes: names(nodes), ...(added.length > 0 ? { new_nodes: names(added) } : {}) };
    const made = site(lab(), { groups, vars });
    vars['etcd_site_dir'] ??= made.folder;
    sites.push(made);
    return made;
  };
  const some = (...numbers: number[]) => numbers.map((n) => lab().hosts[n - 1]!);
  let three: Site;
  before(async () => {
    mirror = await startMirror(lab());
    Object.assign(vars, { etcd_version: mirror.versions['3.5'], etcd_download_url: mirror.url });
    three = at([1, 2, 3]);
  });
  after(() => {
    for (const one of sites) one.remove();
  });
  const ca = (name = 'etcd-ca') => join(three.folder, name);
  const pids = (hosts = some(1, 2, 3)) => everywhere(lab(), 'systemctl show -p MainPID --value etcd3', hosts);

  it('create_ca.yaml needs no inventory, and says where it put the CA', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'troupe-ca-'));
    try {
      const played = await command(['create_ca.yaml'], { env: { PWD: folder } });
      well(played, true);
      expect(played.text).to.contain(`${folder}/etcd-ca/ca.pem`).and.contain(`etcd_site_dir=${folder}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
    well(await three.play('create_ca.yaml'), true);
  });

  it('files of others are refused before the first write, with the variable that moves ours', async () => {
    const theirs = [
      '/usr/local/bin/etcdctl',
      '/usr/local/sbin/etcd-backup',
      '/etc/etcd.conf',
      '/etc/etcdtls/server-key.pem',
    ];
    const put = theirs.map((path) => `mkdir -p ${path.replace(/\/[^/]*$/, '')}; echo theirs >${path}`).join('; ');
    await lab().exec('node-2', put, { check: true });
    const played = await three.play('install.yaml');
    refused(played, ...theirs.map((path) => `${path} is there already`));
    refused(played, 'set etcd_bin_dir', 'set etcd_sbin_dir', 'set etcd_env_file', 'tls.etcd_server_key_file');
    expect(
      await everywhere(lab(), 'ls -d /usr/local/lib/etcd /etc/etcd3.manifest 2>/dev/null', some(1, 2, 3)),
    ).to.deep.equal(['', '', '']);
    // Moved, they stay as they are, and everything works beside them; uninstall.yaml leaves them alone.
    const moved = {
      etcd_bin_dir: '/opt/etcd/bin',
      etcd_sbin_dir: '/opt/etcd/sbin',
      etcd_env_file: '/etc/etcd3.conf',
      tls: { enabled: true, cert_dir: '/etc/etcd3tls' },
    };
    well(await three.play('install.yaml', moved), true);
    well(await three.play('install.yaml', moved), false);
    well(await three.play('backup.yaml', moved));
    well(await three.play('defrag.yaml', { ...moved, etcd_defrag_force: true }));
    // Variables that were forgotten remove nothing of theirs; what was written is known by the manifest.
    const gone = await three.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']);
    well(gone, true);
    const sums = await lab().exec('node-2', `cat ${theirs.join(' ')}; ls /opt/etcd/* /etc/etcd3* 2>/dev/null`);
    expect(sums.stdout).to.equal(`${'theirs\n'.repeat(4)}/opt/etcd/bin:\n\n/opt/etcd/sbin:\n`);
    for (const path of theirs) await lab().exec('node-2', `rm -r ${path}`, { check: true });
  });

  it('a failed unit that was uninstalled does not stop the next installation', async () => {
    well(await three.play('install.yaml'), true);
    await lab().exec(
      'node-1',
      'systemctl stop etcd3; mv /usr/local/lib/etcd/current /usr/local/lib/etcd/cur; systemctl start etcd3; sleep 1; systemctl is-failed etcd3; mv /usr/local/lib/etcd/cur /usr/local/lib/etcd/current',
    );
    well(await three.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), true);
    well(await three.play('install.yaml'), true);
    await etcdctl(lab(), 'put kept yes');
  });

  it('G-05: install.yaml takes the lock; a run that is refused leaves none of its own; timers take it too', async () => {
    const lock = '/run/etcd3-maintenance';
    const notes = () => everywhere(lab(), `cat ${lock} 2>/dev/null; true`, some(1, 2, 3));
    const both = await Promise.all([
      three.play('install.yaml', { etcd_heartbeat_interval: 450 }),
      three.play('install.yaml', { etcd_heartbeat_interval: 450 }),
    ]);
    const [first, second] = both.sort((a, b) => Number(a.rc) - Number(b.rc));
    well(first!, true);
    refused(second!, 'has been at work on this cluster');
    expect(await notes()).to.deep.equal(['', '', '']);

    const theirs = (await lab().exec('node-3', `echo "somebody@elsewhere $(date +%s) 1" | tee ${lock}`)).stdout.trim();
    for (const [playbook, words] of [
      ['install.yaml', []],
      ['defrag.yaml', []],
      ['upgrade.yaml', []],
      ['uninstall.yaml', ['--tags', 'unrecoverable']],
    ] as const)
      refused(await three.play(playbook, {}, [...words]), 'somebody@elsewhere has been at work on this cluster');
    // What is done to some members concerns the others, too; what is refused, or fails on its way, leaves no lock.
    refused(
      await three.play('install.yaml', {}, ['-l', 'node-1']),
      'somebody@elsewhere has been at work on this cluster',
    );
    expect(await notes()).to.deep.equal(['', '', theirs]);
    for (const script of ['etcd-backup', 'etcd-defrag']) {
      const done = await lab().exec('node-3', `${script} --timer`);
      expect(done.stdout, done.stderr).to.equal('skipped: somebody@elsewhere is at work on this cluster\n');
    }
    await lab().exec('node-3', `rm ${lock}`, { check: true });
    const done = await lab().exec('node-3', `etcd-defrag --timer && test ! -e ${lock}`);
    expect(done.rc, done.stderr).to.equal(0);
    well(await three.play('install.yaml'), true);
    well(await three.play('install.yaml', {}, ['-l', 'node-1']), false);
    refused(await three.play('auth.yaml'), 'etcd_auth_root_password is empty');
    refused(await three.play('downgrade.yaml', { etcd_version: '3.4.99' }), 'has no etcd 3.4.99');
    expect(await notes()).to.deep.equal(['', '', '']);
  });

  it('a quota below the size of the database is refused, with the sizes', async () => {
    const before = await pids();
    const size = 4096 * 1024;
    await lab().exec(
      'node-1',
      `set -a; . /etc/etcd3.client.env; for i in $(seq 30); do head -c 200000 /dev/zero | tr '\\0' x | etcdctl put big$i >/dev/null; done`,
      { check: true },
    );
    refused(
      await three.play('install.yaml', { etcd_quota_bytes: size }),
      'etcd_quota_bytes is 4 MiB',
      /the database has [6-9] MiB/,
      'NOSPACE',
    );
    expect(await pids()).to.deep.equal(before);
    expect(await etcdctl(lab(), 'alarm list')).to.equal('');
    await etcdctl(lab(), 'del --prefix big');
  });

  it('G-01: a roll stops at the first alarm that a restart raises', async () => {
    // The first member that restarts raises it as soon as it answers, by etcd's own API.
    const { address } = lab().hosts[0]!;
    const files =
      '--cacert /etc/etcdtls/etcd-ca.pem --cert /etc/etcdtls/etcd-client.crt --key /etc/etcdtls/etcd-client.key';
    const alarm = `ExecStartPost=/usr/bin/curl -sS ${files} -d '{"action":"ACTIVATE","memberID":"1","alarm":"NOSPACE"}' https://${address}:2379/v3/maintenance/alarm`;
    const unit = { etcd_unit_lines: ['# a setting of the unit'] };
    const drop = '/etc/systemd/system/etcd3.service.d';
    await lab().exec('node-1', `mkdir -p ${drop}; cat >${drop}/alarm.conf <<'END'\n[Service]\n${alarm}\nEND`, {
      check: true,
    });
    const before = await pids();
    refused(await three.play('install.yaml', unit), 'the alarm NOSPACE was raised while members were restarted');
    const after = await pids();
    expect(after[0]).to.not.equal(before[0]);
    expect(after[2]).to.equal(before[2]);
    await lab().exec('node-1', `rm -r ${drop}; systemctl daemon-reload`, { check: true });
    await etcdctl(lab(), 'alarm disarm');
    well(await three.play('install.yaml', unit), true);
    well(await three.play('install.yaml'), true);
  });

  it('a CA that the members do not trust is neither made nor pushed onto them', async () => {
    const before = await pids();
    const trusted = () => everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem', some(1, 2, 3));
    const trust = await trusted();
    renameSync(ca(), ca('kept'));
    refused(await three.play('create_ca.yaml'), 'is a member that trusts a CA', 'etcd_replace_ca=true');
    well(await three.play('create_ca.yaml', { etcd_replace_ca: true }), true);
    for (const [playbook, words] of [
      ['install.yaml', []],
      ['rotate-certs.yaml', []],
      ['rotate-certs.yaml', ['--tags', 'ca']],
    ] as const)
      refused(
        await three.play(playbook, {}, [...words]),
        'is not the CA of this cluster',
        'rotate-certs.yaml --tags ca',
        'restore.yaml',
      );
    expect(await trusted()).to.deep.equal(trust);
    expect(await pids()).to.deep.equal(before);
    renameSync(ca(), ca('another'));
    renameSync(ca('kept'), ca());
    well(await three.play('install.yaml'), false);
  });

  it('T-07: a rotation makes new keys, and a change of the CA, too; etcd_keep_keys keeps them', async () => {
    const keys = async () =>
      (await everywhere(lab(), 'cat /etc/etcdtls/*.key /etc/etcdtls/*-key.pem', some(1, 2, 3)))
        .join()
        .match(/-----BEGIN[^-]+-----[^-]+/g)!;
    const seen = new Set(await keys());
    expect(seen.size).to.equal(9);
    well(await three.play('rotate-certs.yaml', { etcd_keep_keys: true }), true);
    expect(new Set(await keys())).to.deep.equal(seen);
    well(await three.play('rotate-certs.yaml'), true);
    for (const key of await keys()) expect(seen.has(key)).to.equal(false);
    for (const key of await keys()) seen.add(key);
    well(await three.play('rotate-certs.yaml', { etcd_ca_at_once: true }, ['--tags', 'ca']), true);
    for (const key of await keys()) expect(seen.has(key)).to.equal(false);
    expect(await everywhere(lab(), 'ls /etc/etcdtls | grep -c new; true', some(1, 2, 3))).to.deep.equal([
      '0',
      '0',
      '0',
    ]);
    well(await three.play('install.yaml'), false);
  });

  it('M-02: adds two members in one run', async () => {
    well(await at([1, 2, 3], [4, 5]).play('add-member.yaml'), true);
    expect((await etcdctl(lab(), 'member list')).match(/started.*false$/gm)).to.have.length(5);
    well(await at([1, 2, 3, 4, 5]).play('install.yaml'), false);
  });

  const newest = () =>
    readdirSync(join(three.folder, 'etcd-backups'))
      .filter((name) => name.endsWith('.db'))
      .sort()
      .at(-1)!;
  /** As a machine that was bought today. */
  const renew = (...numbers: number[]) =>
    everywhere(
      lab(),
      `systemctl disable --now etcd3; rm -rf /var/lib/storageos-etcd* /etc/etcd* /usr/local/lib/etcd /usr/local/bin/etcd* /usr/local/sbin/etcd* \
         /etc/systemd/system/etcd* /var/backups/etcd; systemctl daemon-reload; systemctl reset-failed; userdel etcd`,
      some(...numbers),
    );

  it('R-01: a lost majority is restored onto new machines, from a path where the user is', async () => {
    well(await at([1, 2, 3, 4, 5]).play('backup.yaml'));
    await renew(1, 4, 5);
    await lab().exec('node-3', 'systemctl stop etcd3', { check: true });
    const left = at([2, 4, 5]);
    refused(await left.play('install.yaml', { etcd_settle_timeout: 2 }), 'restore.yaml -e backup_file=');
    const here = { PWD: join(three.folder, 'etcd-backups') };
    well(await left.play('restore.yaml', { backup_file: newest() }, [], here), true);
    expect(await etcdctl(lab(), 'get kept --print-value-only', 'node-4')).to.equal('yes\n');
    expect((await etcdctl(lab(), 'member list', 'node-4')).match(/started.*false$/gm)).to.have.length(3);
    // Again, as after an interruption.
    well(await left.play('restore.yaml', { backup_file: newest() }, [], here), true);
    well(await left.play('install.yaml'), false);
  });

  it('from the snapshot alone, onto three empty machines; with another CA only when told so', async () => {
    well(await at([2, 4, 5]).play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), true);
    const backup_file = join(three.folder, 'etcd-backups', newest());
    const empty = at([1, 4, 5]);
    well(await empty.play('restore.yaml', { backup_file }), true);
    expect(await etcdctl(lab(), 'get kept --print-value-only', 'node-5')).to.equal('yes\n');
    well(await empty.play('install.yaml'), false);
    renameSync(ca(), ca('lost'));
    renameSync(ca('another'), ca());
    refused(await empty.play('restore.yaml', { backup_file }), 'is not the CA of this cluster');
    well(await empty.play('restore.yaml', { backup_file, etcd_replace_ca: true }), true);
    expect(await etcdctl(lab(), 'get kept --print-value-only', 'node-5')).to.equal('yes\n');
    well(await empty.play('install.yaml'), false);
  });

  it('a service under another name, and a version before, are named for what they are', async () => {
    const empty = at([1, 4, 5]);
    refused(await empty.play('install.yaml', { etcd_service: 'etcd-mine' }), 'set etcd_service to etcd3');
    refused(
      await empty.play('install.yaml', { etcd_version: mirror.versions['3.4'] }),
      'is older, and data does not go back',
    );
    const quorum = { etcd_settle_timeout: 2, etcd_health_timeout: 5 };
    await everywhere(lab(), 'systemctl stop etcd3', some(4, 5));
    refused(
      await empty.play('remove-member.yaml', quorum, ['-e', 'member=node-5']),
      'run restore.yaml with a snapshot',
    );
    // The cluster has not let it go, so that its data stays.
    expect((await lab().exec('node-5', 'ls -d /var/lib/storageos-etcd/member')).rc).to.equal(0);
    // A run that is refused has left no lock.
    expect(await everywhere(lab(), 'ls /run/etcd3-maintenance 2>/dev/null; true', some(1, 4, 5))).to.deep.equal([
      '',
      '',
      '',
    ]);
  });
});
