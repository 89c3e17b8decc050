/** Python's regular expressions for templates: compiled ones are kept, and what is wrong with one is the template's error. */

import { TemplateError } from '../../errors.ts';
import type { BoundedRegExp } from '../../python/regex/bounded.ts';
import { substitute as replaced } from '../../python/regex/replacement.ts';
import { type PythonRegexOptions, pythonRegex, RegexError } from '../../python/regex/translate.ts';
import { fail } from '../../python/undefined.ts';

export { escapePython } from '../../python/regex/replacement.ts';

export type RegexFlags = Omit<PythonRegexOptions, 'alphabet' | 'failure'>;

const cache = new Map<string, BoundedRegExp>();

function asError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RegexError) fail(error.message);
    throw error;
  }
}

/** A Python pattern as a RegExp with the flags `g` and `u`, made for a subject: `\w` and the like are ASCII where it is. */
export function compileRegex(pattern: string, flags: RegexFlags = {}, subject = ''): BoundedRegExp {
  const alphabet = /[^\0-\x7f]/.test(subject) ? 'unicode' : 'ascii';
  const key = `${alphabet}${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}:${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    compiled = asError(() =>
      pythonRegex(pattern, { ...flags, alphabet, failure: (message) => new TemplateError(message) }, 'g'),
    );
    if (cache.size > 1000) cache.clear();
    cache.set(key, compiled);
  }
  compiled.lastIndex = 0;
  return compiled;
}

/** re.subn with at most `count` replacements (0: all). */
export function substitute(
  subject: string,
  pattern: string,
  replacement: string,
  flags: RegexFlags,
  count = 0,
): { text: string; made: number } {
  const { text, count: made } = asError(() =>
    replaced(compileRegex(pattern, flags, subject), replacement, subject, count),
  );
  return { text, made };
}
