/** Settings from ansible.cfg and ANSIBLE_ variables: one table of those that count here; the others are named, not silently lost. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';

interface Setting {
  name: string;
  section: string;
  key: string;
  variable: string;
  kind: 'text' | 'number' | 'bool' | 'path' | 'paths';
  doc: string;
}

type Row = [name: string, section: string, key: string, variable: string, kind: Setting['kind'], doc: string];

const rows: Row[] = [
  ['inventory', 'defaults', 'inventory', 'ANSIBLE_INVENTORY', 'paths', 'inventory used when no -i is given'],
  ['remote_user', 'defaults', 'remote_user', 'ANSIBLE_REMOTE_USER', 'text', 'user to log in as'],
  [
    'private_key_file',
    'defaults',
    'private_key_file',
    'ANSIBLE_PRIVATE_KEY_FILE',
    'path',
    'private key to log in with',
  ],
  ['forks', 'defaults', 'forks', 'ANSIBLE_FORKS', 'number', 'how many hosts work at the same time'],
  ['timeout', 'defaults', 'timeout', 'ANSIBLE_TIMEOUT', 'number', 'how long a connection may take to open'],
  [
    'host_key_checking',
    'defaults',
    'host_key_checking',
    'ANSIBLE_HOST_KEY_CHECKING',
    'bool',
    'no: as --accept-new; a changed key is refused even so',
  ],
  ['gathering', 'defaults', 'gathering', 'ANSIBLE_GATHERING', 'text', 'implicit, explicit or smart'],
  [
    'roles_path',
    'defaults',
    'roles_path',
    'ANSIBLE_ROLES_PATH',
    'paths',
    'further folders of roles, separated by colons',
  ],
  [
    'fact_caching',
    'defaults',
    'fact_caching',
    'ANSIBLE_CACHE_PLUGIN',
    'text',
    'memory, or jsonfile: keep facts between runs',
  ],
  [
    'fact_caching_connection',
    'defaults',
    'fact_caching_connection',
    'ANSIBLE_CACHE_PLUGIN_CONNECTION',
    'path',
    'folder for kept facts',
  ],
  [
    'fact_caching_timeout',
    'defaults',
    'fact_caching_timeout',
    'ANSIBLE_CACHE_PLUGIN_TIMEOUT',
    'number',
    'seconds that facts are kept',
  ],
  [
    'fact_caching_prefix',
    'defaults',
    'fact_caching_prefix',
    'ANSIBLE_CACHE_PLUGIN_PREFIX',
    'text',
    'what the names of the files begin with',
  ],
  ['hash_behaviour', 'defaults', 'hash_behaviour', 'ANSIBLE_HASH_BEHAVIOUR', 'text', 'replace or merge'],
  [
    'force_handlers',
    'defaults',
    'force_handlers',
    'ANSIBLE_FORCE_HANDLERS',
    'bool',
    'run handlers even if a task fails',
  ],
  [
    'vault_password_file',
    'defaults',
    'vault_password_file',
    'ANSIBLE_VAULT_PASSWORD_FILE',
    'path',
    'file or program that holds the vault password',
  ],
  [
    'vault_identity_list',
    'defaults',
    'vault_identity_list',
    'ANSIBLE_VAULT_IDENTITY_LIST',
    'text',
    'vault ids, separated by commas',
  ],
  ['transport', 'defaults', 'transport', 'ANSIBLE_TRANSPORT', 'text', 'ssh or local'],
  ['ask_pass', 'defaults', 'ask_pass', 'ANSIBLE_ASK_PASS', 'bool', 'ask for the login password'],
  ['ask_vault_pass', 'defaults', 'ask_vault_pass', 'ANSIBLE_ASK_VAULT_PASS', 'bool', 'ask for the vault password'],
  ['verbosity', 'defaults', 'verbosity', 'ANSIBLE_VERBOSITY', 'number', 'as that many -v'],
  ['run_tags', 'tags', 'run', 'ANSIBLE_RUN_TAGS', 'text', 'tags to run'],
  ['skip_tags', 'tags', 'skip', 'ANSIBLE_SKIP_TAGS', 'text', 'tags not to run'],
  ['become', 'privilege_escalation', 'become', 'ANSIBLE_BECOME', 'bool', 'run tasks as another user'],
  ['become_user', 'privilege_escalation', 'become_user', 'ANSIBLE_BECOME_USER', 'text', 'that user'],
  [
    'become_method',
    'privilege_escalation',
    'become_method',
    'ANSIBLE_BECOME_METHOD',
    'text',
    'the program that does it',
  ],
  [
    'become_ask_pass',
    'privilege_escalation',
    'become_ask_pass',
    'ANSIBLE_BECOME_ASK_PASS',
    'bool',
    'ask for the password that it needs',
  ],
  ['diff', 'diff', 'always', 'ANSIBLE_DIFF_ALWAYS', 'bool', 'show what changes inside files'],
  ['remote_port', 'defaults', 'remote_port', 'ANSIBLE_REMOTE_PORT', 'number', 'port of hosts that name none'],
  ['strategy', 'defaults', 'strategy', 'ANSIBLE_STRATEGY', 'text', 'strategy of plays that name none'],
  [
    'any_errors_fatal',
    'defaults',
    'any_errors_fatal',
    'ANSIBLE_ANY_ERRORS_FATAL',
    'bool',
    'one failed host fails them all',
  ],
  [
    'task_timeout',
    'defaults',
    'task_timeout',
    'ANSIBLE_TASK_TIMEOUT',
    'number',
    'seconds that a task may take; 0: as long as it likes',
  ],
  [
    'poll_interval',
    'defaults',
    'poll_interval',
    'ANSIBLE_POLL_INTERVAL',
    'number',
    'seconds between looks at a task with async',
  ],
  ['no_log', 'defaults', 'no_log', 'ANSIBLE_NO_LOG', 'bool', 'show no results'],
  ['library', 'defaults', 'library', 'ANSIBLE_LIBRARY', 'paths', 'further folders of modules, separated by colons'],
  [
    'enable_task_debugger',
    'defaults',
    'enable_task_debugger',
    'ANSIBLE_ENABLE_TASK_DEBUGGER',
    'bool',
    'the task debugger stops at every failure',
  ],
  [
    'retry_files_enabled',
    'defaults',
    'retry_files_enabled',
    'ANSIBLE_RETRY_FILES_ENABLED',
    'bool',
    'write the hosts that failed to PLAYBOOK.retry, for --limit @FILE',
  ],
  [
    'retry_files_save_path',
    'defaults',
    'retry_files_save_path',
    'ANSIBLE_RETRY_FILES_SAVE_PATH',
    'path',
    'folder of these files; else they lie beside the playbook',
  ],
  [
    'connection_password_file',
    'defaults',
    'connection_password_file',
    'ANSIBLE_CONNECTION_PASSWORD_FILE',
    'path',
    'file or program that holds the login password',
  ],
  [
    'become_password_file',
    'defaults',
    'become_password_file',
    'ANSIBLE_BECOME_PASSWORD_FILE',
    'path',
    'file or program that holds the password to become another user',
  ],
  ['become_flags', 'privilege_escalation', 'become_flags', 'ANSIBLE_BECOME_FLAGS', 'text', 'its flags'],
  ['become_exe', 'privilege_escalation', 'become_exe', 'ANSIBLE_BECOME_EXE', 'text', 'its path'],
  [
    'ssh_args',
    'ssh_connection',
    'ssh_args',
    'ANSIBLE_SSH_ARGS',
    'text',
    'options as for ssh; those that share connections have no meaning here',
  ],
  ['ssh_extra_args', 'ssh_connection', 'ssh_extra_args', 'ANSIBLE_SSH_EXTRA_ARGS', 'text', 'options as for ssh'],
  [
    'ssh_retries',
    'ssh_connection',
    'retries',
    'ANSIBLE_SSH_RETRIES',
    'number',
    'how often a connection that fails is tried again',
  ],
  ['ssh_common_args', 'ssh_connection', 'ssh_common_args', 'ANSIBLE_SSH_COMMON_ARGS', 'text', 'options as for ssh'],
];

export const settingsTable: readonly Setting[] = rows.map(([name, section, key, variable, kind, doc]) => ({
  name,
  section,
  key,
  variable,
  kind,
  doc,
}));

/** Settings of ansible.cfg that have no meaning here, and leaving them out changes nothing of what a run does. */
const NEEDLESS = new Set(
  (
    'pipelining control_path control_path_dir controlpersist scp_if_ssh transfer_method remote_tmp local_tmp home ' +
    'interpreter_python stdout_callback callbacks_enabled callback_whitelist ' +
    'bin_ansible_callbacks deprecation_warnings system_warnings command_warnings localhost_warning nocows cow_selection ' +
    'display_skipped_hosts display_args_to_stdout show_custom_stats callback_result_format result_format pretty_results ' +
    'jinja2_native nocolor force_color internal_poll_interval collections_path collections_paths ' +
    'allow_world_readable_tmpfiles log_path accelerate_port module_compression usetty inventory_unparsed_warning ' +
    'devel_warning action_warnings display_ok_hosts display_failed_stderr check_mode_markers show_per_host_start ' +
    'show_task_path_on_failure no_target_syslog syslog_facility force_valid_group_names cache_plugins editor pager ' +
    'python_interpreter ssh_pipelining ssh_control_path ssh_control_path_dir ssh_control_persist ssh_executable ' +
    'ssh_transfer_method scp_extra_args sftp_extra_args local_temp remote_temp cow_path config load_callback_plugins ' +
    'duplicate_dict_key duplicate_yaml_dict_key transform_invalid_group_chars display_traceback debug verbose_to_stderr'
  ).split(' '),
);

/** Sections of other programs and of what is not here: colours are our own, and the like. */
const NEEDLESS_SECTIONS = new Set(
  'colors galaxy persistent_connection paramiko_connection netconf_connection selinux testing callback_default'.split(
    ' ',
  ),
);
const NEEDLESS_VARIABLE = /^ANSIBLE_(COLOR|GALAXY|PERSISTENT|PARAMIKO|NETCONF|TEST|CALLBACK)_/;

export class Settings {
  readonly warnings: string[] = [];
  readonly #values = new Map<string, string>();
  /** The folder that relative paths of a setting start from. */
  readonly #folders = new Map<string, string>();

  set(name: string, value: string, folder: string): void {
    this.#values.set(name, value);
    this.#folders.set(name, folder);
  }
  text(name: string): string | undefined {
    return this.#values.get(name);
  }
  number(name: string): number | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw new UsageError(`the setting \`${name}\` needs a whole number, not \`${text}\``);
    return Number(text);
  }
  bool(name: string): boolean | undefined {
    const text = this.#values.get(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (['1', 'yes', 'y', 'true', 't', 'on'].includes(text)) return true;
    if (['0', 'no', 'n', 'false', 'f', 'off'].includes(text)) return false;
    throw new UsageError(`the setting \`${name}\` needs yes or no, not \`${text}\``);
  }
  path(name: string, home: string): string | undefined {
    const text = this.#values.get(name);
    return text === undefined ? undefined : this.#absolute(name, text, home);
  }
  /** Paths apart at `separator`; a host list (`a,b,`) of the inventory is left to the caller. */
  paths(name: string, separator: string, home: string): string[] | undefined {
    const texts = this.#values
      .get(name)
      ?.split(separator)
      .map((text) => text.trim());
    return texts?.filter((text) => text !== '').map((text) => this.#absolute(name, text, home));
  }

  #absolute(name: string, text: string, home: string): string {
    if (text === '~' || text.startsWith('~/')) return join(home, text.slice(1));
    return resolve(this.#folders.get(name)!, text.replace('{{CWD}}', '.'));
  }
}

interface Where {
  cwd: string;
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Reads the first ansible.cfg that Ansible would read, then the variables, which win over it. */
export function readSettings(where: Where): Settings {
  const settings = new Settings();
  const file = configFile(where, settings);
  if (file !== undefined) readConfig(file, settings);
  for (const { name, variable } of settingsTable) {
    const value = where.environment[variable];
    if (value !== undefined && value !== '') settings.set(name, value, where.cwd);
  }
  for (const [name, value] of Object.entries(where.environment)) if (value) warnOfVariable(name, settings);
  return settings;
}

/** A variable of Ansible's that would change what a run does, and does not here. */
function warnOfVariable(name: string, settings: Settings): void {
  if (!name.startsWith('ANSIBLE_') || NEEDLESS_VARIABLE.test(name)) return;
  if (settingsTable.some((setting) => setting.variable === name)) return;
  if (!NEEDLESS.has(name.slice('ANSIBLE_'.length).toLowerCase()))
    settings.warnings.push(`the variable \`${name}\` is not supported and has no effect`);
}

function configFile({ cwd, home, environment }: Where, settings: Settings): string | undefined {
  const named = environment['ANSIBLE_CONFIG'];
  if (named) {
    const path = named.startsWith('~/') ? join(home, named.slice(2)) : resolve(cwd, named);
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'ansible.cfg') : path;
  }
  const here = join(cwd, 'ansible.cfg');
  if (statSync(here, { throwIfNoEntry: false })?.isFile()) {
    // Whoever may write here could make the run use their inventory and passwords (CVE-2018-10875).
    if (((statSync(cwd).mode ?? 0) & 0o002) === 0) return here;
    settings.warnings.push(
      `${here} is ignored: everybody may write to its folder; name it in ANSIBLE_CONFIG to use it`,
    );
  }
  return [join(home, '.ansible.cfg'), '/etc/ansible/ansible.cfg'].find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isFile(),
  );
}

function readConfig(file: string, settings: Settings): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
  for (const { section, key, value } of configEntries(text, file)) {
    const setting = settingsTable.find((s) => s.section === section && s.key === key);
    if (setting) settings.set(setting.name, value, dirname(file));
    else if (!NEEDLESS.has(key) && !NEEDLESS_SECTIONS.has(section))
      settings.warnings.push(`${file}: \`${key}\` in [${section}] is not supported and has no effect`);
  }
}

/** `[section]`, `key = value` or `key: value`, `#` and `;` begin comments, an indented line continues a value. */
function* configEntries(text: string, file: string): Iterable<{ section: string; key: string; value: string }> {
  let section = '';
  let entry: { section: string; key: string; value: string } | undefined;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*([#;].*)?$/.test(line)) continue;
    const head = /^\[(.+)\]\s*$/.exec(line);
    const pair = /^(\w[^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
    if (/^\s/.test(line) && entry) {
      entry.value += `\n${line.trim()}`;
      continue;
    }
    if (entry) yield entry;
    entry = undefined;
    if (head) section = head[1]!.trim();
    else if (pair)
      entry = { section, key: pair[1]!.trim().toLowerCase(), value: pair[2]!.replace(/\s+;.*$/, '').trim() };
    else throw new UsageError(`${file}:${i + 1}: not a setting: \`${line.trim()}\``);
  }
  if (entry) yield entry;
}

/** The table of settings, for docs/cli.md. */
export function settingsMarkdown(): string {
  const row = ({ section, key, variable, doc }: Setting) => `| \`[${section}] ${key}\` | \`${variable}\` | ${doc} |`;
  return ['| setting | variable | meaning |', '|---|---|---|', ...settingsTable.map(row)].join('\n');
}
