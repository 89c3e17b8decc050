/** Which names statements assign and which they read. */
import type { CallArguments, Expression, Signature, Statement, Target } from './syntax.ts';

const namesOf = (target: Target): string[] =>
  target.kind === 'tuple' ? target.items.flatMap(namesOf) : target.kind === 'name' ? [target.name] : [];

/** The names that statements assign in their own frame: not those of loops, macros or blocks inside. */
export function targetsIn(statements: Statement[]): Set<string> {
  const found = new Set<string>();
  for (const node of statements) {
    if (node.kind === 'set' || node.kind === 'setBlock') for (const name of namesOf(node.target)) found.add(name);
    else if (node.kind === 'macro') found.add(node.name);
    else if (node.kind === 'import') found.add(node.as);
    else if (node.kind === 'from') for (const [, name] of node.names) found.add(name);
    else if (node.kind === 'if') {
      for (const [, body] of node.branches) for (const name of targetsIn(body)) found.add(name);
      for (const name of targetsIn(node.otherwise)) found.add(name);
    }
  }
  return found;
}

/** Every name that statements read anywhere inside; what an included template reads is not among them. */
export function referencesIn(statements: Statement[]): Set<string> {
  const found = new Set<string>();
  walkStatements(statements, new Set(), (name) => found.add(name));
  return found;
}

type Seen = (name: string, at: number) => void;

/** The names an expression reads that it does not bind. */
export function namesInExpression(node: Expression, seen: Seen, bound: ReadonlySet<string> = new Set()): void {
  const walk = (one: Expression | undefined) => one && namesInExpression(one, seen, bound);
  switch (node.kind) {
    case 'name':
      if (!bound.has(node.name)) seen(node.name, node.at);
      break;
    case 'list':
    case 'tuple':
      node.items.forEach(walk);
      break;
    case 'dict':
      for (const pair of node.pairs) pair.forEach(walk);
      break;
    case 'attribute':
      walk(node.object);
      break;
    case 'item':
      walk(node.object);
      walk(node.key);
      break;
    case 'slice':
      [node.start, node.stop, node.step].forEach(walk);
      break;
    case 'call':
      walk(node.callee);
      walkArguments(node, walk);
      break;
    case 'filter':
    case 'test':
      walk(node.value);
      walkArguments(node, walk);
      break;
    case 'unary':
      walk(node.operand);
      break;
    case 'binary':
    case 'logic':
      walk(node.left);
      walk(node.right);
      break;
    case 'compare':
      walk(node.first);
      for (const [, operand] of node.rest) walk(operand);
      break;
    case 'concat':
      node.parts.forEach(walk);
      break;
    case 'choice':
      walk(node.test);
      walk(node.then);
      walk(node.otherwise);
  }
}

function walkArguments(node: CallArguments, walk: (one: Expression | undefined) => unknown): void {
  node.args.forEach(walk);
  for (const [, value] of node.kwargs) walk(value);
  walk(node.star);
  walk(node.doubleStar);
}

/** Walks statements, reporting names that nothing around them binds. */
export function walkStatements(statements: Statement[], outer: ReadonlySet<string>, seen: Seen): void {
  const bound = new Set([...outer, ...targetsIn(statements)]);
  const read = (node: Expression | undefined, names: ReadonlySet<string> = bound) =>
    node && namesInExpression(node, seen, names);
  const walk = (body: Statement[], more: Iterable<string> = []) =>
    walkStatements(body, new Set([...bound, ...more]), seen);
  for (const node of statements) {
    switch (node.kind) {
      case 'output':
      case 'do':
      case 'set':
        read(node.value);
        break;
      case 'setBlock':
      case 'filterBlock':
        read(node.filter);
        walk(node.body);
        break;
      case 'for': {
        const inner = new Set([...bound, ...namesOf(node.target)]);
        read(node.list);
        read(node.test, inner);
        walk(node.body, namesOf(node.target));
        walk(node.otherwise);
        break;
      }
      case 'if':
        for (const [test, body] of node.branches) {
          read(test);
          walk(body);
        }
        walk(node.otherwise);
        break;
      case 'with':
        for (const value of node.values) read(value);
        walk(node.body, node.targets.flatMap(namesOf));
        break;
      case 'scope':
      case 'block':
        walk(node.body);
        break;
      case 'macro':
      case 'callBlock':
        if (node.kind === 'callBlock') read(node.call);
        walkMacro(node, bound, read, walk);
        break;
      case 'include':
      case 'extends':
      case 'import':
      case 'from':
        read(node.template);
    }
  }
}

function walkMacro(
  node: Signature & { body: Statement[] },
  bound: ReadonlySet<string>,
  read: (node: Expression, names: ReadonlySet<string>) => unknown,
  walk: (body: Statement[], more: Iterable<string>) => void,
): void {
  const inner = new Set([...bound, ...node.params]);
  for (const value of node.defaults) read(value, inner);
  walk(node.body, node.params);
}
