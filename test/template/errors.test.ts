import { expect } from 'chai';
import { placeText, TemplateError, UndefinedError } from '../../engine/errors.ts';
import {
  evaluate,
  evaluateCondition,
  parseExpression,
  parseTemplate,
  render,
  renderText,
} from '../../engine/template/index.ts';
import { fromPlain, Source, Template, type Value } from '../../engine/values.ts';
import { scopeOf } from './plain_scope.ts';

const VARS = fromPlain({
  word: 'hello',
  port: '2379',
  hosts: ['a', 'b'],
  tls: { cert_file: '/c', key_file: '/k' },
  nothing: null,
}) as Map<string, Value>;

/** The error of a template that stands at the start of a file's second line. */
function errorOf(text: string, how: 'template' | 'condition' | 'file' = 'template'): TemplateError | UndefinedError {
  const source = new Source('play.yml', `---\n${text}\n`);
  const place = { source, offset: 4 };
  const scope = scopeOf(VARS);
  try {
    if (how === 'template') render(parseTemplate(text, place), scope, {});
    else if (how === 'file') renderText(text, scope, {}, place);
    else evaluateCondition(parseExpression(text, place), scope, {});
  } catch (error) {
    if (error instanceof TemplateError || error instanceof UndefinedError) return error;
    throw error;
  }
  throw new Error(`no error for ${text}`);
}

const CASES: [text: string, at: string, message: string, help?: string][] = [
  ['{{ word', '2:1', 'unclosed `{{`', 'close it with `}}`'],
  ['{{ word }', '2:1', 'unclosed `{{`', 'the expression that starts here ends with `}}`'],
  ['{% if word', '2:1', 'unclosed `{%`', 'close it with `%}`'],
  ['a {# note', '2:3', 'unclosed `{#`'],
  ['{% raw %}x', '2:1', 'unclosed `raw` block'],
  ['{{ "text }}', '2:4', 'unclosed string "'],
  ['{{ (1 + 2 }}', '2:11', 'unexpected `}`, expected `)`'],
  ['{{ [1, 2 }}', '2:10', 'unexpected `}`, expected `]`'],
  ['{{ word) }}', '2:8', 'unexpected `)`'],
  ['{{ }}', '2:4', 'expected an expression, found `}}`'],
  ['{{ 1 + }}', '2:8', 'expected an expression, found `}}`'],
  ['{{ word = 1 }}', '2:9', 'unexpected `=`', 'comparison is written `==`'],
  ['{{ word word }}', '2:9', 'expected the end of the expression, found `word`'],
  ['{{ word. }}', '2:10', 'expected a name or a number after `.`, found `}}`'],
  ['{{ word ? 1 }}', '2:9', 'unexpected character `?`', 'a choice is written `a if condition else b`'],
  ['{{ word | defualt("x") }}', '2:11', 'unknown filter `defualt`', 'did you mean `default`?'],
  ['{{ word | to_jsn }}', '2:11', 'unknown filter `to_jsn`', 'did you mean `to_json`?'],
  ['{{ word is definde }}', '2:12', 'unknown test `definde`', 'did you mean `defined`?'],
  ['{{ word | upper(1) }}', '2:11', 'the filter `upper` takes no arguments, 1 are given'],
  ['{{ word | replace("a") }}', '2:11', 'the filter `replace` needs its argument `new`'],
  [
    '{{ word | default("a", bolean=true) }}',
    '2:11',
    'the filter `default` has no argument `bolean`',
    'did you mean `boolean`?',
  ],
  ['{{ lookup("fiel", "x") }}', '2:11', 'unknown lookup `fiel`', 'did you mean `file`?'],
  ['{% fi word %}', '2:4', 'unknown tag `fi`', 'did you mean `if`?'],
  ['{% if word %}x', '2:1', '`{% if %}` is never closed', 'close it with `{% endif %}`'],
  ['{% for h in hosts %}x', '2:1', '`{% for %}` is never closed', 'close it with `{% endfor %}`'],
  [
    '{% for h in hosts %}x{% endif %}',
    '2:25',
    'unexpected `{% endif %}`',
    'the innermost open block is `{% for %}`, closed with `{% endfor %}`',
  ],
  ['x{% endif %}', '2:5', 'unexpected `{% endif %}`', 'no block is open here'],
  ['{% else %}', '2:4', 'unexpected `{% else %}`', 'no block is open here'],
  ['{% for in hosts %}{% endfor %}', '2:11', 'expected `in`, found `hosts`'],
  ['{% set true = 1 %}', '2:8', "can't assign to `true`"],
  ['{% break %}', '2:4', '`{% break %}` outside of a loop'],
  ['{% macro m(a=1, b) %}{% endmacro %}', '2:17', 'a parameter without a default follows one with a default'],
  ['{{ missing }}', '2:4', "'missing' is undefined"],
  ['{{ wrod }}', '2:4', "'wrod' is undefined", 'did you mean `word`?'],
  [
    '{{ tls.cert_fil }}',
    '2:8',
    "'tls.cert_fil' is undefined",
    '`tls` has no key `cert_fil`; did you mean `cert_file`?',
  ],
  ['{{ tls.ca.file }}', '2:8', "'tls.ca' is undefined", '`tls` has no key `ca`'],
  ['{{ missing.a.b }}', '2:4', "'missing' is undefined", 'it is needed for `missing.a.b`'],
  ['{{ hosts[5] }}', '2:9', "'hosts[5]' is undefined", '`hosts` has 2 items, counted from 0'],
  ['{{ word.length }}', '2:9', "'word.length' is undefined", "`word` is a 'str' and has no `length`"],
  ['{{ nothing.x }}', '2:12', "'nothing.x' is undefined", '`nothing` is none'],
  [
    '{{ port + 1 }}',
    '2:9',
    "unsupported operand types for +: 'str' and 'int'",
    'join texts with `~`, or convert with `| int`',
  ],
  ['{{ port > 1 }}', '2:4', "'>' is not supported between 'str' and 'int'", 'convert the text with `| int`'],
  ['{{ 1 / 0 }}', '2:6', 'division by zero'],
  ['{{ word() }}', '2:8', "`word` is a 'str' and can't be called"],
  ['{{ word.upper }}', '', '`upper` is a function', 'call it: `upper()`'],
  ['{% for x in 5 %}{% endfor %}', '2:13', "'int' object is not iterable"],
  [
    '{{ "{" | from_json }}',
    '2:10',
    'invalid JSON: expecting property name enclosed in double quotes: line 1 column 2 (char 1)',
  ],
  [
    '{{ word | regex_search("(") }}',
    '2:11',
    'invalid regular expression `(`: missing ), unterminated subpattern at position 0',
  ],
  ['{% for a, b in [[1]] %}{% endfor %}', '2:8', 'not enough values to unpack (expected 2, got 1)'],
  ['{% include "x.j2" %}', '2:1', "other templates can't be used here"],
  ['{{ undef("set it") }}', '', 'set it'],
  ['{{ nosuch | mandatory }}', '2:13', "Mandatory variable 'nosuch' not defined."],
  ['{{ nosuch | mandatory("give nosuch") }}', '2:13', 'give nosuch'],
  ['{{ "a" if false }}', '2:4', 'the inline if was false and has no else', 'add `else` with the value to use'],
];

describe('errors of templates', () => {
  for (const [text, at, message, help] of CASES) {
    it(`${text} — ${message}`, () => {
      const error = errorOf(text);
      expect(error.message).to.equal(message);
      expect(error.place ? placeText(error.place).replace('play.yml:', '') : '').to.equal(at);
      expect(error.help).to.equal(help);
    });
  }

  it('names the whole reference that an undefined name was part of', () => {
    expect((errorOf('{{ missing.a.b }}') as UndefinedError).path).to.equal('missing.a.b');
    expect((errorOf('{{ tls.cert_dir }}') as UndefinedError).path).to.equal('tls.cert_dir');
  });

  it('says what a condition is where it is no boolean, and what to write', () => {
    const list = errorOf('hosts', 'condition');
    expect(list.message).to.equal("a condition must be true or false, but `hosts` is a 'list'");
    expect(list.help).to.equal('to ask whether it holds anything, write `… | length > 0`');
    expect(errorOf('word', 'condition').help).to.equal('compare it, or convert it with `| bool`');
    const braces = errorOf('word == {{ port }}', 'condition');
    expect(braces.message).to.equal('no `{{ }}` inside an expression');
    expect(braces.help).to.equal('names are read without braces here: word == port');
    expect(errorOf('', 'condition').message).to.equal('the expression is empty');
    expect(errorOf('word = 1', 'condition').help).to.equal('comparison is written `==`');
  });

  it('counts lines inside a template file', () => {
    const error = errorOf('first\nsecond {{ word | nope }}\n', 'file');
    expect(placeText(error.place!)).to.equal('play.yml:3:18');
  });

  it('finds the place in a variable whose own template fails', () => {
    const source = new Source('vars.yml', 'url: "{{ hots }}/x"\n');
    const vars = new Map<string, Value>([
      ['url', new Template('{{ hots }}/x', { source, offset: 6 })],
      ['hosts', 'h'],
    ]);
    try {
      evaluate('url', scopeOf(vars), {});
      expect.fail('no error');
    } catch (error) {
      expect(error).to.be.instanceOf(UndefinedError);
      expect(placeText((error as UndefinedError).place!)).to.equal('vars.yml:1:10');
      expect((error as UndefinedError).help).to.equal('did you mean `hosts`?');
    }
  });
});
