/**
 * Becoming another user is opening a shell through sudo, su or doas, once. A password is written once, after our own random
 * mark was seen, and only before the shell has said that it is there: no command can ever read it.
 */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ModuleFailure } from '../errors.ts';
import { quote, quoteForLogin } from './quote.ts';
import type { Channel, Connection } from './shell/channel.ts';
import type { BecomeTarget, ConnectionTarget } from './target.ts';

/** What sudo, su or a login shell says is shorter, but for what nobody wants to read. */
const SAID_LIMIT = 64 * 1024;

/** Same text, same shell: who becomes whom, and how. */
export function becomeKey(become: BecomeTarget | undefined): string {
  if (!become) return '';
  const { method, user, flags, exe, password } = become;
  return JSON.stringify([method, user, flags, exe, password]);
}

/** Whether the shells of this key are a user's. */
export const becomesUser = (key: string, user: string): boolean =>
  key !== '' && (JSON.parse(key) as unknown[])[1] === user;

/** Seconds that a shell may take to start: longer than a connection, since a slow directory service delays sudo's answer. */
export function startTime(become: BecomeTarget | undefined, target: ConnectionTarget): number {
  return become?.timeout ?? Math.max(30, target.timeout ?? 0);
}

/** A channel on which a shell reads requests, as the login user or as the one to become. */
export function openShell(
  connection: Connection,
  become: BecomeTarget | undefined,
  shell = '/bin/sh',
  timeout = 10,
): Promise<Channel> {
  if (!become) return connection.open(`exec ${shell === '/bin/sh' ? shell : quoteForLogin(shell)}`);
  // Without a password nothing but the shell reads what we write, so that the first request need not wait.
  if (become.method !== 'su' && become.password === undefined) {
    return connection.open(bySh(becomeLine(become, '', quote(shell))));
  }
  return openAs(connection, become, quote(shell), { timeout });
}

/** Runs a command line of quoted words as another user and returns once it runs. */
export async function openAs(
  connection: Connection,
  become: BecomeTarget,
  program: string,
  options: { timeout?: number | undefined; terminal?: boolean } = {},
): Promise<Channel> {
  const mark = randomBytes(16).toString('hex');
  const inner = `/bin/sh -c ${quote(`printf '\\002${mark}!\\n'; exec ${program}`)}`;
  const line = becomeLine(become, mark, inner);
  const channel = await connection.open(bySh(line), options.terminal ? { terminal: true } : {});
  await new Entrance(channel, become, mark, options.timeout ?? 10).passed;
  return channel;
}

/** A command line that the login shell, whichever it is, only hands on. */
export function bySh(line: string): string {
  return `exec /bin/sh -c ${quoteForLogin(`exec ${line}`)}`;
}

/** The command line of the method. */
function becomeLine(become: BecomeTarget, mark: string, program: string): string {
  const { method, user, password } = become;
  if (user.startsWith('-')) throw new ModuleFailure(`become_user: "${user}" is not a user name`);
  const exe = quote(become.exe ?? method);
  switch (method) {
    case 'sudo': {
      const flags = (become.flags ?? '-H -S -n').split(/\s+/).filter((flag) => flag !== '');
      const asks = password !== undefined;
      const kept = flags.filter((flag) => !(asks && (flag === '-n' || flag === '--non-interactive')));
      kept.push(...(asks ? ['-S', '-p', quote(`[${mark}] `)] : kept.includes('-n') ? [] : ['-n']));
      return `${exe} ${kept.join(' ')} -u ${quote(user)} ${program}`;
    }
    case 'su': {
      // su has no prompt of our own choosing: our mark comes just before it starts, and what it prints next is its prompt.
      const su = `exec ${exe} ${become.flags ?? ''} ${quote(user)} -c ${quote(`exec ${program}`)}`;
      return `/bin/sh -c ${quote(`printf '\\002${mark}?\\n' >&2; ${su}`)}`;
    }
    case 'doas':
      if (password !== undefined) {
        throw new ModuleFailure(
          'doas takes a password only from a terminal; allow it without one (`nopass` in doas.conf) or use become_method: sudo',
        );
      }
      return `${exe} ${become.flags ?? '-n'} -u ${quote(user)} ${program}`;
    default:
      throw new ModuleFailure(`become_method: "${method}" is not known; there are sudo, su and doas`);
  }
}

/** Waits between the start of sudo or su and the start of the shell, and answers the one question that may come. */
class Entrance {
  readonly passed: Promise<void>;
  #said = '';
  #answered = false;
  #settle: (error?: Error) => void = () => {};

  constructor(
    private readonly channel: Channel,
    private readonly become: BecomeTarget,
    private readonly mark: string,
    timeout: number,
  ) {
    this.passed = new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
    const timer = setTimeout(
      () => this.#end(becomeLate(become, timeout, this.#visible(), this.#answered)),
      timeout * 1000,
    );
    const readers = [channel.stdout, channel.stderr].map((stream) => this.#listen(stream));
    const stop = () => {
      clearTimeout(timer);
      for (const leave of readers) leave();
    };
    this.passed.then(stop, stop);
    void channel.ended.then((end) => this.#end(end.lost ?? explainBecome(become, this.#visible(), this.#answered)));
  }

  #listen(stream: Readable): () => void {
    const onData = (chunk: Buffer) => {
      // Both streams in one text: a terminal has but one, and the order within each is all that matters.
      // A start-up file that talks without end must not fill the memory: what counts is what was said last.
      if (this.#said.length > SAID_LIMIT) this.#said = this.#said.slice(-SAID_LIMIT / 2);
      const before = this.#said.length;
      this.#said += chunk.toString('latin1');
      const ready = `\x02${this.mark}!`;
      const at = this.#said.indexOf(ready);
      const end = at < 0 ? -1 : this.#said.indexOf('\n', at);
      if (end >= 0) {
        stream.off('data', onData);
        stream.pause();
        const rest = chunk.subarray(Math.max(0, end + 1 - before));
        if (rest.length > 0) stream.unshift(rest);
        this.#settle();
      } else {
        this.#answer();
      }
    };
    stream.on('data', onData).resume();
    return () => {
      stream.off('data', onData);
      stream.pause();
    };
  }

  #answer(): void {
    const { password } = this.become;
    if (!this.#asked()) return;
    if (this.#answered) this.#end(explainBecome(this.become, this.#visible(), true));
    else if (password === undefined) this.#end(missing(this.become));
    else {
      this.#answered = true;
      this.#said = '';
      this.channel.stdin.write(`${password}\n`);
    }
  }

  /** Whether our own mark has been seen and a question is open behind it. */
  #asked(): boolean {
    if (this.become.method !== 'su') return this.#said.includes(`[${this.mark}]`);
    const own = this.#said.lastIndexOf(`\x02${this.mark}?`);
    if (own < 0) return false;
    const text = this.#said.slice(own);
    return /\n[^\n]*\S[^\n]*$/.test(text);
  }

  #visible(): string {
    const bytes = Buffer.from(this.#said, 'latin1').toString();
    return bytes
      .replace(/\x02[0-9a-f]{32}.?\n?/g, '')
      .replaceAll(`[${this.mark}]`, '')
      .trim();
  }

  #end(error: Error): void {
    this.#settle(error);
    this.channel.kill();
  }
}

/** sudo or su that neither asks nor gives a shell in its time. */
export function becomeLate(become: BecomeTarget, seconds: number, said: string, answered = false): ModuleFailure {
  const state = answered
    ? 'the password was given, and no answer came'
    : 'no prompt for a password was seen, and no shell';
  return new ModuleFailure(
    `timed out after ${seconds} seconds while becoming ${become.user} with ${become.method}: ${state}` +
      (said ? `; it said: ${said}` : ''),
  );
}

function missing(become: BecomeTarget): ModuleFailure {
  return new ModuleFailure(
    `Missing ${become.method} password: ${become.method} asks for one before it lets this user become ${become.user} (give it by -K or become_password)`,
  );
}

/** Words why there is no shell, from what sudo, su or doas printed. */
export function explainBecome(become: BecomeTarget, said: string, answered = false): ModuleFailure {
  const { method, user } = become;
  const exe = become.exe ?? method;
  const text = said.replace(/\s+/g, ' ');
  const reason = (why: string) => new ModuleFailure(`could not become ${user} with ${method}: ${why}`);
  if (/password is required|interactive authentication is required|Authorization required/i.test(text))
    return missing(become);
  if (
    /not in the sudoers|not allowed to (execute|run)|may not run sudo|Operation not permitted|no tty present/i.test(
      text,
    )
  )
    return reason(`this user may not: ${text}`);
  if (/unknown user|user .* does not exist|No passwd entry|invalid user/i.test(text))
    return reason(`there is no such user: ${text}`);
  if (/must (have a tty|be run from a terminal)|sorry, you must/i.test(text))
    return reason(`it insists on a terminal: ${text}`);
  if (/not found|No such file/i.test(text)) return reason(`${exe} is not installed on the host: ${text}`);
  if (answered) return new ModuleFailure(`Incorrect ${method} password${text ? `: ${text}` : ''}`);
  return reason(text || 'it ended without a word');
}
