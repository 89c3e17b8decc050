import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FILTERS } from '../../engine/template/library/filters/index.ts';
import { lookups } from '../../engine/template/library/lookups.ts';
import { TESTS } from '../../engine/template/library/tests.ts';
import { DIFFERENCES } from './differences.ts';

const page = new URL('../../docs/templates.md', import.meta.url);

const names = (list: Iterable<string>): string =>
  [...list]
    .filter((name) => /^[a-z]/i.test(name))
    .sort()
    .map((name) => `\`${name}\``)
    .join(' ');

const WHAT = { more: 'accepted here', fails: 'refused here', value: 'another value' };

/** The parts of the page that tables write. */
const PARTS: Record<string, string> = {
  filters: `Filters: ${names(FILTERS.keys())}.\n\nTests: ${names(TESTS.keys())}.\n\nLookups: ${names(Object.keys(lookups))}.`,
  differences: `| | Difference |\n|---|---|\n${DIFFERENCES.map((d) => `| ${WHAT[d.kind]} | ${d.reason} |`).join('\n')}`,
};

describe('docs/templates.md', () => {
  it('lists the filters, tests, lookups and differences that there are (UPDATE_DOCS=1 writes them)', () => {
    const text = readFileSync(page, 'utf8');
    let wanted = text;
    for (const [name, part] of Object.entries(PARTS)) {
      const between = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
      expect(text, `the page has a part ${name}`).to.match(between);
      wanted = wanted.replace(between, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`);
    }
    if (process.env['UPDATE_DOCS']) writeFileSync(page, wanted);
    else expect(text === wanted, 'run UPDATE_DOCS=1 npx mocha test/template/docs.test.ts').to.equal(true);
  });
});
