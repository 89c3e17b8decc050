/** Random expressions from a grammar, the same ones each time. */
function generator(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
}

const LEAVES = [
  '0',
  '1',
  '2',
  '3',
  '10',
  '-1',
  '1.5',
  '2.0',
  '"a"',
  '"abc"',
  '""',
  '"10"',
  'true',
  'false',
  'none',
  'one',
  'seven',
  'half',
  'word',
  'nums',
  'words',
  'd.a',
  'd.b',
  'd.c',
  'users[0].age',
  'users[1].name',
  'd',
  '[1, 2]',
  '["x", none]',
  '{"k": 1}',
  '(1, "t")',
  'undefined_thing',
  'nothing',
  'none_list',
  'tls.port',
  'lazy',
  'mixed',
];
const FILTERS = [
  'int',
  'float',
  'string',
  'length',
  'list',
  'upper',
  'lower',
  'first',
  'last',
  'sort',
  'unique',
  'reverse',
  'sum',
  'min',
  'max',
  'abs',
  'round',
  'default("dflt")',
  'default("dflt", true)',
  'join("-")',
  'title',
  'bool',
  'to_json',
  'trim',
  'replace("a", "b")',
  'map("string") | list',
  'select | list',
  'reject("none") | list',
  'flatten',
  'type_debug',
  'capitalize',
  'tojson',
  'center(7)',
  'batch(2) | list',
  'indent',
  'wordcount',
  'ternary("y", "n")',
  'dict2items',
  'combine({"z": 1})',
  'quote',
  'b64encode',
  'hash("md5")',
  'zip([7, 8]) | list',
];
const TESTS = [
  'defined',
  'undefined',
  'none',
  'string',
  'number',
  'integer',
  'float',
  'mapping',
  'sequence',
  'iterable',
  'boolean',
  'true',
  'false',
  'odd',
  'even',
  'divisibleby(2)',
  'in([1, "a"])',
  'eq(1)',
  'gt(1)',
  'contains("a")',
  'truthy',
  'falsy',
  'lower',
  'upper',
  'sameas(none)',
  'match("a")',
  'search("b")',
];
const BINARY = ['+', '-', '*', '/', '//', '%', '~', '==', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in', 'not in'];

/** `count` random expressions, each as a lone value or inside text. */
export function randomCases(count) {
  const pick = generator(20240917);
  const one = (list) => list[pick(list.length)];
  const expression = (depth) => {
    if (depth <= 0) return one(LEAVES);
    const inner = () => expression(depth - 1 - pick(2));
    switch (pick(11)) {
      case 0:
      case 1:
      case 2:
        return `${inner()} ${one(BINARY)} ${inner()}`;
      case 3:
      case 4:
        return `(${inner()}) | ${one(FILTERS)}`;
      case 5:
        return `${one(LEAVES)} | ${one(FILTERS)} | ${one(FILTERS)}`;
      case 6:
        return `(${inner()}) is ${pick(3) ? '' : 'not '}${one(TESTS)}`;
      case 7:
        return `(${inner()} if ${inner()} else ${inner()})`;
      case 8:
        return `[${inner()}, ${inner()}]`;
      case 9:
        return `{"k": ${inner()}}`;
      default:
        return `not ${inner()}`;
    }
  };
  return Array.from({ length: count }, () => {
    const text = expression(1 + pick(3));
    return ['template', pick(5) ? `{{ ${text} }}` : `<{{ ${text} }}>`];
  });
}
