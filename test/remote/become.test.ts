import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ModuleFailure, UnreachableError } from '../../engine/errors.ts';
import { openAs } from '../../engine/remote/become.ts';
import type { Pool } from '../../engine/remote/pool.ts';
import type { Connection } from '../../engine/remote/shell/channel.ts';
import type { BecomeTarget, ConnectionTarget } from '../../engine/remote/target.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, noUsers, Sshd, TestUser } from './support/sshd.ts';

const who = script('who', 'reply user "$(id -un)"; reply home "$HOME"; reply cwd "$(pwd)"; reply stdin "$(cat)"');
const missing = noSshd() ?? noUsers();

describe('the mark behind which a password is given (S-16)', () => {
  it('is another one each time, and too long to be guessed', async () => {
    for (const method of ['sudo', 'su'] as const) {
      const lines: string[] = [];
      const connection = {
        open(line: string) {
          lines.push(line);
          return Promise.reject(new Error('enough'));
        },
      } as unknown as Connection;
      for (let i = 0; i < 20; i++)
        await rejection(openAs(connection, { method, user: 'root', password: 'secret' }, '/bin/sh'));
      const marks = lines.map((line) => /[0-9a-f]{32}/.exec(line)?.[0]);
      expect(new Set(marks).size, method).to.equal(20);
      expect(marks).not.to.include(undefined);
    }
  });
});

describe(`becoming another user${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(60000);
  const sshd = new Sshd();
  const pools: Pool[] = [];
  let login: TestUser;
  let other: TestUser;

  const open = (): Pool => {
    const pool = sshd.pool();
    pools.push(pool);
    return pool;
  };
  const target = (more: Partial<ConnectionTarget> = {}) => sshd.target({ user: login.name, ...more });
  const as = (become: BecomeTarget, pool = open()) => pool.remote(target(), { become });

  before(async function () {
    need(this, missing);
    login = new TestUser('a');
    other = new TestUser('b');
    await sshd.start(['UsePAM yes', 'KbdInteractiveAuthentication no']);
    sshd.know();
    execFileSync('chmod', ['700', `/home/${login.name}`]);
  });
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
  });

  it('leaves no process of a user who is to be removed, and goes on after it', async () => {
    const pool = open();
    const root = pool.remote(sshd.target({ user: 'root' }));
    const become: BecomeTarget = { method: 'sudo', user: other.name };
    const remote = pool.remote(sshd.target({ user: 'root' }), { become });
    const processes = script('processes', 'reply count "$(ps -o pid= -u "$name" | wc -l)"');
    expect((await remote.call(who)).get('user')).to.equal(other.name);
    const count = async () => Number((await root.call(processes, { name: other.name })).get('count'));
    expect(await count()).to.be.greaterThan(0);
    await root.leave(other.name);
    expect(await count()).to.equal(0);
    expect((await pool.remote(sshd.target({ user: 'root' }), { become }).call(who)).get('user')).to.equal(other.name);
  });
  after(async () => {
    login?.remove();
    other?.remove();
    await sshd.remove();
  });

  describe('sudo without a password', () => {
    before(() => login.sudoers('ALL=(ALL) NOPASSWD: ALL'));

    it('is one request from the first', async () => {
      const pool = open();
      const reply = await as({ method: 'sudo', user: 'root' }, pool).call(who);
      expect(reply.get('user')).to.equal('root');
      expect(reply.get('home')).to.equal('/root');
      expect(reply.get('stdin')).to.equal('');
      expect(pool.requests.get('web1')).to.equal(1);
    });

    it('becomes one who may not read the folder it starts in', async () => {
      const reply = await as({ method: 'sudo', user: other.name }).call(who);
      expect(reply.get('user')).to.equal(other.name);
      expect(reply.get('cwd')).to.equal(`/home/${other.name}`);
    });

    it('several users side by side, each with a shell of its own', async () => {
      const pool = open();
      const users = [undefined, 'root', other.name, 'root', undefined, other.name];
      const calls = users.map((user) =>
        pool.remote(target(), user ? { become: { method: 'sudo', user } } : {}).call(who),
      );
      const names = (await Promise.all(calls)).map((reply) => reply.get('user'));
      expect(names).to.deep.equal(users.map((user) => user ?? login.name));
    });

    it('becoming oneself is nothing', async () => {
      const reply = await as({ method: 'sudo', user: login.name, exe: '/no/such/sudo' }).call(who);
      expect(reply.get('user')).to.equal(login.name);
    });

    it('a password that is not asked for is not written anywhere', async () => {
      const remote = as({ method: 'sudo', user: 'root', password: 'never-seen' });
      expect((await remote.call(who)).get('stdin')).to.equal('');
      const raw = await remote.raw('id -un; cat; echo done');
      expect(raw.stdout.toString()).to.equal('root\ndone\n');
    });

    it('an unknown user', async () => {
      for (const password of [undefined, 'x']) {
        const error = await rejection(as({ method: 'sudo', user: 'no-such-user', password }).call(who));
        expect(error).to.be.instanceOf(ModuleFailure);
        expect(error.message).to.contain('could not become no-such-user with sudo: there is no such user');
      }
    });

    it('no sudo', async () => {
      const error = await rejection(as({ method: 'sudo', user: 'root', exe: '/no/such/sudo' }).call(who));
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.contain('/no/such/sudo is not installed');
    });

    it('one that hangs: says how far it came', async () => {
      const exe = join(sshd.folder, 'hanging-sudo');
      writeFileSync(exe, '#!/bin/sh\necho hello >&2\nexec sleep 5\n', { mode: 0o755 });
      for (const password of [undefined, 'x']) {
        const error = await rejection(as({ method: 'sudo', user: 'root', exe, password, timeout: 0.5 }).call(who));
        expect(error).to.be.instanceOf(ModuleFailure);
        expect(error.message).to.equal(
          'timed out after 0.5 seconds while becoming root with sudo: no prompt for a password was seen, and no shell; it said: hello',
        );
      }
    });

    it('a user name that would be an option is refused', async () => {
      const error = await rejection(as({ method: 'sudo', user: '-i' }).call(who));
      expect(error.message).to.contain('"-i" is not a user name');
    });

    it('flags of the user replace ours', async () => {
      const reply = await as({ method: 'sudo', user: 'root', flags: '-n' }).call(who);
      expect(reply.get('user')).to.equal('root');
    });

    it('a time-out ends what ran as the other user too', async () => {
      const remote = as({ method: 'sudo', user: 'root' });
      const error = await rejection(remote.call(script('slow', 'sleep 4321'), {}, { timeout: 0.5 }));
      expect(error.message).to.contain('timed out after 0.5 seconds');
      const left = await remote.call(
        script('left', "sleep 0.2; ps -eo args | grep -c '[s]leep 4321'"),
        {},
        { anyExit: true },
      );
      expect(left.stdout.toString()).to.equal('0\n');
    });
  });

  describe('sudo with a password', () => {
    before(() => {
      // A lecture and a prompt of the site's own must not matter.
      writeFileSync(
        `/etc/sudoers.d/${login.name}`,
        `Defaults:${login.name} lecture=always, passprompt="Passwort bitte: ", timestamp_timeout=0\n${login.name} ALL=(ALL) ALL\n`,
        { mode: 0o440 },
      );
    });

    it('becomes root', async () => {
      const remote = as({ method: 'sudo', user: 'root', password: login.password });
      expect((await remote.call(who)).get('user')).to.equal('root');
      expect((await remote.call(who)).get('stdin')).to.equal('');
    });

    it('wrong: says so, once', async () => {
      const started = Date.now();
      const error = await rejection(as({ method: 'sudo', user: 'root', password: 'wrong' }).call(who));
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.match(/^Incorrect sudo password/);
      expect(error.message).not.to.contain('wrong');
      expect(Date.now() - started).to.be.lessThan(9000);
    });

    it('not given: says so', async () => {
      const error = await rejection(as({ method: 'sudo', user: 'root' }).call(who));
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.match(/^Missing sudo password/);
    });

    it("the password and the values of a request are in no process's arguments or environment (S-10)", async () => {
      const seen = new Set<string>();
      const secrets = [login.password, 'canary-7f3a', 'canary-up1oad'];
      const watch = setInterval(() => {
        for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
          for (const part of ['cmdline', 'environ']) {
            try {
              const text = readFileSync(`/proc/${pid}/${part}`, 'utf8');
              for (const secret of secrets) if (text.includes(secret)) seen.add(`${secret} in ${part}`);
            } catch {
              // It has ended.
            }
          }
        }
      }, 1);
      const remote = as({ method: 'sudo', user: 'root', password: login.password });
      for (let i = 0; i < 5; i++) {
        const path = await remote.upload(Buffer.from('canary-up1oad'.repeat(1000)), {});
        await remote.call(script('use', 'printf %s "$secret" | sleep 0.05; rm "$path"'), {
          secret: 'canary-7f3a',
          path,
        });
      }
      clearInterval(watch);
      expect([...seen]).to.deep.equal([]);
    });

    it('large content and raw commands too', async () => {
      const remote = as({ method: 'sudo', user: 'root', password: login.password });
      const content = Buffer.alloc(3_000_000, 'x');
      const path = await remote.upload(content, { directory: `/home/${other.name}`, name: 'big' });
      const look = await remote.call(script('look', 'stat -c "%U %a %s" "$path"; rm "$path"'), { path });
      expect(look.stdout.toString()).to.equal('root 600 3000000\n');
      expect((await remote.raw('id -un')).stdout.toString()).to.equal('root\n');
    });

    it('a program on a terminal', async () => {
      const remote = as({ method: 'sudo', user: 'root', password: login.password });
      const seen: string[] = [];
      const result = await remote.terminal(
        'tty >/dev/null && printf "name? " && read -r name && echo "[$name $(id -un)]"',
        {
          onOutput: (text, write) => {
            seen.push(text);
            if (text.includes('name? ')) write('x y\n');
          },
        },
      );
      expect(result.output).to.equal('name? [x y root]\r\n');
      expect(result.rc).to.equal(0);
    });
  });

  it('sudo that runs everything on a pseudo-terminal (use_pty, the default since 1.9.14)', async () => {
    const lines = [`Defaults:${login.name} use_pty`, `${login.name} ALL=(ALL) ALL`];
    writeFileSync(`/etc/sudoers.d/${login.name}`, `${lines.join('\n')}\n`, { mode: 0o440 });
    const remote = as({ method: 'sudo', user: 'root', password: login.password });
    for (let i = 0; i < 20; i++) expect((await remote.call(who)).get('user')).to.equal('root');
    const all = Buffer.from([...Array(256).keys()]);
    const bytes = Buffer.concat(Array(8000).fill(all));
    const path = await remote.upload(bytes);
    const back: Buffer[] = [];
    for await (const part of await remote.download(path)) back.push(part as Buffer);
    expect(Buffer.concat(back).equals(bytes)).to.equal(true);
    await rejection(remote.call(script('slow', 'sleep 65432'), {}, { timeout: 0.4 }));
    const look = await remote.call(
      script('look', "sleep 0.1; ps -eo args | grep -c '[s]leep 65432'"),
      {},
      { anyExit: true },
    );
    expect(look.stdout.toString()).to.equal('0\n');
    expect((await remote.raw('cat; id -un; exit 3')).rc).to.equal(3);
  });

  it('sudo for one who is not in sudoers', async () => {
    writeFileSync(`/etc/sudoers.d/${login.name}`, '', { mode: 0o440 });
    const error = await rejection(as({ method: 'sudo', user: 'root', password: login.password }).call(who));
    expect(error).to.be.instanceOf(ModuleFailure);
    expect(error.message).to.match(/could not become root with sudo: this user may not: .*sudoers/);
  });

  it('a method that is not known', async () => {
    const error = await rejection(as({ method: 'pfexec', user: 'root' }).call(who));
    expect(error.message).to.contain('become_method: "pfexec" is not known');
  });

  describe('su', () => {
    it("with the other user's password", async () => {
      const remote = as({ method: 'su', user: other.name, password: other.password });
      const reply = await remote.call(who);
      expect([reply.get('user'), reply.get('stdin')]).to.deep.equal([other.name, '']);
    });

    it('with a wrong password', async () => {
      const error = await rejection(as({ method: 'su', user: other.name, password: 'wrong' }).call(who));
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.match(/^Incorrect su password/);
    });

    it('without one', async () => {
      const error = await rejection(as({ method: 'su', user: other.name }).call(who));
      expect(error.message).to.match(/^Missing su password/);
    });

    it('from root needs none, and a password that is given is not written', async () => {
      for (const password of [undefined, 'never-seen']) {
        const remote = open().remote(sshd.target({ user: 'root' }), {
          become: { method: 'su', user: other.name, password },
        });
        const reply = await remote.call(who);
        expect([reply.get('user'), reply.get('stdin')]).to.deep.equal([other.name, '']);
      }
    });

    it('to a user that does not exist', async () => {
      const become = { method: 'su', user: 'no-such-user', password: 'x' };
      const error = await rejection(
        open()
          .remote(sshd.target({ user: 'root' }), { become })
          .call(who),
      );
      expect(error.message).to.contain('there is no such user');
    });
  });

  it('on the controller itself', async () => {
    const local: ConnectionTarget = { name: 'localhost', connection: 'local' };
    for (const method of ['sudo', 'su']) {
      const reply = await open()
        .remote(local, { become: { method, user: other.name } })
        .call(who);
      expect(reply.get('user')).to.equal(other.name);
    }
  });

  describe('login shells', () => {
    const rc = (text: string) => {
      writeFileSync(`/home/${login.name}/.bashrc`, text);
      chmodSync(`/home/${login.name}/.bashrc`, 0o644);
    };
    const shellOf = (path: string) => execFileSync('usermod', ['--shell', path, login.name]);
    after(() => {
      rc('');
      shellOf('/bin/bash');
    });

    it('a banner that looks like a prompt is not answered, and is no part of a reply (S-16)', async () => {
      rc('echo "Welcome! password:"; echo "[sudo] password for you:" >&2; printf "Password: " >&2\n');
      login.sudoers('ALL=(ALL) NOPASSWD: ALL');
      const plain = await open().remote(target()).call(who);
      expect(plain.stdout.toString()).to.match(/^user\0/);
      expect(plain.stderr.toString()).to.equal('');
      for (const become of [
        { method: 'sudo', user: 'root', password: 'never-seen' },
        { method: 'su', user: other.name, password: other.password },
      ]) {
        const reply = await as(become).call(who);
        expect([reply.get('user'), reply.get('stdin')]).to.deep.equal([become.user, '']);
      }
    });

    for (const path of ['/bin/csh', '/usr/bin/fish', '/bin/dash', '/bin/zsh']) {
      it(path, async function () {
        if (!existsSync(path)) return this.skip();
        rc('');
        shellOf(path);
        login.sudoers('ALL=(ALL) ALL');
        expect((await open().remote(target()).call(who)).get('user')).to.equal(login.name);
        const root = await as({ method: 'sudo', user: 'root', password: login.password }).call(who);
        expect(root.get('user')).to.equal('root');
        const su = await as({ method: 'su', user: other.name, password: other.password }).call(who);
        expect(su.get('user')).to.equal(other.name);
      });
    }

    it('none', async () => {
      shellOf('/usr/sbin/nologin');
      const error = await rejection(open().remote(target()).call(who));
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message).to.contain('This account is currently not available');
      shellOf('/bin/bash');
    });
  });

  describe('logging in with a password', () => {
    it('right, wrong', async () => {
      sshd.authorize();
      const reply = await open()
        .remote(target({ password: login.password }))
        .call(who);
      expect(reply.get('user')).to.equal(login.name);
      const error = await rejection(
        open()
          .remote(target({ password: 'wrong' }))
          .call(who),
      );
      expect(error.message).to.contain('permission denied').and.to.contain('the password').and.not.to.contain('wrong');
      sshd.authorize('id_ed25519');
    });

    it('by keyboard-interactive', async () => {
      await sshd.stop();
      const file = join(sshd.folder, 'config');
      const config = readFileSync(file, 'utf8').replace(
        'KbdInteractiveAuthentication no',
        'KbdInteractiveAuthentication yes\nPasswordAuthentication no',
      );
      writeFileSync(file, config);
      sshd.authorize();
      await sshd.run();
      const reply = await open()
        .remote(target({ password: login.password }))
        .call(who);
      expect(reply.get('user')).to.equal(login.name);
      sshd.authorize('id_ed25519');
    });

    it('and a key, where the host wants both', async () => {
      await sshd.stop();
      const file = join(sshd.folder, 'config');
      writeFileSync(file, `${readFileSync(file, 'utf8')}AuthenticationMethods publickey,keyboard-interactive\n`);
      await sshd.run();
      const reply = await open()
        .remote(target({ password: login.password }))
        .call(who);
      expect(reply.get('user')).to.equal(login.name);
    });
  });
});
