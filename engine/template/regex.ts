/** Python's regular expressions on JavaScript's. */
import { fail } from './undefined.ts';

export interface RegexFlags {
  ignoreCase?: boolean;
  multiline?: boolean;
  dotAll?: boolean;
  verbose?: boolean;
}

const cache = new Map<string, RegExp>();

/** A Python pattern as a RegExp with the flags `g` and `u`, made for a subject: `\w` and the like are ASCII where it is. */
export function compileRegex(pattern: string, flags: RegexFlags = {}, subject = ''): RegExp {
  const wide = /[^\0-\x7f]/.test(subject);
  const key = `${wide ? 1 : 0}${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}${flags.verbose ? 'x' : ''}:${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    const translated = new Translator(pattern, { ...flags }, wide);
    const source = translated.translate();
    try {
      compiled = new RegExp(source, translated.flags.ignoreCase ? 'giu' : 'gu');
    } catch (error) {
      fail(`invalid regular expression \`${pattern}\`: ${(error as Error).message.replace(/^.*: /, '')}`);
    }
    if (cache.size > 1000) cache.clear();
    cache.set(key, compiled);
  }
  compiled.lastIndex = 0;
  return compiled;
}

const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;
const quoteOne = (c: string): string => (SYNTAX.test(c) ? `\\${c}` : c);
const CONTROL: Record<string, string> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v' };

class Translator {
  #at = 0;
  constructor(
    readonly pattern: string,
    readonly flags: RegexFlags,
    readonly wide: boolean,
  ) {}

  bad(message: string): never {
    fail(`invalid regular expression \`${this.pattern}\`: ${message} at position ${this.#at}`);
  }

  get word(): string {
    return this.wide ? '\\p{L}\\p{N}\\p{Mn}_' : 'A-Za-z0-9_';
  }
  get digit(): string {
    return this.wide ? '\\p{Nd}' : '0-9';
  }

  translate(): string {
    let result = '';
    while (this.#at < this.pattern.length) result += this.one();
    return result;
  }

  one(): string {
    const c = String.fromCodePoint(this.pattern.codePointAt(this.#at)!);
    this.#at += c.length;
    switch (c) {
      case '\\':
        return this.escape(false);
      case '[':
        return this.set();
      case '(':
        return this.group();
      case '.':
        return this.flags.dotAll ? '[\\s\\S]' : '[^\\n]';
      case '^':
        return this.flags.multiline ? '(?<![^\\n])' : '(?<![\\s\\S])';
      case '$':
        return this.flags.multiline ? '(?=\\n|(?![\\s\\S]))' : '(?=\\n?(?![\\s\\S]))';
      case '{':
        return this.repetition();
      case '}':
      case ']':
        return `\\${c}`;
      default:
        if (this.flags.verbose && /\s/.test(c)) return '';
        if (this.flags.verbose && c === '#') {
          while (this.#at < this.pattern.length && this.pattern[this.#at] !== '\n') this.#at++;
          return '';
        }
        return c === '/' ? '\\/' : c;
    }
  }

  repetition(): string {
    const match = /^(?:(\d+)(,?)(\d*)|,(\d+))\}/.exec(this.pattern.slice(this.#at));
    if (!match) return '\\{';
    this.#at += match[0].length;
    if (match[4] !== undefined) return `{0,${match[4]}}`;
    return `{${match[1]}${match[2]}${match[3]}}`;
  }

  group(): string {
    const rest = this.pattern.slice(this.#at);
    const take = (text: string, by: string) => {
      this.#at += text.length;
      return by;
    };
    if (!rest.startsWith('?')) return '(';
    let match = /^\?P<([^>]*)>/.exec(rest);
    if (match) return take(match[0], `(?<${match[1]}>`);
    match = /^\?P=([^)]*)\)/.exec(rest);
    if (match) return take(match[0], `\\k<${match[1]}>`);
    match = /^\?#[^)]*\)/.exec(rest);
    if (match) return take(match[0], '');
    match = /^\?([aiLmsux]+)\)/.exec(rest);
    if (match) {
      for (const flag of match[1]!) {
        if (flag === 'i') this.flags.ignoreCase = true;
        else if (flag === 'm') this.flags.multiline = true;
        else if (flag === 's') this.flags.dotAll = true;
        else if (flag === 'x') this.flags.verbose = true;
      }
      return take(match[0], '');
    }
    match = /^\?(?:<?[=!]|:)/.exec(rest);
    if (match) return take(match[0], `(${match[0]}`);
    this.bad(`the group \`(${rest.slice(0, 3)}…\` is not supported`);
  }

  /** What follows a backslash, outside or inside a set. */
  escape(inSet: boolean): string {
    if (this.#at >= this.pattern.length) this.bad('bad escape (end of pattern)');
    const c = String.fromCodePoint(this.pattern.codePointAt(this.#at)!);
    this.#at += c.length;
    const set = (inner: string, negated = false) => (inSet && !negated ? inner : `[${negated ? '^' : ''}${inner}]`);
    switch (c) {
      case 'd':
        return set(this.digit);
      case 'D':
        return inSet ? (this.wide ? '\\P{Nd}' : '\\D') : set(this.digit, true);
      case 'w':
        return set(this.word);
      case 'W':
        return inSet ? '\\W' : set(this.word, true);
      case 's':
        return set('\\s\\x1c-\\x1f\\x85');
      case 'S':
        return inSet ? '\\S' : set('\\s\\x1c-\\x1f\\x85', true);
      case 'b':
        if (inSet) return '\\b';
        return this.wide ? `(?:(?<=[${this.word}])(?![${this.word}])|(?<![${this.word}])(?=[${this.word}]))` : '\\b';
      case 'B':
        return this.wide ? `(?:(?<=[${this.word}])(?=[${this.word}])|(?<![${this.word}])(?![${this.word}]))` : '\\B';
      case 'A':
        return '(?<![\\s\\S])';
      case 'Z':
        return '(?![\\s\\S])';
    }
    if (CONTROL[c]) return CONTROL[c];
    if (/[xuU]/.test(c)) return this.hex(c);
    if (/\d/.test(c)) return this.number(c, inSet);
    if (/[A-Za-z]/.test(c)) this.bad(`bad escape \\${c}`);
    return inSet && c === '-' ? '\\-' : quoteOne(c);
  }

  hex(kind: string): string {
    const width = kind === 'x' ? 2 : kind === 'u' ? 4 : 8;
    const digits = this.pattern.slice(this.#at, this.#at + width);
    if (!/^[\da-fA-F]+$/.test(digits) || digits.length !== width) this.bad(`incomplete escape \\${kind}${digits}`);
    this.#at += width;
    return `\\u{${digits}}`;
  }

  number(first: string, inSet: boolean): string {
    const rest = this.pattern.slice(this.#at);
    const octal = inSet || first === '0' ? /^[0-7]{0,2}/.exec(rest) : /^[0-7]{2}/.exec(rest);
    if (octal && /[0-7]/.test(first) && (inSet || first === '0' || /^[0-3]$/.test(first))) {
      this.#at += octal[0].length;
      return `\\u{${Number.parseInt(first + octal[0], 8).toString(16)}}`;
    }
    const more = /^\d?/.exec(rest)![0];
    this.#at += more.length;
    return `(?:\\${first}${more})`;
  }

  set(): string {
    let result = '[';
    if (this.pattern[this.#at] === '^') {
      result += '^';
      this.#at++;
    }
    let first = true;
    for (;;) {
      if (this.#at >= this.pattern.length) this.bad('unterminated character set');
      const c = String.fromCodePoint(this.pattern.codePointAt(this.#at)!);
      this.#at += c.length;
      if (c === ']' && !first) return `${result}]`;
      first = false;
      if (c === '\\') result += this.escape(true);
      else if (c === '-') result += this.dash(result);
      else result += /[\]^[]/.test(c) ? `\\${c}` : c;
    }
  }

  /** A dash in a set is a range only between two characters; beside a class it is itself. */
  dash(before: string): string {
    const next = this.pattern[this.#at];
    const open = before === '[' || before === '[^';
    const afterClass =
      /(?:0-9|_|\\p\{\w+\}|\\x85|\\[DWS]|\\P\{Nd\})$/.test(before) &&
      /\\[dDwWsS]-$/.test(this.pattern.slice(0, this.#at));
    const beforeClass = next === '\\' && /[dDwWsS]/.test(this.pattern[this.#at + 1] ?? '');
    return open || next === ']' || afterClass || beforeClass ? '\\-' : '-';
  }
}

const TEMPLATE = /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2}|[1-9]\d?)|([\s\S]))/g;
const REPLACED: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
};

/** The text that a Python replacement template makes of a match. */
function expandReplacement(
  template: string,
  match: RegExpExecArray | (string | undefined)[],
  groups: Record<string, string> | undefined,
): string {
  if (!template.includes('\\')) return template;
  return template.replace(TEMPLATE, (whole, name?: string, number?: string, other?: string) => {
    if (number !== undefined) {
      if (number[0] === '0' || number.length === 3) return String.fromCharCode(Number.parseInt(number, 8));
      return numbered(match, Number(number));
    }
    if (name !== undefined) {
      if (/^\d+$/.test(name)) return numbered(match, Number(name));
      if (!groups || !Object.hasOwn(groups, name)) fail(`unknown group name '${name}' in the replacement`);
      return groups[name] ?? '';
    }
    const plain = REPLACED[other!];
    if (plain !== undefined) return plain;
    if (/[A-Za-z]/.test(other!)) fail(`bad escape \\${other} in the replacement`);
    return whole;
  });
}

function numbered(match: (string | undefined)[], n: number): string {
  if (n >= match.length) fail(`invalid group reference ${n} in the replacement`);
  return match[n] ?? '';
}

/** re.subn with at most `count` replacements (0: all). */
export function substitute(
  subject: string,
  pattern: string,
  replacement: string,
  flags: RegexFlags,
  count = 0,
): { text: string; made: number } {
  const regex = compileRegex(pattern, flags, subject);
  let made = 0;
  let text = '';
  let at = 0;
  for (const match of subject.matchAll(regex)) {
    if (count > 0 && made >= count) break;
    made++;
    text += subject.slice(at, match.index) + expandReplacement(replacement, match, match.groups);
    at = match.index + match[0].length;
  }
  return { text: text + subject.slice(at), made };
}

/** re.escape. */
export const escapePython = (text: string): string => text.replace(/[-\s()[\]{}?*+|^$\\.&~#]/g, '\\$&');
