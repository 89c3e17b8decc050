/** Connection variables and keywords to plain targets for remote/. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mistake, UnreachableError } from '../../errors.ts';
import { keyword } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import type { BecomeTarget, ConnectionTarget } from '../../remote/target.ts';
import type { Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { RunOptions } from '../options.ts';
import { asBoolean } from '../task/conditions.ts';
import { rendering } from './keywords.ts';

/**
 * Every variable that says how a host is reached or who a task becomes: this file reads no other (its getter takes no other name).
 * None of them is ever taken from what a host returned: vars/restricted.ts knows them all, which a test holds to (S-32).
 */
export const connectionVariables = [
  'ansible_connection',
  'ansible_host',
  'ansible_ssh_host',
  'ansible_port',
  'ansible_ssh_port',
  'ansible_user',
  'ansible_ssh_user',
  'ansible_password',
  'ansible_ssh_pass',
  'ansible_ssh_password',
  'ansible_sshpass_prompt',
  'ansible_ssh_private_key_file',
  'ansible_private_key_file',
  'ansible_private_key_passphrase',
  'ansible_ssh_args',
  'ansible_ssh_common_args',
  'ansible_ssh_extra_args',
  'ansible_ssh_executable',
  'ansible_host_key_checking',
  'ansible_ssh_host_key_checking',
  'ansible_timeout',
  'ansible_shell_executable',
  'ansible_remote_tmp',
  'ansible_become',
  'ansible_become_method',
  'ansible_become_user',
  'ansible_become_password',
  'ansible_become_pass',
  'ansible_become_flags',
  'ansible_become_exe',
  'ansible_become_timeout',
] as const;

/** Variables of one become method: `ansible_sudo_pass`. */
type MethodVariable = `ansible_${string}_${'pass' | 'password' | 'flags' | 'exe'}`;
type ConnectionVariable = (typeof connectionVariables)[number] | MethodVariable;

type Get = (name: ConnectionVariable) => Value | undefined;

/** The keywords that say how a host is reached, each read when it is asked for. */
type ConnectionKeywords = ReturnType<typeof connectionKeywords>;

/** Those of a task, rendered for a host. */
export function connectionKeywords(task: Task, scope: VarScope) {
  const render = rendering(scope);
  return {
    connection: () => keyword(task, 'connection', render),
    port: () => keyword(task, 'port', render),
    remote_user: () => keyword(task, 'remote_user', render),
    become: () => keyword(task, 'become', render),
    become_method: () => keyword(task, 'become_method', render),
    become_user: () => keyword(task, 'become_user', render),
    become_flags: () => keyword(task, 'become_flags', render),
    become_exe: () => keyword(task, 'become_exe', render),
  };
}

const text = (value: Value | undefined): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : String(value);

/** A number among the variables of a host; anything else is said with the variable's name. */
function number(host: string, name: string, value: Value | undefined, most?: number): number | undefined {
  const written = text(value);
  if (written === undefined) return undefined;
  const read = Number(written);
  if (most === undefined ? read > 0 : Number.isInteger(read) && read > 0 && read <= most) return read;
  const wanted = most === undefined ? 'a number of seconds' : `a port: a whole number from 1 to ${most}`;
  throw mistake(`\`${name}\` of ${host} is \`${written}\`, which is not ${wanted}`);
}

const LAST_PORT = 65_535;

function first(get: Get, ...names: ConnectionVariable[]): Value | undefined {
  for (const name of names) {
    const value = get(name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

const supported = new Map([
  ['ssh', 'ssh'],
  ['smart', 'ssh'],
  ['paramiko', 'ssh'],
  ['paramiko_ssh', 'ssh'],
  ['ansible.builtin.ssh', 'ssh'],
  ['ansible.builtin.paramiko_ssh', 'ssh'],
  ['openssh', 'openssh'],
  ['local', 'local'],
  ['ansible.builtin.local', 'local'],
] as const);

/** What `connection:` may say. */
export const supportedConnections: readonly string[] = [...supported.keys()];

/**
 * How to reach a host: variables win over keywords, keywords over options, as in Ansible. A plugin of the project, beside the playbook in
 * `directory`, is a way that is closed here.
 */
export function connectionTarget(
  name: string,
  get: Get,
  keywords: ConnectionKeywords,
  options: RunOptions,
  directory?: string,
): ConnectionTarget {
  const written = text(get('ansible_connection')) ?? text(keywords.connection()) ?? options.connection ?? 'ssh';
  const connection = supported.get(written as 'ssh');
  const checking = first(get, 'ansible_host_key_checking', 'ansible_ssh_host_key_checking');
  const password = text(first(get, 'ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password')) ?? options.password;
  const port =
    number(name, 'ansible_port', first(get, 'ansible_port', 'ansible_ssh_port'), LAST_PORT) ??
    number(name, 'port', keywords.port(), LAST_PORT) ??
    options.port;
  const user = text(first(get, 'ansible_user', 'ansible_ssh_user')) ?? text(keywords.remote_user()) ?? options.user;
  const key = text(first(get, 'ansible_ssh_private_key_file', 'ansible_private_key_file')) ?? options.privateKeyFile;
  const ofHost = (['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'] as const).map((each) =>
    text(get(each)),
  );
  const common = [options.sshCommonArgs, ...ofHost].filter(Boolean).join(' ');
  // What its variables say has been read by now: one that cannot be is told first.
  if (!connection) {
    if (directory !== undefined && existsSync(join(directory, 'connection_plugins', `${basename(written)}.py`)))
      throw new UnreachableError(
        `${name} is reached by the connection plugin \`${written}\`, which is written for Ansible's own Python library`,
        'ssh, openssh and local are the connections that are here',
      );
    throw mistake(`connection \`${written}\` of ${name} is not supported`, undefined, 'ssh, openssh and local are');
  }
  return {
    name,
    connection,
    address: text(first(get, 'ansible_host', 'ansible_ssh_host')) ?? name,
    timeout: number(name, 'ansible_timeout', get('ansible_timeout')) ?? options.timeout ?? 10,
    port,
    user,
    password,
    passwordPrompt: text(get('ansible_sshpass_prompt')),
    privateKeyFile: key,
    passphrase: text(get('ansible_private_key_passphrase')),
    sshArgs: common || undefined,
    executable: text(get('ansible_ssh_executable')),
    hostKeyChecking: checking === undefined ? undefined : asBoolean(checking) ? 'yes' : 'no',
    retries: options.ssh?.retries,
    shell: text(get('ansible_shell_executable')),
    temporary: text(get('ansible_remote_tmp')),
  };
}

/** The user to become for a task, or undefined. */
export function becomeOptions(get: Get, keywords: ConnectionKeywords, options: RunOptions): BecomeTarget | undefined {
  const wanted = first(get, 'ansible_become') ?? keywords.become() ?? options.become?.enabled ?? false;
  if (!asBoolean(wanted)) return undefined;
  const written =
    text(get('ansible_become_method')) ?? text(keywords.become_method()) ?? options.become?.method ?? 'sudo';
  const method = written.replace(/^(ansible\.builtin|community\.general)\./, '');
  const passwords: ConnectionVariable[] = [
    'ansible_become_password',
    'ansible_become_pass',
    `ansible_${method}_pass`,
    `ansible_${method}_password`,
  ];
  return {
    method,
    user: text(get('ansible_become_user')) ?? text(keywords.become_user()) ?? options.become?.user ?? 'root',
    password: text(first(get, ...passwords)) ?? options.become?.password,
    flags:
      text(first(get, 'ansible_become_flags', `ansible_${method}_flags`)) ??
      text(keywords.become_flags()) ??
      options.become?.flags,
    exe:
      text(first(get, 'ansible_become_exe', `ansible_${method}_exe`)) ??
      text(keywords.become_exe()) ??
      options.become?.exe,
    timeout: number('the host', 'ansible_become_timeout', get('ansible_become_timeout')),
  };
}
