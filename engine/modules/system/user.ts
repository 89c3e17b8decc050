import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, float, int, list, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { tristate } from '../parts/unit-result.ts';

const elsewhere = 'It means something on another kind of system only (macOS, BSD, Solaris).';

export default defineModule({
  name: 'user',
  doc: 'Makes, changes or removes a user.',
  reference: 'ansible.builtin.user',
  args: {
    name: str({ doc: 'The user.', required: true, aliases: ['user'] }),
    uid: int({ doc: 'The number.' }),
    comment: str({ doc: 'Full name (GECOS).' }),
    hidden: bool({ doc: elsewhere }),
    non_unique: bool({ doc: 'Allow a number that is taken.', default: false }),
    seuser: str({ doc: 'SELinux user type.' }),
    group: str({ doc: 'Primary group.' }),
    groups: list(str(), { doc: 'Further groups; an empty list takes the user out of all of them.' }),
    append: bool({ doc: 'Only add to `groups`, take out of none.', default: false }),
    shell: path({ doc: 'Login shell.' }),
    home: path({ doc: 'Home directory.' }),
    skeleton: str({ doc: 'What a new home is filled from.' }),
    password: str({ doc: 'Hash of the password, as /etc/shadow has it.', secret: true }),
    state: str({ doc: 'Whether the user should exist.', default: 'present', choices: ['absent', 'present'] }),
    create_home: bool({ doc: 'Make the home if it is missing.', default: true, aliases: ['createhome'] }),
    move_home: bool({ doc: 'Move the old home to a new `home`.', default: false }),
    system: bool({ doc: 'A new user is a system user.', default: false }),
    force: bool({ doc: 'Remove even if logged in; remake an existing ssh key.', default: false }),
    remove: bool({ doc: 'Remove the home too.', default: false }),
    login_class: str({ doc: elsewhere }),
    generate_ssh_key: bool({ doc: 'Make an ssh key if there is none.' }),
    ssh_key_bits: int({ doc: 'Bits of that key.' }),
    ssh_key_type: str({ doc: 'Type of that key.', default: 'rsa' }),
    ssh_key_file: path({ doc: 'Its file; relative to the home.' }),
    ssh_key_comment: str({ doc: 'Its comment.' }),
    ssh_key_passphrase: str({ doc: 'Its passphrase.', secret: true }),
    update_password: str({
      doc: 'Set the password always, or for a new user only.',
      default: 'always',
      choices: ['always', 'on_create'],
    }),
    expires: float({ doc: 'When the account ends, in seconds since 1970; negative: never.' }),
    password_lock: bool({ doc: 'Whether the password is locked.' }),
    local: bool({ doc: 'Look at the files only, not at directory services.' }),
    profile: str({ doc: elsewhere }),
    authorization: str({ doc: elsewhere }),
    role: str({ doc: elsewhere }),
    password_expire_max: int({ doc: 'Days after which the password must be changed.' }),
    password_expire_min: int({ doc: 'Days before it may be changed.' }),
    password_expire_warn: int({ doc: 'Days of warning before it ends.' }),
    umask: str({ doc: 'umask for a new home.' }),
    password_expire_account_disable: int({ doc: 'Days from the end of the password to the end of the account.' }),
    uid_min: int({ doc: 'Smallest number to choose.' }),
    uid_max: int({ doc: 'Largest number to choose.' }),
  },
  check: 'full',
  returns: {
    uid: 'The number.',
    group: { type: 'int', doc: 'Number of the primary group.' },
    home: 'Home directory.',
    shell: 'Login shell.',
    ssh_public_key: { type: 'str', doc: 'The public key made or found.', optional: true },
  },
  examples: `- user:
    name: deploy
    groups: [adm, sudo]
    append: true
    shell: /bin/bash
- user:
    name: former
    state: absent
    remove: true
`,
  async run(args, env) {
    if (args.local) {
      for (const name of ['umask', 'uid_min', 'uid_max'] as const) {
        if (args[name] !== undefined) throw new ModuleFailure(`'${name}' can not be used with 'local'`);
      }
    }
    if (args.append && args.groups === undefined) {
      env.warn("'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.");
    }
    if (args.password !== undefined && looksUnhashed(args.password)) {
      env.warn(
        "The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.",
      );
    }
    if (args.state === 'absent' && !env.check) await env.remote.leave(args.name);
    const reply = await env.remote.call(shell('user', import.meta.url), {
      ...variables(args),
      n_shell: remotePath(args.shell),
      n_home: remotePath(args.home),
      n_ssh_key_file: remotePath(args.ssh_key_file),
      ...expiry(args.expires),
    });
    const isChanged = reply.changes.length > 0;
    if (env.check && isChanged && (args.state === 'absent' || reply.changes.includes('created')))
      return changed(isChanged);
    const values: Record<string, unknown> = { name: args.name, state: args.state };
    if (args.state === 'absent') {
      if (isChanged) Object.assign(values, { force: args.force, remove: args.remove });
    } else if (reply.changes.includes('created')) {
      Object.assign(values, { system: args.system, create_home: args.create_home });
    } else Object.assign(values, { append: args.append, move_home: args.move_home });
    if (args.state === 'present' && args.password !== undefined) values['password'] = 'NOT_LOGGING_PASSWORD';
    if (reply.has('said')) {
      const said = reply.all('said');
      Object.assign(values, { stderr: `${said.join('\n')}\n`, stderr_lines: said.flatMap((text) => text.split('\n')) });
    }
    if (reply.has('exists')) {
      Object.assign(values, {
        uid: Number(reply.get('uid')),
        group: Number(reply.get('gid')),
        comment: reply.get('comment'),
        home: reply.get('home'),
        shell: reply.get('shell'),
      });
      if (args.groups !== undefined) values['groups'] = args.groups.join(',');
      for (const key of ['ssh_fingerprint', 'ssh_key_file', 'ssh_public_key']) {
        if (reply.has(key)) values[key] = reply.get(key);
      }
    }
    return changed(isChanged, values);
  },
});

type Given = Record<string, string | number | boolean | string[] | undefined>;

function variables(args: Given): Given {
  const given: Given = {};
  const direct =
    'name uid comment non_unique seuser group append state create_home move_home skeleton password system force remove generate_ssh_key ssh_key_bits ssh_key_type update_password local umask uid_min uid_max';
  for (const name of direct.split(' ')) given[`n_${name}`] = args[name];
  return {
    ...given,
    n_has_comment: args['comment'] !== undefined,
    n_has_groups: args['groups'] !== undefined,
    n_groups: ((args['groups'] as string[] | undefined) ?? []).filter((g) => g !== ''),
    n_has_password: args['password'] !== undefined,
    n_lock: tristate(args['password_lock'] as boolean | undefined),
    n_max: args['password_expire_max'],
    n_min: args['password_expire_min'],
    n_warn: args['password_expire_warn'],
    n_inactive: args['password_expire_account_disable'],
    n_passphrase: args['ssh_key_passphrase'],
    n_comment_key: args['ssh_key_comment'],
    n_force_key: args['force'],
    n_ssh_key_bits: args['ssh_key_bits'] || undefined,
  };
}

/** The date for usermod, and the day as /etc/shadow counts it. */
function expiry(seconds: number | undefined): { n_expires?: string; n_expires_day?: number } {
  if (seconds === undefined) return {};
  if (seconds < 0) return { n_expires: 'never' };
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  return { n_expires: date, n_expires_day: Math.floor(seconds / 86400) };
}

const LENGTHS: Record<string, number> = { '1': 22, '5': 43, '6': 86, y: 43 };

function looksUnhashed(password: string): boolean {
  if (['', '*', '!', '*************'].includes(password)) return false;
  const fields = password.split('$');
  if (/[:*!]/.test(password) || fields.length < 3) return true;
  const [kind, hash] = [fields[1]!, fields.at(-1)!];
  return /[^a-zA-Z0-9./=]/.test(hash) || (LENGTHS[kind] !== undefined && hash.length !== LENGTHS[kind]);
}
