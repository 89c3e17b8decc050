/** From a command line and settings to the options of a run. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reasonOf, UsageError } from '../../errors.ts';
import type { RunOptions } from '../../index.ts';
import { openedSource, secretsIn } from '../../yaml/secrets.ts';
import { type Console, InputError } from '../console.ts';
import { findInventories, nearFile } from '../settings/find_files.ts';
import type { Settings } from '../settings/settings.ts';
import { readExtraVars } from './extra_vars.ts';
import type { Given } from './option_table.ts';
import { becomePassword, loginPassword, vaultSecrets } from './secrets.ts';

/** Everything but what to run. Asks for passwords where the command line says so. */
export async function runOptions(
  given: Given,
  settings: Settings,
  console: Console,
): Promise<Omit<RunOptions, 'playbook'>> {
  if (given.has('step') && !console.interactive)
    throw new UsageError('`--step` asks before each task, and nobody is there to answer');
  const password = await loginPassword(given, settings, console);
  const become = await becomeOptions(given, settings, console, password);
  const secrets: string[] = [];
  const vault = (await vaultSecrets(given, settings, console)).map(({ id, password: secret }) => ({
    id,
    password: String(secret),
    opened: (plain: Buffer) => void secrets.push(...secretsIn(plain)),
  }));
  const read = (path: string) => openedSource(path, readText(path, console, `-e @${path}`), vault);
  const privateKey = named(given, 'private-key', console);
  checkChoices(given);
  checkLimit(given.get('limit'), console);
  const home = console.home;
  return {
    cwd: console.cwd,
    settingsFile: settings.file,
    inventory: inventories(given, settings, console),
    inventoryOfSettings: given.all('inventory').length === 0,
    extraVars: readExtraVars(given.all('extra-vars'), read),
    secrets,
    limit: given.get('limit'),
    tags: tags(given.all('tags'), settings.text('run_tags')),
    skipTags: tags(given.all('skip-tags'), settings.text('skip_tags')),
    check: given.has('check'),
    diff: given.has('diff') || settings.bool('diff') === true,
    forks: given.number('forks', 1) ?? settings.number('forks', 1),
    become,
    user: given.get('user') ?? settings.text('remote_user'),
    password,
    privateKeyFile: privateKey ?? settings.path('private_key_file', home),
    connection: given.get('connection') ?? connection(settings),
    port: settings.number('remote_port', 1, 65_535),
    timeout: given.number('timeout', 1) ?? settings.number('timeout', 1),
    sshCommonArgs: sshArgs(given, settings),
    anyErrorsFatal: settings.bool('any_errors_fatal') === true,
    taskTimeout: settings.number('task_timeout'),
    outputLimit: settings.number('output_limit', 1),
    poll: settings.number('poll_interval'),
    noLog: settings.bool('no_log') === true,
    libraries: settings.paths('library', ':', home),
    verbosity: verbosity(given, settings),
    startAtTask: given.get('start-at-task'),
    step: given.has('step'),
    forceHandlers: given.has('force-handlers') || settings.bool('force_handlers') === true,
    flushCache: given.has('flush-cache'),
    gathering: oneOf('gathering', settings.text('gathering'), ['implicit', 'explicit', 'smart']),
    rolesPath: settings.paths('roles_path', ':', home) ?? [
      join(home, '.ansible/roles'),
      ...['/usr/share/ansible/roles', '/etc/ansible/roles'],
    ],
    collectionsPath: settings.paths('collections_path', ':', home) ?? [
      join(home, '.ansible/collections'),
      '/usr/share/ansible/collections',
    ],
    duplicateKeys: oneOf('duplicate_dict_key', settings.text('duplicate_dict_key'), ['warn', 'error', 'ignore']),
    hostPatternMismatch: oneOf('host_pattern_mismatch', settings.text('host_pattern_mismatch'), [
      'warning',
      'error',
      'ignore',
    ]),
    privateRoleVars: settings.bool('private_role_vars'),
    hashBehaviour: oneOf('hash_behaviour', settings.text('hash_behaviour'), ['replace', 'merge']),
    factCache: factCache(settings, home),
    vault,
    ssh: sshOptions(given, settings, console),
    environment: console.environment,
    liveOutput: given.has('live'),
    signal: console.interrupted,
    debug: (prompt) => console.line(prompt),
    taskDebugger: settings.bool('enable_task_debugger') === true,
    strategy: settings.text('strategy'),
    ask: console.interactive ? (question) => console.ask(question) : undefined,
  };
}

/** Where facts are kept between runs; Ansible's plugins other than jsonfile are refused by name. */
function factCache(settings: Settings, home: string | undefined): RunOptions['factCache'] {
  const plugin = (settings.text('fact_caching') ?? 'memory').replace(/^ansible\.(builtin|legacy)\./, '');
  if (plugin === 'memory') return undefined;
  if (plugin !== 'jsonfile' && plugin !== 'community.general.jsonfile')
    throw new UsageError(`fact_caching \`${plugin}\` is not supported`, 'memory and jsonfile are');
  const folder = settings.path('fact_caching_connection', home ?? '');
  if (folder === undefined) throw new UsageError('fact_caching jsonfile needs a folder', 'set fact_caching_connection');
  const timeout = settings.number('fact_caching_timeout');
  const prefix = settings.text('fact_caching_prefix');
  return { folder, ...(timeout === undefined ? {} : { timeout }), ...(prefix === undefined ? {} : { prefix }) };
}

/** How much to show. */
export function verbosity(given: Given, settings: Settings): number {
  return given.count('verbose') || (settings.number('verbosity') ?? 0);
}

async function becomeOptions(
  given: Given,
  settings: Settings,
  console: Console,
  login: string | undefined,
): Promise<RunOptions['become']> {
  return {
    enabled: given.has('become') || settings.bool('become'),
    user: given.get('become-user') ?? settings.text('become_user'),
    method: given.get('become-method') ?? settings.text('become_method'),
    flags: settings.text('become_flags'),
    exe: settings.text('become_exe'),
    password: await becomePassword(given, settings, console, login),
  };
}

function sshOptions(given: Given, settings: Settings, console: Console): RunOptions['ssh'] {
  const acceptNew = given.has('accept-new') || settings.bool('host_key_checking') === false;
  const configFile = named(given, 'ssh-config', console);
  return {
    ...(configFile === undefined ? {} : { configFile }),
    hostKeyChecking: acceptNew ? 'accept-new' : 'strict',
    agent: console.environment['SSH_AUTH_SOCK'],
    retries: settings.number('ssh_retries'),
    home: console.home,
  };
}

/** Of one option the first text counts for ssh: what the command line says comes first. */
function sshArgs(given: Given, settings: Settings): string | undefined {
  const common = given.get('ssh-common-args') ?? settings.text('ssh_common_args');
  const all = [common, settings.text('ssh_args'), settings.text('ssh_extra_args')].filter(Boolean);
  return all.length > 0 ? all.join(' ') : undefined;
}

function inventories(given: Given, settings: Settings, console: Console): string[] | undefined {
  const named = given.all('inventory');
  if (named.length > 0) return findInventories(named, console);
  const text = settings.text('inventory');
  if (text?.includes(',') && !text.includes('/')) return [text];
  return settings.paths('inventory', ',', console.home);
}

function connection(settings: Settings): string | undefined {
  const transport = settings.text('transport');
  return transport === 'smart' || transport === 'paramiko' ? 'ssh' : transport;
}

function tags(given: readonly string[], configured: string | undefined): string[] {
  const texts = given.length > 0 ? given : configured === undefined ? [] : [configured];
  return texts.flatMap((text) => text.split(',').map((tag) => tag.trim())).filter((tag) => tag !== '');
}

function oneOf<const T extends string>(name: string, text: string | undefined, choices: readonly T[]): T | undefined {
  const found = choices.find((choice) => choice === text);
  if (text !== undefined && found === undefined)
    throw new UsageError(`the setting \`${name}\` is \`${text}\`; it must be one of: ${choices.join(', ')}`);
  return found;
}

function absolute(path: string, { cwd, home }: Console): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(cwd, path);
}

/** A file that an option names: it must be there. */
function named(given: Given, option: string, console: Console): string | undefined {
  const written = given.get(option);
  if (written === undefined) return undefined;
  const path = absolute(written, console);
  if (!existsSync(path)) throw new InputError(`there is no file ${written} for --${option}`);
  return path;
}

function checkLimit(limit: string | undefined, console: Console): void {
  for (const part of limit?.split(',') ?? [])
    if (part.startsWith('@') && !existsSync(resolve(console.cwd, part.slice(1))))
      throw new InputError(`there is no limit file ${part.slice(1)}`);
}

/** Ways to connect and to become that are not here are refused before the run, not by each host. */
function checkChoices(given: Given): void {
  const short = (option: string) => given.get(option)?.replace(/^ansible\.(builtin|legacy)\./, '');
  const connections = ['ssh', 'local', 'smart', 'paramiko', 'paramiko_ssh'];
  const connection = short('connection');
  if (connection !== undefined && !connections.includes(connection))
    throw new UsageError(`there is no connection \`${connection}\``, 'ssh and local are');
  const method = short('become-method');
  if (method !== undefined && !['sudo', 'su', 'doas'].includes(method))
    throw new UsageError(`there is no become method \`${method}\``, 'sudo, su and doas are');
}

export function readText(path: string, console: Console, option?: string): string {
  try {
    return readFileSync(absolute(path, console), 'utf8');
  } catch (error) {
    const where = option === undefined ? path : `${path}, which \`${option}\` names`;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new InputError(`there is no file ${where}`, nearFile(path, absolute(path, console)));
    throw new InputError(`cannot read ${where}: ${reasonOf(error)}`);
  }
}
