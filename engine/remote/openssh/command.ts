/** The command line of the system's ssh, from a host's variables: what is said here comes first, and so wins over its configuration. */
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type HostConfig, splitWords } from '../ssh/config.ts';
import { effectiveChecking } from '../ssh/host_key.ts';
import { homeOf, knownHostsFiles, type SshOptions } from '../ssh/resolve.ts';
import type { ConnectionTarget } from '../target.ts';

/** Letters of ssh's command line that would make it something else than a connection of ours; with `true`, they take a value. */
const NOT_OURS: Record<string, boolean> = {
  f: false,
  G: false,
  M: false,
  N: false,
  n: false,
  s: false,
  T: false,
  t: false,
  V: false,
  v: false,
  E: true,
  O: true,
  Q: true,
  S: true,
  W: true,
};
const WITH_VALUE = 'BbcDeFIiJLlmopRw';

/** The arguments with which a connection is opened that other processes of ssh then share (`control`). */
export function connectionArguments(
  target: ConnectionTarget,
  config: HostConfig,
  options: SshOptions,
  paths: { control: string; newKeys: string; config: string },
): string[] {
  const seconds = target.timeout ?? Number(config.get('connecttimeout') ?? 10);
  const set: Record<string, string | number> = {
    ControlMaster: 'yes',
    ControlPersist: 'no',
    // Where ends what it says of the channels: see connection.ts.
    LogLevel: 'DEBUG3',
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForkAfterAuthentication: 'no',
    PermitLocalCommand: 'no',
    RemoteCommand: 'none',
    RequestTTY: 'no',
    ConnectTimeout: Math.max(1, Math.ceil(seconds)),
    ServerAliveInterval: target.keepalive ?? config.get('serveraliveinterval') ?? 15,
    ServerAliveCountMax: config.get('serveralivecountmax') ?? 3,
    // Each further one waits for the host's pause after a wrong password.
    NumberOfPasswordPrompts: target.password === undefined ? 3 : 1,
  };
  if (target.password === undefined) set['PasswordAuthentication'] = 'no';
  if (target.password === undefined && !options.askLogin) set['KbdInteractiveAuthentication'] = 'no';
  const words = [...Object.entries(set).flatMap(given), ...hostKeys(target, config, options, paths.newKeys)];
  if (target.port !== undefined) words.push('-p', String(target.port));
  if (target.user !== undefined) words.push('-l', target.user);
  if (target.privateKeyFile !== undefined) words.push('-i', target.privateKeyFile);
  words.push(...userArguments(target.sshArgs ?? ''), ...files(config, options, paths.config));
  return ['-N', '-T', ...words, '-S', paths.control, '--', target.address ?? target.name];
}

const given = ([name, value]: [string, string | number]): string[] => ['-o', `${name}=${value}`];

/** How unknown keys are met. `ask` is a question to us, whose text has the fingerprint; the answer is no. */
function hostKeys(target: ConnectionTarget, config: HostConfig, options: SshOptions, newKeys: string): string[] {
  const { checking } = effectiveChecking({ config, checking: target.hostKeyChecking }, options);
  const { own, global } = knownHostsFiles(config, options);
  const word = { yes: 'ask', 'accept-new': 'accept-new', no: 'accept-new' }[checking];
  const words = ['-o', `StrictHostKeyChecking=${word}`, '-o', 'UpdateHostKeys=no'];
  // A changed key is refused whatever the setting. So `no` is to accept new keys, and to remember them where nobody looks.
  if (checking === 'no') words.push('-o', `UserKnownHostsFile=${[newKeys, ...own].map(quoted).join(' ')}`);
  if (options.globalKnownHosts !== undefined)
    words.push('-o', `GlobalKnownHostsFile=${global.map(quoted).join(' ') || 'none'}`);
  return words;
}

/** ssh reads its files below the home folder of the user database; another one has to be said, in a configuration of ours. */
function files(config: HostConfig, options: SshOptions, configPath: string): string[] {
  const words: string[] = [];
  const { configFile, systemConfigFile } = options;
  const isOwn = isUsual(options) && configFile === undefined && systemConfigFile === undefined;
  if (!isOwn) {
    const own = configFile === undefined ? join(homeOf(options), '.ssh', 'config') : configFile;
    const read = [own, systemConfigFile === undefined ? '/etc/ssh/ssh_config' : systemConfigFile];
    const lines = read.filter((path) => path !== null && path !== 'none').map((path) => `Include ${quoted(path!)}\n`);
    // For the host and for its jump hosts, where nothing else is said.
    if (!isUsual(options)) lines.push(...usualFiles(config, options));
    writeFileSync(configPath, lines.join(''), { mode: 0o600 });
    words.push('-F', configPath);
  }
  if (options.agentSocket !== undefined && config.values.get('identityagent') === undefined)
    words.push('-o', `IdentityAgent=${quoted(options.agentSocket)}`);
  return words;
}

function usualFiles(config: HostConfig, options: SshOptions): string[] {
  const below = (names: string[]) => names.map((name) => quoted(join(homeOf(options), '.ssh', name)));
  const known = `UserKnownHostsFile ${below(['known_hosts', 'known_hosts2']).join(' ')}\n`;
  if (config.values.has('identityfile')) return ['Host *\n', known];
  const keys = below(['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk']);
  return ['Host *\n', known, ...keys.map((path) => `IdentityFile ${path}\n`)];
}

function isUsual(options: SshOptions): boolean {
  return options.home === undefined || options.home === userInfo().homedir;
}

const quoted = (path: string): string => (/[\s"']/.test(path) ? `"${path.replaceAll('"', '\\"')}"` : path);

/** ansible_ssh_common_args and the like, without what would turn the connection into something else. */
export function userArguments(text: string): string[] {
  const kept: string[] = [];
  const words = splitWords(text);
  for (let at = 0; at < words.length; at++) {
    const letters = /^-([A-Za-z0-9].*)$/.exec(words[at]!)?.[1];
    // Anything else would be taken for the host, and what follows for the command.
    if (letters === undefined) continue;
    let flags = '';
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i]!;
      const takes = NOT_OURS[letter] ?? WITH_VALUE.includes(letter);
      if (!takes) {
        if (!(letter in NOT_OURS)) flags += letter;
        continue;
      }
      const value = letters.slice(i + 1) || words[++at];
      if (!(letter in NOT_OURS) && value !== undefined) kept.push(`-${letter}`, value);
      break;
    }
    if (flags !== '') kept.push(`-${flags}`);
  }
  return kept;
}

/** The arguments of a channel on that connection; `log` takes what ssh itself says, so that stderr is the command's alone. */
export function channelArguments(control: string, log: string, terminal: boolean, command: string): string[] {
  // Without the connection it would make one of its own: it has no way to.
  const options = ['-F', 'none', '-S', control, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false', '-v', '-E', log];
  return [...options, terminal ? '-tt' : '-T', '--', 'host', command];
}
