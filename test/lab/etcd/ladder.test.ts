import { join } from 'node:path';
import { expect } from 'chai';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, interruptedAt, refused, type Site, site, well } from './cluster.ts';
import { nothingLost, startWriter } from './writer.ts';

// The way up with the real programs, which Debian does not have: TROUPE_ETCD_BINARIES names a folder with them
// (vX.Y.Z/{etcd,etcdctl,etcdutl}). Without it the steps above 3.5 are skipped here; what the library does for them is then shown by stand-ins,
// by the second suite of this file.
const quick = { etcd_heartbeat_interval: 100, etcd_election_timeout: 1000, etcd_quota_bytes: 1_073_741_824 };

describe('the way up from 3.4 to 3.7, with the real programs', function () {
  this.timeout(3_600_000);
  const lab = useOwnLab({ hosts: 3 });
  let mirror: Mirror;
  let by: Site;
  const vars: Record<string, unknown> = { ...quick, advertise_format: 'ip', tls: { enabled: true } };
  before(async function () {
    mirror = await startMirror(lab());
    if (!mirror.versions['3.6'] || !mirror.versions['3.7']) {
      console.log('      skipped: no etcd 3.6 and 3.7 here; TROUPE_ETCD_BINARIES names a folder with them');
      this.skip();
    }
    Object.assign(vars, { etcd_version: mirror.versions['3.4'], etcd_download_url: mirror.url });
    by = site(lab(), { vars });
    well(await by.play('create_ca.yaml'));
    well(await by.play('install.yaml'));
    await etcdctl(lab(), 'put kept yes');
  });
  after(() => by?.remove());

  const running = () => everywhere(lab(), 'readlink /proc/$(systemctl show -p MainPID --value etcd3)/exe');
  const all = (version: string) => Array(3).fill(`/usr/local/lib/etcd/v${version}/etcd`);
  const up = async (to: string, more: Record<string, unknown> = {}) => {
    const writer = await startWriter(lab());
    const played = await by.play('upgrade.yaml', { ...more, etcd_version: to });
    const written = await writer.stop();
    well(played);
    nothingLost(`upgrade to ${to}`, written);
    vars['etcd_version'] = to;
    expect(await running()).to.deep.equal(all(to));
    well(await by.play('install.yaml'), false);
    return played;
  };
  /** A version's programs are on a host before the playbook brings them, so that they can be broken. */
  const unpack = (host: string, version: string) =>
    lab().exec(
      host,
      `mkdir -p /usr/local/lib/etcd/v${version} && curl -fsS ${mirror.url}/v${version}/etcd-v${version}-linux-amd64.tar.gz |
         tar -xz --no-same-owner -C /usr/local/lib/etcd/v${version} --strip-components=1`,
      { check: true },
    );
  /** The hosts in the order in which an upgrade takes them: the leader last. */
  const sorted = async () => {
    const led = (await by.play('status.yaml')).text.match(/etcd-(node-\d) .* leader/)![1]!;
    return [
      ...lab()
        .hosts.map(({ name }) => name)
        .filter((name) => name !== led),
      led,
    ];
  };
  /** The program of a version on a host does not start any more, and does again. */
  const broken = (host: string, version: string) => {
    const etcd = `/usr/local/lib/etcd/v${version}/etcd`;
    return {
      break: () =>
        lab().exec(
          host,
          `mv ${etcd} ${etcd}.good && printf '%s\n' '#!/bin/sh' 'case "$*" in *--version*) exec ${etcd}.good --version ;; esac' \
             'echo "panic: unmarshal should never fail"; exit 2' >${etcd} && chmod 755 ${etcd}`,
          { check: true },
        ),
      mend: () => lab().exec(host, `mv ${etcd}.good ${etcd}`, { check: true }),
    };
  };

  it('U-01, U-04: 3.4 to 3.5, while a client writes', async () => {
    await up(mirror.versions['3.5']!);
  });

  it('U-02, U-03: 3.5 to 3.6, interrupted when one member is on 3.6, and run again', async () => {
    const to = mirror.versions['3.6']!;
    for (const { name } of lab().hosts) await unpack(name, to);
    // Its etcdutl has no check of the v2 store any more, and the check of the others must not be asked of it.
    const [first] = await sorted();
    for (const one of (await sorted()).slice(1)) await broken(one, to).break();
    refused(
      await by.play('upgrade.yaml', { etcd_version: to }),
      'does not work with etcd',
      'was brought back to v3.5.',
    );
    for (const one of (await sorted()).slice(1)) await broken(one, to).mend();
    const versions = (await running()).map((path) => path.includes(to));
    expect(versions.filter(Boolean), String(first)).to.have.length(1);
    // U-06: while a member is on the old version, all can go back to it, too.
    well(await by.play('upgrade.yaml', { etcd_version: mirror.versions['3.5'] }));
    expect(await running()).to.deep.equal(all(mirror.versions['3.5']!));
    await up(to);
  });

  it('U-06: a member that fails on the new version is brought back by the playbook, and the next run goes on', async () => {
    const to = mirror.versions['3.7']!;
    for (const { name } of lab().hosts) await unpack(name, to);
    const second = broken('node-2', to);
    await second.break();
    const played = await by.play('upgrade.yaml', { etcd_version: to });
    refused(played, 'etcd-node-2 does not work with etcd', 'was brought back to v3.6.', 'unmarshal should never fail');
    expect((await running())[1]).to.equal(all(mirror.versions['3.6']!)[1]);
    await etcdctl(lab(), 'put meanwhile 1');
    await second.mend();
  });

  it('3.6 to 3.7: each member has a raft snapshot of 3.6 before it goes, because 3.7 cannot read what 3.5 wrote', async () => {
    const before = await everywhere(lab(), 'ls /var/lib/storageos-etcd/member/snap | grep -c "[.]snap$"; true');
    await up(mirror.versions['3.7']!);
    const after = await everywhere(lab(), 'ls /var/lib/storageos-etcd/member/snap | grep -c "[.]snap$"; true');
    for (const [i, count] of after.entries()) expect(Number(count)).to.be.at.least(Math.max(1, Number(before[i])));
    expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('yes\n');
    // Nothing of the step is left behind.
    expect(
      await everywhere(
        lab(),
        'ls -d /run/systemd/system/etcd3.service.d /usr/local/lib/etcd/before-upgrade 2>/dev/null; true',
      ),
    ).to.deep.equal(['', '', '']);
  });

  it('operations on 3.7: backup, defragmentation with the lead handed over, rotation, replacement, restore', async () => {
    const taken = await by.play('backup.yaml', { etcd_backup_drill: true });
    well(taken);
    const file = /"(\S+\.db): \{/.exec(taken.text)![1]!;
    const text = (await by.play('defrag.yaml', { etcd_defrag_force: true })).text;
    expect(text.match(/changed: from/g)).to.have.length(3);
    well(await by.play('rotate-certs.yaml'));
    well(await by.play('replace-member.yaml', {}, ['-e', 'member=node-3']));
    well(await by.play('restore.yaml', { backup_file: join(by.folder, 'etcd-backups', file.split('/').at(-1)!) }));
    expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('yes\n');
    well(await by.play('install.yaml'), false);
  });
});

// G-06, U-06: killed at its tasks, each step of the way (see interrupted.test.ts); without the real programs of a line, with stand-ins.
describe('each step of the way up, and of the way down, killed and run again, ends healthy', function () {
  this.timeout(7_200_000);
  const lab = useOwnLab({ hosts: 3 });
  let mirror: Mirror;
  let by: Site;
  const vars: Record<string, unknown> = { ...quick, advertise_format: 'ip' };
  before(async () => {
    mirror = await startMirror(lab(), { standIns: true });
    Object.assign(vars, { etcd_version: mirror.versions['3.4'], etcd_download_url: mirror.url });
    by = site(lab(), { vars });
    well(await by.play('install.yaml'));
    await etcdctl(lab(), 'put kept yes');
  });
  after(() => by?.remove());

  for (const line of ['3.5', '3.6', '3.7'])
    it(`to ${line}`, async () => {
      const to = mirror.versions[line];
      const from = vars['etcd_version'] as string;
      const old = line === '3.6' && Number(from.split('.')[2]) < 32;
      // Debian's 3.5 has no check of the v2 store yet: its answer is the documented one, and the floor is lowered.
      if (old)
        for (const { name } of lab().hosts)
          await lab().exec(
            name,
            `cd /usr/local/lib/etcd/v${from} && mv etcdutl etcdutl.real && printf '%s\n' '#!/bin/sh' '[ "$1" = check ] || exec "/usr/local/lib/etcd/v${from}/etcdutl.real" "$@"' \
               'echo "No custom content found in both v2store and WAL records."' >etcdutl && chmod 755 etcdutl`,
            { check: true },
          );
      const more = { etcd_version: to, ...(old ? { upgrade_floors: { '3.6': '3.5.0', '3.7': '3.6.11' } } : {}) };
      await interruptedAt(by, 'upgrade.yaml', { vars: more });
      vars['etcd_version'] = to;
      well(await by.play('install.yaml'), false);
      expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('yes\n');
      expect(new Set(await everywhere(lab(), 'etcd3 --version | head -1'))).to.deep.equal(
        new Set([`etcd Version: ${to}`]),
      );
    });

  // Stand-ins have no storage of an older version to go back to.
  for (const line of ['3.6', '3.5', '3.4'])
    it(`back to ${line}`, async function () {
      const to = mirror.versions[line]!;
      if (!process.env['TROUPE_ETCD_BINARIES'] || (line === '3.4' && Number(to.split('.')[2]) < 32)) return this.skip();
      await interruptedAt(by, 'downgrade.yaml', { vars: { etcd_version: to } });
      vars['etcd_version'] = to;
      well(await by.play('install.yaml'), false);
      expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('yes\n');
    });
});
