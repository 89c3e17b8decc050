/** A cursor over tokens, with the questions a parser asks. */
import { TemplateError } from '../../errors.ts';
import type { Place } from '../../values.ts';
import { placeIn, type Token } from './lexer.ts';

export class TokenCursor {
  #index = 0;
  constructor(
    readonly tokens: Token[],
    readonly place: Place | undefined,
  ) {}

  get current(): Token {
    return this.tokens[this.#index]!;
  }

  get following(): Token {
    return this.tokens[Math.min(this.#index + 1, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.current;
    if (this.#index < this.tokens.length - 1) this.#index++;
    return token;
  }

  fail(message: string, at: number = this.current.at, help?: string): never {
    throw new TemplateError(message, placeIn(this.place, at), help);
  }

  isOp(op: string, token: Token = this.current): boolean {
    return token.kind === 'op' && token.value === op;
  }

  isName(name: string, token: Token = this.current): boolean {
    return token.kind === 'name' && token.value === name;
  }

  skipOp(op: string): boolean {
    if (!this.isOp(op)) return false;
    this.next();
    return true;
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false;
    this.next();
    return true;
  }

  expectOp(op: string): Token {
    if (!this.isOp(op)) this.fail(`expected \`${op}\`, found ${describeToken(this.current)}`);
    return this.next();
  }

  /** A name: the given one, or any. */
  expectName(name?: string): Token {
    if (this.current.kind !== 'name' || (name !== undefined && this.current.value !== name)) {
      this.fail(`expected ${name === undefined ? 'a name' : `\`${name}\``}, found ${describeToken(this.current)}`);
    }
    return this.next();
  }

  expectEnd(kind: 'variable_end' | 'block_end'): void {
    if (this.current.kind === kind) {
      this.next();
      return;
    }
    const found = describeToken(this.current);
    if (this.isOp('=')) this.fail(`unexpected ${found}`, this.current.at, 'comparison is written `==`');
    this.fail(`expected the end of the ${kind === 'variable_end' ? 'expression' : 'statement'}, found ${found}`);
  }
}

/** A token as an error names it. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'eof':
      return 'the end of the template';
    case 'variable_end':
    case 'block_end':
      return `\`${String(token.value).trim()}\``;
    case 'string':
      return `the string ${JSON.stringify(token.value)}`;
    case 'data':
      return 'text';
    default:
      return `\`${String(token.value)}\``;
  }
}
