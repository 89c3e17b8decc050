import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { UnreachableError } from '../../engine/errors.ts';
import type { Pool } from '../../engine/remote/pool.ts';
import { rejection, script } from './support/scripts.ts';
import { freePort, need, noUsers, Sshd, TestUser } from './support/sshd.ts';

const missing = existsSync('/usr/sbin/dropbear') ? noUsers() : 'no dropbear (package dropbear-bin)';
const hello = script('hello', 'reply user "$(id -un)"; reply shell "$(readlink /proc/$$/exe)"');

/** The other common server: small machines have it, with busybox for a shell. */
describe(`ssh to dropbear, busybox sh${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(30000);
  const keys = new Sshd();
  let user: TestUser;
  let server: ChildProcess;
  let pool: Pool;

  before(async function () {
    need(this, missing);
    user = new TestUser('d');
    mkdirSync(join(keys.home, '.ssh'), { recursive: true });
    keys.key('id_ed25519');
    const folder = `/home/${user.name}/.ssh`;
    mkdirSync(folder);
    cpSync(join(keys.home, '.ssh/id_ed25519.pub'), join(folder, 'authorized_keys'));
    execFileSync('chown', ['-R', user.name, folder]);
    chmodSync(folder, 0o700);
    const hostKey = join(keys.folder, 'dropbear');
    const made = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', hostKey], { encoding: 'utf8', stdio: 'pipe' });
    keys.port = await freePort();
    keys.know(`[127.0.0.1]:${keys.port} ${/^ssh-ed25519 \S+/m.exec(made)![0]}\n`);
    server = spawn('/usr/sbin/dropbear', ['-F', '-E', '-p', `127.0.0.1:${keys.port}`, '-r', hostKey], {
      stdio: 'ignore',
    });
    await sleep(500);
  });
  beforeEach(() => {
    pool = keys.pool();
  });
  afterEach(() => pool?.close());
  after(async () => {
    server?.kill();
    user?.remove();
    await keys.remove();
  });

  const sh = () => {
    const path = join(keys.folder, 'sh');
    if (!existsSync(path)) execFileSync('ln', ['-s', '/bin/busybox', path]);
    execFileSync('chmod', ['755', keys.folder]);
    return path;
  };
  const remote = () => pool.remote(keys.target({ user: user.name, shell: sh() }));

  it('runs requests', async () => {
    const reply = await remote().call(hello);
    expect([reply.get('user'), reply.get('shell')]).to.deep.equal([user.name, '/usr/bin/busybox']);
  });

  it('transfers, raw commands, terminals', async () => {
    const one = remote();
    const path = await one.upload(Buffer.alloc(2_000_000, 'x'));
    let size = 0;
    for await (const part of await one.download(path)) size += (part as Buffer).length;
    expect(size).to.equal(2_000_000);
    const streamed = await one.upload(Readable.from([Buffer.from('abc')]));
    expect((await one.call(script('cat', 'cat "$path"'), { path: streamed })).stdout.toString()).to.equal('abc');
    const raw = await one.raw('echo out; exit 3');
    expect([raw.rc, raw.stdout.toString()]).to.deep.equal([3, 'out\n']);
    const typed = await one
      .terminal('read -r x; echo "<$x>"', { onOutput: () => {}, timeout: 1 })
      .catch((error) => error.message);
    expect(typed).to.contain('timed out');
  });

  it('a time-out ends the task and not the server', async () => {
    const one = remote();
    await rejection(one.call(script('slow', 'sleep 76543'), {}, { timeout: 0.4 }));
    const look = script('look', "sleep 0.1; ps -eo args | grep -c '[s]leep 76543'");
    expect((await one.call(look, {}, { anyExit: true })).stdout.toString()).to.equal('0\n');
  });

  it('a key that is not taken', async () => {
    writeFileSync(`/home/${user.name}/.ssh/authorized_keys`, '');
    const error = await rejection(remote().call(hello));
    expect(error).to.be.instanceOf(UnreachableError);
    expect(error.message).to.contain('permission denied');
  });
});
