/**
 * From a host's variables and ssh's configuration to a connection: the hops on the way, each with its own configuration and
 * its own checked host key; who logs in with what; attempts, and the words for why it did not work.
 */
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, UnreachableError } from '../../errors.ts';
import { localUser } from '../local_user.ts';
import type { Connection } from '../shell/channel.ts';
import type { ConnectionTarget, HostKeyChecking } from '../target.ts';
import { readSshArgs } from './args.ts';
import { Clock } from './clock.ts';
import { type HostConfig, resolveConfig } from './config.ts';
import { authFailure, changedKey, mayHelp, revokedKey, through, unknownKey, worded } from './failures.ts';
import { identitiesFor } from './keys.ts';
import { addKnownHost, fingerprint, KnownHosts, keyType, lookupName } from './known_hosts.ts';
import { openProxy, openTcp, SocketFailure } from './socket.ts';
import { type Identity, openSession, type ParsedKey, type Session, SessionFailure } from './ssh.ts';

/** What ssh needs of the controller. */
export interface SshOptions {
  /** Home folder of the user; that of the process's user if not given. */
  home?: string | undefined;
  /** ~/.ssh/config if not given; null: none. */
  configFile?: string | null | undefined;
  /** /etc/ssh/ssh_config if not given; null: none. */
  systemConfigFile?: string | null | undefined;
  /** SSH_AUTH_SOCK. */
  agentSocket?: string | undefined;
  /** For `${NAME}` in the configuration. */
  environment?: Record<string, string | undefined> | undefined;
  /** For hosts whose target and configuration say nothing. */
  hostKeyChecking?: HostKeyChecking | undefined;
  /** Asks the user for a key's passphrase; undefined: there is none to be had. */
  askPassphrase?: ((path: string, wrong: boolean) => Promise<string | undefined>) | undefined;
  /** ssh's own: where the keys of hosts are kept besides the user's files. */
  globalKnownHosts?: readonly string[] | undefined;
}

type Given = Array<readonly [keyword: string, value: string]>;

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
}

/** Seconds before the second attempt; twice as long before each further one. */
const FIRST_PAUSE = 0.4;

export class SshConnector {
  /** Connections to jump hosts, shared by all hosts behind them. */
  readonly #jumps = new Map<string, { session: Promise<Session>; users: number }>();
  readonly #unlocked = new Map<string, Promise<ParsedKey>>();
  readonly #said = new Set<string>();
  readonly #home: string;

  constructor(private readonly options: SshOptions = {}) {
    this.#home = options.home ?? homedir();
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
    const hop = this.#lastHop(target, warn, signal);
    const { config } = hop;
    const where = `${config.user}@${config.hostName} port ${config.port}`;
    const retries = target.retries ?? Math.max(2, Number(config.get('connectionattempts') ?? 1) - 1);
    for (let attempt = 0; ; attempt++) {
      try {
        const session = await this.#session(hop);
        const way = config.get('proxyjump') ?? config.get('proxycommand');
        note(`connected to ${where}${way === undefined ? '' : `, through ${way}`}, with ${session.login}`);
        return connectionOf(session, config.user, where);
      } catch (error) {
        if (!mayHelp(error) || attempt >= retries) throw worded(error, where, attempt + 1);
        note(`attempt ${attempt + 1} to connect to ${where}: ${(error as Error).message}`);
      }
      // A crowd that was refused together (MaxStartups) must not come back together.
      await sleep(FIRST_PAUSE * 2 ** attempt * (0.75 + Math.random() / 2) * 1000, undefined, { signal }).catch(
        () => {},
      );
      if (signal.aborted) throw signal.reason;
    }
  }

  #lastHop(target: ConnectionTarget, warn: (text: string) => void, signal: AbortSignal): Hop {
    const address = target.address ?? target.name;
    const args = readSshArgs(target.sshArgs ?? '');
    for (const text of args.warnings) this.#warnOnce(warn, text);
    const given: Given = [];
    if (target.port !== undefined) given.push(['port', String(target.port)]);
    if (target.user !== undefined) given.push(['user', target.user]);
    if (target.privateKeyFile !== undefined) given.push(['identityfile', target.privateKeyFile]);
    given.push(...args.options);
    const configFile = args.configFile;
    const config = this.#config(address, given, configFile);
    for (const note of config.notes) this.#warnOnce(warn, `ssh configuration: ${note}`);
    const checking = target.hostKeyChecking;
    return { config, target, trail: [], checking, configFile, timeout: target.timeout, warn, signal };
  }

  #config(alias: string, given: Given, configFile: string | undefined): HostConfig {
    const { options } = this;
    const file = configFile ?? options.configFile;
    const config = resolveConfig(alias, given, {
      named: configFile !== undefined,
      home: this.#home,
      localUser: localUser(),
      localHost: hostname(),
      environment: options.environment,
      userFile: file === null || file === 'none' ? undefined : (file ?? join(this.#home, '.ssh', 'config')),
      // As with ssh, -F replaces the system's file too.
      systemFile:
        configFile !== undefined || options.systemConfigFile === null
          ? undefined
          : (options.systemConfigFile ?? '/etc/ssh/ssh_config'),
    });
    // S-17: what begins with a dash would be an option of a program in a ProxyCommand.
    for (const [what, text] of [
      ['host', config.hostName],
      ['user', config.user],
    ] as const) {
      if (text === '' || text.startsWith('-') || /[\s\0]/.test(text)) {
        throw new UnreachableError(`"${text}" is not the name of a ${what}`);
      }
    }
    if (!(config.port > 0 && config.port < 65_536))
      throw new UnreachableError(
        `ssh's configuration says \`Port ${config.values.get('port')?.[0]}\`, which is no port`,
      );
    if (config.values.has('certificatefile'))
      config.notes.push('CertificateFile: certificates of users are not supported');
    return config;
  }

  async #session(hop: Hop): Promise<Session> {
    const { config } = hop;
    const timeout = hop.timeout ?? Number(config.get('connecttimeout') ?? 10);
    const clock = new Clock(timeout);
    const way = await this.#socket(hop, timeout);
    const unusable = new Map<string, string>();
    const identities = await clock.pausedFor(this.#identities(hop, clock, unusable));
    clock.start('shake hands');
    try {
      const session = await openSession({
        socket: way.socket,
        user: config.user,
        ...this.#hostKey(hop),
        identities,
        password: hop.target?.password,
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
      if (error.kind === 'auth')
        throw authFailure(error, hop.config.user, hop.target?.password !== undefined, identities, unusable);
      const said = error.kind === 'lost' ? await way.said() : '';
      if (said) throw new SocketFailure(`the ProxyCommand ended: ${said}`, false);
      const proxied = error.kind === 'lost' && config.get('proxyjump') === undefined && config.get('proxycommand');
      throw proxied ? new SocketFailure('the ProxyCommand ended, and said nothing', true) : error;
    } finally {
      clock.stop();
    }
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

  async #socket(hop: Hop, timeout: number): Promise<{ socket: Duplex; said(): Promise<string> }> {
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
    const config = this.#config(name!.replace(/^\[(.*)\]$/, '$1'), given, hop.configFile);
    const self = `${config.user}@${config.hostName}:${config.port}`;
    if (hop.trail.includes(self) || self === nameOf(hop.config)) {
      throw new UnreachableError(`ProxyJump: the way to ${last} leads through ${last} itself`);
    }
    const via = { ...hop, config, target: undefined, trail: [...hop.trail, nameOf(hop.config)] };
    const jump = this.#jump(JSON.stringify([self, jumps, hop.configFile, hop.checking]), via);
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

  /** `~/.ssh/known_hosts`, as one would write it. */
  #shownFile(path: string): string {
    return path.startsWith(`${this.#home}/`) ? `~${path.slice(this.#home.length)}` : path;
  }

  /** How the host's key is judged, and which of its keys it is asked for. */
  #hostKey(hop: Hop): { knownTypes: string[]; verify(key: Buffer): Error | undefined } {
    const { config } = hop;
    const own = config.paths('userknownhostsfile') ?? [
      join(this.#home, '.ssh', 'known_hosts'),
      join(this.#home, '.ssh', 'known_hosts2'),
    ];
    const global = config.paths('globalknownhostsfile') ??
      this.options.globalKnownHosts ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
    const known = new KnownHosts([...own, ...global]);
    const alias = config.get('hostkeyalias');
    const host = alias ?? config.hostName;
    const port = alias === undefined ? config.port : 22;
    const checking = hop.checking ?? checkingOf(config) ?? this.options.hostKeyChecking ?? 'yes';
    return {
      knownTypes: known.types(host, port),
      verify: (key) => {
        const verdict = known.check(host, port, key);
        const name = lookupName(host, port);
        if (verdict.is === 'known') return undefined;
        if (verdict.is === 'revoked') return revokedKey(name, key, verdict.place);
        if (verdict.is === 'changed')
          return changedKey(name, key, verdict, this.#shownFile(verdict.place.replace(/:\d+$/, '')));
        if (checking === 'no') return undefined;
        if (known.unreadable !== undefined)
          return new UnreachableError(`nobody can tell whether the host key of ${name} is known: ${known.unreadable}`);
        if (checking === 'yes')
          return unknownKey(name, host, port, key, verdict.certAuthority, this.#shownFile(own[0]!));
        let kept = `was added to ${own[0]}`;
        try {
          addKnownHost(own[0]!, host, port, key, /^yes$/i.test(config.get('hashknownhosts') ?? ''));
        } catch (error) {
          kept = `could not be added to ${own[0]}: ${reasonOf(error)}`;
        }
        hop.warn(`the ${keyType(key)} key of ${name} (${fingerprint(key)}) was new and ${kept}`);
        return undefined;
      },
    };
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

/** `PreferredAuthentications` and the switches of the methods. */
function methodsOf(config: HostConfig): string[] {
  const order = config.get('preferredauthentications')?.split(',') ?? ['publickey', 'password', 'keyboard-interactive'];
  const off = (keyword: string) => /^(no|false)$/i.test(config.get(keyword) ?? '');
  return order
    .map((method) => method.trim())
    .filter(
      (method) =>
        (method === 'publickey' && !off('pubkeyauthentication')) ||
        (method === 'password' && !off('passwordauthentication')) ||
        (method === 'keyboard-interactive' && !off('kbdinteractiveauthentication')),
    );
}

function checkingOf(config: HostConfig): HostKeyChecking | undefined {
  switch (config.get('stricthostkeychecking')?.toLowerCase()) {
    case 'yes':
    case 'true':
    case 'ask':
      return 'yes';
    case 'accept-new':
      return 'accept-new';
    case 'no':
    case 'off':
    case 'false':
      return 'no';
    default:
      return undefined;
  }
}
