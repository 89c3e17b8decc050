/**
 * From a host's variables and ssh's configuration to a connection by ssh2: the hops on the way, each with its own configuration and
 * its own checked host key; who logs in with what; attempts, and the words for why it did not work.
 */
import type { Duplex } from 'node:stream';
import { UnreachableError } from '../../errors.ts';
import type { Connection } from '../shell/channel.ts';
import type { ConnectionTarget, HostKeyChecking } from '../target.ts';
import { LoginAnswers } from './answers.ts';
import { withAttempts } from './attempts.ts';
import { Clock } from './clock.ts';
import type { HostConfig } from './config.ts';
import { authFailure, through } from './failures.ts';
import { hostKeyJudge } from './host_key.ts';
import { certificatesFor, identitiesFor, identityPrint } from './keys.ts';
import { type Given, homeOf, hostConfig, methodsOf, resolveTarget, type SshOptions } from './resolve.ts';
import { SessionFailure } from './session_failure.ts';
import { firstWord, Knocking, type OnSilence, Silence } from './silence.ts';
import { openProxy, openTcp, SocketFailure } from './socket.ts';
import { type Identity, openSession, type ParsedKey, type Session } from './ssh.ts';

/** One host on the way. */
interface Hop {
  config: HostConfig;
  /** The last hop's, whose password, passphrase and key file are for it alone. */
  target?: ConnectionTarget | undefined;
  trail: readonly string[];
  checking: HostKeyChecking | undefined;
  configFile: string | undefined;
  timeout: number | undefined;
  warn(text: string): void;
  signal: AbortSignal;
  silence: Silence;
}

/** A socket to a host, and what its ProxyCommand said. */
interface Way {
  socket: Duplex;
  said(): Promise<string>;
}

/** Milliseconds. OpenSSH gives two minutes for a login, hardened servers half a minute. */
const WAITED_TOO_LONG = 15_000;

const CERTIFICATE = 'ssh configuration: CertificateFile: certificates of users are for `ansible_connection: openssh`';

export class SshConnector {
  /** Connections to jump hosts, shared by all hosts behind them. */
  readonly #jumps = new Map<string, { session: Promise<Session>; users: number }>();
  readonly #unlocked = new Map<string, Promise<ParsedKey>>();
  readonly #said = new Set<string>();
  readonly #knocking = new Knocking();
  readonly #home: string;

  constructor(
    private readonly options: SshOptions = {},
    private readonly onSilence?: OnSilence,
  ) {
    this.#home = homeOf(options);
  }

  /**
   * Connects to a host; tries again where that may help. `warn` is told what the user should know, `note` what who looks for
   * the reason of a trouble wants to know.
   */
  async connect(
    target: ConnectionTarget,
    warn: (text: string) => void,
    signal: AbortSignal = new AbortController().signal,
    note: (text: string) => void = () => {},
  ): Promise<Connection> {
    const { config, configFile, warnings } = resolveTarget(target, this.options);
    for (const text of warnings) this.#warnOnce(warn, text);
    if (config.values.has('certificatefile')) this.#warnOnce(warn, CERTIFICATE);
    const checking = target.hostKeyChecking;
    const silence = new Silence(this.onSilence);
    const hop: Hop = {
      config,
      target,
      trail: [],
      checking,
      configFile,
      timeout: target.timeout,
      warn,
      signal,
      silence,
    };
    const where = `${config.user}@${config.hostName} port ${config.port}`;
    const session = await withAttempts(target, config, { where, signal, note }, () => this.#session(hop)).finally(() =>
      silence.over(),
    );
    const way = config.get('proxyjump') ?? config.get('proxycommand');
    note(`connected to ${where}${way === undefined ? '' : `, through ${way}`}, with ${session.login}`);
    return connectionOf(session, config.user, where);
  }

  async #session(hop: Hop): Promise<Session> {
    const { config } = hop;
    const timeout = hop.timeout ?? Number(config.get('connecttimeout') ?? 10);
    const clock = new Clock(timeout);
    const way = await this.#answered(hop, clock, timeout);
    const unusable = new Map<string, string>();
    const identities = await clock.pausedFor(this.#identities(hop, clock, unusable));
    let answers: LoginAnswers | undefined;
    clock.start('shake hands');
    try {
      const session = await openSession({
        socket: way.socket,
        user: config.user,
        ...hostKeyJudge(hop, this.options),
        identities,
        password: hop.target?.password,
        answers: () => {
          answers = this.#answers(hop, clock);
          return answers;
        },
        methods: methodsOf(config),
        keepalive: hop.target?.keepalive ?? Number(config.get('serveraliveinterval') ?? 15),
        keepaliveCount: Number(config.get('serveralivecountmax') ?? 3),
        onHandshake: () => clock.start('log in'),
        signal: AbortSignal.any([clock.signal, hop.signal]),
      });
      for (const [path, why] of unusable) this.#warnOnce(hop.warn, `private key ${path}: ${why}`);
      return session;
    } catch (error) {
      if (!(error instanceof SessionFailure)) throw error;
      if (error.kind === 'auth') {
        const keys = identities.filter((one) => !unusable.has(one.label));
        const tried = keys.map((one) => `${one.label} ${identityPrint(one)}`);
        if (hop.target?.password !== undefined) tried.push('the password');
        const { methods, message: said } = error;
        const unanswered = answers?.unanswered;
        const certificates = certificatesFor(config, this.#home);
        throw authFailure({ user: config.user, methods, tried, unusable, unanswered, said, certificates });
      }
      const said = error.kind === 'lost' ? await way.said() : '';
      if (said) throw new SocketFailure(`the ProxyCommand ended: ${said}`, false);
      const proxied = error.kind === 'lost' && config.get('proxyjump') === undefined && config.get('proxycommand');
      throw proxied ? new SocketFailure('the ProxyCommand ended, and said nothing', true) : error;
    } finally {
      clock.stop();
    }
  }

  /** What the last hop asks for besides the password goes to whoever is at the terminal; a jump host's is not for the password. */
  #answers(hop: Hop, clock: Clock): LoginAnswers {
    const { askLogin } = this.options;
    return new LoginAnswers({
      password: hop.target?.password,
      passwordPrompt: hop.target?.passwordPrompt,
      ask:
        askLogin &&
        ((question, secret) => clock.pausedFor(askLogin(hop.target?.name ?? hop.config.alias, question, secret))),
    });
  }

  /** What is wrong with a key file, an option or ssh's configuration is said for the first host alone. */
  #warnOnce(warn: (text: string) => void, text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    warn(text);
  }

  #identities(hop: Hop, clock: Clock, unusable: Map<string, string>): Promise<Identity[]> {
    if (!methodsOf(hop.config).includes('publickey')) return Promise.resolve([]);
    const named = hop.target?.privateKeyFile === undefined ? [] : (hop.config.paths('identityfile') ?? []).slice(0, 1);
    return identitiesFor({
      config: hop.config,
      home: this.#home,
      agentSocket: this.options.agentSocket,
      environment: this.options.environment,
      named,
      passphrase: hop.target?.passphrase,
      askPassphrase: async (path, wrong) => this.options.askPassphrase?.(path, wrong),
      unlocked: this.#unlocked,
      waiting: (work) => clock.pausedFor(work),
      warn: (text) => this.#warnOnce(hop.warn, text),
      unusable: (path, why) => unusable.set(path, why),
    });
  }

  /** The way to a host that has said its first word: until then it takes nobody's turn. */
  async #answered(hop: Hop, clock: Clock, timeout: number): Promise<Way> {
    const { config, silence } = hop;
    const direct = config.get('proxycommand') === undefined && config.get('proxyjump') === undefined;
    if (!direct || !hop.target) {
      if (hop.target) silence.begin();
      return this.#socket(hop, timeout);
    }
    return this.#knocking.one(`${config.hostName}:${config.port}`, async (allowed) => {
      if (allowed) silence.now();
      const way = await this.#socket(hop, timeout);
      clock.start('shake hands');
      try {
        await firstWord(way.socket, AbortSignal.any([clock.signal, hop.signal]));
        const since = performance.now();
        await clock.pausedFor(silence.over());
        if (performance.now() - since < WAITED_TOO_LONG) return way;
      } finally {
        clock.stop();
      }
      // It may be about to end what has not logged in for so long.
      way.socket.destroy();
      return this.#socket(hop, timeout);
    });
  }

  async #socket(hop: Hop, timeout: number): Promise<Way> {
    const { config } = hop;
    const silent = async () => '';
    const jumps = config.get('proxyjump');
    if (jumps !== undefined) return { socket: await this.#through(jumps, hop), said: silent };
    const proxy = config.get('proxycommand');
    if (proxy !== undefined) {
      for (const text of [config.hostName, config.user]) {
        if (/[^\w.:@%[\]+-]/.test(text)) throw new UnreachableError(`"${text}" may not be part of a ProxyCommand`);
      }
      return openProxy(config.expand(proxy));
    }
    const family = { inet: 4, inet6: 6 }[config.get('addressfamily')?.toLowerCase() ?? ''] as 4 | 6 | undefined;
    const localAddress = config.get('bindaddress');
    const socket = await openTcp({
      host: config.hostName,
      port: config.port,
      family,
      localAddress,
      timeout,
      signal: hop.signal,
    });
    return { socket, said: silent };
  }

  /** Opens a tunnel through the last host of a list; the ones before it are its own jumps. */
  async #through(jumps: string, hop: Hop): Promise<Duplex> {
    const list = jumps.split(',').map((text) => text.trim());
    const last = list.pop()!;
    const parsed = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(last);
    if (!parsed) throw new UnreachableError(`ProxyJump: "${last}" is not [user@]host[:port]`);
    const [, user, name, port] = parsed;
    const given: Given = [];
    if (user !== undefined) given.push(['user', user]);
    if (port !== undefined) given.push(['port', port]);
    if (list.length > 0) given.push(['proxyjump', list.join(',')]);
    const config = hostConfig(name!.replace(/^\[(.*)\]$/, '$1'), given, hop.configFile, this.options);
    const self = nameOf(config);
    if (hop.trail.includes(last) || leadsToItself(hop.config, config)) {
      throw new UnreachableError(`ProxyJump: the way to ${last} leads through ${last} itself`);
    }
    // What the host's variables say of checking keys is not for its jump hosts.
    const via = { ...hop, config, target: undefined, checking: undefined, trail: [...hop.trail, last] };
    const jump = this.#jump(JSON.stringify([self, jumps, hop.configFile]), via);
    try {
      const session = await jump.session;
      const tunnel = await session.tunnel(hop.config.hostName, hop.config.port);
      tunnel.once('close', jump.leave);
      tunnel.on('error', () => {});
      return tunnel;
    } catch (error) {
      jump.leave();
      throw through(error, last);
    }
  }

  /** The shared connection to a jump host; closed when the last that uses it leaves. */
  #jump(key: string, hop: Hop): { session: Promise<Session>; leave(): void } {
    let shared = this.#jumps.get(key);
    if (!shared) {
      const made = { session: this.#session(hop), users: 0 };
      const forget = () => {
        if (this.#jumps.get(key) === made) this.#jumps.delete(key);
      };
      made.session.then((session) => session.closed.then(forget), forget);
      this.#jumps.set(key, made);
      shared = made;
    }
    const one = shared;
    one.users++;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      one.users--;
      if (one.users > 0) return;
      if (this.#jumps.get(key) === one) this.#jumps.delete(key);
      one.session.then(
        (session) => session.close(),
        () => {},
      );
    };
    return { session: one.session, leave };
  }
}

function connectionOf(session: Session, user: string, where: string): Connection {
  return {
    local: false,
    user,
    where,
    open: (command, { terminal = false } = {}) => session.exec(command, terminal),
    close: () => session.close(),
    closed: session.closed.then((reason) =>
      reason === undefined ? undefined : new UnreachableError(`the connection to ${where} was lost: ${reason}`),
    ),
  };
}

function nameOf(config: HostConfig): string {
  return `${config.user}@${config.hostName}:${config.port}`;
}

/** As ssh sees it: a jump host that is called what its target is. Two names for one address are two hosts. */
function leadsToItself(target: HostConfig, jump: HostConfig): boolean {
  return jump.alias === target.hostName && jump.port === target.port && jump.user === target.user;
}
