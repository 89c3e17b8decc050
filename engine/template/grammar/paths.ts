/** What an expression reads, as it is written: `a`, `tls.cert_dir`, `hosts[0].name`. */
import { pyRepr } from '../../python/text.ts';
import type { Expression } from './syntax.ts';

/** The longest references to variables in an expression, each once, in order. */
export function pathsIn(node: Expression): string[] {
  const found = new Set<string>();
  collect(node, found);
  return [...found];
}

function collect(node: Expression | undefined, found: Set<string>): void {
  if (node === undefined) return;
  const path = pathOf(node);
  if (path !== undefined) found.add(path);
  else for (const part of partsOf(node)) collect(part, found);
}

function pathOf(node: Expression): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind === 'attribute') {
    const object = pathOf(node.object);
    return object && `${object}.${node.name}`;
  }
  if (node.kind !== 'item' || node.key.kind !== 'constant') return undefined;
  const object = pathOf(node.object);
  return object && `${object}[${pyRepr(node.key.value as never)}]`;
}

type Called = Extract<Expression, { kind: 'call' | 'filter' | 'test' }>;

const argumentsOf = (node: Called): (Expression | undefined)[] => [
  ...node.args,
  ...node.kwargs.map(([, value]) => value),
  node.star,
  node.doubleStar,
];

function partsOf(node: Expression): (Expression | undefined)[] {
  switch (node.kind) {
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.pairs.flat();
    case 'attribute':
      return [node.object];
    case 'item':
      return [node.object, node.key];
    case 'slice':
      return [node.start, node.stop, node.step];
    case 'call':
      // `name.method()` reads `name`; the name of a function says nothing.
      return [node.callee.kind === 'attribute' ? node.callee.object : undefined, ...argumentsOf(node)];
    case 'filter':
    case 'test':
      return [node.value, ...argumentsOf(node)];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logic':
      return [node.left, node.right];
    case 'compare':
      return [node.first, ...node.rest.map(([, operand]) => operand)];
    case 'concat':
      return node.parts;
    case 'choice':
      return [node.test, node.then, node.otherwise];
    default:
      return [];
  }
}
