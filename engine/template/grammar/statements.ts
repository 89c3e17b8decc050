/** The statement grammar of Jinja2: a whole template to statements. */
import { didYouMean } from '../../errors.ts';
import { ExpressionParser } from './expressions.ts';
import type { Expression, Signature, Statement } from './syntax.ts';
import { describeToken } from './tokens.ts';

const TAGS = [
  'for',
  'if',
  'block',
  'extends',
  'print',
  'macro',
  'include',
  'from',
  'import',
  'set',
  'with',
  'autoescape',
  'call',
  'filter',
  'do',
  'break',
  'continue',
  'raw',
];

export class TemplateParser extends ExpressionParser {
  #loops = 0;
  /** What each open block waits for, with the place where it began. */
  #open: { tag: string; ends: string[]; at: number }[] = [];

  template(): Statement[] {
    return this.body([]);
  }

  /** Statements up to one of the end tags, which stays current. */
  body(ends: string[]): Statement[] {
    const found: Statement[] = [];
    for (;;) {
      const token = this.current;
      if (token.kind === 'eof') return found;
      if (token.kind === 'data') {
        this.next();
        found.push({ kind: 'text', text: token.value as string, at: token.at });
      } else if (token.kind === 'variable_begin') {
        this.next();
        const value = this.tuple();
        this.expectEnd('variable_end');
        found.push({ kind: 'output', value, at: token.at });
      } else {
        this.next();
        if (this.current.kind === 'name' && ends.includes(this.current.value as string)) return found;
        const statement = this.statement(token.at);
        this.expectEnd('block_end');
        if (statement) found.push(...(Array.isArray(statement) ? statement : [statement]));
      }
    }
  }

  /** The body of a block, whose end tag becomes current. */
  block(tag: string, at: number, ends: string[]): Statement[] {
    this.skipOp(':');
    this.expectEnd('block_end');
    this.#open.push({ tag, ends, at });
    const found = this.body(ends);
    this.#open.pop();
    if (this.current.kind === 'eof') {
      this.fail(`\`{% ${tag} %}\` is never closed`, at, `close it with \`{% ${ends.at(-1)} %}\``);
    }
    return found;
  }

  /** A body whose end tag is taken too. */
  closed(tag: string, at: number, end: string): Statement[] {
    const found = this.block(tag, at, [end]);
    this.next();
    return found;
  }

  statement(at: number): Statement | Statement[] | undefined {
    const token = this.current;
    if (token.kind !== 'name') this.fail(`expected a tag such as \`if\` or \`for\`, found ${describeToken(token)}`);
    const tag = token.value as string;
    this.next();
    switch (tag) {
      case 'set':
        return this.set(at);
      case 'for':
        return this.for(at);
      case 'if':
        return this.if(at);
      case 'with':
        return this.with(at);
      case 'autoescape': {
        this.expression();
        return { kind: 'scope', body: this.closed('autoescape', at, 'endautoescape'), at };
      }
      case 'block':
        return this.namedBlock(at);
      case 'extends':
        return { kind: 'extends', template: this.expression(), at };
      case 'include':
        return this.include(at);
      case 'import':
        return this.import(at);
      case 'from':
        return this.from(at);
      case 'macro': {
        const name = this.expectName().value as string;
        const signature = this.signature();
        return { kind: 'macro', name, ...signature, body: this.apart(() => this.closed('macro', at, 'endmacro')), at };
      }
      case 'call':
        return this.callBlock(at);
      case 'filter': {
        const filter = this.filter(undefined, true)!;
        return { kind: 'filterBlock', filter, body: this.closed('filter', at, 'endfilter'), at };
      }
      case 'print':
        return this.print(at);
      case 'do':
        return { kind: 'do', value: this.tuple(), at };
      case 'break':
      case 'continue':
        if (!this.#loops) this.fail(`\`{% ${tag} %}\` outside of a loop`, token.at);
        return { kind: tag, at };
      default:
        this.unknown(tag, token.at);
    }
  }

  unknown(tag: string, at: number): never {
    const innermost = this.#open.at(-1);
    if (tag.startsWith('end') || tag === 'else' || tag === 'elif') {
      this.fail(
        `unexpected \`{% ${tag} %}\``,
        at,
        innermost
          ? `the innermost open block is \`{% ${innermost.tag} %}\`, closed with \`{% ${innermost.ends.at(-1)} %}\``
          : 'no block is open here',
      );
    }
    this.fail(`unknown tag \`${tag}\``, at, didYouMean(tag, [...TAGS, ...(innermost?.ends ?? [])]));
  }

  print(at: number): Statement[] {
    const found: Statement[] = [];
    while (this.current.kind !== 'block_end') {
      if (found.length) this.expectOp(',');
      found.push({ kind: 'output', value: this.expression(), at });
    }
    return found;
  }

  set(at: number): Statement {
    const target = this.target({ fields: true });
    if (this.skipOp('=')) return { kind: 'set', target, value: this.tuple(), at };
    const filter = this.filter(undefined);
    return { kind: 'setBlock', target, filter, body: this.closed('set', at, 'endset'), at };
  }

  /** Parses in a place from where an outer loop cannot be left. */
  apart<T>(parse: () => T): T {
    const loops = this.#loops;
    this.#loops = 0;
    const result = parse();
    this.#loops = loops;
    return result;
  }

  for(at: number): Statement {
    const target = this.target({ until: 'in' });
    this.expectName('in');
    const list = this.tuple({ choice: false, until: 'recursive' });
    const test = this.skipName('if') ? this.expression() : undefined;
    const recursive = this.skipName('recursive');
    this.#loops++;
    const body = this.block('for', at, ['else', 'endfor']);
    this.#loops--;
    const otherwise = this.next().value === 'else' ? this.closed('else', at, 'endfor') : [];
    return { kind: 'for', target, list, test, recursive, body, otherwise, at };
  }

  if(at: number): Statement {
    const branches: [Expression, Statement[]][] = [];
    let otherwise: Statement[] = [];
    for (;;) {
      const test = this.tuple({ choice: false });
      branches.push([test, this.block('if', at, ['elif', 'else', 'endif'])]);
      const end = this.next().value;
      if (end === 'elif') continue;
      if (end === 'else') otherwise = this.closed('else', at, 'endif');
      return { kind: 'if', branches, otherwise, at };
    }
  }

  with(at: number): Statement {
    const targets = [];
    const values = [];
    while (this.current.kind !== 'block_end') {
      if (targets.length) this.expectOp(',');
      targets.push(this.target());
      this.expectOp('=');
      values.push(this.expression());
    }
    return { kind: 'with', targets, values, body: this.closed('with', at, 'endwith'), at };
  }

  namedBlock(at: number): Statement {
    const token = this.expectName();
    const name = token.value as string;
    const scoped = this.skipName('scoped');
    const required = this.skipName('required');
    if (this.isOp('-')) this.fail('a block name may not contain `-`', token.at, 'use an underscore');
    const body = this.apart(() => this.closed('block', at, 'endblock'));
    this.skipName(name);
    return { kind: 'block', name, scoped, required, body, at };
  }

  withContext(otherwise: boolean): boolean {
    if ((this.isName('with') || this.isName('without')) && this.isName('context', this.following)) {
      const chosen = this.next().value === 'with';
      this.next();
      return chosen;
    }
    return otherwise;
  }

  include(at: number): Statement {
    const template = this.expression();
    let ignoreMissing = false;
    if (this.isName('ignore') && this.isName('missing', this.following)) {
      this.next();
      this.next();
      ignoreMissing = true;
    }
    return { kind: 'include', template, ignoreMissing, withContext: this.withContext(true), at };
  }

  import(at: number): Statement {
    const template = this.expression();
    this.expectName('as');
    const as = this.expectName().value as string;
    return { kind: 'import', template, as, withContext: this.withContext(false), at };
  }

  from(at: number): Statement {
    const template = this.expression();
    this.expectName('import');
    const names: [string, string][] = [];
    let withContext: boolean | undefined;
    const context = () => {
      if (!((this.isName('with') || this.isName('without')) && this.isName('context', this.following))) return false;
      withContext = this.withContext(false);
      return true;
    };
    for (;;) {
      if (names.length) this.expectOp(',');
      if (context()) break;
      const token = this.expectName();
      const name = token.value as string;
      if (name.startsWith('_')) this.fail('names that start with an underscore cannot be imported', token.at);
      names.push([name, this.skipName('as') ? (this.expectName().value as string) : name]);
      if (context() || !this.isOp(',')) break;
    }
    return { kind: 'from', template, names, withContext: withContext ?? false, at };
  }

  signature(): Signature {
    const params: string[] = [];
    const defaults: Expression[] = [];
    this.expectOp('(');
    while (!this.isOp(')')) {
      if (params.length) this.expectOp(',');
      const token = this.expectName();
      if (this.skipOp('=')) defaults.push(this.expression());
      else if (defaults.length) this.fail('a parameter without a default follows one with a default', token.at);
      params.push(token.value as string);
    }
    this.expectOp(')');
    return { params, defaults };
  }

  callBlock(at: number): Statement {
    const signature = this.isOp('(') ? this.signature() : { params: [], defaults: [] };
    const call = this.expression();
    if (call.kind !== 'call') this.fail('`{% call %}` needs a call such as `{% call card("x") %}`', at);
    return { kind: 'callBlock', ...signature, call, body: this.apart(() => this.closed('call', at, 'endcall')), at };
  }
}
