/**
 * What a user meets when something is wrong: one clear message, the right exit code, and nothing half-done on any host.
 * Run as a user does: the command itself, on real hosts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ensureBuilt } from '../support/built.mjs';
import type { Lab, LabHost } from './lab.mjs';
import { useLab, useMirror } from './shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  rc: number | null;
  text: string;
}

describe('bad input, on real hosts', function () {
  this.timeout(60_000);
  const lab = useLab();
  const mirror = useMirror();
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-bad-'));
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  /** Runs the command in the test's folder, with nobody to answer questions. */
  function command(...words: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [ensureBuilt(() => {}), ...words], {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.on('close', (rc) => resolve({ rc, text }));
    });
  }

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };

  /** An inventory of these hosts; options replace what reaches them. */
  const inventory = (hosts: readonly LabHost[], vars: Record<string, string> = {}, more = ''): string => {
    const { keyFile, knownHostsFile }: Lab = lab();
    const all = {
      ansible_user: 'root',
      ansible_ssh_private_key_file: keyFile,
      ansible_ssh_common_args: `'-o UserKnownHostsFile=${knownHostsFile}'`,
      ...vars,
    };
    const lines = hosts.map((host) => `${host.name} ansible_host=${host.address} ip=${host.address} fqdn=${host.fqdn}`);
    const settings = Object.entries(all).map(([name, value]) => `${name}=${value}`);
    return file('hosts', `[nodes]\n${lines.join('\n')}\n${more}\n[nodes:vars]\n${settings.join('\n')}\n`);
  };

  /** What an installation would have left. */
  const traces = async (host: LabHost) =>
    (
      await lab().exec(
        host,
        'ls -d /etc/etcd.conf /var/lib/storageos-etcd/* /usr/local/sbin/etcd3 /usr/local/lib/etcd/v* /etc/systemd/system/etcd3.service 2>/dev/null; true',
      )
    ).stdout;

  const touch =
    '- hosts: nodes\n  gather_facts: false\n  tasks: [{name: touch, file: {path: /root/touched, state: touch}}]\n';

  it('a host that no name server knows', async () => {
    const hosts = file('hosts', '[nodes]\nno-such-host.invalid ansible_user=root\n');
    const { rc, text } = await command(file('p.yml', touch), '-i', hosts);
    expect(text)
      .to.match(/no-such-host\.invalid.*UNREACHABLE/s)
      .and.match(/no such host|cannot be found|not known/i);
    expect(rc).to.equal(4);
  });

  it('a key that the host refuses', async () => {
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
    const hosts = inventory(lab().hosts.slice(0, 1), { ansible_ssh_private_key_file: join(folder, 'other') });
    const { rc, text } = await command(file('p.yml', touch), '-i', hosts);
    expect(text)
      .to.include('node-1')
      .and.match(/refused|denied/)
      .and.include(join(folder, 'other'));
    expect(text).to.not.include('BEGIN OPENSSH');
    expect(rc).to.equal(4);
  });

  it('a host key that has changed: both fingerprints, and no login', async () => {
    const [first, second] = lab().hosts as [LabHost, LabHost];
    const lines = readFileSync(lab().knownHostsFile, 'utf8').split('\n');
    const key = lines
      .find((line) => line.includes(second.address))!
      .split(' ')
      .slice(1)
      .join(' ');
    const known = file('known', `${first.address} ${key}\n`);
    const hosts = inventory([first], { ansible_ssh_common_args: `'-o UserKnownHostsFile=${known}'` });
    const { rc, text } = await command(file('p.yml', touch), '-i', hosts, '--accept-new');
    expect(text.match(/SHA256:[\w+/]{43}/g), text).to.have.lengthOf.at.least(2);
    expect(text)
      .to.match(/changed|not the one/)
      .and.include(known);
    expect(rc).to.equal(4);
  });

  it('a wrong become password', async () => {
    const hosts = inventory(lab().hosts.slice(0, 1), {
      ansible_user: 'admin',
      ansible_become_password: 'not-it-at-all',
    });
    const { rc, text } = await command(file('p.yml', touch), '-i', hosts, '-b');
    expect(text).to.include('Incorrect sudo password');
    expect(text).to.not.include('not-it-at-all');
    expect(rc).to.equal(2);
    expect((await lab().exec('node-1', 'test -e /root/touched')).rc).to.equal(1);
  });

  it('an unreachable half of the cluster: nothing is written on the other half', async () => {
    const gone = 'gone-1 ansible_host=127.0.0.1 ansible_port=9 ip=127.0.0.1 fqdn=gone-1.invalid';
    const hosts = inventory(lab().hosts.slice(0, 2), {}, gone);
    const { rc, text } = await command('install.yaml', '-i', hosts, '-e', 'etcd_version=3.5.16 advertise_format=ip');
    expect(text)
      .to.include('gone-1')
      .and.match(/connection refused/);
    expect(rc).to.equal(4);
    for (const host of lab().hosts.slice(0, 2)) expect(await traces(host)).to.equal('');
  });

  it('a full disk: the old file stays whole, and nothing is left behind', async () => {
    await lab().exec('node-1', 'mkdir -p /small && mount -t tmpfs -o size=256k tmpfs /small && echo old > /small/f', {
      check: true,
    });
    try {
      file('big', 'x'.repeat(1_000_000));
      const play = file(
        'p.yml',
        `- hosts: nodes\n  gather_facts: false\n  tasks: [{name: fill, copy: {src: ${join(folder, 'big')}, dest: /small/f}}]\n`,
      );
      const { rc, text } = await command(play, '-i', inventory(lab().hosts.slice(0, 1)));
      expect(text)
        .to.match(/No space left on device|is the disk full/i)
        .and.include('/small');
      expect(rc).to.equal(2);
      const { stdout } = await lab().exec('node-1', 'cat /small/f; ls -A /small');
      expect(stdout).to.equal('old\nf\n');
    } finally {
      await lab().exec('node-1', 'umount /small');
    }
  });

  it('a full disk where etcd would go: named before anything is written, with what to change', async () => {
    const small = 'mkdir -p /var/lib/storageos-etcd /usr/local/lib/etcd && mount -t tmpfs -o size=8m tmpfs';
    await lab().exec('node-1', `${small} /var/lib/storageos-etcd`, { check: true });
    await lab().exec('node-2', `${small} /usr/local/lib/etcd`, { check: true });
    try {
      const hosts = inventory(lab().hosts);
      const { rc, text } = await command('install.yaml', '-i', hosts, '-e', 'etcd_version=3.5.30 advertise_format=ip');
      expect(text)
        .to.match(/only 8 MiB are free for \/var\/lib\/storageos-etcd; make room, set installation_dir/)
        .and.match(
          /less than 250 MiB are free for \/usr\/local\/lib\/etcd\/v3\.5\.30; make room or set etcd_programs_dir/,
        );
      expect(rc).to.equal(2);
      for (const host of lab().hosts) expect(await traces(host)).to.equal('');
    } finally {
      await lab().exec('node-1', 'umount /var/lib/storageos-etcd; rmdir /var/lib/storageos-etcd /usr/local/lib/etcd');
      await lab().exec('node-2', 'umount /usr/local/lib/etcd; rmdir /var/lib/storageos-etcd /usr/local/lib/etcd');
    }
  });

  it('a port in use: by whom, and which variable to change; no host is touched', async () => {
    await lab().exec('node-2', 'systemd-run --unit=squatter systemd-socket-activate -l 2380 /bin/cat', { check: true });
    try {
      const hosts = inventory(lab().hosts);
      const { rc, text } = await command('install.yaml', '-i', hosts, '-e', 'etcd_version=3.5.30 advertise_format=ip');
      expect(text).to.match(/port 2380 is in use by .*systemd-socket-activate.*; set etcd_port_peers to a free port/);
      expect(rc).to.equal(2);
      for (const host of lab().hosts) expect(await traces(host)).to.equal('');
    } finally {
      await lab().exec('node-2', 'systemctl stop squatter');
    }
  });

  it('a corrupt download: both sums, nothing unpacked, nothing started', async () => {
    const version = mirror().versions['3.5']!;
    const right = mirror().sums[version]!;
    const more = `etcd_version=${version} advertise_format=ip etcd_download_url=${mirror().url}/corrupt`;
    const { rc, text } = await command('install.yaml', '-i', inventory(lab().hosts), '-e', more);
    try {
      expect(text).to.include(right);
      expect(text.match(/[0-9a-f]{64}/g)!.filter((sum) => sum !== right)).to.not.have.length(0);
      expect(rc).to.equal(2);
      for (const host of lab().hosts) {
        expect(await traces(host)).to.equal('');
        const { stdout } = await lab().exec(host, 'find /usr/local/lib/etcd -type f');
        expect(stdout).to.equal('');
      }
    } finally {
      for (const host of lab().hosts) await lab().exec(host, 'rm -rf /usr/local/lib/etcd');
    }
  });

  it('a playbook with ten mistakes: ten findings with their places, and no host is asked', async () => {
    const text = `- hosts: nodes
  gather_fact: no
  tasks:
    - copyy: {src: a, dest: b}
    - copy: {sorce: a, dest: /b}
    - file: {path: /x, state: dir}
    - file: {path: /x, mode: 644}
    - command: ls
      whn: true
    - debug: {msg: "{{ a | defualt('x') }}"}
    - debug: {msg: "{{ a"}
    - include_tasks: nothere.yml
    - command: ls
      notify: nobody
`;
    const hosts = file('hosts', '[nodes]\nno-such-host.invalid\n');
    const ended = await command(file('p.yml', text), '-i', hosts);
    expect(ended.text.match(/^ *--> /gm), ended.text).to.have.lengthOf.at.least(10);
    for (const line of [2, 4, 5, 6, 7, 9, 10, 11, 12, 14])
      expect(ended.text).to.match(new RegExp(`p\\.yml:${line}:\\d+`));
    expect(ended.text).to.not.match(/UNREACHABLE|^\s+at /m);
    expect(ended.rc).to.equal(4);
  });

  it('an inventory with a mistake: its line, and what to write', async () => {
    const hosts = file('hosts', '[nodes\nh1\n');
    const { rc, text } = await command(file('p.yml', touch), '-i', hosts);
    expect(text).to.include('hosts:1:').and.include('[nodes').and.include('^').and.include('help:');
    expect(rc).to.equal(4);
  });
});
