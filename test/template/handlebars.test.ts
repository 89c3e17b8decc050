import { expect } from 'chai';
import { placeText, TemplateError, UndefinedError } from '../../engine/errors.ts';
import { renderHandlebars } from '../../engine/template/handlebars.ts';
import { fromPlain, Source, Template, type Value } from '../../engine/values.ts';
import { scopeOf } from './plain_scope.ts';

const VARS = fromPlain({
  name: 'etcd-1',
  hostile: `a"b<c>&'`,
  nested: { port: 2379, deep: { flag: true } },
  members: [
    { name: 'm1', url: 'https://m1' },
    { name: 'm2', url: 'https://m2' },
  ],
  none: null,
  empty: {},
  list: [1, 2],
  text: 'hello',
}) as Map<string, Value>;
VARS.set('lazy', new Template('{{ name }}.example', undefined));
VARS.set('tls', new Map<Value, Value>([['dir', new Template('/etc/{{ name }}', undefined)]]));

const scope = scopeOf(VARS);
const out = (text: string, vars?: Record<string, unknown>) =>
  renderHandlebars(text, vars ? scopeOf(fromPlain(vars) as Map<string, Value>) : scope, {});

describe('handlebars', () => {
  it('renders names, paths, blocks and lazy variables', () => {
    expect(out('{{name}} {{nested.port}} {{lazy}} {{tls.dir}}')).to.equal('etcd-1 2379 etcd-1.example /etc/etcd-1');
    expect(out('{{#each members}}{{name}}={{url}}{{#unless @last}},{{/unless}}{{/each}}')).to.equal(
      'm1=https://m1,m2=https://m2',
    );
    expect(out('{{#each nested}}{{@key}};{{/each}}')).to.equal('port;deep;');
    expect(out('{{#with nested}}{{port}} {{../name}} {{@root.text}}{{/with}}')).to.equal('2379 etcd-1 hello');
    expect(out('{{#if empty}}yes{{else}}no{{/if}}{{#if nested.deep.flag}}!{{/if}}')).to.equal('no!');
    expect(out('{{#each []}}{{/each}}x{{!-- note --}}y')).to.equal('xy');
  });

  it('has the filters and comparisons as helpers', () => {
    expect(out('{{upper text}} {{join list "-"}} {{b64encode text}}')).to.equal('HELLO 1-2 aGVsbG8=');
    expect(out('{{join (map members attribute="name") ","}}')).to.equal('m1,m2');
    expect(out('{{to_json nested}}')).to.equal('{"port": 2379, "deep": {"flag": true}}');
    expect(
      out('{{#if (eq nested.port 2379)}}a{{/if}}{{#if (and none text)}}b{{/if}}{{#if (or none text)}}c{{/if}}'),
    ).to.equal('ac');
    expect(out('{{#gt nested.port 1000}}big{{else}}small{{/gt}}')).to.equal('big');
    expect(out('{{#if (defined "nested.nosuch")}}a{{else}}b{{/if}}{{#if (defined "name")}}c{{/if}}')).to.equal('bc');
    expect(out('{{default "nested.nosuch" 5}} {{default "nested.port" 5}} {{default "nosuch.deep" "x"}}')).to.equal(
      '5 2379 x',
    );
    expect(out('{{to_nice_json list indent=2}}')).to.equal('[\n  1,\n  2\n]');
  });

  it('escapes nothing: every byte arrives as it is (S-06)', () => {
    expect(out('{{hostile}}|{{{hostile}}}')).to.equal(`a"b<c>&'|a"b<c>&'`);
  });

  it('fails on what is missing, naming it (S-06)', () => {
    for (const [text, name] of [
      ['{{nosuch}}', 'nosuch'],
      ['{{nested.nosuch}}', 'nested.nosuch'],
      ['{{#each members}}{{nosuch}}{{/each}}', 'nosuch'],
      ['{{upper nosuch}}', 'nosuch'],
      ['{{nosuchhelper text}}', 'nosuchhelper'],
      ['{{#each nosuch}}x{{/each}}', 'nosuch'],
      ['{{#with nested.nosuch}}x{{/with}}', 'nested.nosuch'],
      ['{{#if nested.nosuch}}x{{/if}}', 'nested.nosuch'],
      ['{{#unless nosuch}}x{{/unless}}', 'nosuch'],
      ['{{join (sort nosuch)}}', 'nosuch'],
    ] as const) {
      expect(() => out(text), text).to.throw(UndefinedError, `'${name}' is undefined`);
    }
    expect(() => out('{{nam}}'))
      .to.throw(UndefinedError)
      .with.property('help', 'did you mean `name`?');
  });

  it('says where a template is wrong', () => {
    const source = new Source('etcd.hbs', 'a\nb {{#if name}}\n');
    try {
      renderHandlebars(source.text, scope, {}, { source, offset: 0 });
      expect.fail('no error');
    } catch (error) {
      expect(error).to.be.instanceOf(TemplateError);
      expect(placeText((error as TemplateError).place!)).to.match(/^etcd\.hbs:[23]:/);
    }
  });

  it('data is never a template, and no name leads to a prototype (S-01, S-05)', () => {
    for (const text of ['{{name}}', '{{#each x}}', '{{ 7 * 7 }}', '${7}'])
      expect(out('{{v}}', { v: text })).to.equal(text);
    const vars = { x: { toHTML: 'no' }, l: [1], s: 'text', n: 5 };
    expect(out('{{x}}', vars)).to.equal("{'toHTML': 'no'}");
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'valueOf',
      'hasOwnProperty',
      '__defineGetter__',
      '__lookupGetter__',
    ]) {
      for (const holder of ['x', 'l', 's', 'n', '@root', 'this']) {
        const text = `{{${holder}.${name}}}`;
        let result = '';
        try {
          result = out(text, vars);
        } catch (error) {
          expect(error, text)
            .to.be.instanceOf(Error)
            .with.property('name')
            .that.matches(/UndefinedError|TemplateError/);
        }
        expect(result, text).to.equal('');
      }
      expect(out(`{{lookup x "${name}"}}`, vars)).to.equal('');
      expect(() => out(`{{#with x}}{{${name}}}{{/with}}`, vars)).to.throw(UndefinedError);
      expect(() => out(`{{x.${name}.constructor "return 1"}}`, vars)).to.throw();
      expect(() => out(`{{#with (lookup x "${name}") as |c|}}{{c.call}}{{/with}}{{x.${name}}}`, vars)).to.throw();
    }
  });

  it('gives a template no way to compile another, nor to partials, decorators, or data of ours (S-04)', () => {
    for (const text of [
      '{{> (lookup . "s")}}',
      '{{> name}}',
      '{{> @partial-block}}',
      '{{#> layout}}x{{/layout}}',
      '{{* inline}}',
      '{{#*inline "x"}}y{{/inline}}',
    ]) {
      expect(() => out(text, { s: '{{x}}', name: 'p' }), text).to.throw(TemplateError);
    }
    const program = {
      type: 'Program',
      body: [{ type: 'MustacheStatement', path: 0, params: [{ type: 'NumberLiteral', value: '{},{})) + 1' }] }],
    };
    expect(() => renderHandlebars(program as unknown as string, scope, {})).to.throw(TypeError);
    expect(out('{{v}}', { v: program })).to.contain('NumberLiteral');
    for (const name of ['@rendering', '@root.rendering', '@scope', '@options'])
      expect(() => out(`{{${name}}}`), name).to.throw();
    expect(out('{{lookup (lookup . "text") "length"}}')).to.not.contain('function');
    expect(() => out('{{helperMissing}}')).to.throw();
    expect(() => out('{{#blockHelperMissing}}{{/blockHelperMissing}}')).to.throw();
  });

  it('keys such as __proto__ pollute nothing', () => {
    const vars = JSON.parse('{"d": {"__proto__": {"polluted": 1}}}') as Record<string, unknown>;
    expect(out('{{#each d}}{{@key}}{{/each}}', vars)).to.equal('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });
});
