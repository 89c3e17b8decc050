/** The ssh that holds a connection: started under supervise.sh, so that it ends with the controller, and listened to. */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../start.ts';

/** What it says besides its log is kept for the words of a failure. */
const SAID_LIMIT = 16 * 1024;
/** Milliseconds that channels may take to end by themselves when the connection is closed. */
const CLOSING = 500;

/** How a channel's command has ended, as far as the connection has heard. */
interface ExitNotice {
  code: number | null;
}

export class Master {
  /** Process id of ssh itself. */
  readonly pid: Promise<number>;
  /** Resolves when it has ended, with the reason; undefined if it was closed from here. */
  readonly ended: Promise<string | undefined>;
  /** The host has said anything at all. */
  heard = false;
  /** Both ends have agreed on keys. */
  shaken = false;
  login = 'nothing';
  said = '';
  readonly channels = new Set<Promise<unknown>>();
  readonly #child: ChildProcess;
  readonly #exits = new Map<number, (notice: ExitNotice) => void>();
  #closed = false;
  #rest = '';

  constructor(program: string, words: readonly string[], environment: NodeJS.ProcessEnv) {
    const supervise = fileURLToPath(new URL('./supervise.sh', import.meta.url));
    // A session of its own: a Ctrl-C for the controller is not for it, and it has no terminal to ask at.
    this.#child = startProgram('ssh could not be started', '/bin/sh', [supervise, program, ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: environment,
    });
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream!.on('error', () => {});
    this.pid = new Promise((resolve) => stdout!.once('data', (line: Buffer) => resolve(Number(line.toString()))));
    stdout!.resume();
    stderr!.setEncoding('utf8').on('data', (chunk: string) => this.#heard(chunk));
    this.ended = new Promise((resolve) => {
      const over = (reason: string) => {
        stdin!.destroy();
        resolve(this.#closed ? undefined : reason);
      };
      this.#child.once('error', (error) => over(error.message));
      this.#child.once('close', () => over(this.said.trim().split('\n').at(-1) || 'ssh ended'));
    });
  }

  /** Told once when the command of a channel has ended. */
  onExit(channel: number, told: (notice: ExitNotice) => void): void {
    this.#exits.set(channel, told);
  }

  forget(channel: number): void {
    this.#exits.delete(channel);
  }

  /** Lets the channels end, then the connection. */
  close(): void {
    this.#closed = true;
    const late = new Promise((resolve) => setTimeout(resolve, CLOSING));
    void Promise.race([Promise.allSettled([...this.channels]), late]).then(() => this.#child.stdin?.end());
  }

  kill(): void {
    this.#closed = true;
    this.#child.stdin?.destroy();
  }

  /** Its log has a line for each step; all else are words for people. */
  #heard(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines.map((one) => one.replace(/\r$/, ''))) {
      const step = /^debug(\d): (.*)$/.exec(line)?.[2];
      if (step !== undefined) this.#step(step);
      else if (/^Authenticated to /.test(line)) this.#loggedIn(line);
      else this.said = `${this.said}${line}\n`.slice(-SAID_LIMIT);
    }
  }

  #step(text: string): void {
    if (text.startsWith('Remote protocol version')) this.heard = true;
    if (text.startsWith('SSH2_MSG_NEWKEYS received')) this.shaken = true;
    if (text.startsWith('Server accepts key: ')) this.login = `the key ${text.split(' ')[3]}`;
    const message = /^mux_exit_message: channel (\d+): exit message, exitval (\d+)/.exec(text);
    if (message) this.#exited(Number(message[1]), Number(message[2]));
    const signal = /^client_input_channel_req: channel (\d+) rtype exit-signal/.exec(text);
    if (signal) this.#exited(Number(signal[1]), null);
  }

  #loggedIn(line: string): void {
    const method = /using "([^"]+)"/.exec(line)?.[1];
    if (method !== undefined && method !== 'publickey') this.login = method === 'none' ? 'nothing' : 'the password';
  }

  #exited(channel: number, code: number | null): void {
    const told = this.#exits.get(channel);
    this.#exits.delete(channel);
    told?.({ code });
  }
}
