/** Template text to tokens, by Jinja2's rules for whitespace, raw blocks, line statements and nested braces. */
import { TemplateError } from '../../errors.ts';
import { unescapeText } from '../../python/escapes.ts';
import { float, type Place } from '../../values.ts';
import type { SyntaxOptions } from './syntax.ts';

type TokenKind =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'op'
  | 'eof';

export interface Token {
  kind: TokenKind;
  value: unknown;
  at: number;
}

/** The place of an offset inside a template's text. */
export function placeIn(place: Place | undefined, at: number): Place | undefined {
  return place && { source: place.source, offset: place.offset + at };
}

const OPERATORS = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const SPACE = /\s+/y;
const CLOSER: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

interface Rules {
  root: RegExp;
  order: ('raw' | 'variable' | 'block' | 'comment' | 'linestatement' | 'linecomment')[];
  blockEnd: RegExp;
  variableEnd: RegExp;
  commentEnd: RegExp;
  rawEnd: RegExp;
}

const rulesCache = new Map<string, Rules>();

/** The regular expressions for one set of delimiters, kept. */
function rulesFor(o: SyntaxOptions): Rules {
  const key = JSON.stringify(o);
  const known = rulesCache.get(key);
  if (known) return known;
  const bs = escapeRegExp(o.block_start_string);
  const be = escapeRegExp(o.block_end_string);
  const suffix = o.trim_blocks ? '\\n?' : '';
  const starts: [Rules['order'][number], string, number][] = [
    ['comment', escapeRegExp(o.comment_start_string), o.comment_start_string.length],
    ['block', bs, o.block_start_string.length],
    ['variable', escapeRegExp(o.variable_start_string), o.variable_start_string.length],
  ];
  if (o.line_statement_prefix) {
    const prefix = escapeRegExp(o.line_statement_prefix);
    starts.push(['linestatement', `^[ \\t\\v]*${prefix}`, o.line_statement_prefix.length]);
  }
  if (o.line_comment_prefix) {
    const prefix = escapeRegExp(o.line_comment_prefix);
    starts.push(['linecomment', `(?:^|(?<=\\S))[^\\S\\r\\n]*${prefix}`, o.line_comment_prefix.length]);
  }
  starts.sort((a, b) => b[2] - a[2]);
  const raw = `(${bs}(-|\\+|)\\s*raw\\s*(?:-${be}\\s*|${be}))`;
  const rules: Rules = {
    root: new RegExp([raw, ...starts.map(([, re]) => `((?:${re})(-|\\+|))`)].join('|'), 'gm'),
    order: ['raw', ...starts.map(([name]) => name)],
    blockEnd: new RegExp(`\\+${be}|-${be}\\s*|${be}${suffix}`, 'y'),
    variableEnd: new RegExp(`-${escapeRegExp(o.variable_end_string)}\\s*|${escapeRegExp(o.variable_end_string)}`, 'y'),
    commentEnd: new RegExp(
      `(?:\\+${escapeRegExp(o.comment_end_string)}|-${escapeRegExp(o.comment_end_string)}\\s*|${escapeRegExp(o.comment_end_string)}${suffix})`,
      'g',
    ),
    rawEnd: new RegExp(`${bs}(-|\\+|)\\s*endraw\\s*(?:\\+${be}|-${be}\\s*|${be}${suffix})`, 'g'),
  };
  rulesCache.set(key, rules);
  return rules;
}

interface LexOptions {
  /** Ansible leaves backslashes in strings of `{{ }}` alone in YAML, as YAML already read them. */
  rawBackslashes?: boolean;
}

/** A template's tokens; throws a TemplateError at the exact place. */
export function tokenize(
  source: string,
  syntax: SyntaxOptions,
  place: Place | undefined,
  options: LexOptions,
): Token[] {
  let text = source.includes('\r') ? source.replace(/\r\n|\r/g, '\n') : source;
  if (!syntax.keep_trailing_newline && text.endsWith('\n')) text = text.slice(0, -1);
  return new Lexer(text, syntax, place, options.rawBackslashes ?? false).template();
}

/** The tokens of a bare expression. */
export function tokenizeExpression(
  source: string,
  syntax: SyntaxOptions,
  place: Place | undefined,
  options: LexOptions,
): Token[] {
  return new Lexer(source, syntax, place, options.rawBackslashes ?? false).expression();
}

class Lexer {
  readonly tokens: Token[] = [];
  #at = 0;
  #rules: Rules;
  constructor(
    readonly text: string,
    readonly syntax: SyntaxOptions,
    readonly place: Place | undefined,
    readonly rawBackslashes: boolean,
  ) {
    this.#rules = rulesFor(syntax);
  }

  fail(message: string, at: number, help?: string): never {
    throw new TemplateError(message, placeIn(this.place, at), help);
  }

  push(kind: TokenKind, value: unknown, at: number): void {
    this.tokens.push({ kind, value, at });
  }

  expression(): Token[] {
    this.inside(undefined, 'expression');
    this.push('eof', '', this.text.length);
    return this.tokens;
  }

  template(): Token[] {
    const { text } = this;
    const { root, order } = this.#rules;
    let lineStart = true;
    while (this.#at < text.length) {
      root.lastIndex = this.#at;
      const match = root.exec(text);
      if (!match) {
        this.data(text.slice(this.#at), this.#at);
        break;
      }
      let which = 0;
      while (match[1 + which * 2] === undefined) which++;
      const kind = order[which]!;
      this.data(this.stripped(text.slice(this.#at, match.index), match[2 + which * 2]!, kind, lineStart), this.#at);
      this.#at = match.index + match[0].length;
      lineStart = match[0].endsWith('\n');
      this.tag(kind, match.index);
      lineStart ||= text[this.#at - 1] === '\n';
    }
    this.push('eof', '', text.length);
    return this.tokens;
  }

  data(text: string, at: number): void {
    if (text === '') return;
    const { newline_sequence } = this.syntax;
    this.push('data', newline_sequence === '\n' ? text : text.replaceAll('\n', newline_sequence), at);
  }

  /** The text before a tag without the whitespace that its sign or lstrip_blocks takes away. */
  stripped(text: string, sign: string, kind: string, lineStart: boolean): string {
    if (sign === '-') return text.trimEnd();
    if (sign === '+' || !this.syntax.lstrip_blocks || kind === 'variable') return text;
    const start = text.lastIndexOf('\n') + 1;
    return (start > 0 || lineStart) && /^\s+$/.test(text.slice(start)) ? text.slice(0, start) : text;
  }

  tag(kind: Rules['order'][number], at: number): void {
    const { syntax } = this;
    if (kind === 'comment') {
      this.skipTo(this.#rules.commentEnd, at, `unclosed \`${syntax.comment_start_string}\``);
    } else if (kind === 'raw') {
      const from = this.#at;
      const end = this.skipTo(this.#rules.rawEnd, at, 'unclosed `raw` block');
      this.data(this.stripped(this.text.slice(from, end.index), end[1]!, 'raw', this.text[from - 1] === '\n'), from);
    } else if (kind === 'linecomment') {
      const end = this.text.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.text.length : end;
    } else if (kind === 'variable') {
      this.push('variable_begin', syntax.variable_start_string, at);
      this.inside(this.#rules.variableEnd, 'variable', at);
    } else if (kind === 'block') {
      this.push('block_begin', syntax.block_start_string, at);
      this.inside(this.#rules.blockEnd, 'block', at);
    } else {
      this.push('block_begin', syntax.line_statement_prefix, at);
      this.inside(/[^\S\n]*(?:\n|$)/y, 'linestatement', at);
    }
  }

  skipTo(end: RegExp, at: number, problem: string): RegExpExecArray {
    end.lastIndex = this.#at;
    const match = end.exec(this.text);
    if (!match) this.fail(problem, at);
    this.#at = match.index + match[0].length;
    return match;
  }

  /** The tokens of an expression or statement, up to its end mark. */
  inside(end: RegExp | undefined, kind: 'variable' | 'block' | 'linestatement' | 'expression', begin = 0): void {
    const { text } = this;
    const open: { closer: string; at: number }[] = [];
    for (;;) {
      const at = this.#at;
      if (end && open.length === 0) {
        end.lastIndex = at;
        const found = end.exec(text);
        if (found) {
          this.#at = end.lastIndex;
          this.push(kind === 'variable' ? 'variable_end' : 'block_end', found[0], at);
          return;
        }
      }
      if (at >= text.length) {
        if (open.length) this.fail(`unclosed \`${opener(open.at(-1)!.closer)}\``, open.at(-1)!.at);
        if (kind === 'expression') return;
        const mark = kind === 'variable' ? this.syntax.variable_start_string : this.syntax.block_start_string;
        const wanted = kind === 'variable' ? this.syntax.variable_end_string : this.syntax.block_end_string;
        this.fail(`unclosed \`${mark}\``, begin, `close it with \`${wanted}\``);
      }
      const code = text.charCodeAt(at);
      const isSpace = code === 32 || code === 10 || code === 9 || code > 127 || code < 32;
      if (!isSpace || this.match(SPACE) === undefined) this.token(at, kind, begin, open);
    }
  }

  match(re: RegExp): string | undefined {
    re.lastIndex = this.#at;
    const found = re.exec(this.text);
    if (!found) return undefined;
    this.#at = re.lastIndex;
    return found[0];
  }

  token(at: number, kind: string, begin: number, open: { closer: string; at: number }[]): void {
    const code = this.text.charCodeAt(at);
    const isDigit = code >= 48 && code <= 57;
    let found = !isDigit || this.text[at - 1] === '.' ? undefined : this.match(FLOAT);
    if (found !== undefined) return void this.push('float', float(Number(found.replaceAll('_', ''))), at);
    if (isDigit) found = this.match(INTEGER);
    if (found !== undefined) return void this.push('integer', integer(found), at);
    found = this.match(NAME);
    if (found !== undefined) return void this.push('name', found, at);
    found = this.match(STRING);
    if (found !== undefined) {
      const inner = found.slice(1, -1);
      const raw = (this.rawBackslashes && kind === 'variable') || !inner.includes('\\');
      const value = raw ? inner : unescapeText(inner, (message, offset) => this.fail(message, at + 1 + offset));
      return void this.push('string', value, at);
    }
    found = this.match(OPERATORS);
    if (found !== undefined) return void this.operator(found, at, kind, begin, open);
    const character = String.fromCodePoint(this.text.codePointAt(at)!);
    if (character === '"' || character === "'") this.fail(`unclosed string ${character}`, at);
    this.fail(`unexpected character \`${character}\``, at, OF_OTHERS[character]);
  }

  operator(op: string, at: number, kind: string, begin: number, open: { closer: string; at: number }[]): void {
    const closer = CLOSER[op];
    if (closer) open.push({ closer, at });
    else if (op === ')' || op === ']' || op === '}') {
      const expected = open.pop();
      if (!expected) {
        const help = kind === 'variable' && op === '}' ? `the expression that starts here ends with \`}}\`` : undefined;
        this.fail(help ? 'unclosed `{{`' : `unexpected \`${op}\``, help ? begin : at, help);
      }
      if (expected.closer !== op) {
        this.fail(`unexpected \`${op}\`, expected \`${expected.closer}\``, at);
      }
    }
    this.push('op', op, at);
  }
}

const opener = (closer: string): string => (closer === ')' ? '(' : closer === ']' ? '[' : '{');

function integer(text: string): number | bigint {
  const plain = text.replaceAll('_', '');
  const n = Number(plain);
  return Number.isSafeInteger(n) ? n : BigInt(plain);
}

/** Characters of other languages, and what is written here. */
const OF_OTHERS: Record<string, string> = {
  '&': 'here this is written `and`',
  '!': 'here this is written `not`',
  '|': 'here this is written `or`',
  '?': 'a choice is written `a if condition else b`',
  $: 'names are written without `$`',
};
