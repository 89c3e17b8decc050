/** What an encrypted text holds that must not be shown. */
import { isUtf8 } from 'node:buffer';
import { AuthorError } from '../errors.ts';
import { Float, isDict, isList, Source, Template, Timestamp, type Value } from '../values.ts';
import { parseYaml } from './parse.ts';
import { decryptVault, isVault, type VaultSecret } from './vault.ts';

/** Larger ones are archives and programs, of which no piece is a secret by itself. */
const LARGEST = 1024 * 1024;

/** A file's text to be read, decrypted where it is a vault; its lines then are shown in no message. Throws AuthorError. */
export function openedSource(name: string, text: string, vault: readonly VaultSecret[]): Source {
  if (!isVault(text)) return new Source(name, text);
  return new Source(name, decryptVault(text, vault, { source: new Source(name, text), offset: 0 }), true);
}

/** The secrets of a text that a vault held: the text itself, and where it is YAML every value in it, whatever its type. */
export function secretsIn(plain: Buffer): string[] {
  if (plain.length > LARGEST || !isUtf8(plain)) return [];
  const text = plain.toString('utf8');
  const found = [text];
  try {
    const value = parseYaml(new Source('', text), { trusted: false });
    // A list is a file of tasks or plays: their names are shown, as in Ansible.
    collect(value, found, isList(value) ? NAMES : undefined);
  } catch (error) {
    // Not every encrypted text is YAML.
    if (!(error instanceof AuthorError)) throw error;
  }
  return found;
}

const NAMES = new Set<Value>(['name', 'hosts', 'tags', 'register', 'notify', 'listen']);

function collect(value: Value, found: string[], shown?: ReadonlySet<Value>): void {
  if (typeof value === 'string') found.push(value);
  else if (typeof value === 'number' || typeof value === 'bigint') found.push(String(value));
  else if (value instanceof Float) found.push(`${value.value}.0`, String(value.value));
  else if (value instanceof Timestamp) found.push(value.text);
  else if (value instanceof Template) found.push(value.text);
  else if (isList(value)) for (const item of value) collect(item, found, shown);
  else if (isDict(value)) for (const [key, item] of value) if (!shown?.has(key)) collect(item, found);
}
