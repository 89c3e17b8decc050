/**
 * Regular expressions as Python's `re` reads them, made into JavaScript's. Group numbers and names are kept; what JavaScript
 * can't do is refused by name. Source: https://docs.python.org/3/library/re.html
 */
import { BoundedRegExp } from './bounded.ts';
import { type Alphabet, classOf, negatedInClass, quoted } from './classes.ts';
import { RegexError } from './error.ts';

export { RegexError } from './error.ts';

export interface PythonRegexOptions {
  /** What the classes mean; `unicode` unless told. */
  alphabet?: Alphabet;
  ignoreCase?: boolean;
  multiline?: boolean;
  dotAll?: boolean;
  /** What is thrown where an expression that takes too long is given up. */
  failure?: (message: string) => Error;
}

interface Flags {
  i: boolean;
  m: boolean;
  s: boolean;
  x: boolean;
}

const CONTROL: Record<string, string> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v' };

class Translator {
  at = 0;
  flags: Flags;
  readonly globalIgnore: boolean;
  constructor(
    readonly text: string,
    readonly alphabet: Alphabet,
    flags: Flags,
  ) {
    this.flags = flags;
    this.readGlobalFlags();
    this.globalIgnore = this.flags.i;
  }

  fail(what: string): never {
    throw new RegexError(`invalid regular expression \`${this.text}\`: ${what} at position ${this.at}`);
  }

  /** `(?im)` at the start sets flags for all of it. */
  readGlobalFlags(): void {
    for (;;) {
      const found = /^\(\?([aiLmsux]+)\)/.exec(this.text.slice(this.at));
      if (!found) return;
      this.setFlags(found[1]!, true);
      this.at += found[0].length;
    }
  }

  setFlags(letters: string, on: boolean): void {
    this.flags = { ...this.flags };
    for (const letter of letters) if (letter in this.flags) this.flags[letter as keyof Flags] = on;
  }

  /** Alternatives up to the end or to the parenthesis that closes the one at `start`. */
  pattern(depth: number, start = 0): string {
    let out = '';
    while (this.at < this.text.length) {
      const char = this.text[this.at]!;
      if (char === ')') {
        if (depth === 0) this.fail('unbalanced parenthesis');
        return out;
      }
      if (char === '|') {
        out += '|';
        this.at++;
        continue;
      }
      if (this.flags.x && this.skipVerbose(char)) continue;
      out += this.atom(depth) + this.quantifier();
    }
    if (depth > 0) {
      this.at = start;
      this.fail('missing ), unterminated subpattern');
    }
    return out;
  }

  skipVerbose(char: string): boolean {
    if (/\s/.test(char)) this.at++;
    else if (char === '#') {
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end + 1;
    } else return false;
    return true;
  }

  atom(depth: number): string {
    const char = this.text[this.at]!;
    switch (char) {
      case '^':
        this.at++;
        return this.flags.m ? '(?<![^\\n])' : '(?<![\\s\\S])';
      case '$':
        this.at++;
        return this.flags.m ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))';
      case '.':
        this.at++;
        return this.flags.s ? '[\\s\\S]' : '[^\\n]';
      case '[':
        return this.charClass();
      case '(':
        return this.group(depth);
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        this.fail('nothing to repeat');
    }
    return this.literal(this.take());
  }

  take(): string {
    const char = String.fromCodePoint(this.text.codePointAt(this.at)!);
    this.at += char.length;
    return char;
  }

  literal(char: string): string {
    if (this.flags.i && !this.globalIgnore && char.toLowerCase() !== char.toUpperCase())
      return `[${char.toLowerCase()}${char.toUpperCase()}]`;
    return quoted(char);
  }

  quantifier(): string {
    while (this.flags.x && this.at < this.text.length && this.skipVerbose(this.text[this.at]!));
    const rest = this.text.slice(this.at);
    const found = /^(?:[*+?]|\{(\d*)(,?)(\d*)\})/.exec(rest);
    if (!found || found[0] === '{}' || found[0] === '{,}') {
      if (found?.[0] === '{,}') {
        this.at += 3;
        return `*${this.lazy()}`;
      }
      return '';
    }
    this.at += found[0].length;
    const [whole, low, comma, high] = found;
    const written = whole.startsWith('{') ? `{${low || '0'}${comma}${high}}` : whole;
    return written + this.lazy();
  }

  lazy(): string {
    const next = this.text[this.at];
    if (next === '+') this.fail('possessive quantifiers are not supported');
    if (next === '*' || (next === '{' && /^\{\d+(,\d*)?\}/.test(this.text.slice(this.at))))
      this.fail('multiple repeat');
    if (next !== '?') return '';
    this.at++;
    return '?';
  }

  group(depth: number): string {
    const rest = this.text.slice(this.at);
    const complete = /^\(\?P=([^)]*)\)/.exec(rest) ?? /^\(\?#[^)]*\)/.exec(rest);
    if (complete) {
      this.at += complete[0].length;
      return complete[1] === undefined ? '' : `\\k<${complete[1]}>`;
    }
    const outer = this.flags;
    const start = this.at;
    const { open, length } = this.opening(rest);
    this.at += length;
    const inner = this.pattern(depth + 1, start);
    this.at++;
    this.flags = outer;
    return `${open}${inner})`;
  }

  /** How a group begins in JavaScript, and how many characters that takes in Python. */
  opening(rest: string): { open: string; length: number } {
    if (!rest.startsWith('(?')) return { open: '(', length: 1 };
    const named = /^\(\?P<([^>]*)>/.exec(rest);
    if (named) return { open: `(?<${named[1]}>`, length: named[0].length };
    const look = /^\(\?(?:[:=!]|<[=!])/.exec(rest);
    if (look) return { open: look[0], length: look[0].length };
    const flagged = /^\(\?([aiLmsux]*)(?:-([imsx]+))?:/.exec(rest);
    if (flagged) {
      this.setFlags(flagged[1]!, true);
      if (flagged[2]) this.setFlags(flagged[2], false);
      if (!this.flags.i && this.globalIgnore) this.fail('switching ignore-case off is not supported');
      return { open: '(?:', length: flagged[0].length };
    }
    if (rest.startsWith('(?>')) this.fail('atomic groups are not supported');
    if (rest.startsWith('(?(')) this.fail('conditional groups are not supported');
    return this.fail('unknown extension or flags that are not at the start');
  }

  escape(): string {
    const letter = this.text[this.at + 1];
    if (letter === undefined) this.fail('bad escape at the end');
    const code = this.codeEscape(false);
    if (code !== undefined) return code;
    if (/[1-9]/.test(letter)) {
      const number = /^\\(\d\d?)/.exec(this.text.slice(this.at))![1]!;
      this.at += 1 + number.length;
      return `(?:\\${number})`;
    }
    this.at += 2;
    if ('dws'.includes(letter)) return `[${classOf(letter, this.alphabet)}]`;
    if ('DWS'.includes(letter)) return `[^${classOf(letter, this.alphabet)}]`;
    if (letter === 'A') return '(?<![\\s\\S])';
    if (letter === 'Z') return '(?![\\s\\S])';
    if (letter === 'b' || letter === 'B') return this.boundary(letter === 'b');
    if (/[a-zA-Z]/.test(letter)) this.fail(`bad escape \\${letter}`);
    this.at--;
    return this.literal(this.take());
  }

  boundary(at: boolean): string {
    const word = `[${classOf('w', this.alphabet)}]`;
    return at
      ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
      : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
  }

  /** \n, \x41, \u0041, octal: a character by name or number, or undefined. */
  codeEscape(inClass: boolean): string | undefined {
    const rest = this.text.slice(this.at + 1);
    const named = CONTROL[rest[0]!] ?? (inClass && rest[0] === 'b' ? '\\x08' : undefined);
    if (named) {
      this.at += 2;
      return named;
    }
    const octal = inClass ? /^[0-7]{1,3}/.exec(rest) : (/^0[0-7]{0,2}/.exec(rest) ?? /^[1-3][0-7]{2}/.exec(rest));
    const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
    if (hex && (hex[1] || this.alphabet !== 'bytes')) {
      this.at += 1 + hex[0].length;
      return quoted(String.fromCodePoint(Number.parseInt((hex[1] ?? hex[2] ?? hex[3])!, 16)));
    }
    if (!octal) return undefined;
    this.at += 1 + octal[0].length;
    return quoted(String.fromCodePoint(Number.parseInt(octal[0], 8)));
  }

  charClass(): string {
    this.at++;
    let out = '[';
    if (this.text[this.at] === '^') {
      out += '^';
      this.at++;
    }
    let first = true;
    for (;;) {
      if (this.at >= this.text.length) this.fail('unterminated character set');
      if (this.text[this.at] === ']' && !first) break;
      first = false;
      const low = this.classItem();
      const isRange = this.text[this.at] === '-' && this.at + 1 < this.text.length && this.text[this.at + 1] !== ']';
      if (!isRange) {
        out += this.bothCases(low);
        continue;
      }
      this.at++;
      const high = this.classItem();
      if (low.length > 8 || high.length > 8) this.fail('bad character range');
      out += this.bothCases(`${low}-${high}`);
    }
    this.at++;
    return `${out}]`;
  }

  bothCases(item: string): string {
    if (!this.flags.i || this.globalIgnore || !/^[a-zA-Z](-[a-zA-Z])?$/.test(item)) return item;
    return item.toLowerCase() + item.toUpperCase();
  }

  classItem(): string {
    if (this.text[this.at] !== '\\') return quoted(this.take());
    const letter = this.text[this.at + 1];
    if (letter === undefined) this.fail('bad escape at the end');
    const code = this.codeEscape(true);
    if (code !== undefined) return code;
    this.at += 2;
    if ('dws'.includes(letter)) return classOf(letter, this.alphabet);
    if (letter === 'D' || letter === 'S' || letter === 'W') return negatedInClass(letter, this.alphabet);
    if (/[a-zA-Z]/.test(letter)) this.fail(`bad escape \\${letter}`);
    this.at--;
    return quoted(this.take());
  }
}

/**
 * The JavaScript expression of a Python one, with the flags `extra` besides; throws RegexError with what is wrong. It can be used
 * as any RegExp, and never takes longer than in proportion to the text (bounded.ts).
 */
export function pythonRegex(pattern: string, options: PythonRegexOptions = {}, extra = ''): BoundedRegExp {
  const alphabet = options.alphabet ?? 'unicode';
  const text = alphabet === 'bytes' ? Buffer.from(pattern, 'utf8').toString('latin1') : pattern;
  const flags = { i: options.ignoreCase ?? false, m: options.multiline ?? false, s: options.dotAll ?? false, x: false };
  const translator = new Translator(text, alphabet, flags);
  const source = translator.pattern(0);
  try {
    const written = { pattern, ...(options.failure && { failure: options.failure }) };
    return new BoundedRegExp(
      source,
      `${alphabet === 'bytes' ? '' : 'u'}${translator.globalIgnore ? 'i' : ''}${extra}`,
      written,
    );
  } catch (error) {
    const why = (error as Error).message.replace(/^.*: /, '');
    throw new RegexError(`invalid regular expression \`${pattern}\`: ${why}`);
  }
}

/** Whether `re.MULTILINE` is set in the pattern itself. */
export function isMultiline(pattern: string): boolean {
  return /^(?:\(\?[aiLsux]+\))*\(\?[aiLsux]*m[aiLmsux]*\)/.test(pattern);
}
