import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, type Site, site, startWriter, stopWriter, well } from './cluster.ts';

// A cluster as the users' former playbooks and their manual installation leave it: root, a plain file as the program, its own
// names, no token. The first run must take it over member by member, and keep what is in it.
describe('install.yaml on a cluster that was installed otherwise', function () {
  this.timeout(240_000);
  const lab = useOwnLab({ hosts: 3 });
  let by: Site;
  before(async () => {
    const mirror = await startMirror(lab());
    const version = mirror.versions['3.4']!;
    const archive = `etcd-v${version}-linux-amd64`;
    const ips = lab().hosts.map((host) => host.address);
    const cluster = ips.map((ip) => `etcd-${ip}=http://${ip}:2380`).join(',');
    await Promise.all(
      lab().hosts.map(async (host) => {
        const unit = `[Unit]
Description=etcd3
[Service]
Type=notify
Restart=always
EnvironmentFile=/etc/etcd.conf
ExecStart=/usr/local/sbin/etcd3 --name etcd-\${NODE_IP} --data-dir /var/lib/storageos-etcd \\
  --initial-cluster-state new --initial-cluster-token etcd-token --initial-cluster ${cluster} \\
  --listen-client-urls http://\${NODE_IP}:\${CLIENT_PORT},http://127.0.0.1:\${CLIENT_PORT} \\
  --advertise-client-urls http://\${NODE_IP}:\${CLIENT_PORT} \\
  --listen-peer-urls http://\${NODE_IP}:\${PEERS_PORT} --initial-advertise-peer-urls http://\${NODE_IP}:\${PEERS_PORT}
[Install]
WantedBy=multi-user.target
`;
        writeFileSync(join(lab().root(host), 'etc/systemd/system/etcd3.service'), unit);
        writeFileSync(
          join(lab().root(host), 'etc/etcd.conf'),
          `NODE_IP=${host.address}\nCLIENT_PORT=2379\nPEERS_PORT=2380\n`,
        );
        await lab().exec(
          host,
          `set -e; mkdir /opt/e /var/lib/storageos-etcd; curl -fsS ${mirror.url}/v${version}/${archive}.tar.gz | tar -xz -C /opt/e --strip-components=1
           mv /opt/e/etcd /usr/local/sbin/etcd3; mv /opt/e/etcdctl /usr/local/sbin/etcdctl
           systemctl daemon-reload; systemctl enable etcd3; systemctl start etcd3`,
          { check: true },
        );
      }),
    );
    await lab().exec('node-1', 'etcdctl put kept yes', { check: true });
    const vars = {
      etcd_version: version,
      etcd_download_url: mirror.url,
      advertise_format: 'ip',
      etcd_quota_bytes: 1_073_741_824,
    };
    by = site(lab(), { vars });
  });
  after(() => by?.remove());

  it('takes it over one member at a time; a client that writes loses nothing', async () => {
    const endpoints = lab()
      .hosts.map((host) => `http://${host.address}:2379`)
      .join(',');
    await lab().exec('node-1', `echo ETCDCTL_ENDPOINTS=${endpoints} >/etc/etcd3.client.env`, { check: true });
    await startWriter(lab(), 'node-1');
    const played = await by.play('install.yaml');
    const written = await stopWriter(lab(), 'node-1');
    well(played, true);
    console.log(`      ${written.acknowledged} writes acknowledged, longest stall ${written.stall.toFixed(2)} s`);
    expect(written.lost).to.deep.equal([]);
    expect(
      await everywhere(
        lab(),
        'etcdctl get kept --print-value-only; ps -o user= -C etcd3; find /var/lib/storageos-etcd ! -user etcd',
      ),
    ).to.deep.equal(Array(3).fill('yes\netcd'));
    well(await by.play('install.yaml'), false);
  });

  it('can then replace a member under its new name', async () => {
    well(await by.play('replace-member.yaml', {}, ['-e', 'member=node-2']));
    expect((await lab().exec('node-1', 'etcdctl member list')).stdout.match(/started, etcd-node-/g)).to.have.length(3);
  });
});
