/**
 * One long-lived `/bin/sh` on a host, over any three streams. A request is one write: functions the shell has not got yet, and
 * a subshell that assigns the values and calls one. Marks that are random for each shell frame its answer, so output
 * travels as it is, and a task's exit, cd, set -e or trap ends with its subshell. Requests may be written ahead.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { ModuleFailure, UnreachableError } from '../../errors.ts';
import { assignment, quote, quotePath, type ShellValue } from '../quote.ts';
import type { ShellScript } from '../remote.ts';
import { blankFunction, namesRead } from './blanks.ts';
import type { Channel, ChannelEnd } from './channel.ts';
import { FrameReader, type MarkKind, markFormat } from './frames.ts';
import type { RawReply } from './reply.ts';
import { ownText } from './scripts.ts';

const prelude = ownText('prelude.sh');
/** Text of a shell's start that is kept to explain why it never answered. */
const BANNER_LIMIT = 4096;
/** Milliseconds that the first word on stderr may come after the first answer. */
const STDERR_LIMIT = 3000;
/** Bytes of output that a task may bring. */
export const OUTPUT_LIMIT = 64 * 1024 * 1024;
/** Milliseconds that the end of a dropped shell's processes may take. */
const ENDING_LIMIT = 5000;

export interface ShellRequest {
  script: ShellScript;
  variables?: Record<string, ShellValue> | undefined;
  /** Exported in the subshell. */
  environment?: Record<string, string> | undefined;
  check?: boolean | undefined;
  diff?: boolean | undefined;
  /** Seconds from the moment the request has the shell to itself. */
  timeout?: number | undefined;
  /** Output as it comes; what it returns as kept goes into the answer. */
  onOutput?: ((stream: 'stdout' | 'stderr', chunk: Buffer) => void) | undefined;
  /** stdout is only given to onOutput and not kept (download). */
  discard?: boolean | undefined;
  /** The script reads what `send` writes, instead of /dev/null; no other request may be written before it has ended. */
  stdin?: boolean | undefined;
  /** The shell will end with this request, and others need what was uploaded. */
  last?: boolean | undefined;
}

interface ShellOptions {
  /** For messages: the host. */
  where: string;
  /** Seconds that the first answer may take. */
  startTimeout?: number | undefined;
  /** Where private folders are made when a task asks for one; `/tmp` if not given. */
  temporary?: string | undefined;
  /** Path of the private folder that all shells of the user on this connection share: what was uploaded, for the next request. */
  uploads: string;
  /** Ends what the shell with this process id is running, before it is dropped. */
  endProcesses?: ((pid: number, folder: string) => Promise<void>) | undefined;
  /** Removes the folder for temporary files of a shell that was killed; not needed where `endProcesses` does. */
  sweep?: ((folder: string) => Promise<void>) | undefined;
  /** Words the end of a shell that never answered, from what it printed. */
  explain?: ((said: string, late: boolean) => Error) | undefined;
  /** Bytes that a request may bring; 64 MiB if not given. */
  outputLimit?: number | undefined;
  /** Told what is odd about the shell that was opened. */
  onWarning?: ((text: string) => void) | undefined;
  /** Told the size of each write that carries a request. */
  onRequest?: ((bytes: number) => void) | undefined;
}

interface Pending {
  request: ShellRequest;
  stdout: Buffer[];
  stderr: Buffer[];
  /** Bytes that came so far. */
  size: number;
  rc: number | undefined;
  stderrEnded: boolean;
  timer: NodeJS.Timeout | undefined;
  resolve(reply: RawReply): void;
  reject(error: Error): void;
}

/** Path of a private folder that nobody can know before it is there. */
export function privateFolder(base = '/tmp'): string {
  return `${base}/troupe-${randomBytes(16).toString('hex')}`;
}

/** The shell was over before the request was written: it may be given to another one. */
export class NotSent extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

export class Shell {
  /** Process id of the shell on its host, once it has said so. */
  pid: number | undefined;
  /** Resolves when a dropped shell and what it was running are gone. */
  gone: Promise<void> = Promise.resolve();
  readonly #mark = randomBytes(16).toString('hex');
  readonly #loaded = new Set<string>();
  /** Where its scripts keep files; removed at its end. */
  readonly #folder: string;
  readonly #pending: Pending[] = [];
  #opening: Buffer | undefined;
  #banner = '';
  /** Where its stderr comes: on its own stream, in stdout, or nowhere, as a login shell's start-up files may have it. */
  #stderrIs: 'unknown' | 'own' | 'merged' | 'nowhere' = 'unknown';
  #answering = false;
  #over: Error | undefined;
  #starting: NodeJS.Timeout | undefined;
  #barrier: Promise<unknown> = Promise.resolve();
  #barriers = 0;

  constructor(
    private readonly channel: Channel,
    private readonly options: ShellOptions,
  ) {
    this.#folder = privateFolder(options.temporary);
    this.#opening = this.#openingText();
    const stdout = new FrameReader(this.#mark, {
      output: (chunk) => this.#stdout(chunk),
      mark: (kind, text) => this.#stdoutMark(kind, text),
    });
    const stderr = new FrameReader(this.#mark, {
      output: (chunk) => this.#stderr(chunk),
      mark: (kind, text) => this.#stderrMark(kind, text),
    });
    channel.stdout.on('data', (chunk: Buffer) => stdout.feed(chunk)).resume();
    channel.stderr.on('data', (chunk: Buffer) => stderr.feed(chunk)).resume();
    void channel.ended.then((end) => this.#ended(end));
  }

  /** Why it can't be used any more. */
  get over(): Error | undefined {
    return this.#over;
  }

  /** Writes a request at once, behind those that are already there, and resolves with its answer. */
  request(request: ShellRequest): Promise<RawReply> {
    // A request with a time-out must not be written ahead: its loss of the shell would take the following with it.
    if (request.timeout === undefined && !request.stdin && this.#barriers === 0) return this.#write(request);
    this.#barriers++;
    const result = this.#barrier.then(async () => {
      await this.#drained();
      return this.#write(request);
    });
    this.#barrier = result.then(
      () => this.#barriers--,
      () => this.#barriers--,
    );
    return result;
  }

  /** Feeds the running request that has `stdin`; waits where the host is slower. */
  async send(chunk: Buffer): Promise<void> {
    if (this.#over) throw this.#over;
    if (this.channel.stdin.write(chunk)) return;
    await new Promise<void>((resolve) => {
      this.channel.stdin.once('drain', resolve);
      void this.channel.ended.then(() => resolve());
    });
    if (this.#over) throw this.#over;
  }

  /** Ends the input of the running request that has `stdin`, and with it the shell. */
  endInput(): void {
    this.channel.stdin.end();
  }

  /** Holds the host's output back (true), or lets it come (false). */
  hold(hold: boolean): void {
    if (hold) this.channel.stdout.pause();
    else this.channel.stdout.resume();
  }

  /** Lets the shell end by itself after what it is doing; what was uploaded goes with it, unless others need it. */
  close(keepUploads = false): void {
    if (keepUploads && !this.#over && this.pid !== undefined) this.channel.stdin.write('T_UPLOADS=\n');
    this.#fail(new UnreachableError(`${this.options.where}: the shell was closed`));
    this.channel.release();
  }

  /** Lets it end, and resolves once its processes have, or after so many milliseconds. */
  async leave(limit: number): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, limit).unref());
    this.close();
    await Promise.race([this.channel.ended, late]);
  }

  /** Ends it now; what is pending is rejected. */
  drop(reason: Error): void {
    if (this.#over) return;
    this.#fail(reason);
    const { endProcesses, sweep } = this.options;
    const ending = this.pid !== undefined && endProcesses ? endProcesses(this.pid, this.#folder) : Promise.resolve();
    // Only then: some servers end the shell with its channel, and nobody would know its children any more. But a host
    // that has gone silent is not waited for.
    const late = new Promise<void>((resolve) => setTimeout(resolve, ENDING_LIMIT).unref());
    this.gone = Promise.race([ending.catch(() => {}), late]).then(async () => {
      this.channel.kill();
      await Promise.race([sweep?.(this.#folder).catch(() => {}), late]);
    });
  }

  #openingText(): Buffer {
    const own = quotePath(this.#folder);
    const uploads = quotePath(this.options.uploads);
    const hello = markFormat(this.#mark, '!', '%s');
    return Buffer.from(
      // An answer that nobody is there to read any more ends the shell as well.
      `${prelude}\nT_TMP=${own}\nT_UPLOADS=${uploads}\ntrap t_leave EXIT\ntrap 'exit 141' PIPE\n` +
        `printf '${hello}' "$$"; printf '${markFormat(this.#mark, '!')}' >&2\n`,
    );
  }

  #write(request: ShellRequest): Promise<RawReply> {
    if (this.#over) return Promise.reject(new NotSent(this.#over));
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        request,
        stdout: [],
        stderr: [],
        size: 0,
        rc: undefined,
        stderrEnded: false,
        timer: undefined,
        resolve,
        reject,
      };
      // Before anything is queued: a value that can't be quoted is this request's own error.
      const text = this.#compose(request);
      this.#pending.push(pending);
      if (request.timeout !== undefined)
        pending.timer = setTimeout(() => this.#timedOut(request), request.timeout * 1000);
      this.options.onRequest?.(text.length);
      this.channel.stdin.write(text);
    });
  }

  #compose(request: ShellRequest): Buffer {
    const parts: Buffer[] = [];
    const end = `printf '${markFormat(this.#mark, '=', '%s')}' "$?"; printf '${markFormat(this.#mark, '=')}' >&2`;
    // One compound command: the shell has read all of it before it runs, so that a script may read what is sent after it.
    parts.push(Buffer.from(`{ printf '${markFormat(this.#mark, '<')}'\n(`));
    // Drawn from a pool: asking the kernel each time would cost more than all else here.
    const drawn = randomUUID().replaceAll('-', '');
    parts.push(Buffer.from(`T_CHECK=${request.check ? 1 : ''}; T_DIFF=${request.diff ? 1 : ''}; T_NAME=${drawn}\n`));
    for (const [name, value] of Object.entries(request.environment ?? {})) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new ModuleFailure(`environment: "${name}" is not a valid name`);
      if (value.includes('\0')) throw new ModuleFailure(`environment: the value of "${name}" holds a NUL byte`);
      parts.push(Buffer.from(`export ${name}=${quote(value)}\n`));
    }
    if (namesRead(request.script).size > 0) parts.push(Buffer.from(`t_blank_${request.script.name}\n`));
    for (const [name, value] of Object.entries(request.variables ?? {})) parts.push(assignment(name, value));
    parts.push(
      Buffer.from(
        `do_${request.script.name} )${request.stdin ? '' : ' </dev/null'}\n${end}${request.last ? '; T_UPLOADS=' : ''}; }\n`,
      ),
    );
    const functions = this.#newFunctions(request.script);
    if (functions) parts.unshift(Buffer.from(`command eval ${quote(functions)}\n`));
    if (this.#opening) {
      parts.unshift(this.#opening);
      this.#opening = undefined;
      const seconds = this.options.startTimeout ?? 10;
      this.#starting = setTimeout(() => this.#noHello(seconds), seconds * 1000);
    }
    return Buffer.concat(parts);
  }

  /** Texts of the script and of those it needs that this shell has not got yet. */
  #newFunctions(script: ShellScript): string {
    if (this.#loaded.has(script.name)) return '';
    this.#loaded.add(script.name);
    const needed = script.needs.map((other) => this.#newFunctions(other)).join('');
    return `${needed}${script.text}\n${blankFunction(script) ?? ''}`;
  }

  #stdout(chunk: Buffer): void {
    const pending = this.#pending.find((one) => one.rc === undefined);
    if (!this.#answering || !pending) {
      // Before the hello: a banner, or the reason why there is no shell. Later: a background process that goes on talking.
      if (this.pid === undefined) this.#banner = (this.#banner + chunk.toString()).slice(-BANNER_LIMIT);
      return;
    }
    if (!pending.request.discard && this.#hasRoom(pending, chunk)) pending.stdout.push(chunk);
    pending.request.onOutput?.('stdout', chunk);
  }

  /** What a task brings is kept until it ends. One that brings more than the controller wants to keep is ended. */
  #hasRoom(pending: Pending, chunk: Buffer): boolean {
    const limit = this.options.outputLimit ?? OUTPUT_LIMIT;
    pending.size += chunk.length;
    if (pending.size <= limit) return true;
    if (!this.#over) this.drop(tooMuchOutput(limit));
    return false;
  }

  #stdoutMark(kind: MarkKind, text: string): void {
    // Marks of stderr have no text. `exec 2>&1` in a login shell's start-up file brings them here.
    if (text === '' && kind !== '<') {
      if (kind === '!') this.#oddStderr('merged');
      this.#stderrMark(kind);
    } else if (kind === '!') {
      this.pid = Number(text);
      clearTimeout(this.#starting);
    } else if (kind === '<') {
      this.#answering = true;
    } else {
      this.#answering = false;
      const pending = this.#pending.find((one) => one.rc === undefined);
      if (pending) pending.rc = Number(text);
      if (this.#stderrIs === 'unknown') this.#awaitStderr();
      this.#settle();
    }
  }

  /** The first answer is there, and nothing of stderr: it may be on its way, or lead to nowhere. */
  #awaitStderr(): void {
    if (this.#starting) clearTimeout(this.#starting);
    this.#starting = setTimeout(() => {
      if (this.#over || this.#stderrIs !== 'unknown') return;
      this.#oddStderr('nowhere');
      this.#settle();
    }, STDERR_LIMIT);
  }

  #oddStderr(is: 'merged' | 'nowhere'): void {
    this.#stderrIs = is;
    const what = is === 'merged' ? 'joins stderr to stdout' : 'redirects stderr';
    const then =
      is === 'merged' ? 'what programs write there is part of their output' : 'what programs write there is lost';
    this.options.onWarning?.(`a start-up file of the login shell ${what} (\`exec 2>\`): ${then}`);
  }

  #stderr(chunk: Buffer): void {
    if (this.#stderrIs === 'unknown') {
      this.#banner = (this.#banner + chunk.toString()).slice(-BANNER_LIMIT);
      return;
    }
    const pending = this.#pending.find((one) => !one.stderrEnded);
    if (!pending) return;
    if (this.#hasRoom(pending, chunk)) pending.stderr.push(chunk);
    pending.request.onOutput?.('stderr', chunk);
  }

  #stderrMark(kind: MarkKind, text = ''): void {
    if (text !== '') {
      // A mark of stdout: the answers themselves come where errors do.
      this.drop(
        new UnreachableError(`${this.options.where}: a start-up file of the login shell sends stdout to stderr`),
      );
      return;
    }
    if (kind === '!') {
      if (this.#stderrIs === 'unknown') this.#stderrIs = 'own';
      if (this.pid !== undefined) clearTimeout(this.#starting);
      return;
    }
    const pending = this.#pending.find((one) => !one.stderrEnded);
    if (pending) pending.stderrEnded = true;
    this.#settle();
  }

  #settle(): void {
    const isOver = ({ rc, stderrEnded }: Pending) => rc !== undefined && (stderrEnded || this.#stderrIs === 'nowhere');
    for (let first = this.#pending[0]; first && isOver(first); first = this.#pending[0]) {
      this.#pending.shift();
      clearTimeout(first.timer);
      // Not found: a script with a syntax error was not loaded; the next request shall say so again.
      if (first.rc === 127) this.#loaded.clear();
      first.resolve({ rc: first.rc!, stdout: join(first.stdout), stderr: join(first.stderr) });
    }
    if (this.#pending.length === 0) {
      for (const resolve of this.#onDrained.splice(0)) resolve();
    }
  }

  readonly #onDrained: Array<() => void> = [];
  #drained(): Promise<void> {
    if (this.#pending.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  #timedOut(request: ShellRequest): void {
    const period = request.timeout;
    this.drop(new ModuleFailure(`timed out after ${period} seconds`, { timedout: { period } }));
  }

  #noHello(seconds: number): void {
    const said = this.#banner.trim();
    if (this.options.explain) {
      this.drop(this.options.explain(said, true));
      return;
    }
    this.drop(
      new UnreachableError(
        `${this.options.where}: the shell did not answer within ${seconds} seconds` +
          (said ? `; it said: ${said}` : ''),
      ),
    );
  }

  #ended(end: ChannelEnd): void {
    if (this.#over) return;
    if (end.lost) {
      this.#fail(end.lost);
      return;
    }
    if (this.pid === undefined && this.options.explain) {
      this.#fail(this.options.explain(this.#banner.trim(), false));
      return;
    }
    const bySignal = end.signal ? `by signal ${end.signal}` : 'by a signal';
    const how = end.code === null ? `was ended ${bySignal}` : `ended with exit code ${end.code}`;
    const said = (this.pid === undefined ? this.#banner : join(this.#pending[0]?.stderr ?? []).toString()).trim();
    const what = this.pid === undefined ? 'the login shell' : 'the shell';
    this.#fail(new UnreachableError(`${this.options.where}: ${what} ${how}` + (said ? `: ${said}` : '')));
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#over = error;
    clearTimeout(this.#starting);
    for (const pending of this.#pending.splice(0)) {
      clearTimeout(pending.timer);
      pending.reject(error);
    }
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }
}

/** A task whose output would fill the controller's memory. */
export function tooMuchOutput(limit: number): ModuleFailure {
  return new ModuleFailure(
    `the task was ended: its output is more than ${shownSize(limit)} (write it to a file on the host, or raise output_limit)`,
  );
}

function shownSize(bytes: number): string {
  return bytes % (1024 * 1024) === 0 ? `${bytes / (1024 * 1024)} MiB` : `${bytes} bytes`;
}

function join(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
