/** What Python's `re` puts in the place of a match. Source: https://docs.python.org/3/library/re.html#re.sub */
import { LETTERS } from '../escapes.ts';
import { BoundedRegExp } from './bounded.ts';
import { RegexError } from './error.ts';

/** What Python's `match.expand(template)` makes: \1, \g<1>, \g<name>, \n ... */
export function expandTemplate(template: string, match: RegExpMatchArray): string {
  let out = '';
  for (let i = 0; i < template.length; i++) {
    if (template[i] !== '\\') {
      out += template[i];
      continue;
    }
    const rest = template.slice(i + 1);
    const found = /^(?:g<([^>]+)>|(0[0-7]{0,2}|[1-3][0-7]{2})|([1-9]\d?)|(\\)|([abfnrtv]))/.exec(rest);
    if (!found) {
      if (/^[a-zA-Z]/.test(rest)) throw new RegexError(`bad escape \\${rest[0]} in the replacement`);
      out += '\\';
      continue;
    }
    i += found[0].length;
    const group = found[1] ?? found[3];
    if (group !== undefined) out += groupText(match, group);
    else if (found[2] !== undefined) out += String.fromCharCode(Number.parseInt(found[2], 8) & 0xff);
    else if (found[4] !== undefined) out += '\\';
    else out += LETTERS[found[5]!];
  }
  return out;
}

function groupText(match: RegExpMatchArray, group: string): string {
  if (/^\d+$/.test(group)) {
    if (Number(group) >= match.length) throw new RegexError(`invalid group reference ${group} in the replacement`);
    return match[Number(group)] ?? '';
  }
  if (!match.groups || !Object.hasOwn(match.groups, group))
    throw new RegexError(`unknown group name '${group}' in the replacement`);
  return match.groups[group] ?? '';
}

/** Python's `re.subn`: the new text and how many were replaced, at most `limit` (0: all). */
export function substitute(
  expression: RegExp,
  template: string,
  text: string,
  limit = 0,
): { text: string; count: number } {
  const global = new BoundedRegExp(expression, `${expression.flags.replace('g', '')}g`);
  // What is wrong with it is wrong also where nothing matches.
  for (const [, letter] of template.matchAll(/\\(.)/gs))
    if (/^[a-zA-Z]$/.test(letter!) && !/^[abfgnrtv]$/.test(letter!))
      throw new RegexError(`bad escape \\${letter} in the replacement`);
  let out = '';
  let last = 0;
  let count = 0;
  for (const match of text.matchAll(global)) {
    if (limit > 0 && count >= limit) break;
    out += text.slice(last, match.index) + expandTemplate(template, match);
    last = match.index + match[0].length;
    count++;
  }
  return { text: out + text.slice(last), count };
}

/** Python's `re.escape`. */
export const escapePython = (text: string): string => text.replace(/[-\s()[\]{}?*+|^$\\.&~#]/g, '\\$&');
