/** The one place where values become shell text. */
import { ModuleFailure } from '../errors.ts';

/** A path as the user wrote it for a target: a leading `~` or `~user` and `$NAME` are expanded there, all else is literal. */
export class RemotePath {
  constructor(readonly text: string) {}
}

/** Marks a path whose `~` and `$NAME` the target's shell expands (Ansible's type `path`). */
export function remotePath(text: string): RemotePath;
export function remotePath(text: string | undefined): RemotePath | undefined;
export function remotePath(text: string | undefined): RemotePath | undefined {
  return text === undefined ? undefined : new RemotePath(text);
}

/** What may be assigned to a shell variable of a request. Lists are joined as quoted words, to be used with `eval "set -- $list"`. */
export type ShellValue = string | number | boolean | Buffer | RemotePath | readonly string[] | null | undefined;

/** One word of POSIX shell that expands to exactly these characters. NUL can't be in a word and is refused. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new ModuleFailure('a NUL byte cannot be passed to a shell');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command line of quoted words. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** A command line for /bin/sh as one word that any login shell reads alike: sh, csh (where `!` is special), fish (where `\\` is). */
export function quoteForLogin(text: string): string {
  if (text.includes('\0')) throw new ModuleFailure('a NUL byte cannot be passed to a shell');
  return `'${text.replace(/['\\!]/g, "'\\$&'")}'`;
}

/** A path as a word in which only a leading `~`, `~user` and `$NAME`, `${NAME}` are left to the shell. */
export function quotePath(path: string): string {
  // The slash belongs to it: a tilde before a quoted one is no longer special.
  const tilde = /^~([a-z_][a-z0-9_-]*)?(\/|$)/.exec(path)?.[0] ?? '';
  const rest = path.slice(tilde.length);
  const parts = rest.split(/(\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})/);
  const words = parts.map((part, i) =>
    i % 2 === 1 ? `"\${${part.replace(/[${}]/g, '')}-${quoteInner(part)}}"` : part && quote(part),
  );
  return tilde + (words.join('') || (tilde ? '' : "''"));
}

/** An unset variable stays as it is written, as Python's expandvars does. */
function quoteInner(reference: string): string {
  return `\\${reference.replace('}', '\\}')}`;
}

/** The value of an assignment, as bytes (content may hold any byte but NUL). */
export function assignment(name: string, value: ShellValue): Buffer {
  if (!/^[a-z_][a-z0-9_]*$/i.test(name)) throw new RangeError(`not a shell variable name: ${name}`);
  if (value === null || value === undefined) return Buffer.from(`${name}=\n`);
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${name}=`), quoteBytes(value), Buffer.from('\n')]);
  let word: string;
  if (value instanceof RemotePath) word = quotePath(value.text);
  else if (Array.isArray(value)) word = quote(quoteWords(value));
  else if (typeof value === 'boolean') word = value ? '1' : '';
  else word = quote(String(value));
  return Buffer.from(`${name}=${word}\n`);
}

function quoteBytes(bytes: Buffer): Buffer {
  if (bytes.includes(0)) throw new ModuleFailure('a NUL byte cannot be passed to a shell');
  return Buffer.from(`'${bytes.toString('latin1').replaceAll("'", "'\\''")}'`, 'latin1');
}
