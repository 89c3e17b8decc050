import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readLiteral } from '../../engine/inventory/literals.ts';
import { Source } from '../../engine/values.ts';
import { show } from '../yaml/show.ts';

const recorded = JSON.parse(readFileSync(new URL('literals.json', import.meta.url), 'utf8')) as [
  text: string,
  value: string,
][];

describe("values of an ini inventory as Python's literals", () => {
  for (const [text, value] of recorded) {
    it(JSON.stringify(text), () => {
      expect(show(readLiteral(text, { source: new Source('hosts', text), offset: 0 }))).to.equal(value);
    });
  }
});
