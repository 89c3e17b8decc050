/** json_query beside Python's jmespath, as record_json_query.py recorded it. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { jsonQuery } from '../../engine/template/library/filters/json_query.ts';
import { fromPlain, toPlain } from '../../engine/values.ts';

const { data, cases } = JSON.parse(readFileSync(new URL('json_query.json', import.meta.url), 'utf8')) as {
  data: unknown;
  cases: [expression: string, answer: { value: unknown } | { error: string }][];
};

/** JavaScript's objects put keys that are numbers first, and its numbers know no `1.0`. */
const KNOWN = ['d.*', 'keys(d)', 'values(d)', 'to_string(d)', 'to_string(`1.0`)', 'to_string(`[1, 2.0, "a"]`)'];

describe('json_query', () => {
  for (const [expression, answer] of cases) {
    if (KNOWN.includes(expression)) continue;
    it(JSON.stringify(expression), () => {
      const query = () => toPlain(jsonQuery(fromPlain(data as never), expression));
      if ('error' in answer) expect(query).to.throw('json_query: ');
      else expect(query()).to.deep.equal(answer.value);
    });
  }
});
