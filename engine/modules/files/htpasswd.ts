import { createHash, timingSafeEqual } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { apr1, hashPassword } from '../../python/crypt.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, unchanged } from '../define.ts';
import { attributeArgs } from '../parts/attributes.ts';
import { readFile, writeFile } from '../parts/edit.ts';

export default defineModule({
  name: 'htpasswd',
  doc: "Sets or removes a user's password in a file for a web server.",
  reference: 'community.general.htpasswd',
  args: {
    path: path({ doc: 'The file.', required: true, aliases: ['dest', 'destfile'] }),
    name: str({ doc: 'The user.', required: true, aliases: ['username'] }),
    password: str({ doc: 'The password.', secret: true }),
    hash_scheme: str({
      doc: 'apr_md5_crypt, bcrypt, sha256_crypt, sha512_crypt, md5_crypt, ldap_sha1 or plaintext.',
      default: 'apr_md5_crypt',
      aliases: ['crypt_scheme'],
    }),
    state: str({ doc: 'Whether the user shall be there.', default: 'present', choices: ['present', 'absent'] }),
    create: bool({ doc: 'Make the file if it is missing.', default: true }),
    ...attributeArgs,
  },
  check: 'full',
  returns: { msg: 'What was done.' },
  examples: `- htpasswd:
    path: /etc/nginx/htpasswd
    name: alice
    password: "{{ alice_password }}"
    mode: '0640'
`,
  async run(args, env) {
    if (/[:\n\r]/.test(args.name)) throw new ModuleFailure('a user name holds neither colon nor newline');
    const edit = { ...args, backup: false };
    const file = await readFile(edit, env.remote);
    const absent = args.state === 'absent';
    if (!file.exists && absent) {
      env.warn(`${file.path} does not exist`);
      return unchanged({ msg: `${args.name} not present` });
    }
    if (!file.exists && !args.create) throw new ModuleFailure(`Destination ${file.path} does not exist`);
    const lines = file.content
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const result = absent
      ? remove(lines, args.name)
      : set(lines, args as Wish, file.exists ? undefined : file.path, env);
    const written = await writeFile(file, result.lines && Buffer.from(`${result.lines.join('\n')}\n`), edit, env);
    // Ansible counts what it could not look at as different
    const asked = args.mode ?? args.owner ?? args.group;
    const attributes = written.attributes || (env.check && !file.exists && asked !== undefined);
    const msg = attributes
      ? `${result.msg}${result.lines ? ' and ' : ''}ownership, perms or SE linux context changed`
      : result.msg;
    return changed(result.lines !== undefined || attributes, { msg });
  },
});

interface Wish {
  name: string;
  password?: string;
  hash_scheme: string;
}

interface Edited {
  /** undefined: nothing changes. */
  lines?: string[];
  msg: string;
}

const at = (lines: string[], name: string) => lines.findIndex((line) => line.startsWith(`${name}:`));

function remove(lines: string[], name: string): Edited {
  if (at(lines, name) < 0) return { msg: `${name} not present` };
  return { lines: lines.filter((line) => !line.startsWith(`${name}:`)), msg: `Remove ${name}` };
}

function set(lines: string[], wish: Wish, creating: string | undefined, env: ModuleEnv): Edited {
  if (wish.password === undefined) throw new ModuleFailure('password is required with state=present');
  const index = at(lines, wish.name);
  const old = index < 0 ? undefined : lines[index]!.slice(wish.name.length + 1).trim();
  if (old !== undefined && verifies(wish.password, old)) return { msg: `${wish.name} already present` };
  const line = `${wish.name}:${hash(wish.password, wish.hash_scheme)}`;
  const msg =
    creating === undefined
      ? `Add/update ${wish.name}`
      : env.check
        ? `Create ${creating}`
        : `Created ${creating} and added ${wish.name}`;
  return { lines: index < 0 ? [...lines, line] : lines.with(index, line), msg };
}

function hash(password: string, scheme: string): string {
  switch (scheme) {
    case 'apr_md5_crypt':
      return apr1(password);
    case 'ldap_sha1':
      return `{SHA}${createHash('sha1').update(password).digest('base64')}`;
    case 'plaintext':
      return password;
    case 'bcrypt':
    case 'sha256_crypt':
    case 'sha512_crypt':
    case 'md5_crypt':
      return hashPassword(password, scheme);
    default:
      throw new ModuleFailure(`the hash scheme ${scheme} is not known here`);
  }
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function verifies(password: string, stored: string): boolean {
  const apr = /^\$apr1\$([^$]{0,8})\$/.exec(stored);
  if (apr) return same(apr1(password, apr[1]!), stored);
  if (stored.startsWith('{SHA}')) return same(hash(password, 'ldap_sha1'), stored);
  const blowfish = /^\$(2[aby])\$(\d\d)\$([./A-Za-z0-9]{22})/.exec(stored);
  if (blowfish) {
    const settings = { salt: blowfish[3], rounds: Number(blowfish[2]), ident: blowfish[1] };
    return same(hashPassword(password, 'bcrypt', settings), stored);
  }
  const sha = /^\$([156])\$(?:rounds=(\d+)\$)?([./A-Za-z0-9]*)\$/.exec(stored);
  if (sha) {
    const scheme = { 1: 'md5_crypt', 5: 'sha256_crypt', 6: 'sha512_crypt' }[sha[1]!]!;
    const rounds = sha[1] === '1' ? undefined : Number(sha[2] ?? 5000);
    return same(hashPassword(password, scheme, { salt: sha[3], rounds }), stored);
  }
  return same(password, stored);
}
