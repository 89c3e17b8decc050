import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { Source } from '../../engine/values.ts';
import { parseYaml } from '../../engine/yaml/index.ts';
import { show } from './show.ts';

interface Case {
  text: string;
  value?: string;
  error?: boolean;
}

const cases = JSON.parse(readFileSync(new URL('corpus.json', import.meta.url), 'utf8')) as Case[];

describe('YAML as PyYAML reads it', () => {
  for (const { text, value } of cases) {
    it(JSON.stringify(text).slice(0, 70), () => {
      const read = () => show(parseYaml(new Source('t.yaml', text)));
      if (value === undefined) expect(read).to.throw(AuthorError);
      else expect(read()).to.equal(value);
    });
  }
});

describe('a text that is JSON', () => {
  const text = '{"a": 1e5, "b": 1.0, "c": "{{ x }}", "d": [true, null],\n\t"e": "\\u00e9\\/"}';

  it('is read as JSON: 1e5 is a number, tabs may indent', () => {
    expect(show(parseYaml(new Source('t.json', text)))).to.equal(
      '{"a": f100000.0, "b": f1.0, "c": "{{ x }}", "d": [true, null], "e": "\\u00e9/"}',
    );
  });

  it('is read as YAML where that is asked for, as from_yaml does', () => {
    expect(show(parseYaml(new Source('t', '{"a": 1e5}'), { json: false }))).to.equal('{"a": "1e5"}');
  });

  it('that is nearly JSON is read as YAML', () => {
    expect(show(parseYaml(new Source('t', '{"a": 1, b: [yes]}')))).to.equal('{"a": i1, "b": [true]}');
  });
});
