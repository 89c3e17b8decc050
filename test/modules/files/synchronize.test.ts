/** synchronize: real rsync on both ends, through the run's own connection to a real sshd. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { RunOptions } from '../../../engine/index.ts';
import { need, noSshd, noUsers, Sshd, TestUser } from '../../remote/support/sshd.ts';
import { type Project, play } from '../../support/play.ts';
import { testFolder } from '../harness.ts';

const noRsync = () => (spawnSync('rsync', ['--version']).status === 0 ? undefined : 'no rsync (package rsync)');

describe('synchronize', function () {
  this.timeout(60_000);
  const sshd = new Sshd();
  let user: TestUser | undefined;
  let folder: string;
  before(async function () {
    need(this, noSshd() ?? noRsync());
    await sshd.start();
    sshd.know();
  });
  beforeEach(() => {
    folder = testFolder();
    mkdirSync(join(folder, 'far'));
  });
  after(async () => {
    user?.remove();
    await sshd.remove();
  });

  const far = (...parts: string[]) => join(folder, 'far', ...parts);
  const host = (more = '') =>
    `web1 ansible_host=127.0.0.1 ansible_port=${sshd.port} ansible_user=${process.env['USER'] ?? 'root'} ${more}\n`;

  /** One task on the host; the registered result, as the event shows it. */
  async function sync(
    task: string,
    files: Project = {},
    { inventory = host(), ...options }: Partial<RunOptions> & { inventory?: string } = {},
  ) {
    const text = `- hosts: all\n  gather_facts: false\n  tasks:\n    - name: sync\n${task.trimEnd().replace(/^/gm, '      ')}\n`;
    const { events, recap } = await play({ hosts: inventory, 'play.yml': text, ...files }, {
      ssh: { home: sshd.home, systemConfigFile: null, globalKnownHosts: [] },
      ...options,
    } as Partial<RunOptions>);
    const result = events.find((event) => event.type === 'task:result');
    if (result?.type !== 'task:result') throw new Error(`no result: ${JSON.stringify(recap)}`);
    return result.result as unknown as Record<string, unknown> & { values: Record<string, unknown> };
  }
  const push = (more = '') => `ansible.posix.synchronize:\n  src: site/\n  dest: ${far('site')}\n${more}`;
  const site = { 'files/site/a': 'one\n', 'files/site/sub/b': 'two\n' };

  it('pushes a folder, finds nothing to do again, predicts in check mode, shows a diff', async () => {
    const predicted = await sync(push(), site, { check: true, diff: true });
    expect(predicted['status'], JSON.stringify(predicted)).to.equal('changed');
    expect(readdirSync(far())).to.deep.equal([]);
    const done = await sync(push(), site, { diff: true });
    expect(done['status']).to.equal('changed');
    expect(readFileSync(far('site/sub/b'), 'utf8')).to.equal('two\n');
    // rsync's own words, as its manual gives them for %i %n%L
    expect(done['values']['stdout_lines']).to.include('<f+++++++++ a').and.include('cd+++++++++ sub/');
    expect(done['values']['rc']).to.equal(0);
    expect(done['values']['msg']).to.equal((done['values']['stdout_lines'] as string[]).map((l) => `${l}\n`).join(''));
    expect(done['diff']).to.deep.equal([{ prepared: done['values']['msg'] }]);
    expect(done['values']['cmd']).to.match(/^rsync --delay-updates -F --compress --archive '?--rsh=/);
    expect((await sync(push('  checksum: true\n  times: false\n'), site))['status']).to.equal('ok');
  });

  it('pulls, deletes, and takes names as they are', async () => {
    const name = "it's $HOME `x` \\ ü *";
    mkdirSync(far(name));
    writeFileSync(far(name, 'f 1'), 'far');
    const near = join(folder, 'near');
    mkdirSync(near);
    writeFileSync(join(near, 'old'), '');
    const quoted = JSON.stringify(far(name) + '/');
    const task = `synchronize:\n  mode: pull\n  src: ${quoted}\n  dest: ${near}/\n  delete: true\n`;
    // Ansible expands $NAME of either path on the controller
    const environment = { PATH: process.env['PATH'] };
    const done = await sync(task, {}, { environment });
    expect(done['status'], JSON.stringify(done)).to.equal('changed');
    expect(readdirSync(near)).to.deep.equal(['f 1']);
    expect(done['values']['stdout_lines']).to.include('*deleting   old');
    expect((await sync(task, {}, { environment }))['status']).to.equal('ok');
  });

  it('gives rsync_opts as Ansible splits them, links, modes, excludes', async () => {
    const from = join(folder, 'from');
    mkdirSync(from);
    for (const file of ['a.log', 'b c.txt', 'd']) writeFileSync(join(from, file), file);
    symlinkSync('d', join(from, 'link'));
    chmodSync(join(from, 'd'), 0o640);
    const task = `synchronize:\n  src: ${from}/\n  dest: ${far('to')}\n  rsync_opts:\n    - --exclude=*.log\n    - "--exclude 'b c.txt'"\n`;
    const done = await sync(task);
    expect(done['status'], JSON.stringify(done)).to.equal('changed');
    expect(readdirSync(far('to')).sort()).to.deep.equal(['d', 'link']);
    expect(statSync(far('to/d')).mode & 0o777).to.equal(0o640);
    expect(lstatSync(far('to/link')).isSymbolicLink()).to.equal(true);
    const followed = await sync(task.replace('rsync_opts', 'copy_links: true\n  rsync_opts').replace('/to', '/two'));
    expect(followed['status']).to.equal('changed');
    expect(lstatSync(far('two/link')).isSymbolicLink()).to.equal(false);
  });

  it('carries megabytes in both directions without loss', async () => {
    const big = join(folder, 'big');
    execFileSync('sh', ['-c', 'head -c 24000000 /dev/urandom >"$0"', big]);
    const up = await sync(`synchronize:\n  src: ${big}\n  dest: ${far('big')}\n  compress: false\n`);
    expect(up['status'], JSON.stringify(up)).to.equal('changed');
    const back = `synchronize:\n  mode: pull\n  src: ${far('big')}\n  dest: ${join(folder, 'back')}\n`;
    expect((await sync(back))['status']).to.equal('changed');
    expect(spawnSync('cmp', [big, join(folder, 'back')]).status).to.equal(0);
  });

  it('says which end has no rsync', async () => {
    const away = await sync(push('  rsync_path: /nowhere/rsync\n'), site);
    expect(away['status']).to.equal('failed');
    expect(away['msg']).to.match(/^rsync is not installed on web1: /);
    const here = await sync(push(), site, { environment: { PATH: '/nowhere' } });
    expect(here['status']).to.equal('failed');
    expect(here['msg']).to.equal('rsync is not installed on the controller: synchronize needs it on both ends');
  });

  it("fails with rsync's words and exit code", async () => {
    const done = await sync(`synchronize:\n  src: /no/such\n  dest: ${far()}\n`);
    expect(done['status']).to.equal('failed');
    expect(done['msg']).to.match(/No such file or directory/);
    expect(done['values']['rc']).to.equal(23);
  });

  it('checks the key of the host as every task does', async () => {
    sshd.know(`[127.0.0.1]:${sshd.port} ssh-ed25519 ${Buffer.from('another key').toString('base64')}\n`);
    try {
      expect((await sync(push(), site))['status']).to.equal('unreachable');
      const bold = await sync(push('  verify_host: true\n'), site, { inventory: host('ansible_host_key_checking=no') });
      expect(bold['status'], JSON.stringify(bold)).to.be.oneOf(['failed', 'unreachable']);
      expect(existsSync(far('site'))).to.equal(false);
    } finally {
      sshd.know();
    }
  });

  it('names the host in the path: refused; two hosts: refused; itself: copies there', async () => {
    expect((await sync(`synchronize:\n  src: other:/x\n  dest: ${far()}\n`))['msg']).to.match(
      /names a host of its own/,
    );
    const two = `${host()}web2 ansible_host=127.0.0.1 ansible_port=${sshd.port}\n`;
    const third = await sync(`${push()}delegate_to: web2\n`, site, { inventory: two, limit: 'web1' });
    expect(third['msg']).to.match(/between two hosts .* not supported/);
    mkdirSync(far('x'));
    writeFileSync(far('x/1'), '1');
    const own = `synchronize:\n  src: ${far('x')}/\n  dest: ${far('y')}\ndelegate_to: "{{ inventory_hostname }}"\n`;
    const copied = await sync(own);
    expect(copied['status'], JSON.stringify(copied)).to.equal('changed');
    expect(copied['values']['cmd']).to.not.match(/--rsh/);
    expect(readdirSync(far('y'))).to.deep.equal(['1']);
    const local = await sync(`${push()}delegate_to: localhost\n`, site);
    expect(local['status'], JSON.stringify(local)).to.equal('changed');
    expect(local['values']['cmd']).to.match(/--rsh/);
  });

  it('copies on the controller where the host is local', async () => {
    const done = await sync(push(), site, { inventory: 'web1 ansible_connection=local\n' });
    expect(done['status'], JSON.stringify(done)).to.equal('changed');
    expect(done['values']['cmd']).to.not.match(/--rsh/);
    expect(readFileSync(far('site/a'), 'utf8')).to.equal('one\n');
  });

  it('becomes with a password, which no process sees', async function () {
    need(this, noUsers());
    user ??= new TestUser('sync');
    user.sudoers('ALL=(ALL:ALL) ALL');
    sshd.authorize('id_ed25519');
    const seen = join(folder, 'seen');
    const spy = join(folder, 'spy');
    writeFileSync(
      spy,
      `#!/bin/sh\nrsync "$@" &\np=$!\nwhile kill -0 $p 2>/dev/null; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; done >>${seen} 2>/dev/null\nwait $p\n`,
      { mode: 0o755 },
    );
    chmodSync(folder, 0o755);
    chmodSync(dirname(folder), 0o755);
    const inventory = host(`ansible_become_password='${user.password}'`).replace(
      /ansible_user=\S+/,
      `ansible_user=${user.name}`,
    );
    chmodSync(far(), 0o700);
    const done = await sync(`${push(`  _local_rsync_path: ${spy}\n`)}become: true\n`, site, { inventory });
    expect(done['status'], JSON.stringify(done)).to.equal('changed');
    expect(readFileSync(far('site/a'), 'utf8')).to.equal('one\n');
    expect(statSync(far('site/a')).uid).to.equal(0);
    const caught = () => ['sudo\0-H', 'rsync\0'].every((words) => readFileSync(seen).includes(words));
    // Where the machine is busy the spy may look too late.
    for (let n = 0; n < 30 && !caught(); n++)
      await sync(`${push(`  _local_rsync_path: ${spy}\n`).replace('/site', `/site${n}`)}become: true\n`, site, {
        inventory,
      });
    expect(caught(), 'the spy saw the programs').to.equal(true);
    expect(readFileSync(seen).includes('pässword'), 'the password in a process').to.equal(false);
    const plain = await sync(push().replace('/site', '/other'), site, { inventory });
    expect(plain['status']).to.equal('failed');
    expect(plain['msg'], JSON.stringify(plain)).to.match(/Permission denied/);
  });

  it('leaves neither socket nor folder, and lets nobody else at it', async () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const modes = join(folder, 'modes');
    const spy = join(folder, 'spy');
    // the socket is the third word of --rsh
    writeFileSync(
      spy,
      `#!/bin/sh\nfor a; do case $a in --rsh=*) set -- "$@"; s=\${a##* }; stat -c '%a %F' "$s" "\${s%/*}" >${modes}; echo "$s" >>${modes} ;; esac; done\nexec rsync "$@"\n`,
      { mode: 0o755 },
    );
    const done = await sync(push(`  _local_rsync_path: ${spy}\n`), site);
    expect(done['status'], JSON.stringify(done)).to.equal('changed');
    const [socket, around, path] = readFileSync(modes, 'utf8').split('\n');
    expect(socket).to.equal('600 socket');
    expect(around).to.equal('700 directory');
    expect(existsSync(dirname(path!))).to.equal(false);
  });

  it('a connection that is cut is a failure, with its reason', async () => {
    const big = join(folder, 'big');
    execFileSync('sh', ['-c', 'head -c 3000000 /dev/urandom >"$0"', big]);
    // rsync is slowed down; what kills the session is the far end's own program
    const killer = join(folder, 'killer');
    writeFileSync(
      killer,
      `#!/bin/sh\np=$$; for i in 1 2 3; do p=$(cut -d' ' -f4 /proc/$p/stat); case $(cat /proc/$p/comm) in sshd*) kill -9 $p; break ;; esac; done\nsleep 5\n`,
      { mode: 0o755 },
    );
    const started = performance.now();
    const done = await sync(`synchronize:\n  src: ${big}\n  dest: ${far('big')}\n  rsync_path: ${killer}\n`);
    expect(done['status']).to.be.oneOf(['failed', 'unreachable']);
    expect(done['msg']).to.match(/lost|closed/);
    expect(performance.now() - started).to.be.lessThan(100_000);
    expect(existsSync(far('big'))).to.equal(false);
  });

  it('refuses what does not belong', async () => {
    for (const [more, word] of [
      ['  compres: true\n', /compress/],
      ['  _ssh_args: x\n', /internal/],
      ['  mode: both\n', /push/],
    ] as const) {
      const error = await sync(push(more), site).then(
        (result) => String(result['msg'] ?? JSON.stringify(result)),
        (thrown: Error & { findings?: { help?: string; message: string }[] }) =>
          `${thrown.message} ${JSON.stringify(thrown.findings ?? '')} ${JSON.stringify(thrown)}`,
      );
      expect(error).to.match(word);
    }
  });
});
