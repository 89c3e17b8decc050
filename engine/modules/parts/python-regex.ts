/** Python's regular expressions for modules: what is wrong with one is the task's failure. */
import { ModuleFailure } from '../../errors.ts';
import { expandTemplate as expand, substitute as replaced } from '../../python/regex/replacement.ts';
import { type PythonRegexOptions, RegexError, pythonRegex as translated } from '../../python/regex/translate.ts';

export { isMultiline } from '../../python/regex/translate.ts';

function asFailure<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RegexError ? new ModuleFailure(error.message) : error;
  }
}

/** The JavaScript expression of a Python one; with `bytes` for latin1 text, one character a byte. Throws ModuleFailure. */
export const pythonRegex = (
  pattern: string,
  { bytes, ...options }: Omit<PythonRegexOptions, 'alphabet' | 'failure'> & { bytes?: boolean } = {},
  extra = '',
): RegExp =>
  asFailure(() => translated(pattern, { ...options, alphabet: bytes ? 'bytes' : 'unicode', failure }, extra));

const failure = (message: string): Error => new ModuleFailure(message);

/** What Python's `match.expand(template)` makes: \1, \g<1>, \g<name>, \n ... Throws ModuleFailure. */
export const expandTemplate = (template: string, match: RegExpMatchArray): string =>
  asFailure(() => expand(template, match));

/** Python's `re.subn`: the new text and how many were replaced. Throws ModuleFailure. */
export const substitute = (expression: RegExp, template: string, text: string): { text: string; count: number } =>
  asFailure(() => replaced(expression, template, text));
