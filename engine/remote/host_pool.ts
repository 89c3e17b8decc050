/** One connection and its long-lived shells: which shell a request gets, how many there are, and what is tidied up behind them. */
import { ModuleFailure, UnreachableError } from '../errors.ts';
import { becomeKey, becomeLate, becomesUser, explainBecome, openShell, startTime } from './become.ts';
import type { Pool } from './pool.ts';
import { Room } from './room.ts';
import { type Channel, ChannelRefused, type Connection } from './shell/channel.ts';
import type { RawReply } from './shell/reply.ts';
import { ownScript } from './shell/scripts.ts';
import { privateFolder, Shell, type ShellRequest } from './shell/shell.ts';
import type { BecomeTarget, ConnectionTarget, TaskBinding } from './target.ts';
import { orAborted } from './wait.ts';

/** Shells of one connection; the other channels are for transfers, raw and terminals. */
const SSH_SHELLS = 6;
/** Milliseconds that a shell may take to end. */
const LEAVING = 5000;
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

  #connect(timeout: number | undefined): Promise<Connection> {
    const once = timeout === undefined ? this.target : { ...this.target, timeout, retries: 0 };
    return this.pool.open(once, this.#closing.signal);
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
    slot.lastUse = performance.now();
    return slot;
  }

  /** Bytes that a task may bring. */
  get outputLimit(): number | undefined {
    return this.pool.options.outputLimit;
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
          : (pid, folder) =>
              this.#tidy({ become }, { script: ownScript('end_processes'), variables: { pid, folder }, timeout: 5 }),
      sweep:
        connection.local && !become
          ? (folder) => this.#tidy({}, { script: ownScript('sweep'), variables: { folder }, timeout: 5 })
          : undefined,
      outputLimit: this.outputLimit,
      onWarning: (text) => this.pool.options.onWarning?.(target.name, text),
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

  /** Ends the idle shells of a user and waits for their end: one who runs processes cannot be removed. */
  async leave(user: string): Promise<void> {
    const idle = this.#slots.filter((slot) => slot.leases === 0 && slot.opened && becomesUser(slot.key, user));
    this.#slots = this.#slots.filter((slot) => !idle.includes(slot));
    await Promise.all(idle.map((slot) => slot.opened!.leave(LEAVING)));
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
    await this.#tidy(task, { script: ownScript('remove'), variables: { path }, timeout: 5 });
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
