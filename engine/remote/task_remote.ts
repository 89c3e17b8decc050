/** The Remote that a task's module gets: one host as one user, with the task's check mode and environment. */
import type { Readable } from 'node:stream';
import type { HostPool, Slot } from './host_pool.ts';
import type { ShellValue } from './quote.ts';
import { openRelay } from './relay/relay.ts';
import type { CallOptions, Relay, Remote, Reply, ShellScript, UploadOptions } from './remote.ts';
import { runRaw, runTerminal } from './shell/programs.ts';
import { parseReply, type RawReply, RestFinder } from './shell/reply.ts';
import { NotSent, type ShellRequest } from './shell/shell.ts';
import { download, upload } from './shell/transfer.ts';
import type { ConnectionTarget, TaskBinding } from './target.ts';
import { orAborted } from './wait.ts';

export class TaskRemote implements Remote {
  readonly host: string;
  readonly local: boolean;
  /** The shell this task is using, so that requests written ahead stay in order. */
  #current: Slot | undefined;
  #leasing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: () => HostPool,
    target: ConnectionTarget,
    private readonly task: TaskBinding,
  ) {
    this.host = target.name;
    this.local = target.connection === 'local';
  }

  async call(
    script: ShellScript,
    variables: Record<string, ShellValue> = {},
    options: CallOptions = {},
  ): Promise<Reply> {
    const { check, diff, environment } = this.task;
    const timeout = options.timeout ?? this.task.timeout;
    const request = { script, variables, check, diff, environment, timeout, onOutput: liveOutput(options) };
    const raw = await this.#request(request);
    const { onWarning } = this.task;
    return parseReply(raw, { anyExit: options.anyExit ?? false, script: script.name, onWarning });
  }

  async #request(request: ShellRequest): Promise<RawReply> {
    for (let attempt = 1; ; attempt++) {
      const pool = this.pool();
      const leased = this.#lease(pool);
      const slot = await orAborted(leased, this.task.signal).catch((error) => {
        void leased.then((late) => pool.release(late)).catch(() => {});
        throw error;
      });
      try {
        return await pool.request(this.task, slot, request);
      } catch (error) {
        if (!(error instanceof NotSent)) throw error;
        if (attempt === 3) throw error.cause;
      } finally {
        pool.release(slot);
        if (slot.leases === 0 && this.#current === slot) this.#current = undefined;
      }
    }
  }

  /** One after the other: the second request of a task must know which shell the first has got. */
  #lease(pool: HostPool): Promise<Slot> {
    const leased = this.#leasing.then(async () => {
      this.#current = await pool.lease(this.task, this.#current);
      return this.#current;
    });
    this.#leasing = leased.catch(() => {});
    return leased;
  }

  upload(content: Buffer | Readable, options: UploadOptions = {}) {
    return upload(this.pool(), this.task, content, options);
  }

  download(path: string): Promise<Readable> {
    return download(this.pool(), this.task, path);
  }

  raw(command: string, options: CallOptions = {}) {
    return runRaw(this.pool(), this.task, command, { timeout: this.task.timeout, ...options });
  }

  terminal(
    command: string,
    options: { onOutput(text: string, write: (answer: string) => void): void; timeout?: number },
  ) {
    return runTerminal(this.pool(), this.task, command, options);
  }

  relay(): Promise<Relay> {
    return openRelay(this.pool(), this.task);
  }

  leave(user: string): Promise<void> {
    return this.pool().leave(user);
  }

  async reset(): Promise<void> {
    this.pool().close();
  }

  async connect(timeout: number): Promise<void> {
    await this.pool().connection(timeout);
  }
}

/** Only what follows `reply_rest` is output for people; what comes before it are values. */
function liveOutput({ onOutput }: CallOptions): ShellRequest['onOutput'] {
  if (!onOutput) return undefined;
  const finder = new RestFinder();
  return (stream, chunk) => {
    const part = stream === 'stderr' ? chunk : finder.feed(chunk);
    if (part) onOutput(stream, part);
  };
}
