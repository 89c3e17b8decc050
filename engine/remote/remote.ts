/** What a module sees of a host: a shell that remembers, already running as the right user. Implemented in task_remote.ts. */
import type { Readable } from 'node:stream';
import type { ShellValue } from './quote.ts';

/** A shell half: functions that are loaded into a host's shell once, together with the first request that needs them. */
export interface ShellScript {
  /** The file's name; a request calls the function `do_NAME`, so that `do_stat` may run `stat`. */
  readonly name: string;
  readonly text: string;
  /** Other scripts whose functions this one calls. */
  readonly needs: readonly ShellScript[];
}

export interface CallOptions {
  /** Seconds; a request that runs out of time costs its shell and throws ModuleFailure. */
  timeout?: number;
  /** A non-zero exit without `fail` is not an error of the request but the module's to judge. */
  anyExit?: boolean;
  /** Live output of the part after `reply_rest`, and of stderr. */
  onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

/** The framed answer to one request. */
export interface Reply {
  /** Exit code of the function. */
  readonly rc: number;
  /** All that came on stdout, unparsed. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** The last value that `reply KEY VALUE` gave, '' if none. */
  get(key: string): string;
  has(key: string): boolean;
  /** All values that `reply KEY ...` gave under this key, in order. */
  all(key: string): string[];
  /** As get, undecoded: file content, output of a command (`reply_rest KEY`). */
  bytes(key: string): Buffer;
  /** The words that `change WORD` gave, each once, in order: what was changed, or would be in check mode. */
  readonly changes: readonly string[];
}

/** Stands in for ssh on the controller: `command HOST WORD...` runs the words on the host, as `ssh HOST WORD...` would. */
export interface Relay {
  readonly command: readonly string[];
  /** Ends what still runs by it; it must be called. */
  close(): void;
}

export interface UploadOptions {
  directory?: ShellValue;
  name?: string;
  size?: number;
  /**
   * Told, where there is a `directory`, which file was written: its device and inode. Who may write to the directory can put
   * another one in its place at any time, so whatever opens it again has to compare them.
   */
  identity?: (is: string) => void;
}

/**
 * One host as one user, bound to one task: check mode, diff and the task's `environment` are already set for each request
 * (in the script: `$T_CHECK`, `$T_DIFF` are `1` or empty).
 */
export interface Remote {
  /** Name in the inventory. */
  readonly host: string;
  readonly local: boolean;
  /** One request: assigns the variables (in a subshell, stdin is /dev/null) and calls the script's function. */
  call(script: ShellScript, variables?: Record<string, ShellValue>, options?: CallOptions): Promise<Reply>;
  /**
   * Streams content into a new 0600 file made with O_EXCL, owned by the shell's user, and returns its path: a file named
   * `.NAME.XXXXXX` in `directory` where one is given (same file system as the final place), else in a private folder that
   * all shells of this user share and that goes with the connection (not `$T_TMP`, which is each shell's own).
   */
  upload(content: Buffer | Readable, options?: UploadOptions): Promise<string>;
  /** Streams a file of the host as this user. */
  download(path: string): Promise<Readable>;
  /** `command` without a shell of ours: sent as it is to the login shell on a channel of its own (module `raw`). */
  raw(command: string, options?: CallOptions): Promise<{ rc: number; stdout: Buffer; stderr: Buffer }>;
  /** A program on a real terminal (module `expect`); resolves at its end. */
  terminal(
    command: string,
    options: { onOutput(text: string, write: (answer: string) => void): void; timeout?: number },
  ): Promise<{ rc: number; output: string }>;
  /** Lets programs on the controller run commands on the host through this connection, as this user (module `synchronize`). */
  relay(): Promise<Relay>;
  /** Ends the shells that became a user and are not in use, so that the user can be removed. */
  leave(user: string): Promise<void>;
  /** Drops the connection and every shell; the next call opens them anew (reboot, meta: reset_connection). */
  reset(): Promise<void>;
  /** Tries to connect once, for at most `timeout` seconds; throws UnreachableError (wait_for_connection). */
  connect(timeout: number): Promise<void>;
}

/** Above this many bytes content is uploaded on a channel of its own instead of being part of a request. */
export const INLINE_LIMIT = 32 * 1024;
