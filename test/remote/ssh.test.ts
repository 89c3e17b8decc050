import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { UnreachableError } from '../../engine/errors.ts';
import type { Pool } from '../../engine/remote/pool.ts';
import { isStrict, readOffer, watchOffer } from '../../engine/remote/ssh/kexinit.ts';
import { rejection, script } from './support/scripts.ts';
import { freePort, need, noSshd, Sshd, TcpProxy } from './support/sshd.ts';

const hello = script('hello', 'reply said hello; reply user "$(id -un)"');
const me = userInfo().username;
const printOf = (file: string) => execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1]!;

describe(`ssh to a real sshd${noSshd() ? ` (skipped: ${noSshd()})` : ''}`, function () {
  this.timeout(30000);
  const sshd = new Sshd();
  const pools: Pool[] = [];
  const open = (...options: Parameters<Sshd['pool']>) => {
    const pool = sshd.pool(...options);
    pools.push(pool);
    return pool;
  };

  before(async function () {
    need(this, noSshd());
    await sshd.start(['UsePAM no'], ['ed25519', 'rsa']);
  });
  beforeEach(() => sshd.know());
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
  });
  after(() => sshd.remove());

  it('runs requests over one connection', async () => {
    const pool = open();
    const remote = pool.remote(sshd.target());
    const before = sshd.log.split('Accepted publickey').length;
    for (let i = 0; i < 5; i++) expect((await remote.call(hello)).get('said')).to.equal('hello');
    expect(pool.requests.get('web1')).to.equal(5);
    expect(sshd.log.split('Accepted publickey').length - before).to.equal(1);
  });

  it('says what is wrong with what leads to a host', async () => {
    const refusal = async (sshArgs: string) =>
      (
        await rejection(
          open()
            .remote(sshd.target({ sshArgs, retries: 0, port: undefined }))
            .call(hello),
        )
      ).message;
    expect(await refusal('-o Port=abc')).to.equal("ssh's configuration says `Port abc`, which is no port");
    expect(await refusal('-o ProxyCommand=false')).to.contain('the ProxyCommand ended, and said nothing');
    expect(await refusal(`-o "ProxyCommand=echo no way >&2; exit 1"`)).to.contain('the ProxyCommand ended: no way');
    const warnings: string[] = [];
    const pool = open({ onWarning: (host, text) => warnings.push(`${host}: ${text}`) });
    const file = join(sshd.folder, 'nosuch');
    for (const name of ['a', 'b'])
      expect((await pool.remote(sshd.target({ name, sshArgs: `-F ${file} -Z` })).call(hello)).get('said')).to.equal(
        'hello',
      );
    expect(warnings).to.deep.equal([
      'a: ssh arguments: -Z has no meaning here',
      `a: ssh configuration: ${file} cannot be read: there is no such file or folder`,
    ]);
  });

  it('tells who wants to know how it connected', async () => {
    const notes: string[] = [];
    const pool = open({ onNote: (host, text) => notes.push(`${host}: ${text}`) });
    await pool.remote(sshd.target()).call(hello);
    const key = join(sshd.home, '.ssh/id_ed25519');
    expect(notes).to.deep.equal([
      `web1: connected to ${me}@127.0.0.1 port ${sshd.port}, with the key ${key}`,
      `web1: opens a shell of ${me}`,
    ]);
    const closed = await freePort();
    const failing = open({ onNote: (_, text) => notes.push(text) });
    await rejection(failing.remote(sshd.target({ port: closed, retries: 1 })).call(hello));
    expect(notes.at(-1)).to.match(/^attempt 1 to connect to .* port \d+: connection refused/);
  });

  describe('the host key', () => {
    it('is looked at wherever a connection is made (S-23)', () => {
      const source = readFileSync(new URL('../../engine/remote/ssh/ssh.ts', import.meta.url), 'utf8');
      // One place, and no way to leave the check out: `verify` is a required parameter.
      expect(source.match(/new Client\(/g)).to.have.length(1);
      expect(source.match(/\.connect\(/g)).to.have.length(1);
      expect(source).to.match(/client\.connect\(\{[^}]*?hostVerifier: \(key: Buffer\) => \{/s);
    });

    it('is refused where it is not known, with what to do', async () => {
      sshd.know('');
      const error = (await rejection(open().remote(sshd.target()).call(hello))) as UnreachableError;
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message)
        .to.contain('is not known')
        .and.to.contain(printOf(join(sshd.folder, 'host_ed25519')));
      expect(error.help).to.contain(`ssh-keyscan -p ${sshd.port} 127.0.0.1`).and.to.contain('--accept-new');
    });

    it('is remembered with accept-new, and refused when it changes', async () => {
      sshd.know('');
      const warnings: string[] = [];
      const pool = open({ onWarning: (_, text) => warnings.push(text) });
      await pool.remote(sshd.target({ hostKeyChecking: 'accept-new' })).call(hello);
      const file = readFileSync(join(sshd.home, '.ssh/known_hosts'), 'utf8');
      expect(file).to.equal(`[127.0.0.1]:${sshd.port} ${sshd.publicHostKey()}\n`);
      expect(warnings.join()).to.contain('was added');
      // ssh-keygen, the reference, finds what was written.
      const found = execFileSync('ssh-keygen', [
        '-F',
        `[127.0.0.1]:${sshd.port}`,
        '-f',
        join(sshd.home, '.ssh/known_hosts'),
      ]);
      expect(found.toString()).to.contain(sshd.publicHostKey());
    });

    it('is not taken for new where the known ones cannot be read', async () => {
      const folder = join(sshd.folder, 'a-folder');
      mkdirSync(folder, { recursive: true });
      const to = (checking: 'accept-new' | 'no') =>
        sshd.target({ hostKeyChecking: checking, sshArgs: `-o UserKnownHostsFile=${folder}` });
      const error = await rejection(open().remote(to('accept-new')).call(hello));
      expect(error.message).to.contain(`nobody can tell whether the host key`).and.contain(`${folder} cannot be read`);
      expect((await open().remote(to('no')).call(hello)).get('said')).to.equal('hello');
    });

    it('is used all the same, with a warning, where it cannot be remembered', async () => {
      const warnings: string[] = [];
      const pool = open({ onWarning: (_, text) => warnings.push(text) });
      const target = sshd.target({
        hostKeyChecking: 'accept-new',
        sshArgs: `-o UserKnownHostsFile=${join(sshd.home, '.ssh/id_ed25519.pub/known_hosts')}`,
      });
      expect((await pool.remote(target).call(hello)).get('said')).to.equal('hello');
      expect(warnings.join()).to.contain('could not be added to ');
    });

    it('is refused when it has changed, whatever the setting, with both fingerprints and the line', async () => {
      const other = sshd.key(`other${Date.now()}`);
      const [type, key] = readFileSync(`${other}.pub`, 'utf8').split(' ');
      sshd.know(`# a comment\n[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
      for (const hostKeyChecking of ['yes', 'accept-new', 'no'] as const) {
        const error = await rejection(open().remote(sshd.target({ hostKeyChecking })).call(hello));
        expect(error).to.be.instanceOf(UnreachableError);
        expect(error.message)
          .to.contain('has changed')
          .and.to.contain(printOf(join(sshd.folder, 'host_ed25519')))
          .and.to.contain(printOf(`${other}.pub`))
          .and.to.contain(`${join(sshd.home, '.ssh/known_hosts')}:2`);
        expect((error as UnreachableError).help).to.contain(`ssh-keygen -R '[127.0.0.1]:${sshd.port}'`);
      }
      const elsewhere = join(sshd.folder, 'elsewhere');
      writeFileSync(elsewhere, `[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
      const target = sshd.target({ sshArgs: `-o UserKnownHostsFile=${elsewhere}` });
      const error = await rejection(open().remote(target).call(hello));
      expect((error as UnreachableError).help).to.contain(`ssh-keygen -f ${elsewhere} -R '[127.0.0.1]:${sshd.port}'`);
    });

    it('is asked for in the type that is known', async () => {
      sshd.know(`[127.0.0.1]:${sshd.port} ${sshd.publicHostKey('rsa')}\n`);
      expect((await open().remote(sshd.target()).call(hello)).get('said')).to.equal('hello');
    });

    it('is found in a hashed file, made by ssh-keygen -H', async () => {
      sshd.know();
      execFileSync('ssh-keygen', ['-H', '-f', join(sshd.home, '.ssh/known_hosts')], { stdio: 'ignore' });
      expect(readFileSync(join(sshd.home, '.ssh/known_hosts'), 'utf8')).to.match(/^\|1\|/);
      expect((await open().remote(sshd.target()).call(hello)).get('said')).to.equal('hello');
    });

    it('is refused when it is revoked', async () => {
      sshd.know(`[127.0.0.1]:${sshd.port} ${sshd.publicHostKey()}\n@revoked * ${sshd.publicHostKey()}\n`);
      const error = await rejection(
        open()
          .remote(sshd.target({ hostKeyChecking: 'no' }))
          .call(hello),
      );
      expect(error.message).to.contain('revoked').and.to.contain('known_hosts:2');
    });

    it('is not looked at with `no`, and nothing is written', async () => {
      sshd.know('');
      await open()
        .remote(sshd.target({ sshArgs: '-o StrictHostKeyChecking=no' }))
        .call(hello);
      expect(readFileSync(join(sshd.home, '.ssh/known_hosts'), 'utf8')).to.equal('');
    });

    it("is looked at on the way too: a word in a host's variables is not for its jump hosts", async () => {
      sshd.know(`[127.0.0.1]:${sshd.port} ${sshd.publicHostKey()}\n`);
      const target = sshd.target({ hostKeyChecking: 'no', sshArgs: `-J ${me}@localhost:${sshd.port}` });
      const error = await rejection(open().remote(target).call(hello));
      expect(error.message).to.contain('through').and.contain('is not known');
    });

    it('is refused with --accept-new where the host has strict checking, and the advice fits', async () => {
      sshd.know('');
      const pool = () => open({ ssh: { hostKeyChecking: 'accept-new' } });
      const strict = sshd.target({ sshArgs: '-o StrictHostKeyChecking=yes' });
      const error = (await rejection(pool().remote(strict).call(hello))) as UnreachableError;
      expect(error.help).to.contain('Strict checking is set for this host').and.contain('wins over --accept-new');
      // `ask` is no decision: the run's counts.
      const ask = sshd.target({ sshArgs: '-o StrictHostKeyChecking=ask' });
      expect((await pool().remote(ask).call(hello)).get('said')).to.equal('hello');
    });

    it('is looked up in UserKnownHostsFile and under HostKeyAlias', async () => {
      sshd.know('');
      const file = join(sshd.folder, 'own hosts');
      writeFileSync(file, `the-alias ${sshd.publicHostKey()}\n`);
      const sshArgs = `-o 'UserKnownHostsFile="${file}"' -o HostKeyAlias=the-alias`;
      expect((await open().remote(sshd.target({ sshArgs })).call(hello)).get('said')).to.equal('hello');
    });
  });

  describe('what went wrong', () => {
    it('nothing listens: tried again, then said so', async () => {
      const port = await freePort();
      const started = Date.now();
      const error = await rejection(open().remote(sshd.target({ port })).call(hello));
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message).to.match(
        /127\.0\.0\.1 port \d+: connection refused: nothing listens on that port \(3 attempts\)/,
      );
      expect(Date.now() - started).to.be.greaterThan(600);
    });

    it('no such host: said at once', async () => {
      const error = await rejection(
        open()
          .remote(sshd.target({ address: 'no-such-host.invalid' }))
          .call(hello),
      );
      expect(error.message).to.contain('there is no such host').and.not.to.contain('attempts');
    });

    it('a host that is a trick is refused (S-17)', async () => {
      for (const address of ['-oProxyCommand=id', '-v']) {
        const error = await rejection(open().remote(sshd.target({ address })).call(hello));
        expect(error.message).to.contain('is not the name of a host');
      }
    });

    it('something else listens', async () => {
      const proxy = await new TcpProxy().start(sshd.port);
      proxy.refuse = 100;
      const error = await rejection(
        open()
          .remote(sshd.target({ port: proxy.port, retries: 1 }))
          .call(hello),
      );
      expect(error.message).to.contain('(2 attempts)');
      expect(proxy.accepted).to.equal(2);
      await proxy.stop();
    });

    it('a server that turns the first two away, as MaxStartups does, is reached in the third attempt', async () => {
      const proxy = await new TcpProxy().start(sshd.port);
      sshd.know(`[127.0.0.1]:${proxy.port} ${sshd.publicHostKey()}\n`);
      proxy.refuse = 2;
      expect(
        (
          await open()
            .remote(sshd.target({ port: proxy.port }))
            .call(hello)
        ).get('said'),
      ).to.equal('hello');
      await proxy.stop();
    });

    it('silence after the connection: the time-out is kept', async () => {
      const mute = createServer(() => {}).listen(0, '127.0.0.1');
      await new Promise((resolve) => mute.once('listening', resolve));
      const { port } = mute.address() as AddressInfo;
      const error = await rejection(
        open()
          .remote(sshd.target({ port, timeout: 0.3, retries: 0 }))
          .call(hello),
      );
      mute.close();
      expect(error.message).to.contain('it did not shake hands within 0.3 seconds');
    });

    it('silence costs its time once, with or without an SSH server behind it; who asks for attempts gets them', async () => {
      let accepted = 0;
      const mute = createServer(() => accepted++).listen(0, '127.0.0.1');
      await new Promise((resolve) => mute.once('listening', resolve));
      const { port } = mute.address() as AddressInfo;
      const to = (more = {}) =>
        open()
          .remote(sshd.target({ port, timeout: 0.3, ...more }))
          .call(hello);
      expect((await rejection(to())).message).not.to.contain('attempts');
      expect(accepted).to.equal(1);
      expect((await rejection(to({ retries: 1 }))).message).to.contain('(2 attempts)');
      expect(accepted).to.equal(3);
      mute.close();
    });

    it('one that has begun to speak is slow, not dead: it is tried again', async () => {
      let accepted = 0;
      const slow = createServer((socket) => {
        accepted++;
        socket.on('error', () => {}).write('SSH-2.0-slow\r\n');
      }).listen(0, '127.0.0.1');
      await once(slow, 'listening');
      const target = sshd.target({ port: (slow.address() as AddressInfo).port, timeout: 0.3 });
      expect((await rejection(open().remote(target).call(hello))).message).to.contain('(3 attempts)');
      expect(accepted).to.equal(3);
      slow.close();
    });

    it('a key that is not taken: says what was tried and what the host takes', async () => {
      sshd.authorize(sshd.key(`nobody${Date.now()}`).split('/').at(-1)!);
      const error = await rejection(open().remote(sshd.target()).call(hello));
      sshd.authorize('id_ed25519');
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message)
        .to.contain('permission denied for user')
        .and.to.contain('publickey')
        .and.to.contain(join(sshd.home, '.ssh/id_ed25519'))
        .and.to.contain(printOf(join(sshd.home, '.ssh/id_ed25519.pub')))
        .and.not.to.contain('attempts');
    });

    it('the connection is cut in the middle: unreachable, and the next call connects anew', async () => {
      const proxy = await new TcpProxy().start(sshd.port);
      sshd.know(`[127.0.0.1]:${proxy.port} ${sshd.publicHostKey()}\n`);
      const remote = open().remote(sshd.target({ port: proxy.port }));
      await remote.call(hello);
      const running = remote.call(script('slow', 'sleep 10'));
      setTimeout(() => proxy.cut(), 200);
      const error = await rejection(running);
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message).to.contain('lost');
      expect((await remote.call(hello)).get('said')).to.equal('hello');
      // And when nothing was going on.
      proxy.cut();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect((await remote.call(hello)).get('said')).to.equal('hello');
      await proxy.stop();
    });
  });

  describe('keys', () => {
    it('with a passphrase: asked for once, for many hosts', async () => {
      const name = `locked${Date.now()}`;
      const file = sshd.key(name, 'open sesame');
      sshd.authorize(name);
      const asked: string[] = [];
      const askPassphrase = async (path: string) => {
        asked.push(path);
        return 'open sesame';
      };
      const ssh = { askPassphrase };
      const pool = open({ ssh });
      const targets = ['a', 'b', 'c'].map((host) => sshd.target({ name: host, privateKeyFile: file }));
      await Promise.all(targets.map((target) => pool.remote(target).call(hello)));
      expect(asked).to.deep.equal([file]);
      sshd.authorize('id_ed25519');
    });

    it('with a passphrase that nobody knows: the next key is tried', async () => {
      const name = `locked${Date.now()}`;
      const file = sshd.key(name, 'secret');
      sshd.authorize(name, 'id_ed25519');
      sshd.config('');
      const error = await rejection(
        open()
          .remote(sshd.target({ privateKeyFile: file }))
          .call(hello),
      );
      expect(error.message)
        .to.contain('permission denied')
        .and.contain(`could not use ${file}: it needs a passphrase: ssh-add ${file}, or set`);
      expect((await open().remote(sshd.target()).call(hello)).get('said')).to.equal('hello');
      sshd.authorize('id_ed25519');
    });

    it('that are none: each is named with the reason, and what does work is used', async () => {
      const garbage = join(sshd.folder, 'garbage');
      writeFileSync(garbage, 'no key\n');
      const folder = join(sshd.folder, 'a-folder');
      mkdirSync(folder, { recursive: true });
      const publicHalf = `${sshd.key(`half${Date.now()}`)}.pub`;
      for (const [privateKeyFile, why] of [
        [garbage, 'it is no private key of a kind that is known here'],
        [folder, 'it is a folder'],
        [join(folder, 'nosuch'), 'there is no such file or folder'],
        [publicHalf, 'it is a public key, and no agent holds the private one'],
      ] as const) {
        sshd.config('');
        const error = await rejection(open().remote(sshd.target({ privateKeyFile })).call(hello));
        expect(error.message).to.contain(`could not use ${privateKeyFile}: ${why}`).and.not.contain('SHA256');
        sshd.config(`IdentityFile ${join(sshd.home, '.ssh/id_ed25519')}\n`);
        const warnings: string[] = [];
        const pool = open({ onWarning: (_, text) => warnings.push(text) });
        const targets = ['a', 'b'].map((name) => sshd.target({ name, privateKeyFile }));
        for (const target of targets) expect((await pool.remote(target).call(hello)).get('said')).to.equal('hello');
        expect(warnings).to.deep.equal([`private key ${privateKeyFile}: ${why}`]);
      }
      sshd.config('');
    });

    it('that others may read: used, and once said', async () => {
      const name = `open${Date.now()}`;
      const file = sshd.key(name);
      sshd.authorize(name);
      chmodSync(file, 0o644);
      const warnings: string[] = [];
      const pool = open({ onWarning: (_, text) => warnings.push(text) });
      for (const host of ['a', 'b']) await pool.remote(sshd.target({ name: host, privateKeyFile: file })).call(hello);
      sshd.authorize('id_ed25519');
      expect(warnings).to.deep.equal([
        `private key ${file}: other users of this machine may read it: chmod 600 ${file}`,
      ]);
    });

    it('in an agent', async () => {
      const name = `agent${Date.now()}`;
      const file = sshd.key(name);
      sshd.authorize(name);
      const out = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' });
      const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(out)![1]!;
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(out)![1]);
      try {
        execFileSync('ssh-add', ['-q', file], { env: { SSH_AUTH_SOCK: socket }, stdio: 'pipe' });
        const pool = open({ ssh: { agentSocket: socket } });
        expect((await pool.remote(sshd.target()).call(hello)).get('said')).to.equal('hello');
        // IdentitiesOnly leaves out what no file names.
        sshd.config('IdentitiesOnly yes\n');
        const error = await rejection(
          open({ ssh: { agentSocket: socket } })
            .remote(sshd.target())
            .call(hello),
        );
        expect(error.message).to.contain('permission denied');
      } finally {
        process.kill(pid);
        sshd.config('');
        sshd.authorize('id_ed25519');
      }
    });

    it('of the type RSA, with SHA-2', async () => {
      const name = `rsa${Date.now()}`;
      const file = sshd.key(name, '', 'rsa');
      sshd.authorize(name);
      expect(
        (
          await open()
            .remote(sshd.target({ privateKeyFile: file }))
            .call(hello)
        ).get('said'),
      ).to.equal('hello');
      sshd.authorize('id_ed25519');
    });

    it('that are missing are no error while another is taken', async () => {
      sshd.config(
        `IdentityFile ${sshd.home}/.ssh/nowhere\nIdentityFile ~/.ssh/id_%%ed25519\nIdentityFile ~/.ssh/id_ed25519\n`,
      );
      expect((await open().remote(sshd.target()).call(hello)).get('said')).to.equal('hello');
      sshd.config('');
    });
  });

  describe('hops', () => {
    it('a jump host: its own key is checked, the target is reached from there (S-27)', async () => {
      sshd.config(
        `Host inner\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  ProxyJump bastion\nHost bastion\n  HostName localhost\n  Port ${sshd.port}\n`,
      );
      const target = { name: 'inner', connection: 'ssh', user: me } as const;
      const error = await rejection(open().remote(target).call(hello));
      expect(error.message).to.contain('through bastion').and.to.contain('is not known');
      sshd.know(`[127.0.0.1]:${sshd.port},[localhost]:${sshd.port} ${sshd.publicHostKey()}\n`);
      const before = sshd.log.split('Accepted publickey').length;
      const pool = open();
      await Promise.all(
        ['inner', 'inner2'].map((name) => pool.remote({ ...target, name, address: 'inner' }).call(hello)),
      );
      // One for the jump host, shared, and one for each target.
      expect(sshd.log.split('Accepted publickey').length - before).to.equal(3);
      sshd.config('');
    });

    it('a target with the address of its jump host is reached, as ssh does; one that is its own jump host is not', async () => {
      sshd.config(
        `Host target\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  ProxyJump hop\nHost hop\n  HostName 127.0.0.1\n  Port ${sshd.port}\n`,
      );
      const target = { name: 'target', connection: 'ssh', user: me } as const;
      const before = sshd.log.split('Accepted publickey').length;
      expect((await open().remote(target).call(hello)).get('said')).to.equal('hello');
      expect(sshd.log.split('Accepted publickey').length - before).to.equal(2);
      expect(
        (
          await open()
            .remote({ ...target, connection: 'openssh' })
            .call(hello)
        ).get('said'),
      ).to.equal('hello');
      sshd.config(`Host *\n  ProxyJump hop\nHost hop\n  HostName 127.0.0.1\n  Port ${sshd.port}\n`);
      expect((await rejection(open().remote(target).call(hello))).message).to.contain('leads through hop itself');
      sshd.config('');
    });

    it('a list of jump hosts, and `none`', async () => {
      sshd.know(`[127.0.0.1]:${sshd.port},[localhost]:${sshd.port} ${sshd.publicHostKey()}\n`);
      const sshArgs = `-J ${me}@localhost:${sshd.port},${me}@localhost:${sshd.port}`;
      const error = await rejection(open().remote(sshd.target({ sshArgs })).call(hello));
      expect(error.message).to.contain('leads through');
      const good = `-o ProxyJump=${me}@localhost:${sshd.port}`;
      expect(
        (
          await open()
            .remote(sshd.target({ sshArgs: good }))
            .call(hello)
        ).get('said'),
      ).to.equal('hello');
      sshd.config('Host *\n  ProxyJump no-such-host.invalid\n');
      expect(
        (
          await open()
            .remote(sshd.target({ sshArgs: '-o ProxyJump=none' }))
            .call(hello)
        ).get('said'),
      ).to.equal('hello');
      sshd.config('');
    });

    it('a ProxyCommand', async () => {
      const nc = `${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s).pipe(process.stdout)"`;
      sshd.config(`Host web*\n  HostName 127.0.0.1\nHost *\n  ProxyCommand ${nc}\n`);
      expect(
        (
          await open()
            .remote(sshd.target({ address: 'web1' }))
            .call(hello)
        ).get('said'),
      ).to.equal('hello');
      sshd.config('ProxyCommand echo no way out >&2; exit 1\n');
      const error = await rejection(open().remote(sshd.target()).call(hello));
      sshd.config('');
      expect(error.message).to.contain('the ProxyCommand ended: no way out');
      sshd.config('');
    });
  });

  describe('a server with settings of its own', () => {
    const other = new Sshd();
    afterEach(() => other.stop());
    after(() => other.remove());
    const start = async (lines: string[]) => {
      for (const name of ['host_ed25519', 'home/.ssh/id_ed25519']) {
        for (const ending of ['', '.pub']) rmSync(join(other.folder, name + ending), { force: true });
      }
      await other.start(['UsePAM no', ...lines]);
      other.know();
      const pool = other.pool();
      pools.push(pool);
      return pool.remote(other.target({ retries: 0 }));
    };

    it('that has no cipher but CBC is refused, and the other transport offered (S-24)', async () => {
      const error = (await rejection((await start(['Ciphers aes128-cbc'])).call(hello))) as UnreachableError;
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message).to.contain('there is no cipher that both sides have; the host has aes128-cbc');
      expect(error.help).to.contain('ansible_connection: openssh');
    });

    it('that has no cipher but ChaCha20 is reached, its key exchange being strict (S-24)', async () => {
      const remote = await start(['Ciphers chacha20-poly1305@openssh.com']);
      expect((await remote.call(hello)).get('said')).to.equal('hello');
      const socket = connect(other.port, '127.0.0.1');
      const { offer } = watchOffer(socket);
      await once(socket, 'data');
      socket.write('SSH-2.0-test\r\n');
      for (let tries = 0; !offer() && tries < 100; tries++) await sleep(20);
      socket.destroy();
      expect(offer()!.ciphers).to.deep.equal(['chacha20-poly1305@openssh.com']);
      expect(isStrict(offer())).to.equal(true);
      expect(isStrict({ ...offer()!, kex: ['curve25519-sha256'] })).to.equal(false);
      expect(isStrict(undefined)).to.equal(false);
      const source = readFileSync(new URL('../../engine/remote/ssh/ssh.ts', import.meta.url), 'utf8');
      // Before the login: `handshake` comes when both sides have agreed, and nothing has been sent by then.
      expect(source).to.match(/on\('handshake', [^}]*includes\(CHACHA\) && !isStrict\(offer\(\)\)\)\s*fail\(/s);
    });

    it('is told that we keep to the strict exchange (S-24)', async () => {
      let seen = Buffer.alloc(0);
      const server = createServer((socket) => {
        socket.on('error', () => {}).write('SSH-2.0-test\r\n');
        socket.on('data', (chunk: Buffer) => {
          seen = Buffer.concat([seen, chunk]);
          if (readOffer(seen)) socket.destroy();
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await rejection(
        open()
          .remote(sshd.target({ port, retries: 0 }))
          .call(hello),
      );
      server.close();
      const offer = readOffer(seen)!;
      expect(offer.kex).to.include('kex-strict-c-v00@openssh.com');
      expect(offer.ciphers.at(-1)).to.equal('chacha20-poly1305@openssh.com');
      expect(offer.ciphers.filter((name) => /cbc/.test(name))).to.deep.equal([]);
      // What holds the event loop up comes after what does not.
      expect(offer.kex.indexOf('diffie-hellman-group-exchange-sha256')).to.be.greaterThan(
        offer.kex.indexOf('diffie-hellman-group16-sha512'),
      );
    });

    it('that allows two sessions a connection: everything goes on with two', async () => {
      const remote = await start(['MaxSessions 2']);
      const uploads = [...Array(6).keys()].map((n) => remote.upload(Buffer.from(`${n}`)));
      const paths = await Promise.all(uploads);
      expect(new Set(paths).size).to.equal(6);
      expect((await remote.call(hello)).get('said')).to.equal('hello');
    });

    it('that turns connections away under load (MaxStartups): all get in', async () => {
      await start(['MaxStartups 3:100:3']);
      const pool = other.pool();
      pools.push(pool);
      const names = [...Array(12).keys()].map((n) => `host${n}`);
      const calls = names.map((name) => pool.remote(other.target({ name, retries: 6 })).call(hello));
      for (const reply of await Promise.all(calls)) expect(reply.get('said')).to.equal('hello');
    });
  });

  it('1,000 small requests: time for the record', async () => {
    const pool = open();
    const remote = pool.remote(sshd.target());
    const nothing = script('nothing', ':');
    await remote.call(nothing);
    const started = performance.now();
    for (let i = 0; i < 1000; i++) await remote.call(nothing);
    const one = (performance.now() - started) / 1000;
    const ahead = performance.now();
    await Promise.all([...Array(1000).keys()].map(() => remote.call(nothing)));
    console.log(
      `      one after the other ${one.toFixed(2)} ms each, written ahead ${((performance.now() - ahead) / 1000).toFixed(2)} ms each`,
    );
    expect(pool.requests.get('web1')).to.equal(2001);
  });
});
