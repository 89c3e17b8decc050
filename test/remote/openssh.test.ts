/** The second transport: what the system's ssh can do and ssh2 cannot, and that it keeps the same promises. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { UnreachableError } from '../../engine/errors.ts';
import { userArguments } from '../../engine/remote/openssh/command.ts';
import type { Pool, PoolOptions } from '../../engine/remote/pool.ts';
import type { ConnectionTarget } from '../../engine/remote/target.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, noUsers, Sshd, TestUser } from './support/sshd.ts';

const hello = script('hello', 'reply said hello; reply user "$(id -un)"');
const missing = noSshd() ?? (existsSync('/usr/bin/ssh') ? undefined : 'no ssh (package openssh-client)');
const printOf = (file: string) => execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1]!;

/** Command lines of all processes but this one. */
const commandLines = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });

describe(`the system's ssh${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(60000);
  let sshd: Sshd;
  const servers: Sshd[] = [];
  const pools: Pool[] = [];
  const open = (options: PoolOptions = {}, on = sshd) => {
    const pool = on.pool(options);
    pools.push(pool);
    return pool;
  };
  const said = async (target: ConnectionTarget, pool = open()) => (await pool.remote(target).call(hello)).get('said');
  const over = (more: Partial<ConnectionTarget> = {}, on = sshd) => on.target({ connection: 'openssh', ...more });
  const start = async (lines: string[], keyTypes?: string[]) => {
    const server = new Sshd();
    servers.push(server);
    await server.start(lines, keyTypes);
    server.know();
    return server;
  };

  before(async function () {
    need(this, missing);
    sshd = await start(['UsePAM no']);
  });
  beforeEach(() => sshd?.know());
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
  });
  after(async () => {
    for (const server of servers) await server.remove();
  });

  it('runs requests over one login, and leaves nothing when it is closed', async () => {
    const notes: string[] = [];
    const pool = open({ onNote: (_, text) => notes.push(text) });
    const before = sshd.log.split('Accepted publickey').length;
    const remotes = [1, 2, 3].map(() => pool.remote(over()));
    await Promise.all(remotes.map((remote) => remote.call(script('nap', 'sleep 0.3'))));
    expect((await remotes[0]!.call(hello)).get('said')).to.equal('hello');
    expect(sshd.log.split('Accepted publickey').length - before).to.equal(1);
    expect(notes[0]).to.match(/^connected to \S+ port \d+, with the key .*id_ed25519, by the system's ssh$/);
    expect(commandLines().filter((line) => line.includes(`-p ${sshd.port}`) && /^ssh /.test(line))).not.to.have.length(
      0,
    );
    pool.close();
    const left = () =>
      commandLines().filter((line) => /^(ssh|\/bin\/sh) .*troupe-ssh-/.test(line) && line.includes(`${sshd.port}`));
    for (let tries = 0; tries < 100 && left().length > 0; tries++) await sleep(50);
    expect(left()).to.deep.equal([]);
  });

  describe('the host key', () => {
    const file = () => join(sshd.home, '.ssh/known_hosts');

    it('is refused where it is not known, with its fingerprint and what to do', async () => {
      sshd.know('');
      const error = (await rejection(said(over()))) as UnreachableError;
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message)
        .to.contain('is not known')
        .and.contain(printOf(join(sshd.folder, 'host_ed25519')));
      expect(error.message).not.to.contain('attempts');
      expect(error.help).to.contain('--accept-new');
      expect(readFileSync(file(), 'utf8')).to.equal('');
    });

    it('is remembered with accept-new, and looked at but not remembered with `no`', async () => {
      sshd.know('');
      expect(await said(over({ hostKeyChecking: 'no' }))).to.equal('hello');
      expect(readFileSync(file(), 'utf8')).to.equal('');
      expect(await said(over(), open({ ssh: { hostKeyChecking: 'accept-new' } }))).to.equal('hello');
      expect(readFileSync(file(), 'utf8')).to.contain(sshd.publicHostKey());
    });

    it('is refused when it has changed or is revoked, whatever the setting', async () => {
      const other = sshd.key(`other${Date.now()}`);
      const [type, key] = readFileSync(`${other}.pub`, 'utf8').split(' ');
      for (const hostKeyChecking of ['yes', 'accept-new', 'no'] as const) {
        sshd.know(`[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
        const changed = await rejection(said(over({ hostKeyChecking })));
        expect(changed.message).to.contain('has changed').and.contain(`${file()}:1`);
        sshd.know(`@revoked * ${sshd.publicHostKey()}\n`);
        const revoked = await rejection(said(over({ hostKeyChecking })));
        expect(revoked.message).to.contain('revoked');
      }
    });
  });

  describe('a password', () => {
    let user: TestUser;
    let server: Sshd;
    before(async function () {
      need(this, noUsers());
      user = new TestUser('o');
      server = await start(['UsePAM yes', 'PubkeyAuthentication no']);
    });
    after(() => user?.remove());

    it('logs in, and is in the arguments and the environment of no process (S-10)', async () => {
      const target = over({ user: user.name, password: user.password }, server);
      const seen: string[] = [];
      let looking = true;
      const look = (async () => {
        for (; looking; await sleep(5)) {
          seen.push(...commandLines().filter((line) => line.includes(user.password)));
          for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid))
            try {
              if (readFileSync(`/proc/${id}/environ`).includes(user.password)) seen.push(`environment of ${id}`);
            } catch {}
        }
      })();
      const reply = await open({}, server).remote(target).call(hello);
      looking = false;
      await look;
      expect(reply.get('user')).to.equal(user.name);
      expect(seen).to.deep.equal([]);
    });

    it('that is wrong is given once and refused in words', async () => {
      const target = over({ user: user.name, password: 'wrong' }, server);
      const error = await rejection(said(target, open({}, server)));
      expect(error.message)
        .to.contain(`permission denied for user ${user.name}`)
        .and.contain('the password')
        .and.not.contain('attempts');
    });

    it('is for the host itself, not for its jump host', async () => {
      const jump = `${user.name}@localhost:${server.port}`;
      server.know(`[127.0.0.1]:${server.port},[localhost]:${server.port} ${server.publicHostKey()}\n`);
      const config = join(server.home, '.ssh/config');
      const known = join(server.home, '.ssh/known_hosts');
      writeFileSync(config, `Host localhost\n  UserKnownHostsFile ${known}\n`);
      const target = over({ user: user.name, password: user.password, sshArgs: `-J ${jump}` }, server);
      const before = server.log.length;
      expect(await rejection(said(target, open({}, server)))).to.be.instanceOf(UnreachableError);
      expect(server.log.slice(before)).not.to.contain('Accepted password');
      rmSync(config);
    });
  });

  describe('a server that ssh2 does not reach', () => {
    const offers = async (server: Sshd, target: ConnectionTarget, why: RegExp) => {
      const error = (await rejection(said({ ...target, connection: 'ssh' }, open({}, server)))) as UnreachableError;
      expect(error).to.be.instanceOf(UnreachableError);
      expect(`${error.message}\n${error.help}`).to.match(why).and.contain('ansible_connection: openssh');
      expect(await said({ ...target, connection: 'openssh' }, open({}, server))).to.equal('hello');
    };

    it('because of its key exchange', async () => {
      const server = await start(['UsePAM no', 'KexAlgorithms sntrup761x25519-sha512@openssh.com']);
      await offers(
        server,
        over({}, server),
        /no key exchange that both sides have; the host has sntrup761x25519-sha512/,
      );
    });

    it('because of its MACs', async () => {
      const server = await start(['UsePAM no', 'Ciphers aes256-ctr', 'MACs umac-128-etm@openssh.com']);
      await offers(server, over({}, server), /no MAC that both sides have; the host has umac-128-etm@openssh.com/);
    });

    it('because its key is certified by an authority', async () => {
      const server = await start(['UsePAM no']);
      const authority = server.key('authority');
      execFileSync('ssh-keygen', [
        '-q',
        '-s',
        authority,
        '-h',
        '-I',
        'host',
        '-n',
        '127.0.0.1',
        join(server.folder, 'host_ed25519.pub'),
      ]);
      await server.stop();
      const config = join(server.folder, 'config');
      writeFileSync(
        config,
        `${readFileSync(config, 'utf8')}HostCertificate ${join(server.folder, 'host_ed25519-cert.pub')}\n`,
      );
      await server.run();
      const key = readFileSync(`${authority}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
      server.know(`@cert-authority [127.0.0.1]:${server.port} ${key}\n`);
      await offers(server, over({}, server), /certificate authority/);
    });

    it('because a certificate is what the user has', async () => {
      const server = await start(['UsePAM no']);
      const authority = server.key('authority');
      const key = server.key('certified');
      execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', server.target().user!, `${key}.pub`]);
      await server.stop();
      const config = join(server.folder, 'config');
      writeFileSync(config, `${readFileSync(config, 'utf8')}TrustedUserCAKeys ${authority}.pub\n`);
      await server.run();
      await offers(server, over({ privateKeyFile: key }, server), /certified-cert\.pub: certificates of users/);
      // Named in ssh's configuration, elsewhere.
      const elsewhere = join(server.folder, 'elsewhere-cert.pub');
      execFileSync('mv', [`${key}-cert.pub`, elsewhere]);
      server.config(`CertificateFile ${elsewhere}\nIdentityFile ${key}\n`);
      await offers(
        server,
        over({ sshArgs: '-o IdentitiesOnly=yes' }, server),
        /elsewhere-cert\.pub: certificates of users/,
      );
    });
  });

  it('a key of a hardware token is one for it', async () => {
    const string = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
    const body = Buffer.concat([
      Buffer.from('openssh-key-v1\0'),
      ...['none', 'none', ''].map(string),
      Buffer.from([0, 0, 0, 1]),
      string('sk-ssh-ed25519@openssh.com'),
    ]);
    const file = join(sshd.folder, 'id_sk');
    const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} OPENSSH PRIVATE KEY-----\n`);
    writeFileSync(file, `${begin}${body.toString('base64')}\n${end}`, { mode: 0o600 });
    const error = await rejection(
      said(over({ connection: 'ssh', privateKeyFile: file, sshArgs: '-o IdentitiesOnly=yes' })),
    );
    expect(error.message).to.contain('a key of a hardware token').and.contain('ansible_connection: openssh');
  });

  it('a server that allows two sessions: everything goes on with two', async () => {
    const server = await start(['UsePAM no', 'MaxSessions 2']);
    const remote = open({}, server).remote(over({}, server));
    const paths = await Promise.all([...Array(4).keys()].map((n) => remote.upload(Buffer.from(`${n}`))));
    expect(new Set(paths).size).to.equal(4);
  });

  it('a host that accepts and stays silent costs its time once', async () => {
    const { createServer } = await import('node:net');
    let came = 0;
    const mute = createServer(() => came++).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const { port } = mute.address() as { port: number };
    const error = await rejection(said(over({ port, timeout: 1 })));
    mute.close();
    expect(error.message).to.match(/did not shake hands within 1 seconds|does not answer in time/);
    expect(came).to.equal(1);
  });

  it('nothing of it outlives a controller that is killed', async () => {
    const program = `
      import { Pool } from ${JSON.stringify(fileURLToPath(new URL('../../engine/remote/pool.ts', import.meta.url)))};
      const pool = new Pool({ ssh: ${JSON.stringify({ home: sshd.home, systemConfigFile: null, globalKnownHosts: [] })} });
      const script = { name: 'long', needs: [], text: 'do_long() { reply x 1; sleep 61234; }' };
      pool.remote(${JSON.stringify(over())}).call(script, {}, { onOutput() {} });
      setTimeout(() => {}, 60000);
    `;
    const folder = join(sshd.folder, 'program');
    mkdirSync(folder);
    const path = join(folder, 'killed.mts');
    writeFileSync(path, program);
    const child = spawn(process.execPath, ['--import', 'tsx', path], {
      stdio: 'ignore',
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    const sleeping = () => commandLines().some((line) => line.includes('sleep 61234') && !line.includes('do_long'));
    for (let tries = 0; tries < 400 && !sleeping(); tries++) await sleep(50);
    expect(sleeping()).to.equal(true);
    child.kill('SIGKILL');
    const left = () =>
      commandLines().filter((line) => /^(ssh|\/bin\/sh) .*troupe-ssh-/.test(line) && line.includes(`-p ${sshd.port}`));
    for (let tries = 0; tries < 200 && left().length > 0; tries++) await sleep(50);
    expect(left()).to.deep.equal([]);
    execFileSync('pkill', ['-f', '^sleep 61234$']);
  });

  it('takes of ssh arguments what is of the connection, and nothing that would make it another thing', () => {
    expect(
      userArguments('-C -o ControlMaster=auto -o "User Known=x" -fN -W host:1 -tt host command -J a,b -vvv -4'),
    ).to.deep.equal(['-C', '-o', 'ControlMaster=auto', '-o', 'User Known=x', '-J', 'a,b', '-4']);
  });
});
