/** JMESPath as Python's jmespath has it: no more functions and operators, and an order of strings. */
import { compile, type JSONValue, jmespath, register, TYPE_ANY, TYPE_STRING } from '@jmespath-community/jmespath';
import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { fail } from '../../../python/undefined.ts';
import { Float, fromPlain, type Value } from '../../../values.ts';

type Ast = ReturnType<typeof compile>;

/** The package also has arithmetic, variables, a ternary and twice as many functions, which Ansible refuses. */
const NODES = new Set(
  (
    'AndExpression Comparator Current ExpressionReference Field FilterProjection Flatten Function Identity Index IndexExpression ' +
    'KeyValuePair Literal MultiSelectHash MultiSelectList NotExpression OrExpression Pipe Projection Slice Subexpression ValueProjection'
  ).split(' '),
);
const FUNCTIONS = new Set(
  (
    'abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by ' +
    'starts_with sum to_array to_number to_string type values'
  ).split(' '),
);

const ORDER: Record<string, { mark: string; holds(a: string | number, b: string | number): boolean }> = {
  GT: { mark: '>', holds: (a, b) => a > b },
  GTE: { mark: '>=', holds: (a, b) => a >= b },
  LT: { mark: '<', holds: (a, b) => a < b },
  LTE: { mark: '<=', holds: (a, b) => a <= b },
};

const isOrdered = (value: JSONValue): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

/** Numbers by size and strings by letters; null for all else. */
function order([name, a, b]: Py[]): JSONValue {
  if (!isOrdered(a) || !isOrdered(b)) return null;
  const { mark, holds } = ORDER[name]!;
  if (typeof a !== typeof b) throw new Error(`'${mark}' can't compare a string and a number`);
  return holds(a, b);
}

const any = { types: [TYPE_ANY] };
register('troupe_order', order, [{ types: [TYPE_STRING] }, any, any]);
register('troupe_list', ([value]: Py[]) => (Array.isArray(value) ? value : null), [any]);

/** A syntax tree with the package's extensions refused, and with what differs from Python replaced by functions of ours. */
function asPython(node: Ast): Ast {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(asPython) as unknown as Ast;
  if (!('type' in node) || node.type === 'Literal') return node;
  if (!NODES.has(node.type)) throw new Error(`JMESPath has no ${node.type.toLowerCase()}`);
  if (node.type === 'Function' && !FUNCTIONS.has(node.name)) throw new Error(`Unknown function: ${node.name}()`);
  const parts = Object.entries(node).map(([key, part]) => [key, asPython(part as Ast)]);
  const made = Object.fromEntries(parts) as Ast;
  if (made.type === 'Comparator' && made.name in ORDER) {
    const name: Ast = { type: 'Literal', value: made.name };
    return { type: 'Function', name: 'troupe_order', children: [name, made.left, made.right] };
  }
  if (made.type === 'IndexExpression' && made.right.type === 'Slice')
    return { ...made, left: { type: 'Function', name: 'troupe_list', children: [made.left] } };
  return made;
}

/** A value as JMESPath sees it. */
function toJmes(value: Py): Py {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(toJmes);
  if (!(value instanceof Map)) return typeof value === 'bigint' ? Number(value) : value;
  const plain = Object.create(null);
  for (const [key, item] of value) plain[toText(key)] = toJmes(item);
  return plain;
}

/** What an expression finds in a value. */
export function jsonQuery(value: Py, query: string): Value {
  try {
    // `text` between back ticks that is no JSON is a string: old, and written everywhere
    const tree = asPython(compile(query, { enable_legacy_literals: true }));
    return fromPlain(jmespath.TreeInterpreter.search(tree, toJmes(value)));
  } catch (error) {
    fail(`json_query: ${(error as Error).message}`);
  }
}
