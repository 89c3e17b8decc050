import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
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
  if (old !== undefined && verifies(wish.password, old, env)) return { msg: `${wish.name} already present` };
  const line = `${wish.name}:${hash(wish.password, wish.hash_scheme, env)}`;
  const msg =
    creating === undefined
      ? `Add/update ${wish.name}`
      : env.check
        ? `Create ${creating}`
        : `Created ${creating} and added ${wish.name}`;
  return { lines: index < 0 ? [...lines, line] : lines.with(index, line), msg };
}

const ITOA = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function hash(password: string, scheme: string, env: ModuleEnv): string {
  const salt = Array.from({ length: 8 }, () => ITOA[randomInt(64)]!).join('');
  switch (scheme) {
    case 'apr_md5_crypt':
      return apr1(password, salt);
    case 'ldap_sha1':
      return `{SHA}${createHash('sha1').update(password).digest('base64')}`;
    case 'plaintext':
      return password;
    case 'bcrypt':
    case 'sha256_crypt':
    case 'sha512_crypt':
    case 'md5_crypt':
      return crypt(password, scheme, scheme === 'bcrypt' ? ', ident="2b"' : '', env);
    default:
      throw new ModuleFailure(`the hash scheme ${scheme} is not known here`);
  }
}

/** The crypt formats are the template language's; the password goes there as a literal, and is rendered once. */
function crypt(password: string, scheme: string, settings: string, env: ModuleEnv): string {
  return String(env.evaluate(`${JSON.stringify(password)} | password_hash("${scheme}"${settings})`));
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function verifies(password: string, stored: string, env: ModuleEnv): boolean {
  const apr = /^\$apr1\$([^$]{0,8})\$/.exec(stored);
  if (apr) return same(apr1(password, apr[1]!), stored);
  if (stored.startsWith('{SHA}')) return same(hash(password, 'ldap_sha1', env), stored);
  const blowfish = /^\$(2[aby])\$(\d\d)\$([./A-Za-z0-9]{22})/.exec(stored);
  if (blowfish) {
    const settings = `, salt="${blowfish[3]}", rounds=${Number(blowfish[2])}, ident="${blowfish[1]}"`;
    return same(crypt(password, 'bcrypt', settings, env), stored);
  }
  const sha = /^\$([156])\$(?:rounds=(\d+)\$)?([./A-Za-z0-9]*)\$/.exec(stored);
  if (sha) {
    const scheme = { 1: 'md5_crypt', 5: 'sha256_crypt', 6: 'sha512_crypt' }[sha[1]!]!;
    const rounds = sha[1] === '1' ? '' : `, rounds=${sha[2] ?? 5000}`;
    return same(crypt(password, scheme, `, salt="${sha[3]}"${rounds}`, env), stored);
  }
  return same(password, stored);
}

/** Apache's variant of the MD5 crypt. */
function apr1(password: string, salt: string): string {
  const md5 = (...parts: Array<string | Buffer>) => {
    const digest = createHash('md5');
    for (const part of parts) digest.update(part);
    return digest.digest();
  };
  const word = Buffer.from(password, 'utf8');
  const inner = md5(word, salt, word);
  const parts: Buffer[] = [word, Buffer.from(`$apr1$${salt}`)];
  for (let left = word.length; left > 0; left -= 16) parts.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = word.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? Buffer.alloc(1) : word.subarray(0, 1));
  let final = md5(Buffer.concat(parts));
  for (let round = 0; round < 1000; round++) {
    const turn: Array<string | Buffer> = [round & 1 ? word : final];
    if (round % 3) turn.push(salt);
    if (round % 7) turn.push(word);
    turn.push(round & 1 ? final : word);
    final = md5(...turn);
  }
  const triples = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  let text = '';
  for (const [a, b, c] of triples) text += base64((final[a]! << 16) | (final[b]! << 8) | final[c]!, 4);
  return `$apr1$${salt}$${text}${base64(final[11]!, 2)}`;
}

function base64(value: number, digits: number): string {
  let text = '';
  for (let i = 0; i < digits; i++) text += ITOA[(value >> (6 * i)) & 63];
  return text;
}
