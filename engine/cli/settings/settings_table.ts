/** The settings of ansible.cfg and ANSIBLE_ variables that count here, and those that have no meaning here. */

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
    'further folders of roles, separated by colons (~/.ansible/roles and those of the system)',
  ],
  [
    'collections_path',
    'defaults',
    'collections_path',
    'ANSIBLE_COLLECTIONS_PATH',
    'paths',
    'folders of collections, for their roles (~/.ansible/collections and that of the system)',
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
  [
    'duplicate_dict_key',
    'defaults',
    'duplicate_dict_key',
    'ANSIBLE_DUPLICATE_YAML_DICT_KEY',
    'text',
    'what a key is that stands twice in a mapping: warn, error or ignore',
  ],
  [
    'private_role_vars',
    'defaults',
    'private_role_vars',
    'ANSIBLE_PRIVATE_ROLE_VARS',
    'bool',
    'variables of roles are not seen by the rest of the play',
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
    'vault_id_match',
    'defaults',
    'vault_id_match',
    'ANSIBLE_VAULT_ID_MATCH',
    'bool',
    'yes: a vault password opens texts of its own id alone',
  ],
  [
    'vault_encrypt_identity',
    'defaults',
    'vault_encrypt_identity',
    'ANSIBLE_VAULT_ENCRYPT_IDENTITY',
    'text',
    'which of several vault ids `run vault` encrypts with',
  ],
  [
    'vault_identity_list',
    'defaults',
    'vault_identity_list',
    'ANSIBLE_VAULT_IDENTITY_LIST',
    'text',
    'vault ids, separated by commas',
  ],
  ['transport', 'defaults', 'transport', 'ANSIBLE_TRANSPORT', 'text', 'ssh, openssh or local'],
  [
    'output_limit',
    'defaults',
    'output_limit',
    'TROUPE_OUTPUT_LIMIT',
    'number',
    'MiB of output that a task may bring from a host before it is ended (64)',
  ],
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
  [
    'host_pattern_mismatch',
    'inventory',
    'host_pattern_mismatch',
    'ANSIBLE_HOST_PATTERN_MISMATCH',
    'text',
    'warning, error or ignore: what a pattern is that matches nothing',
  ],
  ['ssh_common_args', 'ssh_connection', 'ssh_common_args', 'ANSIBLE_SSH_COMMON_ARGS', 'text', 'options as for ssh'],
  [
    'stdout_callback',
    'defaults',
    'stdout_callback',
    'ANSIBLE_STDOUT_CALLBACK',
    'text',
    'default, yaml, debug, dense and unixy: the default reporter; minimal, oneline: those; of others a warning',
  ],
  [
    'callbacks_enabled',
    'defaults',
    'callbacks_enabled',
    'ANSIBLE_CALLBACKS_ENABLED',
    'text',
    'junit: a report in JUNIT_OUTPUT_DIR; of others a warning',
  ],
  [
    'callback_whitelist',
    'defaults',
    'callback_whitelist',
    'ANSIBLE_CALLBACK_WHITELIST',
    'text',
    'the former name of callbacks_enabled',
  ],
];

/** All that count, in the order of docs/cli.md. */
export const settingsTable: readonly Setting[] = rows.map(([name, section, key, variable, kind, doc]) => ({
  name,
  section,
  key,
  variable,
  kind,
  doc,
}));

/** Settings of ansible.cfg that have no meaning here, and leaving them out changes nothing of what a run does. */
export const NEEDLESS = new Set(
  (
    'pipelining control_path control_path_dir controlpersist scp_if_ssh transfer_method remote_tmp local_tmp home ' +
    'interpreter_python ' +
    'bin_ansible_callbacks deprecation_warnings system_warnings command_warnings localhost_warning nocows cow_selection ' +
    'display_skipped_hosts display_args_to_stdout show_custom_stats callback_result_format result_format pretty_results ' +
    'jinja2_native nocolor force_color internal_poll_interval collections_paths ' +
    'allow_world_readable_tmpfiles accelerate_port module_compression usetty inventory_unparsed_warning ' +
    'devel_warning action_warnings display_ok_hosts display_failed_stderr check_mode_markers show_per_host_start ' +
    'show_task_path_on_failure no_target_syslog syslog_facility force_valid_group_names cache_plugins editor pager ' +
    'python_interpreter ssh_pipelining ssh_control_path ssh_control_path_dir ssh_control_persist ssh_executable ' +
    'ssh_transfer_method scp_extra_args sftp_extra_args local_temp remote_temp cow_path config load_callback_plugins ' +
    'playbook_dir transform_invalid_group_chars display_traceback debug verbose_to_stderr'
  ).split(' '),
);

/** Sections of other programs and of what is not here: colours are our own, and the like. */
export const NEEDLESS_SECTIONS = new Set(
  'colors galaxy persistent_connection paramiko_connection netconf_connection selinux testing callback_default'.split(
    ' ',
  ),
);
/** Variables of other programs and of what is not here. */
export const NEEDLESS_VARIABLE = /^ANSIBLE_(COLOR|GALAXY|PERSISTENT|PARAMIKO|NETCONF|TEST|CALLBACK)_/;

/** The table of settings, for docs/cli.md. */
export function settingsMarkdown(): string {
  const row = ({ section, key, variable, doc }: Setting) => `| \`[${section}] ${key}\` | \`${variable}\` | ${doc} |`;
  return ['| setting | variable | meaning |', '|---|---|---|', ...settingsTable.map(row)].join('\n');
}
