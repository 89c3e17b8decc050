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
export function randomCases(count, seed = 20240917) {
  const pick = generator(seed);
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

const SPACES = ['', ' ', '\n', '  \n', '\n\n', ' x ', 'text\n', '  ', '\ty\n'];

/** `count` random templates of statements and text, with every kind of whitespace control. */
export function randomStatements(count, seed = 31337) {
  const pick = generator(seed);
  const one = (list) => list[pick(list.length)];
  const open = () => one(['{%', '{%', '{%-', '{%+']);
  const close = () => one(['%}', '%}', '-%}', '+%}']);
  const tag = (text) => `${open()} ${text} ${close()}`;
  const value = () =>
    one([
      'word',
      'i',
      'x',
      'nums',
      'd.a',
      'loop.index',
      'users[0].name',
      '1',
      'none',
      '"q"',
      'x ~ i',
      'i | default("u")',
      'x | default(0)',
      'm(1)',
      'ns.v',
      'empty',
    ]);
  const test = () =>
    one([
      'yes',
      'no',
      'x is defined',
      'i is defined',
      'loop is defined and loop.first',
      'nums',
      'd.zz is defined',
      '1 < 2',
      'none_list',
      'ns.v is defined',
    ]);
  const list = () =>
    one([
      'nums',
      'words',
      'none_list',
      '[1, 2]',
      'd',
      'range(3)',
      'users | map(attribute="name")',
      '"ab"',
      'd.items()',
    ]);
  const output = () => `${one(['{{', '{{', '{{-'])} ${value()} ${one(['}}', '}}', '-}}'])}`;
  const body = (depth) => Array.from({ length: 1 + pick(3) }, () => one(SPACES) + part(depth)).join('') + one(SPACES);
  const part = (depth) => {
    if (depth <= 0) return output();
    switch (pick(10)) {
      case 0:
      case 1:
        return `${tag(`for i in ${list()}`)}${body(depth - 1)}${pick(3) ? '' : `${tag('else')}${one(SPACES)}`}${tag('endfor')}`;
      case 2:
      case 3:
        return `${tag(`if ${test()}`)}${body(depth - 1)}${pick(2) ? '' : `${tag('else')}${body(depth - 1)}`}${tag('endif')}`;
      case 4:
        return tag(`set x = ${value()}`);
      case 5:
        return `${tag('set x')}${body(depth - 1)}${tag('endset')}`;
      case 6:
        return `${tag(`with x = ${value()}`)}${body(depth - 1)}${tag('endwith')}`;
      case 7:
        return `{#${one(['', '-'])} note ${one(['', '-'])}#}`;
      case 8:
        return `${tag('filter upper')}${body(depth - 1)}${tag('endfilter')}`;
      default:
        return output();
    }
  };
  const start = [
    '',
    '{% macro m(a, b=2) %}[{{ a }}{{ b }}]{% endmacro %}',
    '{% set ns = namespace(v=1) %}',
    '{% set x = 5 %}',
    '#jinja2: lstrip_blocks: True\n',
    '#jinja2: trim_blocks: False\n',
  ];
  return Array.from({ length: count }, () => [one(['template', 'file']), one(start) + body(2)]);
}
