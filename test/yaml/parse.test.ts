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
