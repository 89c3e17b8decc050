import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeCrowd } from './crowd.mjs';
import { listLabs, startLab } from './lab.mjs';
import { startRelay } from './relay.mjs';
import { needLab, useLab, useMirror, useOwnLab } from './shared.ts';

describe('a lab of plain hosts', function () {
  this.timeout(60_000);
  const lab = useLab();
  const out = async (host: string, command: string, user = 'root') => {
    const done = await lab().exec(host, command, { user });
    return { rc: done.rc, text: done.stdout.trim() };
  };

  it('has three hosts, each with its own name, init and machine id', async () => {
    const seen = await Promise.all(
      lab().hosts.map(async ({ name, fqdn }) => {
        expect((await out(name, 'hostname; hostname -f')).text).to.equal(`${name}\n${fqdn}`);
        expect((await out(name, 'cat /proc/1/comm; systemctl is-system-running')).text).to.equal('systemd\nrunning');
        return (await out(name, 'cat /etc/machine-id')).text;
      }),
    );
    expect(new Set(seen).size).to.equal(3);
  });

  it('has no Python on them', async () => {
    const found = await out('node-1', 'ls /usr/bin/python* 2>/dev/null; command -v python3 python');
    expect(found.text).to.equal('');
  });

  it('gives every host a host key of its own, known to the lab', async () => {
    const known = readFileSync(lab().knownHostsFile, 'utf8').trim().split('\n');
    expect(new Set(known.map((line) => line.split(' ')[2])).size).to.equal(3);
    const scanned = execFileSync('ssh-keyscan', ['-t', 'ed25519', lab().hosts[1]!.address], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(known).to.include(scanned.toString().trim());
  });

  it('lets hosts reach each other by name, and starts services for good', async () => {
    expect((await out('node-1', 'getent hosts node-3.lab.troupe.test')).text).to.match(
      new RegExp(`^${lab().hosts[2]!.address.replaceAll('.', '\\.')} `),
    );
    await out('node-1', 'systemd-run --unit=lab-probe sleep 60');
    expect((await out('node-1', 'systemctl is-active lab-probe')).text).to.equal('active');
    expect((await out('node-2', 'systemctl is-active lab-probe')).text).to.equal('inactive');
    await out('node-1', 'systemctl stop lab-probe');
  });

  it('has users with the sudo that the README promises', async () => {
    expect((await out('node-1', 'sudo -n id -u', 'deploy')).text).to.equal('0');
    expect((await out('node-1', 'sudo -n id -u', 'admin')).rc).to.equal(1);
    const asked = await lab().exec('node-1', 'sudo -S -p "" id -u', { user: 'admin', input: 'troupe-admin\n' });
    expect(asked.stdout.trim()).to.equal('0');
    expect((await out('node-1', 'sudo -n id -u', 'plain')).rc).to.equal(1);
    expect((await out('node-1', 'id', 'pw')).rc).to.equal(255);
    const shadow = (await out('node-1', 'getent shadow pw')).text;
    expect(shadow).to.match(/^pw:\$/);
  });

  it('writes an inventory in the form of the users of the etcd playbooks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-'));
    const text = readFileSync(lab().inventory(join(folder, 'hosts')), 'utf8');
    rmSync(folder, { recursive: true });
    const first = lab().hosts[0]!;
    expect(text).to.match(/^\[nodes\]\n/);
    expect(text).to.include(
      `node-1 ansible_host=${first.address} ip="${first.address}" fqdn="node-1.lab.troupe.test"\n`,
    );
  });

  it('serves etcd releases over a certificate that the hosts trust', async () => {
    const version = mirror().versions['3.5']!;
    const path = `v${version}/etcd-v${version}-linux-$(dpkg --print-architecture).tar.gz`;
    const sum = await out('node-2', `curl -sSf ${mirror().url}/${path} | sha256sum`);
    expect(sum.text.split(' ')[0]).to.equal(mirror().sums[version]);
    const published = await out('node-2', `curl -sSf ${mirror().url}/v${version}/SHA256SUMS`);
    expect(published.text.split(' ')[0]).to.equal(mirror().sums[version]);
    const corrupt = await out('node-2', `curl -sSf ${mirror().url}/corrupt/${path} | sha256sum`);
    expect(corrupt.text).to.match(/^[0-9a-f]{64} /);
    expect(corrupt.text.split(' ')[0]).not.to.be.oneOf([mirror().sums[version], createHash('sha256').digest('hex')]);
    expect((await out('node-2', `curl -sSf ${mirror().url}/cut/${path} -o /dev/null`)).rc).to.equal(18);
    expect(
      mirror()
        .requests()
        .some((line) => line.startsWith(`GET /v${version}/SHA256SUMS `)),
    ).to.equal(true);
  });
  const mirror = useMirror();

  it('can be put at a distance', async () => {
    const relay = await startRelay(lab(), { delay: 150 });
    try {
      const text = readFileSync(relay.inventory(join(lab().folder, 'far')), 'utf8');
      const [, address, port] = /^node-2 ansible_host=(\S+) ansible_port=(\d+) /m.exec(text)!;
      const start = performance.now();
      const banner = await new Promise<string>((resolve, reject) => {
        const socket = connect({ host: address, port: Number(port) }).once('error', reject);
        socket.once('data', (chunk) => resolve(String(socket.destroy() && chunk)));
      });
      expect(banner).to.match(/^SSH-2\.0-/);
      expect(performance.now() - start).to.be.at.least(149);
    } finally {
      await relay.stop();
    }
  });
});

describe('a crowd', function () {
  this.timeout(60_000);
  const lab = useOwnLab({ hosts: 1 });

  it('is one host at many addresses, all known', async () => {
    const crowd = await makeCrowd(lab(), { count: 120 });
    const text = readFileSync(crowd.inventory(join(lab().folder, 'crowd')), 'utf8');
    expect(text.match(/^crowd-\d+ ansible_host=/gm)).to.have.length(120);
    const known = /UserKnownHostsFile=(\S+)/.exec(text)![1]!;
    const ssh = [
      '-F',
      'none',
      '-i',
      lab().keyFile,
      '-o',
      `UserKnownHostsFile=${known}`,
      '-o',
      'StrictHostKeyChecking=yes',
    ];
    for (const address of [crowd.addresses[0]!, crowd.addresses[119]!]) {
      expect(execFileSync('ssh', [...ssh, `root@${address}`, 'hostname']).toString()).to.equal('node-1\n');
    }
  });
});

describe('a lab of busybox hosts', function () {
  this.timeout(60_000);
  const lab = useOwnLab({ hosts: 1, image: 'busybox' });

  it('has neither bash nor GNU tools nor systemd', async () => {
    const found = await lab().exec(
      'node-1',
      'for t in bash systemctl sudo python3; do command -v $t; done; readlink /bin/sh; cat /proc/1/comm',
    );
    expect(found.stdout.trim().split('\n')).to.deep.equal(['/bin/busybox', 'init']);
    const user = await lab().exec('node-1', 'id -un', { user: 'deploy' });
    expect(user.stdout.trim()).to.equal('deploy');
  });
});

describe('labs side by side', function () {
  this.timeout(120_000);
  before(function () {
    needLab(this);
  });

  it('do not collide, and leave nothing behind', async () => {
    const labs = await Promise.all([1, 2].map(() => startLab({ hosts: 1, image: 'busybox' })));
    const addresses = labs.map((lab) => lab.hosts[0]!.address);
    expect(new Set(addresses).size).to.equal(2);
    for (const lab of labs) await lab.stop();
    for (const lab of labs) {
      expect(existsSync(lab.folder)).to.equal(false);
      expect(readFileSync('/proc/mounts', 'utf8')).not.to.include(lab.folder);
      expect(readdirSync('/run/netns').filter((name) => name.includes(lab.name))).to.deep.equal([]);
    }
  });

  it('are removed after their process was killed', async () => {
    const module = fileURLToPath(new URL('lab.mjs', import.meta.url));
    const script = `const { startLab } = await import(${JSON.stringify(module)});
      await startLab({ name: 'orphan', hosts: 1, image: 'busybox', say: () => {} }); console.log('up'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(listLabs().map((each) => each.name)).to.include('orphan');
    const next = await startLab({ hosts: 1, image: 'busybox', say: () => {} });
    expect(listLabs().map((each) => each.name)).not.to.include('orphan');
    await next.stop();
  });
});
