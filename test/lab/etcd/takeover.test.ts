import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, type Site, site, well } from './cluster.ts';
import { nothingLost, startWriter } from './writer.ts';

// A cluster as the users' former playbooks and their manual installation leave it: root, a plain file as the program, its own
// names, no token. The first run must take it over member by member, and keep what is in it.
describe('install.yaml on a cluster that was installed otherwise', function () {
  this.timeout(600_000);
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
    await lab().exec('node-1', 'etcdctl --command-timeout=60s put kept yes', { check: true });
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
    const writer = await startWriter(lab(), { tls: false });
    const played = await by.play('install.yaml');
    const written = await writer.stop();
    well(played, true);
    nothingLost('taking over', written);
    expect(
      await everywhere(
        lab(),
        'etcdctl --command-timeout=60s get kept --print-value-only; ps -o user= -C etcd3; find /var/lib/storageos-etcd ! -user etcd',
      ),
    ).to.deep.equal(Array(3).fill('yes\netcd'));
    well(await by.play('install.yaml'), false);
  });

  it('can then replace a member under its new name', async () => {
    well(await by.play('replace-member.yaml', {}, ['-e', 'member=node-2']));
    expect((await lab().exec('node-1', 'etcdctl member list')).stdout.match(/started, etcd-node-/g)).to.have.length(3);
  });
});

/** The users' file, with every key they have. */
const groupVars = (tls: boolean) => `etcd_version: "3.4.9"
etcd_port_client: "2379"
etcd_port_peers: "2380"
etcd_quota_bytes: 8589934592
etcd_auto_compaction_mode: "revision"
etcd_auto_compaction_retention: "1000"
members: "{{ groups['nodes'] }}"
installation_dir: "/var/lib/storageos-etcd"
advertise_format: 'fqdn'
backup_file: "/tmp/backup.db"
tls:
  enabled: ${tls}
  ca_common_name: "eu-west-2.compute.internal"
  etcd_common_name: "*.eu-west-2.compute.internal"
  cert_dir: "/etc/etcdtls"
  ca_cert_file: "etcd-ca.pem"
  etcd_server_cert_file: "server.pem"
  etcd_server_key_file: "server-key.pem"
  etcd_client_cert_file: "etcd-client.crt"
  etcd_client_key_file: "etcd-client.key"
`;

describe('the users’ own inventory and group_vars/all, unchanged', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 4 });
  let by: Site;
  before(async () => {
    const mirror = await startMirror(lab());
    // Only the version and the mirror are the lab's: it has no 3.4.9.
    by = site(lab(), {
      groups: { nodes: ['node-1', 'node-2', 'node-3'], new_nodes: ['node-4'] },
      vars: { etcd_version: mirror.versions['3.4'], etcd_download_url: mirror.url },
    });
    mkdirSync(join(by.folder, 'group_vars'));
  });
  after(() => by?.remove());

  for (const tls of [false, true]) {
    const scheme = tls ? 'https' : 'http';
    const etcdctl = (host: string, words: string) =>
      lab().exec(host, `set -a; . /etc/etcd3.client.env; ETCDCTL_COMMAND_TIMEOUT=60s; ${words}`);

    it(`with tls.enabled: ${tls}, installs, restores from backup_file of a node, tells its state`, async () => {
      writeFileSync(join(by.folder, 'group_vars', 'all'), groupVars(tls));
      if (tls) well(await by.play('create_ca.yaml'), true);
      well(await by.play('install.yaml'), true);
      const [args] = await everywhere(lab(), 'tr "\\0" "\\n" </proc/$(pidof etcd3)/cmdline');
      const expected = [
        '--quota-backend-bytes=8589934592',
        '--auto-compaction-mode=revision',
        '--auto-compaction-retention=1000',
        ...(tls ? ['--cert-file=/etc/etcdtls/server.pem', '--key-file=/etc/etcdtls/server-key.pem'] : []),
        ...(tls ? ['--trusted-ca-file=/etc/etcdtls/etcd-ca.pem', '--client-cert-auth=true'] : []),
      ];
      expect(args!.split('\n')).to.include.members(expected);
      expect(args).to.contain(`--advertise-client-urls=${scheme}://${lab().hosts[0]!.fqdn}:2379`);
      const snapshot = `ETCDCTL_ENDPOINTS=${scheme}://127.0.0.1:2379 etcdctl snapshot save /tmp/backup.db`;
      const saved = await etcdctl('node-2', `etcdctl put kept yes && ${snapshot} && etcdctl del kept`);
      expect(saved.rc, saved.stderr).to.equal(0);
      // by etcdctl, as this line has it.
      well(await by.play('restore.yaml'));
      expect((await etcdctl('node-3', 'etcdctl get kept --print-value-only')).stdout).to.equal('yes\n');
      const told = await by.play('status.yaml');
      well(told, false);
      expect(told.text).to.contain('etcd-node-3');
      well(await by.play('install.yaml'), false);
    });

    if (tls)
      it('adds a member of the group new_nodes', async () => {
        well(await by.play('add-member.yaml'), true);
        const listed = (await etcdctl('node-1', 'etcdctl member list')).stdout;
        expect(listed.match(/started, etcd-node-\d, .*, false$/gm)).to.have.length(4);
        well(await by.play('add-member.yaml'), false);
      });

    it(`with tls.enabled: ${tls}, writes what Kubernetes needs, and uninstalls`, async () => {
      const played = await by.play('kubernetes-service.yaml');
      well(played, true);
      expect(played.text).to.contain('KV_BACKEND=etcd');
      expect(played.text).to.contain('kvBackend.address: storageos-etcd.storageos.svc:2379');
      if (!tls) {
        well(await by.play('kubernetes-testing.yaml'), true);
        well(await by.play('kubernetes-testing.yaml'), false);
      }
      well(await by.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), true);
      const left = await everywhere(lab(), 'rm /tmp/backup.db; pidof etcd3 || echo gone', lab().hosts.slice(0, 3));
      expect(left).to.deep.equal(Array(3).fill('gone'));
    });
  }
});
