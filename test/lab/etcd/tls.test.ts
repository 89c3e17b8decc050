import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, refused, type Site, serials, site, well } from './cluster.ts';

const flags =
  '--cacert /etc/etcdtls/etcd-ca.pem --cert /etc/etcdtls/etcd-client.crt --key /etc/etcdtls/etcd-client.key';

describe('install.yaml with TLS', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let by: Site;
  before(async () => {
    const mirror = await startMirror(lab());
    by = site(lab(), {
      vars: {
        etcd_version: mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        etcd_quota_bytes: 1_073_741_824,
        advertise_format: 'fqdn',
        // As the users' group_vars have it.
        tls: {
          enabled: true,
          ca_common_name: 'lab.troupe.test',
          etcd_common_name: '*.lab.troupe.test',
          cert_dir: '/etc/etcdtls',
          ca_cert_file: 'etcd-ca.pem',
          etcd_server_cert_file: 'server.pem',
          etcd_server_key_file: 'server-key.pem',
          etcd_client_cert_file: 'etcd-client.crt',
          etcd_client_key_file: 'etcd-client.key',
        },
        etcd_ca_passphrase: 'a canary that nobody prints',
      },
    });
  });
  after(() => by?.remove());
  const ca = (name: string) => join(by.folder, 'etcd-ca', name);

  it('says that the CA is missing before it touches a host', async () => {
    refused(await by.play('install.yaml'), 'run create_ca.yaml');
  });

  it('T-02: makes a CA once, its key closed and encrypted', async () => {
    well(await by.play('create_ca.yaml'), true);
    const key = readFileSync(ca('ca-key.pem'), 'utf8');
    expect(key).to.contain('ENCRYPTED');
    expect(statSync(ca('ca-key.pem')).mode & 0o777).to.equal(0o600);
    well(await by.play('create_ca.yaml'), false);
    expect(readFileSync(ca('ca-key.pem'), 'utf8')).to.equal(key);
    const text = execFileSync('openssl', ['x509', '-in', ca('ca.pem'), '-noout', '-text'], { encoding: 'utf8' });
    expect(text).to.match(/CA:TRUE, pathlen:0/);
    execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', ca('ca.pem'), ca('ca.pem')]);
  });

  it('finds a wrong passphrase before it writes anything', async () => {
    refused(await by.play('install.yaml', { etcd_ca_passphrase: 'mistyped' }), 'passphrase');
    expect((await lab().exec('node-1', 'ls -d /usr/local/lib/etcd /etc/etcdtls')).stdout).to.equal('');
  });

  it('T-01: installs, by fqdn; the second time nothing changes; the passphrase is nowhere', async () => {
    const first = await by.play('install.yaml', {}, ['-vvv', '-D']);
    well(first, true);
    expect(first.text).not.to.contain('a canary that nobody prints');
    expect(first.text).not.to.contain('PRIVATE KEY');
    well(await by.play('install.yaml'), false);
  });

  it('T-02, T-03: every certificate passes OpenSSL’s strict check for what it is used for', async () => {
    for (const host of lab().hosts) {
      for (const [file, purposes] of [
        ['server.pem', ['sslserver']],
        ['peer.pem', ['sslserver', 'sslclient']],
        ['etcd-client.crt', ['sslclient']],
      ] as const) {
        const path = join(lab().root(host), 'etc/etcdtls', file);
        for (const purpose of purposes)
          execFileSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca('ca.pem'), path]);
        if (file === 'etcd-client.crt') continue;
        for (const name of [host.fqdn, 'localhost'])
          expect(
            execFileSync('openssl', ['x509', '-in', path, '-noout', '-checkhost', name], { encoding: 'utf8' }),
          ).to.contain('does match');
        for (const ip of [host.address, '127.0.0.1', '::1'])
          expect(
            execFileSync('openssl', ['x509', '-in', path, '-noout', '-checkip', ip], { encoding: 'utf8' }),
          ).to.contain('does match');
      }
    }
  });

  it('T-06, S-30: keys are closed and the member’s own; the CA’s key is on no node', async () => {
    const listed = await everywhere(lab(), 'stat -c "%n %U %a" /etc/etcdtls/*.key /etc/etcdtls/*-key.pem');
    for (const list of listed)
      expect(list.split('\n')).to.deep.equal([
        '/etc/etcdtls/etcd-client.key etcd 600',
        '/etc/etcdtls/peer-key.pem etcd 600',
        '/etc/etcdtls/server-key.pem etcd 600',
      ]);
    const sums = await everywhere(lab(), 'cat /etc/etcdtls/*.key /etc/etcdtls/*-key.pem');
    expect(new Set(sums).size).to.equal(3);
    const found = await everywhere(
      lab(),
      'grep -rl "ENCRYPTED PRIVATE KEY" /etc /root /tmp /var/lib/storageos-etcd /usr/local 2>/dev/null',
    );
    expect(found).to.deep.equal(['', '', '']);
  });

  it('T-01: answers with a certificate, by name and by ip, and nobody without one', async () => {
    const urls = lab().hosts.flatMap((host) => [`https://${host.fqdn}:2379`, `https://${host.address}:2379`]);
    for (const url of urls) {
      const put = await lab().exec('node-1', `etcdctl ${flags} --command-timeout=60s --endpoints=${url} put a b`);
      expect(put.stdout, put.stderr).to.equal('OK\n');
    }
    const none = await lab().exec(
      'node-1',
      `etcdctl --cacert /etc/etcdtls/etcd-ca.pem --endpoints=${urls[0]} --command-timeout=2s get a`,
    );
    expect(none.rc).to.not.equal(0);
    const plain = await lab().exec(
      'node-1',
      `etcdctl --endpoints=${urls[0]!.replace('https', 'http')} --command-timeout=2s get a`,
    );
    expect(plain.rc).to.not.equal(0);
  });

  it('T-04: a peer must have a peer’s certificate; a client’s, or a foreign one, opens nothing', async () => {
    const peer = `https://${lab().hosts[1]!.fqdn}:2380/members`;
    const ask = (cert: string, key: string) =>
      lab().exec(
        'node-1',
        `curl -sS --http1.1 --max-time 30 --cacert /etc/etcdtls/etcd-ca.pem --cert ${cert} --key ${key} ${peer}`,
      );
    const good = await ask('/etc/etcdtls/peer.pem', '/etc/etcdtls/peer-key.pem');
    expect(good.stdout, good.stderr).to.contain('etcd-node-1');
    expect((await ask('/etc/etcdtls/etcd-client.crt', '/etc/etcdtls/etcd-client.key')).stdout).not.to.contain(
      'etcd-node-1',
    );
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=etcd-peer',
    ];
    execFileSync(
      'openssl',
      [...args, '-keyout', join(by.folder, 'foreign.key'), '-out', join(by.folder, 'foreign.pem')],
      { stdio: 'ignore' },
    );
    for (const name of ['foreign.key', 'foreign.pem'])
      writeFileSync(join(lab().root('node-1'), 'root', name), readFileSync(join(by.folder, name)));
    const foreign = await ask('/root/foreign.pem', '/root/foreign.key');
    expect(foreign.rc).to.not.equal(0);
    expect(foreign.stdout).not.to.contain('etcd-node-1');
  });

  it('T-04: a member of another CA, under a member’s name and address, reaches nobody and changes nothing', async () => {
    // It runs on the third host in the place of its member, with the cluster's own token and list, and tries to take part.
    const [, , third] = lab().hosts;
    const cluster = lab()
      .hosts.map((host) => `etcd-${host.name}=https://${host.fqdn}:2380`)
      .join(',');
    const folder = join(lab().root(third!), 'root/foreign');
    mkdirSync(folder);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe', cwd: folder });
    openssl('req', '-x509', ...curve, '-subj', '/CN=another CA', '-keyout', 'ca.key', '-out', 'ca.pem');
    const names = ['-addext', `subjectAltName=DNS:${third!.fqdn},IP:${third!.address}`];
    const issued = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', 'peer.key', '-out', 'peer.pem'];
    openssl('req', '-x509', ...curve, '-subj', '/CN=etcd-peer', ...names, ...issued);
    const at = `https://${third!.fqdn}:2380`;
    const before = await lab().exec('node-1', `etcdctl ${flags} member list`);
    const done = await lab().exec(
      'node-3',
      `systemctl stop etcd3; . /etc/etcd.conf; cd /root/foreign
       timeout 60 /usr/local/sbin/etcd3 --name etcd-node-3 --data-dir data --initial-cluster-state existing --initial-cluster-token "$CLUSTER_TOKEN" \
         --initial-cluster ${cluster} --listen-peer-urls https://${third!.address}:2380 --initial-advertise-peer-urls ${at} \
         --listen-client-urls http://127.0.0.1:3379 --advertise-client-urls http://127.0.0.1:3379 \
         --peer-client-cert-auth --peer-trusted-ca-file ca.pem --peer-cert-file peer.pem --peer-key-file peer.key 2>&1
       echo "ended with $?"; systemctl start etcd3`,
    );
    expect(done.stdout).to.match(
      /could not get cluster response|cannot fetch cluster info|unknown authority|bad certificate/,
    );
    const said = await lab().exec('node-2', 'journalctl -u etcd3 -n 200 --no-pager -o cat');
    expect(said.stdout).to.match(new RegExp(`rejected connection.*${third!.address}`));
    expect((await lab().exec('node-1', `etcdctl ${flags} member list`)).stdout).to.equal(before.stdout);
    well(await by.play('install.yaml'), false);
  });

  it('T-05: works with etcd’s authentication on, where the common name is the user', async () => {
    const etcdctl = (words: string) =>
      lab().exec('node-1', `set -a; . /etc/etcd3.client.env; etcdctl --command-timeout=60s ${words}`);
    const secret = 'canary-pass';
    for (const words of [
      `user add root:${secret}`,
      'user grant-role root root',
      'user add etcd-client --no-password',
      'user grant-role etcd-client root',
      'auth enable',
    ])
      expect((await etcdctl(words)).rc, words).to.equal(0);
    expect((await etcdctl('put a b')).stdout).to.equal('OK\n');
    well(await by.play('install.yaml'), false);
    well(await by.play('backup.yaml'));
    expect((await etcdctl('auth disable')).rc).to.equal(0);
  });

  it('T-07: renews a certificate that would end too soon, without a restart', async () => {
    const pids = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    const ends = () => everywhere(lab(), 'cat /etc/etcdtls/server.pem');
    const before = await ends();
    well(await by.play('install.yaml', { etcd_cert_days: 400, etcd_cert_renew_days: 370 }), true);
    const after = await ends();
    expect(after.some((text) => before.includes(text))).to.equal(false);
    expect(await everywhere(lab(), 'systemctl show -p MainPID --value etcd3')).to.deep.equal(pids);
    for (const { name } of lab().hosts)
      for (const [port, file] of [
        [2379, 'server.pem'],
        [2380, 'peer.pem'],
      ] as const) {
        const [served, own] = await serials(lab(), name, port, `/etc/etcdtls/${file}`);
        expect(own).to.match(/^serial=[0-9A-F]+\n$/);
        expect(served).to.equal(own);
      }
  });

  it('T-08: does not call it well when a member goes on serving another certificate', async () => {
    const copy = (which: string) => `/etc/etcdtls/${which}-before.pem`;
    const says = (which: string, port: number) =>
      `:${port} the member serves another certificate than /etc/etcdtls/${which}.pem`;
    const keep = (which: string) => everywhere(lab(), `cp -p /etc/etcdtls/${which}.pem ${copy(which)}`);
    // As if etcd did not take up the new files: it is told to read copies of the ones before.
    const vars = {
      // A new key beside the certificate from before would be no pair at all.
      etcd_keep_keys: true,
      etcd_extra_flags: { 'cert-file': copy('server'), 'peer-cert-file': copy('peer') },
    };
    await keep('server');
    await keep('peer');
    well(await by.play('install.yaml', vars), true);
    refused(await by.play('rotate-certs.yaml', vars), says('server', 2379));
    await keep('server');
    refused(await by.play('defrag.yaml', vars), says('peer', 2380));
    await keep('peer');
    well(await by.play('defrag.yaml', vars), false);
    well(await by.play('install.yaml'), true);
  });

  it('T-10: --tags ca stops after each pass, for clients elsewhere, and says what they need', async () => {
    const trusted = async () => {
      const all = await everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem');
      expect(new Set(all).size).to.equal(1);
      return all[0]!;
    };
    const before = await trusted();
    const pass = () => by.play('rotate-certs.yaml', {}, ['--tags', 'ca']);
    const first = await pass();
    well(first, true);
    expect(first.text).to.contain('also-trusted.pem, then run rotate-certs.yaml --tags ca once more');
    expect((await trusted()).match(/BEGIN/g)).to.have.length(2);
    const second = await pass();
    well(second, true);
    expect(second.text).to.contain('Give clients elsewhere certificates of the new one');
    expect((await trusted()).match(/BEGIN/g)).to.have.length(2);
    well(await pass(), true);
    expect((await trusted()).match(/BEGIN/g)).to.have.length(1);
    expect(await trusted()).not.to.equal(before);
    well(await by.play('install.yaml'), false);
  });

  it('refuses to switch a running cluster to plain, and says the way', async () => {
    refused(await by.play('install.yaml', { tls: { enabled: false } }), 'backup.yaml', 'restore.yaml');
  });
});
