import { expect } from 'chai';
import { AuthorError, describe as show } from '../../engine/errors.ts';
import {
  type Dict,
  placeOf,
  placeOfKey,
  placeOfValue,
  Source,
  Template,
  type Value,
  VaultText,
} from '../../engine/values.ts';
import { parseKeyValues, parseYaml, parseYamlDocuments } from '../../engine/yaml/index.ts';

const read = (text: string, options = {}): Value => parseYaml(new Source('t.yaml', text), options);
const dict = (text: string, options = {}): Dict => read(text, options) as Dict;
const position = (p: ReturnType<typeof placeOf>) => p?.source.position(p.offset);

/** The error that reading a text gives, as the user sees it. */
function complaint(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof AuthorError) return show(error.findings[0]!);
    throw error;
  }
  throw new Error('no error');
}

describe('YAML values', () => {
  it('makes Templates of strings with marks in a project file, at the place of their text', () => {
    const d = dict('a: "x {{ y }}"\nb: |\n  one\n  {{ two }}\nc: plain\n');
    expect(d.get('a')).to.be.instanceOf(Template);
    expect(position(placeOf(d.get('a')))).to.deep.equal({ line: 1, column: 5 });
    expect(position(placeOf(d.get('b')))).to.deep.equal({ line: 3, column: 3 });
    expect(d.get('c')).to.equal('plain');
  });

  it('leaves untrusted and !unsafe text inert', () => {
    expect(dict('a: "{{ y }}"', { trusted: false }).get('a')).to.equal('{{ y }}');
    expect(dict('a: !unsafe "{{ y }}"').get('a')).to.equal('{{ y }}');
    expect(dict('a: !unsafe {b: ["{{ y }}", 1]}\nc: "{{ z }}"').get('a')).to.deep.equal(
      new Map([['b', ['{{ y }}', 1]]]),
    );
  });

  it('keeps !vault text encrypted', () => {
    const value = dict('a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n').get('a');
    expect(value).to.be.instanceOf(VaultText);
    expect((value as VaultText).text).to.equal('$ANSIBLE_VAULT;1.1;AES256\n6162\n');
  });

  it('remembers the place of every key, value and container', () => {
    const d = dict('- hosts: all\n  tasks:\n    - copy: {src: a}\n').valueOf() as unknown as Dict[];
    expect(position(placeOf(d[0]!))).to.deep.equal({ line: 1, column: 3 });
    expect(position(placeOfKey(d[0]!, 'tasks'))).to.deep.equal({ line: 2, column: 3 });
    expect(position(placeOfValue(d[0]!, 'hosts'))).to.deep.equal({ line: 1, column: 10 });
    const tasks = d[0]!.get('tasks') as Value[];
    expect(position(placeOfValue(tasks, 0))).to.deep.equal({ line: 3, column: 7 });
    expect(position(placeOf(tasks))).to.deep.equal({ line: 3, column: 5 });
  });

  it('reads a byte order mark and Windows line ends', () => {
    expect(dict('\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\nc: "q"\r\n')).to.deep.equal(
      new Map<Value, Value>([
        ['a', 1],
        ['b', 'x\ny\n'],
        ['c', 'q'],
      ]),
    );
  });

  it('treats __proto__ as a key like any other (S-07)', () => {
    const d = dict('__proto__: {polluted: 1}\nx: {constructor: 2}');
    expect(d.get('__proto__')).to.deep.equal(new Map([['polluted', 1]]));
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  });

  it('keeps big integers exact', () => {
    expect(read('[9007199254740993, 9007199254740991]')).to.deep.equal([9007199254740993n, 9007199254740991]);
  });

  it('reads several documents', () => {
    expect(parseYamlDocuments(new Source('t', 'a: 1\n---\n- 2\n'))).to.deep.equal([new Map([['a', 1]]), [2]]);
    expect(read('')).to.equal(null);
  });

  it('refuses an alias bomb quickly', () => {
    let text = 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n';
    for (let i = 1; i < 12; i++)
      text += `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(',')}]\n`;
    expect(complaint(text)).to.contain('more than a million values');
  });

  it('refuses deep nesting with an error, not a crash', () => {
    expect(() => read('['.repeat(20000) + ']'.repeat(20000))).to.throw(AuthorError);
  });
});

describe('YAML errors read like help', () => {
  const cases: [name: string, text: string, expected: string][] = [
    [
      'a value that begins with a template',
      'a: 1\nname: {{ user }}\n',
      'error: this value begins with `{{`, which YAML reads as the start of a mapping\n --> t.yaml:2:7\n2 | name: {{ user }}\n  |       ^\nhelp: quote the whole value: name: "{{ user }}"',
    ],
    [
      'a template followed by text',
      '- dest: {{ dir }}/file\n',
      'error: this value begins with `{{`, which YAML reads as the start of a mapping\n --> t.yaml:1:9\n1 | - dest: {{ dir }}/file\n  |         ^\nhelp: quote the whole value: dest: "{{ dir }}/file"',
    ],
    [
      'a tab',
      'a:\n\tb: 1\n',
      "error: a tab can't indent in YAML\n --> t.yaml:2:1\n2 |  b: 1\n  | ^\nhelp: replace the tab by spaces",
    ],
    [
      'a colon in a plain value',
      'msg: error: it broke\n',
      'error: found a second `:` on this line, where the value of `msg` is a plain text\n --> t.yaml:1:11\n1 | msg: error: it broke\n  |           ^\nhelp: quote the value: msg: "error: it broke"',
    ],
    [
      'text behind a closing quote',
      'cmd: "echo" hi\n',
      'error: there is more text behind the closing quote\n --> t.yaml:1:13\n1 | cmd: "echo" hi\n  |             ^\nhelp: a value that begins with a quote ends with it; put the whole value in quotes: \'"echo" hi\'',
    ],
    [
      'a quote that is never closed',
      'a: 1\nb: "open\nc: 2\n',
      'error: a text that begins with " is never closed\n --> t.yaml:2:4\n2 | b: "open\n  |    ^\nhelp: add the closing " (a " inside such a text is written \\")',
    ],
    [
      'a duplicate key',
      'a: 1\nb: 2\na: 3\n',
      'error: found a duplicate dict key (a)\n --> t.yaml:3:1\n3 | a: 3\n  | ^\nhelp: it already stands at t.yaml:1:1; remove one of the two',
    ],
    [
      'a reserved character',
      'user: @root\n',
      'error: a value can\'t begin so: `@` is reserved in YAML\n --> t.yaml:1:7\n1 | user: @root\n  |       ^\nhelp: quote the value: user: "@root"',
    ],
    [
      'a wildcard',
      'files: *.conf\n',
      'error: the alias `*.conf` refers to no anchor `&.conf` above it\n --> t.yaml:1:8\n1 | files: *.conf\n  |        ^\nhelp: quote the value if it is a text that begins with `*`: "*.conf"',
    ],
    [
      'a missing space behind the colon',
      'name:x\nother: y\n',
      'error: a space is missing after the `:`\n --> t.yaml:1:1\n1 | name:x\n  | ^\nhelp: write `name: x`',
    ],
    [
      'keys out of line',
      'a:\n    b: 1\n  c: 2\n',
      'error: the indentation is wrong: all keys of a mapping begin at the same column\n --> t.yaml:3:3\n3 |   c: 2\n  |   ^\nhelp: align this line with its neighbours',
    ],
    [
      'an unknown tag',
      'a: !Ref x\n',
      "error: `!Ref` is not a tag that is known here\n --> t.yaml:1:4\n1 | a: !Ref x\n  |    ^\nhelp: the known ones are !vault, !unsafe and YAML's own (!!str, !!int ...); quote the value if it is a text that begins with `!`",
    ],
    [
      'an unclosed bracket',
      'a: [1, 2\nb: 3\n',
      'error: a [ is never closed, or what is inside it is not indented\n --> t.yaml:1:4\n1 | a: [1, 2\n  |    ^\nhelp: add the closing ]; quote the value if the [ is part of a text',
    ],
    [
      'a date that does not exist',
      'a: 2001-13-45\n',
      'error: `2001-13-45` is not a date that exists\n --> t.yaml:1:4\n1 | a: 2001-13-45\n  |    ^\nhelp: quote it if it is meant as text: "2001-13-45"',
    ],
    [
      'a key aligned with nothing',
      '- hosts: all\n  tasks:\n  - name: x\n   debug:\n',
      'error: the indentation is wrong: this line is aligned with nothing above it\n --> t.yaml:4:4\n4 |    debug:\n  |    ^\nhelp: align it with the keys of the list item it belongs to (behind the `- `), or with the key above the list',
    ],
    [
      'a key without its colon',
      '- hosts: all\n  tasks\n  - debug:\n',
      'error: expected `key: value`, and found a text without a `:`\n --> t.yaml:2:3\n2 |   tasks\n  |   ^\nhelp: is a `:` missing at its end? `tasks:`',
    ],
    [
      'a list among keys',
      'hosts: all\n- x\n',
      "error: a list can't stand here, among the keys of a mapping\n --> t.yaml:2:1\n2 | - x\n  | ^\nhelp: indent it under its key, or remove the `- `",
    ],
    [
      'a text with keys below it',
      'a: b\n  c: d\n',
      'error: `a` has both a text and, below it, further keys as its value\n --> t.yaml:1:4\n1 | a: b\n  |    ^\nhelp: remove the text, or indent the lines below as far as this key',
    ],
    [
      'a bracket too many',
      'a: [1]]\n',
      'error: there is a `]` too many\n --> t.yaml:1:7\n1 | a: [1]]\n  |       ^\nhelp: remove it, or quote the text it belongs to',
    ],
    [
      'text on the line of a block mark',
      'a: > text\n  more\n',
      'error: only `|` or `>` with `+`, `-` or a digit may stand on this line\n --> t.yaml:1:6\n1 | a: > text\n  |      ^\nhelp: begin the text on the next line',
    ],
    [
      'a template as a key',
      '{{ name }}: 1\n',
      'error: this key begins with `{{`, which YAML reads as the start of a mapping\n --> t.yaml:1:1\n1 | {{ name }}: 1\n  | ^\nhelp: quote the key: "{{ name }}":',
    ],
    [
      'an escape in double quotes',
      'a: "C:\\dir"\n',
      'error: a backslash in "double quotes" begins an escape, and this is none\n --> t.yaml:1:7\n1 | a: "C:\\dir"\n  |       ^\nhelp: write \\\\ for a backslash, or use \'single quotes\'',
    ],
    [
      'a mapping as a key',
      '{a: 1}: b\n',
      "error: a mapping or a list can't be a key\n --> t.yaml:1:9\n1 | {a: 1}: b\n  |         ^",
    ],
    [
      'an alias inside its own value',
      'a: &x [*x]\n',
      'error: the alias `*x` stands inside the value it refers to\n --> t.yaml:1:8\n1 | a: &x [*x]\n  |        ^',
    ],
    [
      'a merge of something else',
      'a:\n  <<: text\n',
      'error: `<<` needs a mapping, or a list of mappings, to merge\n --> t.yaml:2:7\n2 |   <<: text\n  |       ^',
    ],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      'error: this file holds more than one YAML document, but only one is read here\n --> t.yaml:2:1\n2 | ---\n  | ^\nhelp: remove the line that ends the first, or put the second document in a file of its own',
    ],
  ];
  for (const [name, text, expected] of cases) it(name, () => expect(complaint(text)).to.equal(expected));
});

describe('key=value text', () => {
  const parse = (text: string, options = {}) => {
    const { free, values } = parseKeyValues(text, undefined, options);
    return {
      free,
      values: Object.fromEntries([...values].map(([k, v]) => [k, v instanceof Template ? `T:${v.text}` : v])),
    };
  };
  const only = ['creates', 'chdir'];

  it('splits values at spaces, keeping quotes and templates together', () => {
    expect(parse(`src=a dest='b c' mode="0644" owner={{ user | default('x y') }} x=`)).to.deep.equal({
      free: '',
      values: { src: 'a', dest: 'b c', mode: '0644', owner: "T:{{ user | default('x y') }}", x: '' },
    });
  });

  it('leaves a command line as it is, but for the keys that are its own', () => {
    expect(parse('echo a=b  "c  d" creates=/x chdir="/a b"', { only })).to.deep.equal({
      free: 'echo a=b  "c  d"',
      values: { creates: '/x', chdir: '/a b' },
    });
    expect(parse('for i in 1 2; do\n    echo $i\ndone\n', { only }).free).to.equal(
      'for i in 1 2; do\n    echo $i\ndone\n',
    );
  });

  it('decodes escapes in values and keeps escaped equals signs', () => {
    expect(parse('msg="a\\tb\\u00e9" x=a=b')).to.deep.equal({ free: '', values: { msg: 'a\tb\u00e9', x: 'a=b' } });
    expect(parse('a\\=b').free).to.equal('a=b');
  });

  it('continues a line behind a lone backslash', () => {
    expect(parse('src=a \\\n  dest=b')).to.deep.equal({ free: '', values: { src: 'a', dest: 'b' } });
  });

  it('says which quote or template is open', () => {
    expect(() => parse('msg="a b')).to.throw(AuthorError, 'the quote " is never closed');
    expect(() => parse('msg={{ a')).to.throw(AuthorError, '`{{` is never closed');
    expect(() => parse('a=1 b', { strict: true })).to.throw(AuthorError, '`b` is not of the form key=value');
  });
});
