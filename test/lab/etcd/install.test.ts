import { expect } from 'chai';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, putAndGet, refused, type Site, site, well } from './cluster.ts';

const small = { etcd_quota_bytes: 1_073_741_824 };

describe('install.yaml on fresh hosts', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let mirror: Mirror;
  let by: Site;
  const urls = () => lab().hosts.map((host) => `http://${host.address}:2379`);
  before(async () => {
    mirror = await startMirror(lab());
    const vars = {
      ...small,
      etcd_version: mirror.versions['3.4'],
      etcd_download_url: mirror.url,
      advertise_format: 'ip',
    };
    by = site(lab(), { vars });
  });
  after(() => by?.remove());

  const untouched = async () => {
    const traces = await everywhere(
      lab(),
      'ls -d /usr/local/lib/etcd/v* /etc/etcd.conf /etc/systemd/system/etcd3.service 2>/dev/null',
    );
    expect(traces).to.deep.equal(['', '', '']);
  };

  it('finds wrong variables before it asks a host', async () => {
    refused(
      await by.play('install.yaml', { etcd_version: '3.5.1', etcd_port_client: '2380', advertise_format: 'name' }),
      'warn of 3.5.0 to 3.5.2',
      'advertise_format is "name"',
      'are both 2380',
    );
  });

  it('finds a port in use, a foreign folder and a wrong name on any host, and then writes nothing on any', async () => {
    await lab().exec('node-2', 'systemd-run --unit=squatter systemd-socket-activate -l 2379 /bin/cat', { check: true });
    await lab().exec('node-3', 'mkdir -p /var/lib/storageos-etcd && touch /var/lib/storageos-etcd/theirs', {
      check: true,
    });
    await lab().exec('node-1', "cp /etc/hosts /etc/hosts.kept && echo '192.0.2.1 node-3.other.test' >> /etc/hosts");
    refused(
      await by.play('install.yaml'),
      /port 2379 is in use by .*systemd-socket-activate.*; set etcd_port_client/,
      'is not empty (it holds theirs)',
    );
    await untouched();
    await lab().exec('node-2', 'systemctl stop squatter');
    await lab().exec('node-3', 'rm -r /var/lib/storageos-etcd');
    await lab().exec('node-1', 'sed -i "s/.*node-3.*/192.0.2.1 node-3.lab.troupe.test/" /etc/hosts');
    refused(await by.play('install.yaml', { advertise_format: 'fqdn' }), 'leads to', 'but the inventory says ip=');
    await lab().exec('node-1', 'mv /etc/hosts.kept /etc/hosts');
    await untouched();
  });

  it('uses no archive that is not what its sum says (S-19)', async () => {
    refused(await by.play('install.yaml', { etcd_download_url: `${mirror.url}/corrupt` }), /checksum/i);
    await untouched();
    const pinned = { etcd_checksums: { [`etcd-v${mirror.versions['3.4']}-linux-amd64.tar.gz`]: '0'.repeat(64) } };
    refused(await by.play('install.yaml', pinned), /checksum/i);
    await untouched();
  });

  it('installs etcd 3.4 by ip: every endpoint takes a put and gives it back', async () => {
    const played = await by.play('install.yaml');
    well(played, true);
    expect(played.text).to.contain('END OF LIFE');
    expect(played.text).to.contain(
      `KV_ADDR=${lab()
        .hosts.map((host) => `${host.address}:2379`)
        .join(',')}`,
    );
    await putAndGet(lab(), urls());
    await putAndGet(lab(), ['http://127.0.0.1:2379']);
  });

  it('changes nothing the second time, and downloads nothing', async () => {
    const before = mirror.requests().length;
    const played = await by.play('install.yaml');
    well(played, false);
    expect(mirror.requests().length).to.equal(before);
  });

  it('has what the users expect on each node', async () => {
    const [first] = await everywhere(
      lab(),
      [
        'stat -c "%U %a" /var/lib/storageos-etcd',
        'ps -o user= -C etcd3',
        '/usr/local/bin/etcdctl version | head -1',
        '/usr/local/sbin/etcdctl version | head -1',
        'grep -c . /etc/etcd.conf',
        'etcdctl member list | grep -c "started, etcd-"',
        'systemctl is-enabled etcd3',
        'test -e /etc/etcd3.bootstrap || echo closed',
        "systemd-analyze security etcd3 | sed -n 's/.*exposure level for etcd3.service: \\([0-9]*\\).*/\\1/p'",
      ].join('; '),
    );
    const version = mirror.versions['3.4'];
    expect(first!.split('\n')).to.deep.equal([
      'etcd 700',
      'etcd',
      `etcdctl version: ${version}`,
      `etcdctl version: ${version}`,
      '11',
      '3',
      'enabled',
      'closed',
      '1',
    ]);
  });

  it('G-02: follows a changed variable with one member after another, and nothing else', async () => {
    const played = await by.play('install.yaml', { etcd_heartbeat_interval: 400 });
    well(played, true);
    // The unit and the restart, on each of three.
    expect(played.changed).to.equal(6);
    const starts = await everywhere(lab(), 'systemctl show -p ActiveEnterTimestampMonotonic --value etcd3');
    expect(new Set(starts).size).to.equal(3);
    const stops = await everywhere(lab(), 'systemctl show -p InactiveEnterTimestampMonotonic --value etcd3');
    const spans = starts.map((start, i) => [Number(stops[i]), Number(start)] as const).sort(([a], [b]) => a - b);
    // Each stops only after the one before is up.
    for (const [i, [stop]] of spans.entries()) if (i > 0) expect(stop).to.be.greaterThan(spans[i - 1]![1]);
    well(await by.play('install.yaml', { etcd_heartbeat_interval: 400 }), false);
    await putAndGet(lab(), urls());
  });

  it('U-04, I-08: a flag that etcd does not know is found before anything is switched', async () => {
    const pids = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    refused(await by.play('install.yaml', { etcd_extra_flags: { 'no-such-flag': 1 } }), 'no-such-flag');
    refused(await by.play('install.yaml', { etcd_extra_flags: { 'peer-auto-tls': true } }), 'must not switch on');
    expect(await everywhere(lab(), 'systemctl show -p MainPID --value etcd3')).to.deep.equal(pids);
  });

  it('M-08: moves to other ports and to names, member by member; X-03: makes room in a full database, or says why it cannot', async () => {
    const moved = {
      etcd_listen_metrics_urls: 'http://127.0.0.1:2381',
      etcd_port_client: '12379',
      etcd_port_peers: '12380',
      etcd_quota_bytes: 16_777_216,
      advertise_format: 'fqdn',
    };
    well(await by.play('install.yaml', moved), true);
    well(await by.play('install.yaml', moved), false);
    const etcdctl = (words: string) =>
      lab().exec('node-1', `set -a; . /etc/etcd3.client.env; ETCDCTL_COMMAND_TIMEOUT=60s; ${words}`);
    const listed = (await etcdctl('etcdctl member list')).stdout;
    expect(listed.match(/started.*http:..node-\d\.lab\.troupe\.test:12380, .*:12379/g)).to.have.length(3);

    // X-05
    const probed = await everywhere(lab(), 'curl -sS http://127.0.0.1:2381/health');
    for (const health of probed) expect(JSON.parse(health).health).to.equal('true');

    const fill = (key: string) =>
      `for i in $(seq 120); do head -c 200000 /dev/zero | tr '\\0' x | etcdctl put ${key} 2>&1 | grep -q 'space exceeded' && exit 7; done`;
    expect((await etcdctl(fill('big'))).rc).to.equal(7);
    const before = await etcdctl('etcdctl put small 1');
    expect(before.stderr).to.contain('database space exceeded');
    refused(await by.play('upgrade.yaml', moved), 'NOSPACE');
    well(await by.play('defrag.yaml', moved), true);
    expect((await etcdctl('etcdctl put small 1')).stdout).to.equal('OK\n');
    expect((await etcdctl('etcdctl alarm list')).stdout).to.equal('');

    // Twice, because the database has gaps when it reaches its quota the first time.
    for (const key of ['big$i', 'more$i']) {
      expect((await etcdctl(fill(key))).rc).to.equal(7);
      await by.play('defrag.yaml', moved);
    }
    refused(await by.play('defrag.yaml', moved), 'The keys themselves fill', 'etcd_quota_bytes');
    await etcdctl('etcdctl del --prefix big; etcdctl del --prefix more');
    well(await by.play('defrag.yaml', moved), true);
    well(await by.play('install.yaml'), true);
    await putAndGet(lab(), urls());
  });

  it('B-03: sets timers for snapshots and defragmentation, and takes them away again', async () => {
    const vars = {
      etcd_backup_timer: '*-*-* 02:00:00',
      etcd_backup_drill: true,
      etcd_defrag_timer: 'Sun *-*-* 03:00:00',
    };
    const timers = () =>
      everywhere(
        lab(),
        'systemctl list-timers --all --no-legend | grep -o "etcd-[a-z]*.timer" | sort; ls /etc/systemd/system | grep "^etcd-"; for one in backup defrag; do systemctl is-enabled etcd-$one.timer 2>/dev/null; done',
      );
    const two = ['etcd-backup.timer', 'etcd-defrag.timer'];
    well(await by.play('install.yaml', vars), true);
    well(await by.play('install.yaml', vars), false);
    const all = [...two, 'etcd-backup.service', two[0], 'etcd-defrag.service', two[1], 'enabled', 'enabled'];
    expect(await timers()).to.deep.equal(Array(3).fill(all.join('\n')));
    // What the timer starts does its work. B-04: a member was started on the snapshot.
    const done = await lab().exec(
      'node-1',
      'systemctl start etcd-backup.service && ls /var/backups/etcd && cat /var/backups/etcd/*.json',
    );
    expect(done.stdout, done.stderr).to.match(/^etcd-\S+-r\d+\.db\n[\s\S]*"drilled":\d/);

    well(await by.play('install.yaml', { ...vars, etcd_backup_timer: '' }), true);
    expect(await timers()).to.deep.equal(Array(3).fill([two[1], 'etcd-defrag.service', two[1], 'enabled'].join('\n')));
    well(await by.play('install.yaml'), true);
    expect(await timers()).to.deep.equal(['', '', '']);
    well(await by.play('install.yaml'), false);
  });

  it('does not restart a member that the cluster needs', async () => {
    await lab().exec('node-3', 'systemctl stop etcd3', { check: true });
    const before = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    const played = await by.play('install.yaml', { etcd_heartbeat_interval: 450 });
    expect(played.rc).to.equal(0);
    // node-3 is started first, so that afterwards all can be restarted.
    const after = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    expect(after.filter((pid) => before.includes(pid))).to.deep.equal([]);
    await putAndGet(lab(), urls());
  });

  it('refuses to change the minor version, and says how', async () => {
    const version = mirror.versions['3.5'];
    refused(await by.play('install.yaml', { etcd_version: version }), 'use upgrade.yaml');
  });

  it('does not let a member that lost its data come back empty', async () => {
    await lab().exec('node-2', 'systemctl stop etcd3; rm -r /var/lib/storageos-etcd/member', { check: true });
    refused(await by.play('install.yaml'), 'node-2 has no data', 'replace-member.yaml -e member=node-2');
    // As where no disk is mounted on any host: that is no new cluster.
    refused(await by.play('install.yaml', {}, ['-l', 'node-2']), 'Is a disk not mounted');
    const done = await lab().exec('node-2', 'systemctl start etcd3');
    expect(done.rc).to.not.equal(0);
    expect(done.stderr).to.match(/[Aa]ssert/);
  });
});

describe('install.yaml beside another etcd, by fqdn, as a sudo user with a password', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let mirror: Mirror;
  let by: Site;
  before(async () => {
    mirror = await startMirror(lab());
    const version = mirror.versions['3.5']!;
    const archive = `etcd-v${version}-linux-amd64`;
    for (const host of lab().hosts)
      await lab().exec(
        host,
        `set -e; mkdir -p /opt/other; curl -fsS ${mirror.url}/v${version}/${archive}.tar.gz | tar -xz -C /opt/other --strip-components=1
         systemd-run --unit=other-etcd /opt/other/etcd --data-dir /var/lib/etcd --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls http://127.0.0.1:2379
         for i in $(seq 120); do /opt/other/etcdctl put whose theirs && exit; sleep 0.5; done; exit 1`,
        { check: true },
      );
    by = site(lab(), {
      user: 'admin',
      caFile: mirror.caFile,
      vars: { ...small, etcd_version: version, etcd_download_url: mirror.url, advertise_format: 'fqdn' },
      words: ['-e', 'ansible_become_password=troupe-admin'],
    });
  });
  after(() => by?.remove());

  it('names the variable for the port, and with it installs; the other etcd is as it was', async () => {
    const before = await everywhere(lab(), 'systemctl show -p MainPID --value other-etcd');
    refused(await by.play('install.yaml'), 'set etcd_port_client', 'set etcd_port_peers');
    const vars = { etcd_port_client: '12379', etcd_port_peers: '12380' };
    refused(
      await by.play('install.yaml', { ...vars, installation_dir: '/var/lib/etcd' }),
      'holds the data of another etcd',
      'installation_dir',
    );
    well(await by.play('install.yaml', vars), true);
    await putAndGet(
      lab(),
      lab().hosts.map((host) => `http://${host.fqdn}:12379`),
    );
    well(await by.play('install.yaml', vars), false);
    expect(await everywhere(lab(), 'systemctl show -p MainPID --value other-etcd')).to.deep.equal(before);
    expect(await everywhere(lab(), '/opt/other/etcdctl get whose --print-value-only')).to.deep.equal([
      'theirs',
      'theirs',
      'theirs',
    ]);
  });

  it('installs through this machine where nodes have no way out', async () => {
    // The same version is there; another one of the line has to come.
    const other = mirror.all.find((version) => version.startsWith('3.5.') && version !== mirror.versions['3.5'])!;
    const vars = { etcd_port_client: '12379', etcd_port_peers: '12380', etcd_version: other };
    const before = mirror.requests().filter((line) => line.includes('.tar.gz')).length;
    const words = ['-e', `etcd_download_dir=${by.folder}/downloads`, '-e', 'etcd_download_on=controller'];
    const played = await by.play('install.yaml', vars, words);
    well(played, true);
    expect(mirror.requests().filter((line) => line.includes('.tar.gz')).length - before).to.equal(1);
    expect(played.text).to.contain(other);
  });
});
