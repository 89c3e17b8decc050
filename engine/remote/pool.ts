/**
 * Owns every connection and shell of a run: one connection per host and login user, long-lived shells on it per become
 * user. A task gets a Remote, which takes an idle shell, or opens one, when it is first asked something.
 */
import { ModuleFailure, UnreachableError } from '../errors.ts';
import { becomeKey, becomeLate, explainBecome, openShell } from './become.ts';
import { connectLocal } from './local.ts';
import type { Remote, ShellScript } from './remote.ts';
import { type Channel, ChannelRefused, type Connection } from './shell/channel.ts';
import type { RawReply } from './shell/reply.ts';
import { privateFolder, Shell, type ShellRequest } from './shell/shell.ts';
import type { SshConnector, SshOptions } from './ssh/connect.ts';
import type { BecomeTarget, ConnectionTarget, TaskBinding } from './target.ts';
import { TaskRemote } from './task_remote.ts';

export interface PoolOptions {
  /** What ssh needs of the controller: home folder, agent, known hosts, who to ask for a passphrase. */
  ssh?: SshOptions | undefined;
  /** Folder in which `connection: local` starts, the playbook's; may change between plays. */
  localDirectory?: (() => string | undefined) | undefined;
  localEnvironment?: Record<string, string> | undefined;
  /** Told of each request: the host's name and the bytes written. */
  onRequest?: ((host: string, bytes: number) => void) | undefined;
  /** Told what the user should know of a connection (an option without effect, a host key that was added). */
  onWarning?: ((host: string, text: string) => void) | undefined;
  /** Told how a connection and its shells came to be. */
  onNote?: ((host: string, text: string) => void) | undefined;
}

/** sshd's default is ten sessions a connection; two stay free for the user's own. */
const CHANNELS = 8;
/** Shells of one connection; the other channels are for transfers, raw and terminals. */
const SSH_SHELLS = 6;
/** Many hosts may delegate to the controller at the same time, and wait there. */
const LOCAL_SHELLS = 64;

/** A shell, or the promise of one, and who uses it. */
export interface Slot {
  readonly key: string;
  readonly shell: Promise<Shell>;
  opened?: Shell;
  leases: number;
  /** In use for a transfer: nobody else may queue behind it. */
  exclusive: boolean;
  lastUse: number;
}

export class Pool {
  /** Requests written so far, by host. */
  readonly requests = new Map<string, number>();
  readonly #hosts = new Map<string, HostPool>();
  #connector: Promise<SshConnector> | undefined;

  constructor(readonly options: PoolOptions = {}) {}

  /** A host as one user for one task; nothing is opened before it is used. */
  remote(target: ConnectionTarget, task: TaskBinding = {}): Remote {
    return new TaskRemote(() => this.host(target), target, task);
  }

  /** Ends the connections and shells of a host. */
  closeHost(name: string): void {
    for (const host of this.#hosts.values()) if (host.target.name === name) host.close();
  }

  /** Ends everything. */
  close(): void {
    for (const host of this.#hosts.values()) host.close();
  }

  /** The connection's pool; tasks with the same way to a host share it, whichever host delegated them. */
  host(target: ConnectionTarget): HostPool {
    const { timeout: _timeout, retries: _retries, name: _name, ...way } = target;
    const key = JSON.stringify(
      target.connection === 'local' ? { connection: 'local', shell: target.shell } : [target.name, way],
    );
    let host = this.#hosts.get(key);
    if (!host) {
      host = new HostPool(this, target);
      this.#hosts.set(key, host);
    }
    return host;
  }

  /** Makes SSH connections; loaded when the first is needed, a local run needs no ssh2. */
  connector(): Promise<SshConnector> {
    this.#connector ??= import('./ssh/connect.ts').then(({ SshConnector }) => new SshConnector(this.options.ssh));
    return this.#connector;
  }

  /** Counts a request. */
  count(host: string, bytes: number): void {
    this.requests.set(host, (this.requests.get(host) ?? 0) + 1);
    this.options.onRequest?.(host, bytes);
  }
}

/** One connection and its shells. */
export class HostPool {
  #connection: Promise<Connection> | undefined;
  #slots: Slot[] = [];
  readonly #folders = new Map<string, string>();
  #room = new Room();
  #closing = new AbortController();
  /** Transfers that wait for a shell of their own. */
  readonly #freed: Array<() => void> = [];

  constructor(
    private readonly pool: Pool,
    readonly target: ConnectionTarget,
  ) {}

  /** The connection, opened if there is none; one that failed or was lost is not kept. */
  connection(timeout?: number): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const opening = this.#connect(timeout);
    this.#connection = opening;
    const forget = () => {
      if (this.#connection === opening) this.#forget();
    };
    opening.then((connection) => connection.closed.then(forget), forget);
    return opening;
  }

  async #connect(timeout: number | undefined): Promise<Connection> {
    const { options } = this.pool;
    const { target } = this;
    if (target.connection === 'local') {
      return connectLocal({
        directory: options.localDirectory?.(),
        environment: options.localEnvironment,
        shell: target.shell,
      });
    }
    const warn = (text: string) => options.onWarning?.(target.name, text);
    const connector = await this.pool.connector();
    const once = timeout === undefined ? target : { ...target, timeout, retries: 0 };
    const note = (text: string) => options.onNote?.(target.name, text);
    return connector.connect(once, warn, this.#closing.signal, note);
  }

  /** What is left to become after the login: nothing if the user is the same. */
  becoming(connection: Connection, become: BecomeTarget | undefined): BecomeTarget | undefined {
    return connection.user === become?.user ? undefined : become;
  }

  /** A shell for a task, leased until `release`; `prefer` is the one it is using already. */
  async lease(task: TaskBinding, prefer?: Slot, exclusive = false): Promise<Slot> {
    let slot: Slot | undefined;
    for (;;) {
      const connection = await this.connection();
      slot = this.#pick(connection, this.becoming(connection, task.become), prefer, exclusive);
      if (slot) break;
      await new Promise<void>((resolve) => this.#freed.push(resolve));
    }
    slot.leases++;
    slot.exclusive = exclusive;
    slot.lastUse = Date.now();
    return slot;
  }

  /** Counts a request. */
  count(bytes: number): void {
    this.pool.count(this.target.name, bytes);
  }

  release(slot: Slot): void {
    slot.leases--;
    if (slot.leases > 0) return;
    slot.exclusive = false;
    if (this.#room.waiting.length > 0) this.#evict();
    else this.#freed.shift()?.();
  }

  /** The shell to use; undefined: a transfer has to wait for one, because nobody may queue with it. */
  #pick(
    connection: Connection,
    become: BecomeTarget | undefined,
    prefer: Slot | undefined,
    exclusive: boolean,
  ): Slot | undefined {
    const key = becomeKey(become);
    this.#slots = this.#slots.filter((slot) => !slot.opened?.over);
    const mine = this.#slots.filter((slot) => slot.key === key && !slot.exclusive);
    if (prefer && !exclusive && mine.includes(prefer)) return prefer;
    const idle = mine.find((slot) => slot.leases === 0);
    if (idle) return idle;
    const limit = connection.local ? LOCAL_SHELLS : SSH_SHELLS;
    const busy = this.#slots.filter((slot) => slot.leases > 0).length;
    if (busy < limit) return this.#open(connection, become, key);
    if (exclusive) return undefined;
    if (mine.length === 0) return this.#open(connection, become, key);
    return mine.reduce((best, slot) => (slot.leases < best.leases ? slot : best));
  }

  #open(connection: Connection, become: BecomeTarget | undefined, key: string): Slot {
    const shell = this.#start(connection, become);
    const slot: Slot = { key, shell, leases: 0, exclusive: false, lastUse: 0 };
    this.#slots.push(slot);
    shell.then(
      (opened) => {
        slot.opened = opened;
      },
      () => {
        this.#slots = this.#slots.filter((other) => other !== slot);
        this.#freed.shift()?.();
      },
    );
    return slot;
  }

  async #start(connection: Connection, become: BecomeTarget | undefined): Promise<Shell> {
    const { target } = this;
    const who = become === undefined ? connection.user : `${become.user}, by ${become.method}`;
    this.pool.options.onNote?.(target.name, `opens a shell of ${who}`);
    const channel = await this.channel(connection, () =>
      openShell(connection, become, target.shell, startTime(become, target)),
    );
    return new Shell(channel, {
      where: target.name,
      startTimeout: startTime(become, target),
      explain:
        become &&
        ((said, late) => (late ? becomeLate(become, startTime(become, target), said) : explainBecome(become, said))),
      temporary: target.temporary,
      uploads: this.#uploads(becomeKey(become)),
      // The controller ends its own by their process group.
      endProcesses:
        connection.local && !become
          ? undefined
          : (pid, folder) => this.#tidy({ become }, { script: endProcesses, variables: { pid, folder }, timeout: 5 }),
      sweep:
        connection.local && !become
          ? (folder) => this.#tidy({}, { script: sweep, variables: { folder }, timeout: 5 })
          : undefined,
      onRequest: (bytes) => this.count(bytes),
    });
  }

  /** The private folder that all shells of a user share. */
  #uploads(key: string): string {
    let path = this.#folders.get(key);
    if (path === undefined) {
      path = privateFolder(this.target.temporary);
      this.#folders.set(key, path);
    }
    return path;
  }

  /** Opens a channel when there is room for one more on the connection; it counts until it ends. */
  async channel(connection: Connection, open: () => Promise<Channel>): Promise<Channel> {
    const room = this.#room;
    while (!connection.local && room.used >= room.limit) {
      const free = new Promise<void>((resolve) => room.waiting.push(resolve));
      this.#evict();
      await free;
    }
    room.used++;
    try {
      const channel = await open();
      void channel.ended.then(() => room.leave());
      return channel;
    } catch (error) {
      room.leave();
      // A host that allows fewer sessions than usual: go on with as many as there are.
      if (!(error instanceof ChannelRefused) || room.used === 0) throw error;
      room.limit = room.used;
      return this.channel(connection, open);
    }
  }

  /** Closes the shell that has been idle for longest, to make room. */
  #evict(): void {
    const idle = this.#slots.filter((slot) => slot.leases === 0 && slot.opened);
    if (idle.length === 0) return;
    const oldest = idle.reduce((best, slot) => (slot.lastUse < best.lastUse ? slot : best));
    this.#slots = this.#slots.filter((slot) => slot !== oldest);
    oldest.opened?.close(true);
  }

  /** One request on a slot; a request that its shell never got goes to another. */
  async request(task: TaskBinding, slot: Slot, request: ShellRequest): Promise<RawReply> {
    const shell = await orAborted(slot.shell, task.signal);
    const abort = () => shell.drop(new ModuleFailure('interrupted'));
    if (task.signal?.aborted) throw new ModuleFailure('interrupted');
    task.signal?.addEventListener('abort', abort, { once: true });
    try {
      return await shell.request(request);
    } catch (error) {
      // The next request must not meet what a dropped shell was still doing.
      await shell.gone;
      throw error;
    } finally {
      task.signal?.removeEventListener('abort', abort);
    }
  }

  /** Removes what a transfer that failed has left. */
  async remove(task: TaskBinding, path: string): Promise<void> {
    const script: ShellScript = { name: 't_remove', needs: [], text: 'do_t_remove() { rm -f -- "$path"; }' };
    await this.#tidy(task, { script, variables: { path }, timeout: 5 });
  }

  async #tidy({ become }: TaskBinding, request: ShellRequest): Promise<void> {
    // A connection that is gone took with it what there was to tidy, or is being closed.
    if (!this.#connection) return;
    const slot = await this.lease({ become });
    try {
      await (await slot.shell).request(request);
    } finally {
      this.release(slot);
    }
  }

  /** Ends the connection and every shell on it. */
  close(): void {
    const opening = this.#connection;
    const slots = this.#slots;
    this.#closing.abort(new UnreachableError('the connection was closed'));
    this.#closing = new AbortController();
    this.#forget();
    for (const slot of slots) slot.opened?.close();
    void opening?.then(
      (connection) => connection.close(),
      () => {},
    );
  }

  #forget(): void {
    this.#connection = undefined;
    this.#slots = [];
    this.#folders.clear();
    for (const next of [...this.#room.waiting.splice(0), ...this.#freed.splice(0)]) next();
    this.#room = new Room();
  }
}

/** Seconds that a shell may take to start: longer than a connection, since a slow directory service delays sudo's answer. */
export function startTime(become: BecomeTarget | undefined, target: ConnectionTarget): number {
  return become?.timeout ?? Math.max(30, target.timeout ?? 0);
}

/** Waits for something, but not longer than the task may run. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new ModuleFailure('interrupted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Channels in use on one connection, and who waits for one. */
class Room {
  used = 0;
  limit = CHANNELS;
  readonly waiting: Array<() => void> = [];

  leave(): void {
    this.used--;
    this.waiting.shift()?.();
  }
}

/** What a shell does at its end, for one that was killed. */
const sweep: ShellScript = {
  name: 't_sweep',
  needs: [],
  text: 'do_t_sweep() { T_TMP=$folder; T_UPLOADS=; t_leave; }',
};

/** Ends a process and all its descendants; those that a daemon's start has cut loose live on. */
const endProcesses: ShellScript = {
  name: 't_end',
  needs: [sweep],
  text: `do_t_end() {
  t_all=" $pid "; t_found=1
  while [ -n "$t_found" ]; do
    t_found=
    for t_dir in /proc/[0-9]*; do
      t_pid=\${t_dir#/proc/}
      case $t_all in *" $t_pid "*) continue ;; esac
      read -r t_stat <"$t_dir/stat" || continue
      t_stat=\${t_stat##*) }
      set -- $t_stat
      case $t_all in *" $2 "*) t_all="$t_all$t_pid "; t_found=1 ;; esac
    done
  done 2>/dev/null
  kill -TERM $t_all 2>/dev/null
  do_t_sweep
  (sleep 2; kill -KILL $t_all; do_t_sweep) >/dev/null 2>&1 &
}`,
};
