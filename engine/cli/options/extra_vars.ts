/** `-e`: variables from the command line. */
import { UsageError } from '../../errors.ts';
import { type Dict, isDict, Source, type Value } from '../../values.ts';
import { parseKeyValues, parseYaml } from '../../yaml/index.ts';

export interface ReadText {
  text: string;
  /** It was a vault: what it holds is secret. */
  encrypted: boolean;
}

/**
 * All `-e` arguments in order, later ones over earlier. Text from the command line is data; a file (`@FILE`) is the project's.
 * `secret` is told of every text of an encrypted file.
 */
export function readExtraVars(
  given: readonly string[],
  read: (path: string) => ReadText,
  secret: (text: string) => void = () => {},
): Dict {
  const all: Dict = new Map();
  for (const text of given) for (const [name, value] of readOne(text, read, secret)) all.set(name, value);
  return all;
}

function readOne(text: string, read: (path: string) => ReadText, secret: (text: string) => void): Dict {
  if (text.startsWith('@')) {
    const path = text.slice(1);
    const found = read(path);
    const dict = dictOf(new Source(path, found.text), true, `-e ${text}`);
    if (found.encrypted) tellTexts(dict, secret);
    return dict;
  }
  if (/^\s*[[{]/.test(text)) return dictOf(new Source('-e', text), false, '-e');
  return parseKeyValues(text, { source: new Source('-e', text), offset: 0 }, { trusted: false, strict: true }).values;
}

function tellTexts(value: Value, tell: (text: string) => void): void {
  if (typeof value === 'string') tell(value);
  else if (Array.isArray(value)) for (const item of value) tellTexts(item, tell);
  else if (isDict(value)) for (const item of value.values()) tellTexts(item, tell);
}

function dictOf(source: Source, trusted: boolean, what: string): Dict {
  const value = parseYaml(source, { trusted });
  if (value === null) return new Map();
  if (isDict(value)) return value;
  throw new UsageError(`${what} must hold names and values, not a list or a single value`);
}
