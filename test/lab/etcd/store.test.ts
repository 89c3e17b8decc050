import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Mirror, startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, type Played, refused, type Site, site, well } from './cluster.ts';
import { type S3Server, startS3 } from './s3_server.mjs';

/** What status.yaml prints for programs: nothing else is on standard output. */
const json = (played: Played) => JSON.parse(played.out);

describe('status.yaml as a probe, and snapshots off the hosts', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let mirror: Mirror;
  let s3: S3Server;
  let by: Site;
  const vars: Record<string, unknown> = {};
  before(async () => {
    mirror = await startMirror(lab());
    Object.assign(vars, {
      etcd_version: mirror.versions['3.5'],
      etcd_download_url: mirror.url,
      etcd_quota_bytes: 1_073_741_824,
      tls: { enabled: true },
    });
    by = site(lab(), { vars });
    s3 = await startS3(join(by.folder, 's3'), lab().gateway);
    well(await by.play('create_ca.yaml'));
    well(await by.play('install.yaml'));
  });
  after(async () => {
    await s3?.stop();
    by?.remove();
  });
  const status = (more: Record<string, unknown> = {}, words: string[] = []) =>
    by.play('status.yaml', { etcd_status_format: 'json', ...more }, words);

  it('prints bare JSON and ends with 0 where all is well', async () => {
    const told = await status();
    well(told);
    const seen = json(told);
    expect(seen).to.include({ healthy: true, backup: null });
    expect(seen.members).to.have.length(3);
    for (const host of ['node-1', 'node-2', 'node-3'])
      expect(seen.hosts[host].certificates).to.have.all.keys('server', 'peer', 'client', 'CA');
    const table = await by.play('status.yaml');
    expect(table.out).to.match(/PLAY RECAP/);
    expect(table.out).to.contain('no snapshot was found');
  });

  it('ends with 2 where a member is down, a certificate nears its end or there is no snapshot, with 4 where a host is lost', async () => {
    await lab().exec('node-1', 'systemctl stop etcd3', { check: true });
    const down = await status();
    expect(down.rc, down.text).to.equal(2);
    expect(json(down)).to.include({ healthy: false });
    expect(json(down).problems.join()).to.contain('etcd-node-1 is not healthy');
    await lab().exec('node-1', 'systemctl start etcd3', { check: true });
    const soon = await status({ etcd_status_certificate_days: 400 });
    expect([soon.rc, json(soon).problems.length > 0], soon.text).to.deep.equal([2, true]);
    const none = await status({ etcd_status_backup_hours: 1 });
    expect([none.rc, json(none).problems], none.text).to.deep.equal([2, ['there is no snapshot']]);
    const gone = join(by.folder, 'gone');
    writeFileSync(gone, '[nodes]\nnode-1 ansible_port=1\n');
    const lost = await status({}, ['-i', gone]);
    expect([lost.rc, json(lost).healthy], lost.text).to.deep.equal([4, true]);
  });

  const store = () => ({
    etcd_backup_store: `s3://${s3.bucket}/cluster/one`,
    etcd_backup_store_keep: 2,
    etcd_s3_endpoint: s3.url,
    etcd_s3_access_key: s3.accessKey,
    etcd_s3_secret_key: s3.secretKey,
  });
  const inBucket = () =>
    readdirSync(join(s3.folder, 'cluster/one'), { recursive: true })
      .map(String)
      .map((name) => /^(etcd-[\w-]+\.db(?:\.json|\.sha256)?)\._S3rver_object$/.exec(name)?.[1])
      .filter(Boolean)
      .sort();

  it('brings each snapshot to S3, keeps the newest there, and says how old the newest is', async () => {
    await etcdctl(lab(), 'put before one');
    for (let i = 1; i <= 3; i++) {
      const taken = await by.play('backup.yaml', store());
      well(taken);
      expect(taken.text).not.to.contain(`${s3.secretKey}'`);
      await etcdctl(lab(), `put key-${i} ${i}`); // another revision, another name
    }
    expect(inBucket()).to.have.length(6);
    const seen = json(await status({ ...store(), etcd_status_backup_hours: 1 }));
    expect(seen.healthy, JSON.stringify(seen)).to.equal(true);
    expect(seen.backups.map((one: { where: string }) => one.where)).to.include(store().etcd_backup_store);
    expect(seen.backup.age_seconds).to.be.within(0, 600);
    expect(`${seen.backup.file}`).to.equal(inBucket().at(-3));
    const listed = await lab().exec('node-1', 'etcd-store list', { check: true });
    expect(listed.stdout.trim().split('\n')).to.deep.equal(inBucket().filter((name) => name!.endsWith('.db')));
    // Its secret is in a file that root alone reads, and in no argument.
    const modes = await everywhere(lab(), 'stat -c %a /etc/etcd3.store');
    expect(modes).to.deep.equal(['600', '600', '600']);
  });

  it('says why the store was not reached, and keeps the snapshot', async () => {
    const wrong = await by.play('backup.yaml', { ...store(), etcd_s3_secret_key: 'another' });
    refused(wrong, 'HTTP 403', 'The snapshot itself is');
    refused(await by.play('backup.yaml', { ...store(), etcd_s3_access_key: '' }), 'needs etcd_s3_access_key');
  });

  it('the timer’s own run on a node brings its snapshot there too', async () => {
    well(await by.play('backup.yaml', store()));
    const before = inBucket();
    await etcdctl(lab(), 'put timer 1');
    const done = await lab().exec('node-2', 'etcd-backup', { check: true });
    const { file } = JSON.parse(done.stdout);
    expect(inBucket()).to.include(file).and.not.deep.equal(before);
  });

  it('R-03: restores everything from S3 after every member lost its data', async () => {
    await etcdctl(lab(), 'put last words');
    well(await by.play('backup.yaml', store()));
    await everywhere(lab(), 'systemctl stop etcd3; rm -rf /var/lib/storageos-etcd/* /var/backups/etcd');
    const here = join(by.folder, 'etcd-backups');
    await everywhere(lab(), `rm -rf ${here}`);
    refused(
      await by.play('restore.yaml', { ...store(), backup_file: 'store:etcd-20200101T000000Z-r1.db' }),
      'HTTP 404',
    );
    well(await by.play('restore.yaml', { ...store(), backup_file: 'store:latest' }));
    expect(await etcdctl(lab(), 'get last --print-value-only')).to.equal('words\n');
    expect(await etcdctl(lab(), 'get before --print-value-only')).to.equal('one\n');
    well(await by.play('install.yaml', store()), false);
  });

  it('removes what reaches the store when it is no longer wanted', async () => {
    well(await by.play('install.yaml'), true);
    expect(await everywhere(lab(), 'ls /etc/etcd3.store /usr/local/sbin/etcd-store 2>/dev/null')).to.deep.equal([
      '',
      '',
      '',
    ]);
  });
});
