/** The expression grammar of Jinja2: tokens to expressions, by precedence climbing as Jinja2 does it. */
import type { CallArguments, Expression, Target } from './syntax.ts';
import { describeToken, TokenCursor } from './tokens.ts';

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const PRODUCTS = new Set(['*', '/', '//', '%']);

export class ExpressionParser extends TokenCursor {
  /** An expression with inline if. */
  expression(withChoice = true): Expression {
    if (!withChoice) return this.or();
    let then = this.or();
    while (this.skipName('if')) {
      const test = this.or();
      const otherwise = this.skipName('else') ? this.expression() : undefined;
      then = { kind: 'choice', test, then, at: then.at, ...(otherwise && { otherwise }) };
    }
    return then;
  }

  or(): Expression {
    let left = this.and();
    while (this.skipName('or')) left = { kind: 'logic', operator: 'or', left, right: this.and(), at: left.at };
    return left;
  }

  and(): Expression {
    let left = this.not();
    while (this.skipName('and')) left = { kind: 'logic', operator: 'and', left, right: this.not(), at: left.at };
    return left;
  }

  not(): Expression {
    const { at } = this.current;
    if (this.skipName('not')) return { kind: 'unary', operator: 'not', operand: this.not(), at };
    return this.compare();
  }

  compare(): Expression {
    const first = this.sum();
    const rest: [string, Expression][] = [];
    for (;;) {
      const token = this.current;
      if (token.kind === 'op' && COMPARISONS.has(token.value as string)) {
        this.next();
        rest.push([token.value as string, this.sum()]);
      } else if (this.skipName('in')) {
        rest.push(['in', this.sum()]);
      } else if (this.isName('not') && this.isName('in', this.following)) {
        this.next();
        this.next();
        rest.push(['not in', this.sum()]);
      } else break;
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest, at: first.at };
  }

  sum(): Expression {
    let left = this.concat();
    while (this.isOp('+') || this.isOp('-')) {
      const token = this.next();
      left = { kind: 'binary', operator: token.value as string, left, right: this.concat(), at: token.at };
    }
    return left;
  }

  concat(): Expression {
    const first = this.product();
    if (!this.isOp('~')) return first;
    const parts = [first];
    while (this.skipOp('~')) parts.push(this.product());
    return { kind: 'concat', parts, at: first.at };
  }

  product(): Expression {
    let left = this.power();
    while (this.current.kind === 'op' && PRODUCTS.has(this.current.value as string)) {
      const token = this.next();
      left = { kind: 'binary', operator: token.value as string, left, right: this.power(), at: token.at };
    }
    return left;
  }

  power(): Expression {
    let left = this.unary();
    while (this.isOp('**')) {
      const token = this.next();
      left = { kind: 'binary', operator: '**', left, right: this.unary(), at: token.at };
    }
    return left;
  }

  unary(withFilter = true): Expression {
    const { at } = this.current;
    let node: Expression;
    if (this.skipOp('-')) node = { kind: 'unary', operator: '-', operand: this.unary(false), at };
    else if (this.skipOp('+')) node = { kind: 'unary', operator: '+', operand: this.unary(false), at };
    else node = this.primary();
    node = this.postfix(node);
    return withFilter ? this.filters(node) : node;
  }

  primary(): Expression {
    const token = this.current;
    const { at } = token;
    if (token.kind === 'name') {
      this.next();
      const name = token.value as string;
      if (name === 'true' || name === 'True') return { kind: 'constant', value: true, at };
      if (name === 'false' || name === 'False') return { kind: 'constant', value: false, at };
      if (name === 'none' || name === 'None') return { kind: 'constant', value: null, at };
      return { kind: 'name', name, at };
    }
    if (token.kind === 'string') {
      this.next();
      let value = token.value as string;
      while (this.current.kind === 'string') value += this.next().value as string;
      return { kind: 'constant', value, at };
    }
    if (token.kind === 'integer' || token.kind === 'float') {
      this.next();
      return { kind: 'constant', value: token.value, at };
    }
    if (this.skipOp('(')) {
      const inner = this.tuple({ parentheses: true });
      this.expectOp(')');
      return inner;
    }
    if (this.isOp('[')) return this.list();
    if (this.isOp('{')) return this.dict();
    if (this.isOp('=')) this.fail('unexpected `=`', at, 'comparison is written `==`');
    this.fail(
      token.kind === 'variable_end' || token.kind === 'eof' || token.kind === 'block_end'
        ? `expected an expression, found ${describeToken(token)}`
        : `unexpected ${describeToken(token)}`,
    );
  }

  /** One expression, or a tuple where commas stand between several. */
  tuple(options: { choice?: boolean; parentheses?: boolean; until?: string } = {}): Expression {
    const { at } = this.current;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length) this.expectOp(',');
      if (this.tupleEnds(options.until)) break;
      items.push(this.expression(options.choice ?? true));
      if (!this.isOp(',')) break;
      isTuple = true;
    }
    if (!isTuple && items.length) return items[0]!;
    if (!isTuple && !options.parentheses)
      this.fail(`expected an expression, found ${describeToken(this.current)}`, this.current.at);
    return { kind: 'tuple', items, at };
  }

  tupleEnds(until?: string): boolean {
    const { kind } = this.current;
    if (kind === 'variable_end' || kind === 'block_end' || kind === 'eof' || this.isOp(')')) return true;
    return until !== undefined && this.isName(until);
  }

  list(): Expression {
    const { at } = this.expectOp('[');
    const items: Expression[] = [];
    while (!this.isOp(']')) {
      if (items.length) this.expectOp(',');
      if (this.isOp(']')) break;
      items.push(this.expression());
    }
    this.expectOp(']');
    return { kind: 'list', items, at };
  }

  dict(): Expression {
    const { at } = this.expectOp('{');
    const pairs: [Expression, Expression][] = [];
    while (!this.isOp('}')) {
      if (pairs.length) this.expectOp(',');
      if (this.isOp('}')) break;
      const key = this.expression();
      this.expectOp(':');
      pairs.push([key, this.expression()]);
    }
    this.expectOp('}');
    return { kind: 'dict', pairs, at };
  }

  postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.isOp('.') || this.isOp('[')) node = this.subscript(node);
      else if (this.isOp('(')) node = this.call(node);
      else return node;
    }
  }

  filters(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.isOp('|')) node = this.filter(node)!;
      else if (this.isName('is')) node = this.test(node);
      else if (this.isOp('(')) node = this.call(node);
      else return node;
    }
  }

  subscript(object: Expression): Expression {
    const { at } = this.current;
    if (this.skipOp('.')) {
      const token = this.next();
      if (token.kind === 'name') return { kind: 'attribute', object, name: token.value as string, at: token.at };
      if (token.kind === 'integer') {
        return { kind: 'item', object, key: { kind: 'constant', value: token.value, at: token.at }, at };
      }
      this.fail(`expected a name or a number after \`.\`, found ${describeToken(token)}`, token.at);
    }
    this.expectOp('[');
    const keys: Expression[] = [];
    while (!this.isOp(']')) {
      if (keys.length) this.expectOp(',');
      keys.push(this.slice());
    }
    this.expectOp(']');
    if (keys.length === 0) this.fail('expected an index between `[` and `]`', at);
    const key = keys.length === 1 ? keys[0]! : ({ kind: 'tuple', items: keys, at } as Expression);
    return { kind: 'item', object, key, at };
  }

  slice(): Expression {
    const { at } = this.current;
    let start: Expression | undefined;
    if (!this.isOp(':')) {
      start = this.expression();
      if (!this.isOp(':')) return start;
    }
    this.expectOp(':');
    const ends = () => this.isOp(']') || this.isOp(',');
    const stop = this.isOp(':') || ends() ? undefined : this.expression();
    const step = this.skipOp(':') && !ends() ? this.expression() : undefined;
    return { kind: 'slice', at, ...(start && { start }), ...(stop && { stop }), ...(step && { step }) };
  }

  call(callee: Expression): Expression {
    const { at } = this.current;
    return { kind: 'call', callee, ...this.callArguments(), at };
  }

  callArguments(): CallArguments {
    const { at } = this.expectOp('(');
    const found: CallArguments = { args: [], kwargs: [] };
    const ensure = (fine: boolean) => fine || this.fail('positional argument after a named or `*` argument', at);
    let first = true;
    while (!this.isOp(')')) {
      if (!first) {
        this.expectOp(',');
        if (this.isOp(')')) break;
      }
      first = false;
      if (this.isOp('*')) {
        ensure(!found.star && !found.doubleStar);
        this.next();
        found.star = this.expression();
      } else if (this.isOp('**')) {
        ensure(!found.doubleStar);
        this.next();
        found.doubleStar = this.expression();
      } else if (this.current.kind === 'name' && this.isOp('=', this.following)) {
        ensure(!found.doubleStar);
        const name = this.next().value as string;
        this.next();
        if (found.kwargs.some(([other]) => other === name)) this.fail(`keyword argument repeated: ${name}`, at);
        found.kwargs.push([name, this.expression()]);
      } else {
        ensure(!found.star && !found.doubleStar && found.kwargs.length === 0);
        found.args.push(this.expression());
      }
    }
    this.expectOp(')');
    return found;
  }

  dottedName(): string {
    let name = this.expectName().value as string;
    while (this.skipOp('.')) name += `.${this.expectName().value as string}`;
    return name;
  }

  /** `| name(arguments)`, or where a block begins with one, `name(arguments)`. */
  filter(value: Expression | undefined, startInline = false): Expression | undefined {
    let node = value;
    let inline = startInline;
    while (inline || this.isOp('|')) {
      if (!inline) this.next();
      inline = false;
      const { at } = this.current;
      const name = this.dottedName();
      const given = this.isOp('(') ? this.callArguments() : { args: [], kwargs: [] };
      node = { kind: 'filter', value: node, name, ...given, at };
    }
    return node;
  }

  test(value: Expression): Expression {
    this.expectName('is');
    const negated = this.skipName('not');
    const { at } = this.current;
    const name = this.dottedName();
    let given: CallArguments = { args: [], kwargs: [] };
    if (this.isOp('(')) given = this.callArguments();
    else if (this.startsArgument()) {
      if (this.isName('is')) this.fail('tests cannot be chained with `is`');
      given = { args: [this.postfix(this.primary())], kwargs: [] };
    }
    const node: Expression = { kind: 'test', value, name, ...given, at };
    return negated ? { kind: 'unary', operator: 'not', operand: node, at } : node;
  }

  startsArgument(): boolean {
    const { kind } = this.current;
    if (kind === 'name') return !this.isName('else') && !this.isName('or') && !this.isName('and');
    if (kind === 'string' || kind === 'integer' || kind === 'float') return true;
    return this.isOp('[') || this.isOp('{');
  }

  /** What can stand left of `=`, or between `for` and `in`. */
  target(options: { until?: string; fields?: boolean; single?: boolean } = {}): Target {
    const { at } = this.current;
    const items: Target[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length) this.expectOp(',');
      if (items.length && this.tupleEnds(options.until)) break;
      items.push(this.targetPart(options.fields ?? false));
      if (options.single || !this.isOp(',')) break;
      isTuple = true;
    }
    return isTuple ? { kind: 'tuple', items, at } : items[0]!;
  }

  targetPart(fields: boolean): Target {
    const { at } = this.current;
    if (this.skipOp('(')) {
      const inner = this.target({ fields });
      this.expectOp(')');
      return inner;
    }
    const token = this.expectName();
    const name = token.value as string;
    if (/^(true|false|none|True|False|None)$/.test(name)) this.fail(`can't assign to \`${name}\``, at);
    if (fields && this.skipOp('.')) return { kind: 'field', name, field: this.expectName().value as string, at };
    return { kind: 'name', name, at };
  }
}
