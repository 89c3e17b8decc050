/** Variables of the connection that a task knows where nobody gave them: of the host that does the work, as it is reached. */
import { isLocalName } from '../../inventory/names.ts';
import { keyword } from '../../playbook/keyword.ts';
import { isDict, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Asked } from '../types.ts';
import { rendering } from './keywords.ts';

type Known = (...names: string[]) => Value | undefined;

const pairs = {
  ansible_host: 'ansible_ssh_host',
  ansible_user: 'ansible_ssh_user',
  ansible_port: 'ansible_ssh_port',
  ansible_timeout: 'ansible_ssh_timeout',
  ansible_private_key_file: 'ansible_ssh_private_key_file',
  ansible_password: 'ansible_ssh_pass',
  ansible_pipelining: 'ansible_ssh_pipelining',
} as const;

const shortNames = new Map<string, string>([
  ...Object.entries(pairs).flatMap(([name, old]) => [[name, name] as const, [old, name] as const]),
  ['ansible_connection', 'ansible_connection'],
  ['ansible_shell_executable', 'ansible_shell_executable'],
]);

/** The value of such a name for a task (or a play); undefined for any other name. */
export function connectionName(name: string, scope: VarScope, asked: Asked): Value | undefined {
  const short = shortNames.get(name);
  if (short === undefined) return undefined;
  const { session, state } = asked;
  const { options } = session;
  const delegate = delegateOf(scope, asked);
  const source = delegate === undefined ? scope.stated : asked.hostScope(delegate)?.stated;
  const known: Known = (...names) => {
    for (const each of names) {
      const value = source?.value(each);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
  switch (short) {
    case 'ansible_host':
      return known('ansible_host', 'ansible_ssh_host') ?? delegate ?? addressOf(asked);
    case 'ansible_user':
      return known('ansible_user', 'ansible_ssh_user') ?? word('remote_user', scope, asked) ?? options.user;
    case 'ansible_port':
      return known('ansible_port', 'ansible_ssh_port') ?? options.port;
    case 'ansible_connection':
      if (known(short) !== undefined) return known(short);
      if (isLocalName(delegate ?? state.name) && !session.inventory.hosts.has(delegate ?? state.name)) return 'local';
      return (delegate === undefined ? (word('connection', scope, asked) ?? options.connection) : undefined) ?? 'ssh';
    case 'ansible_timeout':
      return known('ansible_timeout', 'ansible_ssh_timeout') ?? options.timeout ?? 10;
    case 'ansible_private_key_file':
      return known('ansible_ssh_private_key_file', 'ansible_private_key_file') ?? options.privateKeyFile;
    case 'ansible_password':
      return known('ansible_password', 'ansible_ssh_pass') ?? options.password;
    case 'ansible_pipelining':
      return known('ansible_pipelining', 'ansible_ssh_pipelining') ?? false;
    default:
      return known(short) ?? '/bin/sh';
  }
}

/** `localhost` that no inventory names is where it is. */
function addressOf({ session, state }: Asked): string {
  return state.name === 'localhost' && !session.inventory.hosts.has('localhost') ? '127.0.0.1' : state.name;
}

/**
 * The host that a task's `delegate_to` has come to, once it was rendered for the task: a template that is random or reads the time
 * must not come to another one.
 */
export function settledDelegate(scope: VarScope): string | undefined {
  const settled = scope.sources.loopVars?.get('ansible_delegated_vars');
  const [name] = isDict(settled) ? settled.keys() : [];
  return typeof name === 'string' ? name : undefined;
}

function delegateOf(scope: VarScope, asked: Asked): string | undefined {
  return asked.node.kind === 'task'
    ? (settledDelegate(scope) ?? (word('delegate_to', scope, asked) || undefined))
    : undefined;
}

/** A keyword that is rendered without these names, which may depend on it; where that fails, it is as if it were not there. */
function word(
  name: 'remote_user' | 'connection' | 'delegate_to',
  scope: VarScope,
  { node }: Asked,
): string | undefined {
  try {
    return keyword(node, name, rendering(scope.stated));
  } catch {
    return undefined;
  }
}
