import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { command } from './command.ts';

describe('the CA of the etcd library, on this machine', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-etcd-'));
    // TEST-NET: what is found here is found before a host is asked.
    writeFileSync(join(folder, 'hosts'), '[nodes]\ncentos-1 ip=192.0.2.1 fqdn=centos-1.example.com\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const play = (playbook: string, vars: Record<string, unknown> = {}) => {
    const all = { tls: { enabled: true, ca_common_name: 'the CA' }, ...vars };
    return command([playbook, '-i', join(folder, 'hosts'), '-e', JSON.stringify(all)]);
  };
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { encoding: 'utf8', stdio: 'pipe', cwd: folder });
  const own = (name: string, ...more: string[]) => {
    const extensions = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      ...extensions,
      ...more,
    );
    return { etcd_ca_cert: join(folder, `${name}.pem`), etcd_ca_key: join(folder, `${name}.key`) };
  };
  const kept = () => ['ca.pem', 'ca-key.pem'].map((name) => readFileSync(join(folder, 'etcd-ca', name), 'utf8'));

  it('is never overwritten: not for another name, not for another passphrase', async () => {
    const made = await play('create_ca.yaml', { etcd_ca_passphrase: 'one canary' });
    expect(made.rc, made.text).to.equal(0);
    const before = kept();
    const other = await play('create_ca.yaml', {
      etcd_ca_passphrase: 'one canary',
      tls: { enabled: true, ca_common_name: 'another name' },
    });
    expect([other.rc, other.changed], other.text).to.deep.equal([0, 0]);
    const locked = await play('create_ca.yaml', { etcd_ca_passphrase: 'another canary' });
    expect(locked.rc, locked.text).to.equal(2);
    expect(kept()).to.deep.equal(before);
    for (const { text } of [made, other, locked]) expect(text).to.not.match(/canary|PRIVATE KEY/);
  });

  it('is warned of when it nears its end', async () => {
    const long = await play('create_ca.yaml');
    expect(long.text).to.not.contain('WARNING');
    rmSync(join(folder, 'etcd-ca'), { recursive: true });
    const short = await play('create_ca.yaml', { etcd_ca_days: 300 });
    expect([short.rc, short.text.includes('WARNING: the CA nears its end')], short.text).to.deep.equal([0, true]);
  });

  it('may be the user’s own, and is taken as it is', async () => {
    const theirs = own('theirs');
    const before = readFileSync(theirs.etcd_ca_key, 'utf8');
    const played = await play('kubernetes-service.yaml', theirs);
    expect(played.rc, played.text).to.equal(0);
    openssl('verify', '-purpose', 'sslclient', '-CAfile', 'theirs.pem', join('kubernetes', 'client.crt'));
    expect(readFileSync(theirs.etcd_ca_key, 'utf8')).to.equal(before);
    expect(existsSync(join(folder, 'etcd-ca'))).to.equal(false);
  });

  it('is refused where it has ended or may not sign, before a host is asked', async () => {
    const leaf = await play('install.yaml', own('leaf', '-addext', 'basicConstraints=critical,CA:FALSE'));
    expect(leaf.rc, leaf.text).to.equal(2);
    expect(leaf.text).to.contain('is not the certificate of a CA that may sign');
    const past = [
      { 'community.crypto.openssl_privatekey': { path: 'ended.key', type: 'ECC', curve: 'secp384r1' } },
      {
        'community.crypto.openssl_csr_pipe': {
          privatekey_path: 'ended.key',
          common_name: 'ended',
          basic_constraints: ['CA:TRUE'],
          key_usage: ['keyCertSign'],
        },
        register: 'asked',
      },
      {
        'community.crypto.x509_certificate': {
          path: 'ended.pem',
          provider: 'selfsigned',
          csr_content: '{{ asked.csr }}',
          privatekey_path: 'ended.key',
          selfsigned_not_before: '20200101000000Z',
          selfsigned_not_after: '20250601000000Z',
        },
      },
    ];
    const tasks = JSON.parse(JSON.stringify(past).replaceAll('ended.', `${folder}/ended.`));
    const made = [{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }];
    writeFileSync(join(folder, 'ended.yaml'), JSON.stringify(made));
    expect((await play(join(folder, 'ended.yaml'))).rc).to.equal(0);
    const ended = await play('install.yaml', {
      etcd_ca_cert: join(folder, 'ended.pem'),
      etcd_ca_key: join(folder, 'ended.key'),
    });
    expect(ended.rc, ended.text).to.equal(2);
    expect(ended.text).to.match(/ended\.pem ended on 2025.*rotate-certs\.yaml --tags ca/);
  });
});
