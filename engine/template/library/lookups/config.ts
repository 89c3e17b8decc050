/** The config lookup: settings by Ansible's names, and the options of the plugins that have a counterpart here. */
import { TemplateError } from '../../../errors.ts';
import { pyRepr, toText } from '../../../python/text.ts';
import { truthy, typeName } from '../../../python/types.ts';
import { fail } from '../../../python/undefined.ts';
import type { Value } from '../../../values.ts';
import type { Lookup, LookupEnv } from '../lookups.ts';

/** An option of a plugin: where its value comes from, first to last. */
interface PluginOption {
  /** Variables, the one that wins first. */
  vars?: readonly string[];
  /** Environment variables. */
  env?: readonly string[];
  /** Key in the section `ssh_connection` of ansible.cfg. */
  ini?: string;
  /** The setting of all plugins that it falls back to. */
  setting?: string;
  standard: Value;
  number?: true;
}

const SSH: Record<string, PluginOption> = {
  host: { vars: ['inventory_hostname', 'ansible_host', 'ansible_ssh_host'], standard: null },
  port: { vars: ['ansible_port', 'ansible_ssh_port'], env: ['ANSIBLE_REMOTE_PORT'], standard: null, number: true },
  remote_user: { vars: ['ansible_user', 'ansible_ssh_user'], setting: 'DEFAULT_REMOTE_USER', standard: null },
  private_key_file: {
    vars: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
    setting: 'DEFAULT_PRIVATE_KEY_FILE',
    standard: null,
  },
  ssh_args: {
    ini: 'ssh_args',
    vars: ['ansible_ssh_args'],
    env: ['ANSIBLE_SSH_ARGS'],
    standard: '-C -o ControlMaster=auto -o ControlPersist=60s',
  },
  ssh_common_args: {
    ini: 'ssh_common_args',
    vars: ['ansible_ssh_common_args'],
    env: ['ANSIBLE_SSH_COMMON_ARGS'],
    standard: '',
  },
  ssh_extra_args: {
    ini: 'ssh_extra_args',
    vars: ['ansible_ssh_extra_args'],
    env: ['ANSIBLE_SSH_EXTRA_ARGS'],
    standard: '',
  },
  sftp_extra_args: {
    ini: 'sftp_extra_args',
    vars: ['ansible_sftp_extra_args'],
    env: ['ANSIBLE_SFTP_EXTRA_ARGS'],
    standard: '',
  },
  scp_extra_args: {
    ini: 'scp_extra_args',
    vars: ['ansible_scp_extra_args'],
    env: ['ANSIBLE_SCP_EXTRA_ARGS'],
    standard: '',
  },
  ssh_transfer_method: {
    ini: 'transfer_method',
    vars: ['ansible_ssh_transfer_method'],
    env: ['ANSIBLE_SSH_TRANSFER_METHOD'],
    standard: 'smart',
  },
  pipelining: {
    vars: ['ansible_ssh_pipelining', 'ansible_pipelining'],
    env: ['ANSIBLE_SSH_PIPELINING'],
    standard: false,
  },
  timeout: { vars: ['ansible_ssh_timeout'], setting: 'DEFAULT_TIMEOUT', standard: 10, number: true },
};

const SH: Record<string, PluginOption> = {
  remote_tmp: { vars: ['ansible_remote_tmp'], env: ['ANSIBLE_REMOTE_TMP'], standard: '~/.ansible/tmp' },
};

const PLUGINS: Record<string, Record<string, PluginOption>> = {
  'connection ssh': SSH,
  'connection paramiko_ssh': SSH,
  'shell sh': SH,
};

/** A value and where it comes from, as Ansible words it. */
type Found = [value: Value, origin: string];

function ofPlugin(option: PluginOption, env: LookupEnv): Found {
  const typed = (value: Value): Value =>
    option.number && typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  for (const name of [...(option.vars ?? [])].reverse()) {
    const value = env.scope.get(name);
    if (value !== undefined) return [typed(env.scope.resolve!(value as Value)), `var: ${name}`];
  }
  for (const name of option.env ?? []) {
    const value = env.environment(name);
    if (value !== undefined) return [typed(value), `env: ${name}`];
  }
  const written = option.ini === undefined ? undefined : env.configFile('ssh_connection', option.ini);
  if (written !== undefined) return [typed(written.value), written.file];
  const general = option.setting === undefined ? undefined : env.config(option.setting);
  return [general ?? option.standard, 'default'];
}

function found(name: string, kwargs: Map<string, Value>, env: LookupEnv): Found | undefined {
  const kind = kwargs.get('plugin_type') ?? null;
  const plugin = kwargs.get('plugin_name') ?? null;
  if (kind === null && plugin === null) {
    const value = env.config(name);
    return value === undefined ? undefined : [value, 'default'];
  }
  if (kind === null || plugin === null) fail('the lookup config needs plugin_type and plugin_name both, or neither');
  const options = PLUGINS[`${toText(kind)} ${toText(plugin).replace(/^ansible\.builtin\./, '')}`];
  return options && Object.hasOwn(options, name) ? ofPlugin(options[name]!, env) : undefined;
}

const ON_MISSING = ['error', 'warn', 'skip'];

export const config: Lookup = (terms, kwargs, env) => {
  const missing = kwargs.get('on_missing') ?? 'error';
  if (!ON_MISSING.includes(missing as string))
    fail(`the lookup config cannot do on_missing=${pyRepr(missing)}; valid values are: ${ON_MISSING.join(', ')}`);
  return terms.flatMap((term) => {
    if (typeof term !== 'string')
      fail(`Invalid setting identifier: ${pyRepr(term)} is not a text but '${typeName(term)}'`);
    const value = found(term, kwargs, env);
    if (value) return [truthy(kwargs.get('show_origin') ?? false) ? value : value[0]];
    const message = `Unable to find setting ${term}: there is none of that name`;
    if (missing === 'error') throw new TemplateError(message);
    if (missing === 'warn') env.options.warn?.(message);
    return [];
  });
};
