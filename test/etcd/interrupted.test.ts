import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { command } from './command.ts';
import { interrupted } from './interrupt.ts';

// G-06 for what happens on this machine alone: killed at every task, every time.
describe('operations of the controller alone, killed at each of their tasks, end well', function () {
  this.timeout(600_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-etcd-'));
    const hosts = [1, 2, 3].map((n) => `centos-${n} ip=192.0.2.${n} fqdn=centos-${n}.example.com\n`);
    writeFileSync(join(folder, 'hosts'), `[nodes]\n${hosts.join('')}`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const play = (playbook: string, words: string[] = []) => {
    const all = [playbook, '-i', join(folder, 'hosts'), '-e', '{"tls": {"enabled": true}}', ...words];
    return {
      once: () => command(all),
      interrupted: () =>
        interrupted((kill) => command([...all, ...kill.words], { env: kill.env }), { every: true, late: false }),
    };
  };
  const openssl = (...words: string[]) => execFileSync('openssl', words, { encoding: 'utf8', stdio: 'pipe' });
  const publicKey = (kind: 'pkey' | 'x509', file: string, ...words: string[]) =>
    openssl(kind, ...(kind === 'pkey' ? ['-pubout'] : ['-pubkey', '-noout']), '-in', file, ...words);
  const unchanged = async (playbook: string, words: string[] = []) => {
    const again = await play(playbook, words).once();
    expect(again.rc, again.text).to.equal(0);
    expect(again.changed, again.text).to.equal(0);
  };

  it('create_ca.yaml: one CA, its certificate that of its key', async () => {
    const words = ['-e', 'etcd_ca_passphrase=canary-of-the-test'];
    const kills = await play('create_ca.yaml', words).interrupted();
    expect(kills.length).to.be.at.least(7);
    const [cert, key] = [join(folder, 'etcd-ca', 'ca.pem'), join(folder, 'etcd-ca', 'ca-key.pem')];
    expect(readdirSync(join(folder, 'etcd-ca')).sort()).to.deep.equal(['ca-key.pem', 'ca.pem']);
    openssl('verify', '-x509_strict', '-CAfile', cert, cert);
    expect(publicKey('x509', cert)).to.equal(publicKey('pkey', key, '-passin', 'pass:canary-of-the-test'));
    await unchanged('create_ca.yaml', words);
  });

  it('kubernetes-service.yaml: a Secret whose key and certificate belong together', async () => {
    await play('create_ca.yaml').once();
    const kills = await play('kubernetes-service.yaml').interrupted();
    expect(kills.length).to.be.at.least(7);
    const at = (name: string) => join(folder, 'kubernetes', name);
    expect(readdirSync(join(folder, 'kubernetes')).sort()).to.deep.equal([
      'client.crt',
      'client.key',
      'secret.yaml',
      'service.yaml',
    ]);
    expect(publicKey('x509', at('client.crt'))).to.equal(publicKey('pkey', at('client.key')));
    openssl('verify', '-purpose', 'sslclient', '-CAfile', join(folder, 'etcd-ca', 'ca.pem'), at('client.crt'));
    const secret = readFileSync(at('secret.yaml'), 'utf8');
    for (const name of ['client.crt', 'client.key'])
      expect(secret).to.contain(readFileSync(at(name)).toString('base64'));
    await unchanged('kubernetes-service.yaml');
  });

  it('kubernetes-testing.yaml: the manifests of a run that nobody killed', async () => {
    const kills = await play('kubernetes-testing.yaml').interrupted();
    expect(kills.length).to.be.at.least(2);
    const read = () =>
      readdirSync(join(folder, 'kubernetes')).map((name) => [
        name,
        readFileSync(join(folder, 'kubernetes', name), 'utf8'),
      ]);
    const made = read();
    rmSync(join(folder, 'kubernetes'), { recursive: true });
    await play('kubernetes-testing.yaml').once();
    expect(made).to.deep.equal(read());
  });
});
