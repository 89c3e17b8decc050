/** What ssh's configuration, a host's variables and the command line say together about one host. */
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { UnreachableError } from '../../errors.ts';
import { localUser } from '../local_user.ts';
import type { ConnectionTarget, HostKeyChecking } from '../target.ts';
import { readSshArgs } from './args.ts';
import { type HostConfig, resolveConfig } from './config.ts';

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
  /** Asks the user what a host wants to know beyond the password: a one-time code, a PIN; undefined: there is nobody. */
  askLogin?: ((host: string, question: string, secret: boolean) => Promise<string | undefined>) | undefined;
  /** ssh's own: where the keys of hosts are kept besides the user's files. */
  globalKnownHosts?: readonly string[] | undefined;
}

export type Given = Array<readonly [keyword: string, value: string]>;

/** A host of the inventory, with its configuration. */
interface ResolvedTarget {
  config: HostConfig;
  /** A configuration file instead of the user's own (`-F`). */
  configFile: string | undefined;
  /** What was written and has no meaning here. */
  warnings: string[];
}

/** The home folder in which ssh's files are. */
export function homeOf(options: SshOptions): string {
  return options.home ?? homedir();
}

/** The configuration of a host of the inventory; its variables come first, as on ssh's command line. */
export function resolveTarget(target: ConnectionTarget, options: SshOptions): ResolvedTarget {
  const args = readSshArgs(target.sshArgs ?? '');
  if (args.stray !== undefined)
    throw new UnreachableError(
      `"${args.stray}" among the ssh arguments of ${target.name} is no option of ssh`,
      'ssh would take it for the host to connect to: see ansible_ssh_args, ansible_ssh_common_args and ansible_ssh_extra_args',
    );
  const given: Given = [];
  if (target.port !== undefined) given.push(['port', String(target.port)]);
  if (target.user !== undefined) given.push(['user', target.user]);
  if (target.privateKeyFile !== undefined) given.push(['identityfile', target.privateKeyFile]);
  given.push(...args.options);
  const config = hostConfig(target.address ?? target.name, given, args.configFile, options);
  const notes = config.notes.map((note) => `ssh configuration: ${note}`);
  return { config, configFile: args.configFile, warnings: [...args.warnings, ...notes] };
}

/** The configuration of any host on the way; what would be an option of a program instead of a name is refused. */
export function hostConfig(
  alias: string,
  given: Given,
  configFile: string | undefined,
  options: SshOptions,
): HostConfig {
  const file = configFile ?? options.configFile;
  const home = homeOf(options);
  const config = resolveConfig(alias, given, {
    named: configFile !== undefined,
    home,
    localUser: localUser(),
    localHost: hostname(),
    environment: options.environment,
    userFile: file === null || file === 'none' ? undefined : (file ?? join(home, '.ssh', 'config')),
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
    throw new UnreachableError(`ssh's configuration says \`Port ${config.values.get('port')?.[0]}\`, which is no port`);
  return config;
}

/** The files of known hosts that count for a host: the user's, the first of which takes new keys, and the system's. */
export function knownHostsFiles(config: HostConfig, options: SshOptions): { own: string[]; global: readonly string[] } {
  const home = homeOf(options);
  const own = config.paths('userknownhostsfile') ?? [
    join(home, '.ssh', 'known_hosts'),
    join(home, '.ssh', 'known_hosts2'),
  ];
  const global = config.paths('globalknownhostsfile') ??
    options.globalKnownHosts ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
  return { own, global };
}

/** `PreferredAuthentications` and the switches of the methods. */
export function methodsOf(config: HostConfig): string[] {
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

/** What `StrictHostKeyChecking` decides; `ask` leaves it to whoever calls, who may have said --accept-new. */
export function checkingOf(config: HostConfig): HostKeyChecking | undefined {
  switch (config.get('stricthostkeychecking')?.toLowerCase()) {
    case 'yes':
    case 'true':
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
