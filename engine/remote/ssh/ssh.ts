/** The SSH protocol, by ssh2, which this file alone imports: a session over a socket, its channels and tunnels, keys, the agent. */
import { getCiphers } from 'node:crypto';
import type { Duplex } from 'node:stream';
import ssh2, {
  type CipherAlgorithm,
  type ClientChannel,
  type KexAlgorithm,
  type ParsedKey,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { UnreachableError } from '../../errors.ts';
import { type Channel, type ChannelEnd, ChannelRefused, lastWords } from '../shell/channel.ts';
import type { LoginAnswers } from './answers.ts';
import { isStrict, type ServerOffer, watchOffer } from './kexinit.ts';
import { afterTimeout, SessionFailure } from './session_failure.ts';

export type { ParsedKey };

const { Client, BaseAgent, OpenSSHAgent, utils } = ssh2;

/** A public key, and who can sign with its private half. */
export interface Identity {
  /** For messages: the file's path, or `agent`. */
  readonly label: string;
  readonly key: ParsedKey;
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

interface SessionOptions {
  socket: Duplex;
  user: string;
  /** Types of the keys that are known for the host: it is asked for one of these first. */
  knownTypes: readonly string[];
  /** Looks at the host's key; an error refuses it. There is no session without it. */
  verify(key: Buffer): Error | undefined;
  identities: readonly Identity[];
  password?: string | undefined;
  /** Answers the questions of keyboard-interactive, for one try of it; undefined: nobody could. */
  answers?: (() => LoginAnswers) | undefined;
  /** Methods that may be tried, in order. */
  methods: readonly string[];
  /** Seconds between signs of life, and how many may be missed. */
  keepalive: number;
  keepaliveCount: number;
  /** Told when the handshake is over and logging in begins, so that the clock can be set anew. */
  onHandshake?: (() => void) | undefined;
  signal: AbortSignal;
}

/** A logged-in connection. */
export interface Session {
  /** With what the user was let in: a key's name, `the password`, or nothing. */
  readonly login: string;
  exec(command: string, terminal: boolean): Promise<Channel>;
  /** A connection that the host opens for us (ProxyJump). */
  tunnel(host: string, port: number): Promise<Duplex>;
  close(): void;
  /** Resolves with why it is over; undefined if it was closed from here. */
  readonly closed: Promise<string | undefined>;
}

/**
 * CBC is not offered: a cut at the start of a session can harm it (S-24, Terrapin). The same is true of chacha20-poly1305 where the
 * server's key exchange is not strict; it comes last, and a session that would use it with such a server is ended before the login.
 */
const CHACHA = 'chacha20-poly1305@openssh.com';
const CIPHERS: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  ...(getCiphers().includes('chacha20') ? ([CHACHA] as const) : []),
];
/** By what they cost: the large groups, and those that the server makes up, hold the event loop up for all hosts. */
const KEX: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group18-sha512',
];
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

function hostKeyAlgorithms(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (name: string) => knownTypes.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name);
  const sorted = [...HOST_KEY_ALGORITHMS].sort((a, b) => Number(isKnown(b)) - Number(isKnown(a)));
  // SHA-1 stays last, known key or not.
  return [...sorted.filter((name) => name !== 'ssh-rsa'), 'ssh-rsa'];
}

/** Shakes hands over a socket and logs in. */
export function openSession(options: SessionOptions): Promise<Session> {
  const client = new Client();
  const offered = new Set<string>();
  const { offer, heard } = watchOffer(options.socket);
  let refusal: Error | undefined;
  let lastError: (Error & { level?: string }) | undefined;
  let closedByUs = false;
  let ready = false;
  const proof = { login: 'nothing' };
  const closed = new Promise<string | undefined>((resolve) => {
    client.on('close', () => resolve(closedByUs ? undefined : reasonOf(lastError)));
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(error);
      closedByUs = true;
      client.destroy();
      options.socket.destroy();
    };
    const abort = () => !ready && fail(afterTimeout(options.signal.reason, heard()));
    options.signal.addEventListener('abort', abort, { once: true });
    client.on('error', (error: Error & { level?: string }) => {
      // An agent that fails for one key is no reason not to try the next.
      if (error.level === 'agent') return;
      lastError = error;
      if (!ready) fail(refusal ?? failureOf(error, [...offered], offer()));
    });
    client.on('close', () =>
      fail(refusal ?? new SessionFailure('lost', 'the connection was closed during the handshake')),
    );
    client.on('handshake', (agreed) => {
      if ([agreed.cs.cipher, agreed.sc.cipher].includes(CHACHA) && !isStrict(offer()))
        fail(
          new SessionFailure(
            'algorithms',
            `it has no cipher but ${CHACHA}, and not the strict key exchange that it needs`,
          ),
        );
      else options.onHandshake?.();
    });
    client.on('change password', () => fail(new SessionFailure('auth', 'the password has expired', [...offered])));
    client.on('ready', () => {
      ready = true;
      resolve({
        closed,
        login: proof.login,
        exec: (command, terminal) => exec(client, command, terminal, closed),
        tunnel: (host, port) => tunnel(client, host, port),
        close() {
          closedByUs = true;
          client.end();
        },
      });
    });
    client.connect({
      sock: options.socket,
      username: options.user,
      hostVerifier: (key: Buffer) => {
        refusal = options.verify(key);
        return refusal === undefined;
      },
      authHandler: authentication(options, offered, proof) as never,
      algorithms: { kex: KEX, cipher: CIPHERS, serverHostKey: hostKeyAlgorithms(options.knownTypes) },
      // The clock is the caller's: it stands still while a passphrase is asked for.
      readyTimeout: 0,
      keepaliveInterval: options.keepalive * 1000,
      keepaliveCountMax: options.keepaliveCount,
    });
  });
}

/** ssh2 asks what to try next; answers with each method once, of those that the server takes. */
function authentication(options: SessionOptions, offered: Set<string>, proof: { login: string }) {
  const { user: username, password, answers } = options;
  const possible = (method: string, partial: boolean) => {
    if (method === 'publickey') return options.identities.length > 0;
    // Without a password, only as the second half of a login that has begun with a key: nobody wants to be asked for each host.
    return password !== undefined || (method === 'keyboard-interactive' && partial && answers !== undefined);
  };
  const used = new Set<string>();
  let partial = false;
  return (left: string[] | null, partialSuccess: boolean | null): unknown => {
    for (const method of left ?? []) offered.add(method);
    partial ||= partialSuccess === true;
    const next = options.methods.find(
      (method) => possible(method, partial) && !used.has(method) && (left === null || left.includes(method)),
    );
    if (next === undefined) {
      if (left !== null) return false;
      return { type: 'none', username };
    }
    used.add(next);
    if (next === 'publickey') return { type: 'agent', username, agent: new Identities(options.identities, proof) };
    proof.login = 'the password';
    if (next === 'password') return { type: 'password', username, password };
    return { type: 'keyboard-interactive', username, prompt: answerWith(answers?.()) };
  };
}

/** Hands the host's questions on, one after the other; a question that nobody answers is answered with nothing. */
function answerWith(answers: LoginAnswers | undefined) {
  type Finish = (answers: string[]) => void;
  return async (
    _name: string,
    _text: string,
    _lang: string,
    prompts: Array<{ prompt: string; echo?: boolean }>,
    finish: Finish,
  ) => {
    const words: string[] = [];
    for (const { prompt, echo } of prompts)
      words.push((await answers?.answer({ text: prompt, echo: echo === true }).catch(() => undefined)) ?? '');
    finish(words);
  };
}

/** All identities, from files and agents, as one agent: a key is only unlocked when the server has said that it would take it. */
class Identities extends BaseAgent {
  constructor(
    private readonly list: readonly Identity[],
    private readonly proof: { login: string },
  ) {
    super();
  }

  getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(
      null,
      this.list.map((identity) => identity.key),
    );
  }

  override sign(
    key: ParsedKey | Buffer | string,
    data: Buffer,
    second: { hash?: string } | ((error?: Error | null, signature?: Buffer) => void),
    third?: (error?: Error | null, signature?: Buffer) => void,
  ): void {
    const done = typeof second === 'function' ? second : third!;
    const hash = typeof second === 'function' ? undefined : second.hash;
    const wanted = (key as ParsedKey).getPublicSSH();
    const identity = this.list.find((one) => one.key.getPublicSSH().equals(wanted));
    if (identity) {
      this.proof.login = `the key ${identity.label}`;
      identity.sign(data, hash).then(
        (signature) => done(null, signature),
        (error: Error) => done(error),
      );
    } else {
      done(new Error('no such key'));
    }
  }
}

/** The keys of an agent; none if it does not answer. */
export function agentIdentities(socketPath: string): Promise<Identity[]> {
  const agent = new OpenSSHAgent(socketPath);
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      const list = error || !keys ? [] : (keys as ParsedKey[]);
      resolve(
        list.map((key) => ({
          label: `agent (${key.comment || key.type})`,
          key,
          sign: (data, hash) =>
            new Promise((signed, failed) => {
              agent.sign(key, data, { hash: hash as 'sha256' }, (problem, signature) => {
                if (problem || !signature) failed(problem ?? new Error('the agent refused to sign'));
                else signed(signature as Buffer);
              });
            }),
        })),
      );
    });
  });
}

/** A key in a file: `encrypted` if a passphrase is needed (or wrong), undefined if it is not a key. */
export function parseKey(text: Buffer | string, passphrase?: string): ParsedKey | 'encrypted' | undefined {
  const parsed = utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (!(parsed instanceof Error)) return Array.isArray(parsed) ? parsed[0] : parsed;
  return /passphrase|encrypted|bad decrypt|integrity check/i.test(parsed.message) ? 'encrypted' : undefined;
}

function failureOf(
  error: Error & { level?: string },
  offered: string[],
  offer: ServerOffer | undefined,
): SessionFailure {
  const { level, message } = error;
  const nothing = /no matching (key exchange|host key|.*cipher|.*MAC|.*compression)/i.exec(message)?.[1];
  if (nothing !== undefined) return new SessionFailure('algorithms', nothingInCommon(nothing, offer));
  if (level === 'client-authentication' || /too many authentication failures/i.test(message)) {
    return new SessionFailure('auth', message, offered);
  }
  if (level === 'client-timeout') return new SessionFailure('timeout', message);
  if (level === 'client-socket' || /lost before handshake|ECONNRESET|EPIPE/.test(message)) {
    return new SessionFailure('lost', message);
  }
  return new SessionFailure('protocol', message);
}

/** Which kind of algorithm there is none of in common, and what the server has. */
function nothingInCommon(kind: string, offer: ServerOffer | undefined): string {
  const [what, has] =
    kind === 'key exchange'
      ? [kind, offer?.kex.filter((name) => !/^(ext-info|kex-strict)-/.test(name))]
      : kind === 'host key'
        ? ['type of host key', offer?.hostKeys]
        : /cipher/i.test(kind)
          ? ['cipher', offer?.ciphers]
          : /MAC/.test(kind)
            ? ['MAC', offer?.macs]
            : [kind, undefined];
  return `there is no ${what} that both sides have${has ? `; the host has ${has.join(', ')}` : ''}`;
}

function reasonOf(error: Error | undefined): string {
  if (!error) return 'the host closed the connection';
  if (/keepalive timeout/i.test(error.message)) return 'the host gave no sign of life';
  return error.message;
}

function tunnel(client: InstanceType<typeof Client>, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
      if (error) reject(new SessionFailure('protocol', error.message));
      else resolve(stream);
    });
  });
}

function exec(
  client: InstanceType<typeof Client>,
  command: string,
  terminal: boolean,
  closed: Promise<string | undefined>,
): Promise<Channel> {
  const options = terminal ? { pty: { term: 'vt100', cols: 80, rows: 24, width: 640, height: 480 } } : {};
  return new Promise((resolve, reject) => {
    const refused = (error: Error) => reject(new ChannelRefused(`the host opens no further session: ${error.message}`));
    try {
      client.exec(command, options, (error, stream) => (error ? refused(error) : resolve(channelOf(stream, closed))));
    } catch (error) {
      reject(new UnreachableError(`the connection is over: ${(error as Error).message}`));
    }
  });
}

function channelOf(stream: ClientChannel, closed: Promise<string | undefined>): Channel {
  const over = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  const ended = new Promise<ChannelEnd>((resolve) => {
    stream.once('exit', async (code: number | null, signal?: string) => {
      await lastWords([stream, stream.stderr], over, 500);
      resolve({ code, signal });
    });
    const lost = (reason = 'it was closed') =>
      resolve({ code: null, lost: new UnreachableError(`the connection was lost: ${reason}`) });
    void closed.then(lost);
    // A channel that closes without an exit code: the connection's end, whose reason is told a moment later.
    void over.then(() => setTimeout(() => lost('the channel was closed'), 50).unref());
  });
  for (const one of [stream, stream.stderr]) one.on('error', () => {});
  return {
    stdin: stream,
    stdout: stream,
    stderr: stream.stderr as Channel['stderr'],
    ended,
    release() {
      stream.resume();
      stream.stderr.resume();
      stream.end();
      // A background process may hold the channel open after its shell has gone.
      void ended.then(() => stream.close());
    },
    kill() {
      try {
        stream.signal('KILL');
        stream.close();
      } catch {
        // The connection is gone already.
      }
      stream.resume();
      stream.stderr.resume();
    },
  };
}
