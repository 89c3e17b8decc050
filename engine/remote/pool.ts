/**
 * Owns every connection and shell of a run: one connection per host and login user, long-lived shells on it per become
 * user. A task gets a Remote, which takes an idle shell, or opens one, when it is first asked something.
 */
import { HostPool } from './host_pool.ts';
import { connectLocal } from './local.ts';
import type { Remote } from './remote.ts';
import type { Connection } from './shell/channel.ts';
import type { SshConnector } from './ssh/connect.ts';
import type { SshOptions } from './ssh/resolve.ts';
import { type OnSilence, Silence } from './ssh/silence.ts';
import type { ConnectionTarget, TaskBinding } from './target.ts';
import { TaskRemote } from './task_remote.ts';

export interface PoolOptions {
  /** Told that a host keeps silent while it is connected to. */
  onSilence?: OnSilence | undefined;
  /** What ssh needs of the controller: home folder, agent, known hosts, who to ask for a passphrase. */
  ssh?: SshOptions | undefined;
  /** Folder in which `connection: local` starts, the playbook's; may change between plays. */
  localDirectory?: (() => string | undefined) | undefined;
  localEnvironment?: Record<string, string> | undefined;
  /** Bytes of output that a task may bring; 64 MiB if not given. */
  outputLimit?: number | undefined;
  /** Told of each request: the host's name and the bytes written. */
  onRequest?: ((host: string, bytes: number) => void) | undefined;
  /** Told what the user should know of a connection (an option without effect, a host key that was added). */
  onWarning?: ((host: string, text: string) => void) | undefined;
  /** Told how a connection and its shells came to be. */
  onNote?: ((host: string, text: string) => void) | undefined;
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

  /** Opens a connection, by the transport that the target names. */
  async open(target: ConnectionTarget, signal: AbortSignal): Promise<Connection> {
    const { options } = this;
    if (target.connection === 'local') {
      return connectLocal({
        directory: options.localDirectory?.(),
        environment: options.localEnvironment,
        shell: target.shell,
      });
    }
    const warn = (text: string) => options.onWarning?.(target.name, text);
    const note = (text: string) => options.onNote?.(target.name, text);
    if (target.connection === 'openssh') {
      const { connectOpenssh } = await import('./openssh/connect.ts');
      const silence = new Silence(options.onSilence);
      silence.begin();
      return connectOpenssh(target, options.ssh ?? {}, warn, signal, note).finally(() => silence.over());
    }
    // Loaded when the first is needed: a local run needs no ssh2.
    this.#connector ??= import('./ssh/connect.ts').then(
      ({ SshConnector }) => new SshConnector(options.ssh, options.onSilence),
    );
    return (await this.#connector).connect(target, warn, signal, note);
  }

  /** Counts a request. */
  count(host: string, bytes: number): void {
    this.requests.set(host, (this.requests.get(host) ?? 0) + 1);
    this.options.onRequest?.(host, bytes);
  }
}
