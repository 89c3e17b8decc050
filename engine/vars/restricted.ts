/**
 * Names that say how a host is reached and who acts on it, or what the run itself is. They come from the inventory, the play and the
 * command line; what a host returned never sets them (S-32, CVE-2016-9587).
 */

/** Connection plugins whose variables begin with their name. */
const CONNECTIONS = [
  'ssh',
  'openssh',
  'paramiko',
  'paramiko_ssh',
  'local',
  'winrm',
  'psrp',
  'docker',
  'podman',
  'kubectl',
];
const PREFIXES = [
  ...CONNECTIONS.map((name) => `${name}_`),
  ...[
    'become_',
    'sudo_',
    'su_',
    'doas_',
    'scp_',
    'sftp_',
    'control_path',
    'shell_',
    'remote_tmp',
    'transfer_',
    'private_key',
    'play_',
    'loop',
  ],
];
const NAMES = new Set([
  ...['connection', 'host', 'port', 'user', 'password', 'pass', 'become', 'sudo', 'su', 'timeout', 'pipelining'],
  ...[
    'executable',
    'async_dir',
    'network_os',
    'host_key_checking',
    'no_target_syslog',
    'module_compression',
    'sshpass_prompt',
  ],
  ...['check_mode', 'diff_mode', 'delegated_vars', 'inventory_sources', 'playbook_python', 'run_tags', 'skip_tags'],
  ...[
    'search_path',
    'verbosity',
    'version',
    'forks',
    'limit',
    'role_name',
    'role_names',
    'parent_role_names',
    'config_file',
  ],
  'collection_name',
]);
/** What the engine itself knows of the run. */
const OWN = new Set([
  ...['hostvars', 'groups', 'group_names', 'inventory_hostname', 'inventory_hostname_short', 'inventory_dir'],
  ...[
    'inventory_file',
    'playbook_dir',
    'play_hosts',
    'role_name',
    'role_names',
    'role_path',
    'omit',
    'vars',
    'environment',
  ],
]);

/** Whether a name says how to connect or to become, or is the run's own: data from a host never has such a name. */
export function isRestricted(name: string): boolean {
  if (OWN.has(name)) return true;
  if (!name.startsWith('ansible_')) return false;
  const short = name.slice('ansible_'.length);
  // Keys of the host that `setup` reads, and bridges of containers, which are interfaces.
  if (/^ssh_host_key_\w+_public(_keytype)?$/.test(short) || /_(gw)?bridge$/.test(short)) return false;
  return NAMES.has(short) || short.endsWith('_interpreter') || PREFIXES.some((prefix) => short.startsWith(prefix));
}
