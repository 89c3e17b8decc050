import { expect } from 'chai';
import { table } from '../../engine/template/compile/definitions.ts';
import {
  evaluate,
  evaluateCondition,
  filter,
  LazyDict,
  OMIT,
  parseExpression,
  parseTemplate,
  referencedPlaces,
  render,
  renderText,
  type Scope,
  test,
  Undefined,
} from '../../engine/template/index.ts';
import { Float, fromPlain, Template, type Value, VaultText } from '../../engine/values.ts';
import { scopeOf } from './plain_scope.ts';

/** A scope that counts how often each name is asked for and each template rendered. */
function counting(variables: Map<string, Value>): { scope: Scope; asked: string[]; rendered: string[] } {
  const asked: string[] = [];
  const rendered: string[] = [];
  const scope: Scope = {
    get: (name) => {
      asked.push(name);
      return variables.get(name);
    },
    names: () => variables.keys(),
    resolve: (value) => {
      if (!(value instanceof Template)) return value;
      rendered.push(value.text);
      return render(value, scope, {});
    },
  };
  return { scope, asked, rendered };
}

/** A dict of dicts made when they are asked for. */
class Hosts extends LazyDict {
  readonly made: string[] = [];
  override get(key: Value): Value | undefined {
    if (key !== 'a' && key !== 'b') return undefined;
    this.made.push(key);
    return new Map<Value, Value>([
      ['ip', `10.0.0.${key === 'a' ? 1 : 2}`],
      ['broken', new Template('{{ nosuch }}', undefined)],
    ]);
  }
  override has(key: Value): boolean {
    return key === 'a' || key === 'b';
  }
  override get size(): number {
    return 2;
  }
  override *keys(): MapIterator<Value> {
    yield 'a';
    yield 'b';
  }
  override *entries(): MapIterator<[Value, Value]> {
    for (const key of this.keys()) yield [key, this.get(key)!];
  }
  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }
}

describe('scopes', () => {
  it('is asked only for the names that are needed, and renders only the entries that are reached', () => {
    const vars = fromPlain({ base: '/srv', on: false }) as Map<string, Value>;
    vars.set(
      'tls',
      new Map<Value, Value>([
        ['dir', new Template('{{ base }}/tls', undefined)],
        ['other', new Template('{{ nosuch }}', undefined)],
      ]),
    );
    const { scope, asked, rendered } = counting(vars);
    expect(render(parseTemplate('{{ tls.dir }}{% if on %}{{ never }}{% endif %}'), scope, {})).to.equal('/srv/tls');
    expect(asked).to.deep.equal(['tls', 'base', 'on']);
    expect(rendered).to.deep.equal(['{{ base }}/tls']);
  });

  it('takes hostvars-like dicts apart only as far as they are read', () => {
    const hosts = new Hosts();
    const scope = scopeOf(new Map<string, Value>([['hostvars', hosts]]));
    const out = (text: string) => render(parseTemplate(text), scope, {});
    expect(out('{{ hostvars["a"].ip }}')).to.equal('10.0.0.1');
    expect(out('{{ ["a", "b"] | map("extract", hostvars, "ip") | join(",") }}')).to.equal('10.0.0.1,10.0.0.2');
    expect(out('{{ hostvars | length }} {{ hostvars.c is defined }} {{ "a" in hostvars }}')).to.equal('2 False True');
    expect(out('{% for h in hostvars %}{{ h }}{% endfor %}{{ hostvars.keys() | list }}')).to.equal("ab['a', 'b']");
    expect(() => out('{{ hostvars.a.broken }}')).to.throw("'nosuch' is undefined");
    expect(hosts.made.filter((key) => key === 'b')).to.have.length(1);
  });

  it('omit leaves an entry out, and is itself where it is the whole result', () => {
    const scope = scopeOf(new Map());
    expect(render(parseTemplate('{{ omit }}'), scope, {}) as unknown).to.equal(OMIT);
    expect(render(parseTemplate('{{ nosuch | default(omit) }}'), scope, {}) as unknown).to.equal(OMIT);
    expect(render(parseTemplate('{{ {"a": omit, "b": [omit, 1]} }}'), scope, {})).to.deep.equal(new Map([['b', [1]]]));
  });

  it('a name may be given as undefined with a reason of its own', () => {
    const why = new Undefined('secret', () => new Error('locked'));
    const scope: Scope = { get: () => why, names: () => ['secret'] };
    expect(render(parseTemplate('{{ secret | default("d") }}'), scope, {})).to.equal('d');
    expect(() => render(parseTemplate('{{ secret }}'), scope, {})).to.throw('locked');
  });

  it('encrypted values are opened by the scope, and are data then', () => {
    const vault = new VaultText('$ANSIBLE_VAULT;1.1;AES256', undefined);
    const scope: Scope = {
      get: (name) => (name === 'v' ? vault : name === 'd' ? new Map<Value, Value>([['v', vault]]) : undefined),
      names: () => ['v', 'd'],
      resolve: (value) => (value instanceof VaultText ? '{{ secret }}' : value),
    };
    expect(render(parseTemplate('{{ v }}'), scope, {})).to.equal('{{ secret }}');
    expect(render(parseTemplate('{{ d.v }} {{ d }}'), scope, {})).to.equal("{{ secret }} {'v': '{{ secret }}'}");
  });

  it('a template keeps what was compiled of it', () => {
    const template = new Template('{{ a }}', undefined);
    const scope = scopeOf(new Map<string, Value>([['a', 1]]));
    render(template, scope, {});
    const { compiled } = template;
    render(template, scope, {});
    expect(template.compiled).to.equal(compiled).and.not.equal(undefined);
  });
});

describe('the engine', () => {
  const scope = scopeOf(fromPlain({ x: 1, s: 'a' }) as Map<string, Value>);

  it('knows the free names of templates and expressions', () => {
    const names = (text: string) => [...referencedPlaces(parseTemplate(text)).keys()].sort();
    expect(names('{{ a.b[c] | default(d) }}')).to.deep.equal(['a', 'c', 'd']);
    expect(names('{% for i in list if i.x %}{{ i }}{{ loop.index }}{% endfor %}')).to.deep.equal(['list', 'loop']);
    expect(names('{% set x = y %}{{ x }}{% macro m(p) %}{{ p }}{{ z }}{% endmacro %}{{ m(r) }}')).to.deep.equal([
      'r',
      'y',
      'z',
    ]);
    expect(names('{{ lookup("env", v) }}{{ range(n) }}')).to.deep.equal(['n', 'v']);
    expect(names('{% with a=b %}{{ a }}{{ c is defined }}{% endwith %}')).to.deep.equal(['b', 'c']);
    expect([...referencedPlaces(parseExpression('a == 1 and not b')).keys()].sort()).to.deep.equal(['a', 'b']);
    expect([...referencedPlaces(parseExpression('{{ a }}')).keys()]).to.deep.equal(['a']);
  });

  it('takes filters and tests of a caller', () => {
    const options = {
      filters: table([filter('shout(mark="!")', (_c, value, mark) => `${String(value).toUpperCase()}${mark}`)]),
      tests: table([test('seven', (_c, value) => value === 7)]),
    };
    const out = (text: string) => render(parseTemplate(text, undefined, options), scope, options);
    expect(out('{{ s | shout }}{{ s | shout(mark="?") }}{{ ["b"] | map("shout") | first }}')).to.equal('A!A?B!');
    expect(out('{{ 7 is seven }}')).to.equal(true);
    expect(() => out('{{ s | shuot }}')).to.throw('unknown filter `shuot`');
  });

  it('gives texts for template files, whatever they hold', () => {
    expect(renderText('{{ [1] }}', scope, {})).to.equal('[1]');
    expect(renderText('{{ none }}', scope, {})).to.equal('');
    expect(renderText('', scope, {})).to.equal('');
    expect(renderText('{% if x %}\nyes\n{% endif %}\nend\n', scope, {})).to.equal('yes\nend\n');
    expect(renderText('  {% if x %}\nyes\n  {% endif %}\n', scope, { lstrip_blocks: true })).to.equal('yes\n');
    expect(renderText('[[ x ]]!\r\n', scope, { variable_start_string: '[[', variable_end_string: ']]' })).to.equal(
      '1!\n',
    );
  });

  it('do, break and continue work, though Ansible has them only by configuration', () => {
    const out = (text: string) => render(parseTemplate(text), scope, {});
    expect(out('{% set l = [] %}{% do l.append(1) %}{{ l }}')).to.deep.equal([1]);
    expect(
      out(
        '{% for i in range(5) %}{% if i == 3 %}{% break %}{% endif %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}',
      ),
    ).to.equal('02');
  });

  it('conditions are booleans; a whole template may stand for one', () => {
    expect(evaluateCondition('x == 1', scope, {})).to.equal(true);
    expect(evaluateCondition('{{ x == 1 }}', scope, {})).to.equal(true);
    expect(() => evaluateCondition('x', scope, {})).to.throw('must be true or false');
    expect(evaluate('x + 1.0', scope, {})).to.deep.equal(new Float(2));
  });

  it('a small template takes some microseconds at most', function () {
    this.retries(2);
    const own = scopeOf(fromPlain({ a: { b: 5 } }) as Map<string, Value>);
    const template = parseTemplate('{{ a.b }}');
    const started = process.hrtime.bigint();
    for (let i = 0; i < 100_000; i++) render(template, own, {});
    const micros = Number(process.hrtime.bigint() - started) / 1000 / 100_000;
    expect(micros).to.be.below(10);
  });
});
