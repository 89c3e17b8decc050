import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, refused, type Site, site, well } from './cluster.ts';

describe('etcd_separate_peer_ca: peers have a CA of their own', function () {
  this.timeout(900_000);
  const lab = useOwnLab({ hosts: 3 });
  let by: Site;
  before(async () => {
    const mirror = await startMirror(lab());
    by = site(lab(), {
      vars: {
        etcd_version: mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        etcd_quota_bytes: 1_073_741_824,
        advertise_format: 'ip',
        tls: { enabled: true },
        etcd_separate_peer_ca: true,
      },
    });
    well(await by.play('create_ca.yaml'), true);
    well(await by.play('install.yaml'), true);
    await etcdctl(lab(), 'put kept yes');
  });
  after(() => by?.remove());

  const ca = (name: string) => join(by.folder, 'etcd-ca', name);
  /** Whether OpenSSL finds that a CA of this machine has issued a certificate of a host. */
  const issued = async (authority: string, certificate: string) => {
    const { stdout } = await lab().exec('node-1', `cat /etc/etcdtls/${certificate}`, { check: true });
    try {
      execFileSync('openssl', ['verify', '-CAfile', ca(authority)], { input: stdout, stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };
  /** What curl's handshake with a port of a host comes to, with a certificate of it. */
  const handshake = async (port: number, certificate: string, key: string, authority: string) => {
    const url = `https://${lab().hosts[0]!.address}:${port}/version`;
    const words = `--cacert ${authority} --cert ${certificate} --key ${key}`;
    const done = await lab().exec(
      'node-2',
      `cd /etc/etcdtls && curl --http1.1 -sS -o /dev/null ${words} ${url} 2>&1; echo $?`,
    );
    return done.stdout.trim().split('\n').at(-1);
  };

  it('T-02: what one has issued is nothing to those who trust the other', async () => {
    for (const certificate of ['server.pem', 'etcd-client.crt']) {
      expect(await issued('ca.pem', certificate), certificate).to.equal(true);
      expect(await issued('peers/ca.pem', certificate), certificate).to.equal(false);
    }
    expect(await issued('peers/ca.pem', 'peer.pem')).to.equal(true);
    expect(await issued('ca.pem', 'peer.pem')).to.equal(false);
    expect(await handshake(2379, 'etcd-client.crt', 'etcd-client.key', 'etcd-ca.pem')).to.equal('0');
    expect(await handshake(2380, 'peer.pem', 'peer-key.pem', 'etcd-peer-ca.pem')).to.equal('0');
    // The handshake is refused by the member: an alert, or the end of the connection.
    expect(await handshake(2380, 'etcd-client.crt', 'etcd-client.key', 'etcd-peer-ca.pem')).to.match(/^(35|56|16|52)$/);
    expect(await handshake(2379, 'peer.pem', 'peer-key.pem', 'etcd-ca.pem')).to.match(/^(35|56|16|52)$/);
    well(await by.play('install.yaml'), false);
  });

  it('is chosen when the cluster is made: refused later, with the way that leads there', async () => {
    const before = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    refused(
      await by.play('install.yaml', { etcd_separate_peer_ca: false }),
      'the peers of this member trust a CA of their own, and etcd_separate_peer_ca is False',
      'restore.yaml with etcd_separate_peer_ca',
    );
    expect(await everywhere(lab(), 'systemctl show -p MainPID --value etcd3')).to.deep.equal(before);
  });

  it('T-08: a change of the CA changes both, and a member that is replaced gets what both have issued', async () => {
    const old = ['ca.pem', 'peers/ca.pem'].map((name) => readFileSync(ca(name), 'utf8'));
    well(await by.play('rotate-certs.yaml', { etcd_ca_at_once: true }, ['--tags', 'ca']), true);
    expect(readFileSync(ca('ca.pem'), 'utf8')).to.not.equal(old[0]);
    expect(readFileSync(ca('peers/ca.pem'), 'utf8')).to.not.equal(old[1]);
    for (const file of ['etcd-ca.pem', 'etcd-peer-ca.pem'])
      expect(new Set(await everywhere(lab(), `grep -c BEGIN /etc/etcdtls/${file}`)), file).to.deep.equal(
        new Set(['1']),
      );
    expect(await issued('peers/ca.pem', 'peer.pem')).to.equal(true);
    expect(await issued('ca.pem', 'server.pem')).to.equal(true);
    well(await by.play('replace-member.yaml', {}, ['-e', 'member=node-3']), true);
    expect(await etcdctl(lab(), 'get kept --print-value-only', 'node-3')).to.equal('yes\n');
    well(await by.play('install.yaml'), false);
    well(await by.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), true);
    expect(await everywhere(lab(), 'ls -d /etc/etcdtls 2>/dev/null; true')).to.deep.equal(['', '', '']);
  });
});
