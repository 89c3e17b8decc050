/** Shell patterns as Python's fnmatch and glob read them. */
import { lstatSync, readdirSync } from 'node:fs';
import { ModuleFailure } from '../errors.ts';
import { BoundedRegExp } from './regex/bounded.ts';

/** Far more than names have; an expression of megabytes is what the language's engine gives up on. */
const LONGEST = 32 * 1024;

/** Shell patterns as Python's fnmatch reads them: `*` and `?` match any character, a slash and a newline included. */
export function fnmatch(pattern: string): RegExp {
  if (pattern.length > LONGEST)
    throw new ModuleFailure(`a pattern of ${pattern.length} characters is too long: ${LONGEST} are the most`);
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

const MAGIC = /[*?[]/;

/**
 * The paths that match a pattern, in order, as Python's glob finds them: `*`, `?` and `[…]` within one level, hidden names only
 * where the pattern says so. A pattern that is not absolute is looked up in `folder`, and so are its results written.
 */
export function glob(pattern: string, folder = '.'): string[] {
  const absolute = pattern.startsWith('/');
  const at = (path: string) => (absolute ? path : `${folder}/${path}`);
  let found: string[] = [absolute ? '/' : ''];
  for (const part of pattern.split('/').filter((p) => p !== '')) {
    const below = (base: string, name: string) => (base === '' || base === '/' ? base + name : `${base}/${name}`);
    const matches = MAGIC.test(part) ? fnmatch(part) : undefined;
    found = found.flatMap((base) => {
      if (!matches) return exists(at(below(base, part))) ? [below(base, part)] : [];
      return names(at(base))
        .filter((name) => matches.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map((name) => below(base, name));
    });
  }
  return found;
}

const exists = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
};

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
