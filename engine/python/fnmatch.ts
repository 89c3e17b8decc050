import { ModuleFailure } from '../errors.ts';
import { BoundedRegExp } from './regex/bounded.ts';

/** Far more than names have; an expression of megabytes is what the language's engine gives up on. */
const LONGEST = 32 * 1024;

/** Refuses a pattern that no regular expression could be made of. */
export function checkLength(pattern: string): void {
  if (pattern.length <= LONGEST) return;
  throw new ModuleFailure(`a pattern of ${pattern.length} characters is too long: ${LONGEST} are the most`);
}

/** Shell patterns as Python's fnmatch reads them: `*` and `?` match any character, a slash and a newline included. */
export function fnmatch(pattern: string): RegExp {
  checkLength(pattern);
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '*') source += '[\\s\\S]*';
    else if (char === '?') source += '[\\s\\S]';
    else if (char === '[') {
      let end = i + 1;
      if (pattern[end] === '!') end++;
      if (pattern[end] === ']') end++;
      while (end < pattern.length && pattern[end] !== ']') end++;
      if (end >= pattern.length) source += '\\[';
      else {
        source += bracket(pattern.slice(i + 1, end));
        i = end;
      }
    } else source += char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
  }
  return new BoundedRegExp(`(?<![\\s\\S])${source}(?![\\s\\S])`, '', { pattern });
}

function bracket(inner: string): string {
  const negated = inner.startsWith('!');
  const members = (negated ? inner.slice(1) : inner).replace(/[\\\]^[]/g, '\\$&');
  // a range that goes backwards is empty
  const ordered = members.replace(/([^\\])-([^\\])/g, (whole, low: string, high: string) => (low > high ? '' : whole));
  return `[${negated ? '^' : ''}${ordered}]`;
}
