/** A real OpenSSH server on a high port of the loopback address, for one test file. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolOptions } from '../../../engine/remote/pool.ts';
import type { ConnectionTarget } from '../../../engine/remote/target.ts';

/** Why the tests that need sshd can't run here; undefined if they can. */
export function noSshd(): string | undefined {
  if (!existsSync('/usr/sbin/sshd')) return 'no /usr/sbin/sshd (package openssh-server)';
  return undefined;
}

/** Why the tests that need users of their own can't run here. */
export function noUsers(): string | undefined {
  if (userInfo().uid !== 0) return 'not root: no users can be made';
  return existsSync('/usr/bin/sudo') ? undefined : 'no sudo';
}

/** For a before hook: skips the suite with its reason, which CI does not accept. */
export function need(test: Mocha.Context, reason: string | undefined): void {
  if (!reason) return;
  if (process.env['CI']) throw new Error(`CI must run these tests: ${reason}`);
  test.skip();
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Sshd {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-sshd-'));
  readonly home = join(this.folder, 'home');
  port = 0;
  #child: ChildProcess | undefined;
  #log = '';

  /** Makes keys and starts the server; `lines` are further lines of its configuration. */
  async start(lines: string[] = [], keyTypes = ['ed25519']): Promise<this> {
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.home, '.ssh'), { recursive: true, mode: 0o700 });
    for (const type of keyTypes) this.hostKey(type);
    this.key('id_ed25519');
    this.authorize('id_ed25519');
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
    this.port ||= await freePort();
    const config = [
      `Port ${this.port}`,
      'ListenAddress 127.0.0.1',
      ...keyTypes.map((type) => `HostKey ${join(this.folder, `host_${type}`)}`),
      `PidFile ${join(this.folder, 'pid')}`,
      `AuthorizedKeysFile ${join(this.folder, 'authorized_keys')}`,
      'StrictModes no',
      'PermitRootLogin yes',
      'MaxStartups 100:30:200',
      ...lines,
    ];
    writeFileSync(join(this.folder, 'config'), `${config.join('\n')}\n`);
    await this.run();
    return this;
  }

  async run(): Promise<void> {
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(this.folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const from = this.#log.length;
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString();
    });
    for (let tries = 0; !/Server listening/.test(this.#log.slice(from)); tries++) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`sshd did not start: ${this.#log}`);
      await sleep(50);
    }
  }

  get log(): string {
    return this.#log;
  }

  hostKey(type: string): void {
    rmSync(join(this.folder, `host_${type}`), { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(this.folder, `host_${type}`)]);
  }

  /** Public part of the host's key, as `type base64`. */
  publicHostKey(type = 'ed25519'): string {
    return readFileSync(join(this.folder, `host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  }

  /** Makes a key pair in the home's .ssh folder. */
  key(name: string, passphrase = '', type = 'ed25519'): string {
    const file = join(this.home, '.ssh', name);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]);
    return file;
  }

  authorize(...names: string[]): void {
    const keys = names.map((name) => readFileSync(join(this.home, '.ssh', `${name}.pub`), 'utf8'));
    writeFileSync(join(this.folder, 'authorized_keys'), keys.join(''), { mode: 0o644 });
  }

  /** Writes known_hosts of the home. */
  know(text = `[127.0.0.1]:${this.port} ${this.publicHostKey()}\n`): void {
    writeFileSync(join(this.home, '.ssh', 'known_hosts'), text);
  }

  config(text: string): void {
    writeFileSync(join(this.home, '.ssh', 'config'), text);
  }

  pool(options: PoolOptions = {}): Pool {
    return new Pool({
      ...options,
      ssh: { home: this.home, systemConfigFile: null, globalKnownHosts: [], ...options.ssh },
    });
  }

  target(more: Partial<ConnectionTarget> = {}): ConnectionTarget {
    return {
      name: 'web1',
      connection: 'ssh',
      address: '127.0.0.1',
      port: this.port,
      user: userInfo().username,
      ...more,
    };
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null) {
      child.kill();
      await new Promise((resolve) => child.once('exit', resolve));
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A user of this machine for the length of a test file. */
export class TestUser {
  readonly name: string;

  constructor(
    suffix: string,
    shell = '/bin/bash',
    readonly password = 'pässword "1" $HOME',
  ) {
    this.name = `tr-${suffix}-${process.pid}`;
    execFileSync('useradd', ['--create-home', '--shell', shell, this.name], { stdio: 'pipe' });
    spawnSync('chpasswd', [], { input: `${this.name}:${this.password}\n` });
  }

  /** What sudo lets the user do. */
  sudoers(line: string): void {
    writeFileSync(`/etc/sudoers.d/${this.name}`, `${this.name} ${line}\n`, { mode: 0o440 });
  }

  remove(): void {
    rmSync(`/etc/sudoers.d/${this.name}`, { force: true });
    spawnSync('userdel', ['--force', '--remove', this.name], { stdio: 'ignore' });
  }
}

/** A TCP proxy that can be cut. */
export class TcpProxy {
  port = 0;
  accepted = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  /** Connections that are closed as soon as they come. */
  refuse = 0;

  async start(to: number): Promise<this> {
    this.#server = createServer((socket) => {
      this.accepted++;
      if (this.refuse > 0) {
        this.refuse--;
        socket.destroy();
        return;
      }
      const other = connect(to, '127.0.0.1');
      for (const one of [socket, other]) {
        this.#sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          socket.destroy();
          other.destroy();
          this.#sockets.delete(one);
        });
      }
      socket.pipe(other).pipe(socket);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server!.once('listening', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server!.close(resolve));
  }
}
