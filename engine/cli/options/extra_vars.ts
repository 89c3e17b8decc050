/** `-e`: variables from the command line. */
import { UsageError } from '../../errors.ts';
import { type Dict, isDict, Source } from '../../values.ts';
import { parseKeyValues, parseYaml } from '../../yaml/index.ts';

/**
 * All `-e` arguments in order, later ones over earlier. Text from the command line is data; a file (`@FILE`) is the project's.
 */
export function readExtraVars(given: readonly string[], read: (path: string) => Source): Dict {
  const all: Dict = new Map();
  for (const text of given) for (const [name, value] of readOne(text, read)) all.set(name, value);
  return all;
}

function readOne(text: string, read: (path: string) => Source): Dict {
  if (text.startsWith('@')) {
    const path = text.slice(1);
    return dictOf(read(path), true, `-e ${text}`);
  }
  if (/^\s*[[{]/.test(text)) return dictOf(new Source('-e', text), false, '-e');
  return parseKeyValues(text, { source: new Source('-e', text), offset: 0 }, { trusted: false, strict: true }).values;
}

function dictOf(source: Source, trusted: boolean, what: string): Dict {
  const value = parseYaml(source, { trusted });
  if (value === null) return new Map();
  if (isDict(value)) return value;
  throw new UsageError(`${what} must hold names and values, not a list or a single value`);
}
