import { expect } from 'chai';
import { type Mirror, startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, refused, type Site, site, well } from './cluster.ts';
import { nothingLost, startWriter } from './writer.ts';

// Debian has no 3.6 and no 3.4.32: with the real programs in TROUPE_ETCD_BINARIES the ways down are gone for real.
describe('downgrade.yaml', function () {
  this.timeout(900_000);
  const lab = useOwnLab({ hosts: 3 });
  let mirror: Mirror;
  let by: Site;
  before(async () => {
    mirror = await startMirror(lab());
    by = site(lab(), {
      vars: {
        etcd_version: mirror.versions['3.6'] ?? mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        etcd_quota_bytes: 1_073_741_824,
        advertise_format: 'ip',
        tls: { enabled: true },
      },
    });
    well(await by.play('create_ca.yaml'));
    well(await by.play('install.yaml'));
    await etcdctl(lab(), 'put kept value');
  });
  after(() => by?.remove());

  const goBack = async (etcd_version: string) => {
    const writer = await startWriter(lab());
    const played = await by.play('downgrade.yaml', { etcd_version });
    const written = await writer.stop();
    well(played, true);
    nothingLost(`downgrade to ${etcd_version}`, written);
    expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('value\n');
    expect(new Set(await everywhere(lab(), '/usr/local/sbin/etcd3 --version | head -n 1'))).to.deep.equal(
      new Set([`etcd Version: ${etcd_version}`]),
    );
    // Nothing of the way is left behind.
    expect(
      await everywhere(lab(), 'ls -d /usr/local/lib/etcd/before-upgrade /run/etcd3-maintenance 2>/dev/null; true'),
    ).to.deep.equal(['', '', '']);
    well(await by.play('downgrade.yaml', { etcd_version }));
    well(await by.play('install.yaml', { etcd_version }), false);
  };

  it('U-08: refuses two minor versions at once, a newer line, and a 3.4 that cannot join', async () => {
    const newest = mirror.versions['3.6'] ? '3.6' : '3.5';
    if (newest === '3.6')
      refused(
        await by.play('downgrade.yaml', { etcd_version: '3.4.45' }),
        'more than one minor version',
        'set etcd_version to a 3.5',
      );
    else refused(await by.play('downgrade.yaml', { etcd_version: '3.4.23' }), 'must be 3.4.32 or newer');
    refused(await by.play('downgrade.yaml', { etcd_version: '3.7.1' }), 'is of no older line');
    refused(
      await by.play('upgrade.yaml', { etcd_version: '3.5.16' }),
      newest === '3.6' ? 'downgrade.yaml goes back' : 'is older',
    );
  });

  it('U-08: goes from 3.6 to 3.5 by etcdctl downgrade while a client writes', async function () {
    if (!mirror.versions['3.6']) return this.skip();
    await goBack(mirror.versions['3.5']!);
  });

  it('U-08: goes from 3.5 to 3.4.32 or newer while a client writes; not while authentication is on', async function () {
    const old = mirror.versions['3.4']!;
    if (Number(old.split('.')[2]) < 32) return this.skip();
    for (const words of [
      'user add root --no-password',
      'user grant-role root root',
      'user add etcd-client --no-password',
      'user grant-role etcd-client root',
      'auth enable',
    ])
      await etcdctl(lab(), words);
    refused(await by.play('downgrade.yaml', { etcd_version: old }), 'authentication is on');
    for (const words of ['auth disable', 'user delete etcd-client', 'user delete root', 'role delete root'])
      await etcdctl(lab(), words);
    await goBack(old);
    // What 3.5 wrote is in its log for long: 3.4 starts again, too.
    for (const host of ['node-1', 'node-2', 'node-3'])
      await lab().exec(host, 'systemctl restart etcd3', { check: true });
    expect(await etcdctl(lab(), 'get kept --print-value-only')).to.equal('value\n');
  });
});
