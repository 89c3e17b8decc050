import { expect } from 'chai';
import fc from 'fast-check';
import { AuthorError, TemplateError, UndefinedError } from '../../engine/errors.ts';
import {
  evaluate,
  evaluateCondition,
  parseExpression,
  parseTemplate,
  render,
  renderText,
  type TemplateOptions,
} from '../../engine/template/index.ts';
import { fromPlain, Template, type Value } from '../../engine/values.ts';
import { lookupOption } from './lookup_env.ts';
import { scopeOf } from './plain_scope.ts';

const options: TemplateOptions = { lookup: lookupOption(() => options), environment: () => '{{ 7 * 7 }}' };
const EVIL = [
  '{{ 7 * 7 }}',
  '{% set x = 1 %}',
  '{# gone #}',
  '{{#each x}}',
  '${7*7}',
  '<%= 7 %>',
  "{{ lookup('pipe', 'id') }}",
];

const scope = (plain: Record<string, unknown>) => scopeOf(fromPlain(plain) as Map<string, Value>, options);
const out = (text: string, vars: Record<string, unknown> = {}) => render(parseTemplate(text), scope(vars), options);

const SNEAKY = [
  'constructor',
  '__proto__',
  'prototype',
  '__class__',
  '__mro__',
  '__subclasses__',
  '__globals__',
  '__init__',
  '__builtins__',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'caller',
  'arguments',
  'call',
  'apply',
  'bind',
  'at',
  'push',
  'forEach',
  'entries',
  'fields',
  'exports',
  'run',
];

describe('templates and hostile data (S-01 to S-03)', () => {
  it('data that looks like a template stays the literal text, wherever it passes', () => {
    for (const text of EVIL) {
      const vars = { fact: text, list: [text], dict: { k: text, [text]: 1 } };
      expect(out('{{ fact }}', vars)).to.equal(text);
      expect(out('<{{ fact }}>', vars)).to.equal(`<${text}>`);
      expect(out('{{ list | first }}', vars)).to.equal(text);
      expect(out('{{ list | map("upper") | map("lower") | join }}', vars)).to.equal(text.toLowerCase());
      expect(out('{{ dict.k }}', vars)).to.equal(text);
      expect(out('{% set x = fact %}{{ x }}', vars)).to.equal(text);
      expect(out('{% set x %}{{ fact }}{% endset %}{{ x }}', vars)).to.equal(text);
      expect(out('{% macro m(a) %}{{ a }}{% endmacro %}{{ m(fact) }}', vars)).to.equal(text);
      expect(out('{% for i in list %}{{ i }}{% endfor %}', vars)).to.equal(text);
      expect(out('{{ fact | default("x") | string | trim }}', vars)).to.equal(text);
      expect(out('{{ "%s" | format(fact) }}', vars)).to.equal(text);
      expect(out('{{ fact.format(1) }}', { fact: '{{ 7 }}' })).to.equal('{ 7 }');
      expect(out('{{ [fact] | to_json | from_json | first }}', vars)).to.equal(text);
      expect(renderText('{{ fact }}', scope(vars), options)).to.equal(text);
      expect(evaluate('fact', scope(vars), options)).to.equal(text);
    }
  });

  it('what a lookup returns is data, and a term from a variable is no template', () => {
    expect(out('{{ lookup("env", "X") }}')).to.equal('{{ 7 * 7 }}');
    expect(out('{{ lookup("items", fact) }}', { fact: '{{ 7 * 7 }}' })).to.equal('{{ 7 * 7 }}');
    expect(out('{{ lookup("pipe", "printf %s \'{{ word }}\'") }}', { word: '{{ 7 * 7 }}' })).to.equal('{{ 7 * 7 }}');
    expect(out('{{ lookup("vars", "fact") }}', { fact: '{{ 7 * 7 }}' })).to.equal('{{ 7 * 7 }}');
  });

  it('a template is rendered once: what its variables hold is not rendered again', () => {
    const vars = fromPlain({ secret: 'a {{ other }} b', other: 'LEAKED' }) as Map<string, Value>;
    vars.set('outer', new Template('{{ secret }}', undefined));
    const own = scopeOf(vars, options);
    expect(render(new Template('{{ outer }}', undefined), own, options)).to.equal('a {{ other }} b');
    expect(render(new Template('{{ [outer] }}', undefined), own, options)).to.deep.equal(['a {{ other }} b']);
    expect(render(new Template('{{ outer ~ "" }}', undefined), own, options)).to.equal('a {{ other }} b');
  });

  it('a condition given as text by data is not evaluated again', () => {
    expect(() => evaluateCondition('{{ fact }}', scope({ fact: '1 == 1' }), options)).to.throw(
      TemplateError,
      /must be true or false/,
    );
    expect(evaluate('fact == "{{ x }}"', scope({ fact: 'v', x: 'v' }), options)).to.equal(true);
    expect(evaluate('fact', scope({ fact: '{{ x }}', x: 'v' }), options)).to.equal('{{ x }}');
  });

  it('no name leads to a prototype, a property or a function of JavaScript', () => {
    const vars = { s: 'text', l: [1], d: { a: 1 }, n: 1, t: true, none: null };
    for (const name of SNEAKY) {
      for (const holder of [
        's',
        'l',
        'd',
        'n',
        't',
        'none',
        'range',
        'lookup',
        'namespace()',
        'd.items',
        '(1, 2)',
        'range(3)',
        'omit',
        'now()',
      ]) {
        const text = `{{ (${holder}).${name} is defined }}|{{ (${holder})["${name}"] is defined }}`;
        expect(out(text, vars), text).to.equal('False|False');
        expect(() => out(`{{ (${holder}).${name}("return 1") }}`, vars), `${holder}.${name}()`).to.throw(
          /undefined|can't be called/,
        );
      }
      expect(out(`{{ d | attr("${name}") is defined }}`, vars)).to.equal(false);
      expect(out(`{{ [d] | map(attribute="${name}") | map("default", "no") | first }}`, vars)).to.equal('no');
      expect(out(`{{ "${name}" | extract(d) is defined }}`, vars)).to.equal(false);
    }
  });

  it('constructor, process, globalThis and their like are unknown names', () => {
    for (const name of [
      'constructor',
      'process',
      'globalThis',
      'require',
      'Function',
      'this',
      'window',
      'module',
      '__proto__',
      'eval',
    ]) {
      expect(out(`{{ ${name} is defined }}`), name).to.equal(false);
      expect(() => out(`{{ ${name} }}`), name).to.throw(UndefinedError, `'${name}' is undefined`);
    }
  });

  it('keys such as __proto__ are keys like any other and pollute nothing', () => {
    const vars = { json: '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}' };
    expect(out('{{ (json | from_json).__proto__.polluted }}', vars)).to.equal(1);
    expect(out('{{ {} | combine(json | from_json, recursive=true) | length }}', vars)).to.equal(2);
    expect(out('{{ dict(__proto__=1) | dict2items | items2dict | to_json }}', vars)).to.equal('{"__proto__": 1}');
    expect(out('{{ [json | from_json] | json_query("[0].constructor.prototype.polluted") }}', vars)).to.equal(1);
    expect(out('{% set ns = namespace() %}{% set ns.__proto__ = 5 %}{{ ns.__proto__ }}')).to.equal(5);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  it('values of the scope are not changed by what a template does to them', () => {
    const vars = fromPlain({ l: [1], d: { k: [1] } }) as Map<string, Value>;
    const own = scopeOf(vars, options);
    const text = '{% set _ = l.append(2) %}{% set _ = d.update(z=1) %}{% set _ = d.k.append(2) %}{{ l }}{{ d }}';
    expect(render(parseTemplate(text), own, options)).to.equal("[1, 2]{'k': [1, 2], 'z': 1}");
    expect(vars.get('l')).to.deep.equal([1]);
    expect(vars.get('d')).to.deep.equal(new Map([['k', [1]]]));
  });

  it('any text at all parses, or is an author error with a message', () => {
    const pieces = [
      '{{',
      '}}',
      '{%',
      '%}',
      '{#',
      '#}',
      ' if ',
      ' for ',
      ' in ',
      'x',
      '.',
      '|',
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      '1',
      ' set ',
      '=',
      ' end',
      ',',
      ':',
      '-',
      '~',
      '\n',
      '\\',
      ' is ',
      ' not ',
      'default',
      '*',
      '**',
      '%',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (parts) => {
        const text = parts.join('');
        for (const run of [() => out(text), () => parseExpression(text)]) {
          try {
            run();
          } catch (error) {
            const known =
              error instanceof TemplateError || error instanceof UndefinedError || error instanceof AuthorError;
            if (!known) throw error;
          }
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('runaway templates end with an error, not with the process', () => {
    expect(() => out('{{ "x" * 9999999999 }}')).to.throw(TemplateError, 'too long');
    expect(() => out('{{ range(99999999999) | list }}')).to.throw(TemplateError, 'too long');
    expect(() => out('{{ 9 ** 99999999 }}')).to.throw(TemplateError);
    const vars = new Map<string, Value>([
      ['a', new Template('{{ b }}', undefined)],
      ['b', new Template('{{ a }}', undefined)],
    ]);
    expect(() => render(new Template('{{ a }}', undefined), scopeOf(vars, options), options)).to.throw(
      TemplateError,
      /recursive loop in templates/,
    );
    expect(() => out('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}')).to.throw(TemplateError, /too deep|recursive/);
  });
});
