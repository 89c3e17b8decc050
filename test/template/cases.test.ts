import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AuthorError, TemplateError, UndefinedError } from '../../engine/errors.ts';
import { evaluate, OMIT, parseTemplate, render, type TemplateOptions } from '../../engine/template/index.ts';
import { Source, type Value } from '../../engine/values.ts';
import { parseYaml, parseYamlDocuments, toYaml } from '../../engine/yaml/index.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { lookupOption } from './lookup_env.ts';
import { scopeOf } from './plain_scope.ts';
import { canonical, canonicalTagged, decode, type Tagged } from './reference_values.ts';

const folder = new URL('./cases/', import.meta.url);
const FILES = JSON.parse(readFileSync(new URL('template_files.json', folder), 'utf8')) as Record<string, string>;
const options: TemplateOptions = {
  folder: mkdtempSync(join(tmpdir(), 'templates-')),
  searchFile: (name) => (Object.hasOwn(FILES, name) ? name : undefined),
  readFile: (name) => FILES[name]!,
  parseYaml: (text, all) => {
    const source = new Source('yaml', text);
    return all ? parseYamlDocuments(source, { trusted: false }) : parseYaml(source, { trusted: false });
  },
  dumpYaml: (value, settings) => toYaml(value, Object.fromEntries(settings) as never),
  lookup: lookupOption(() => options),
  environment: () => undefined,
};
const VARIABLES = JSON.parse(readFileSync(new URL('variables.json', folder), 'utf8')) as Tagged;
const variables = decode(VARIABLES) as Map<string, Value>;

function ours(mode: string, text: string): string {
  const scope = scopeOf(variables, options);
  try {
    const value =
      mode === 'expression'
        ? evaluate(text, scope, options)
        : render(parseTemplate(text, undefined, { rawBackslashes: mode !== 'file' }), scope, options);
    return (value as unknown) === OMIT ? 'failure' : canonical(value);
  } catch (error) {
    if (error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError)
      return 'failure';
    return `a bug: ${(error as Error).stack}`;
  }
}

const kindOf = (mine: string, theirs: string): Difference['kind'] =>
  theirs === 'failure' ? 'more' : mine === 'failure' ? 'fails' : 'value';

describe('templates against ansible-core 2.19', () => {
  const met = new Set<Difference>();
  before(() => {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(options.folder!, name), text);
  });
  after(() => rmSync(options.folder!, { recursive: true }));
  let total = 0;
  for (const file of readdirSync(folder).filter((name) => !['variables.json', 'template_files.json'].includes(name))) {
    const cases = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as [string, string, Tagged][];
    total += cases.length;
    it(`${file}: ${cases.length} cases`, () => {
      const wrong: string[] = [];
      for (const [mode, text, result] of cases) {
        const mine = ours(mode, text);
        const theirs = canonicalTagged(result);
        if (mine === theirs) continue;
        const known = DIFFERENCES.find((d) => d.kind === kindOf(mine, theirs) && d.cases.test(text));
        if (known && !mine.startsWith('a bug')) met.add(known);
        else wrong.push(`${mode} ${JSON.stringify(text)}\n    ours   ${mine}\n    theirs ${theirs}`);
      }
      expect(wrong.length, wrong.slice(0, Number(process.env['SHOW'] ?? 20)).join('\n')).to.equal(0);
    });
  }

  it('compares at least 5,000 cases, and every accepted difference is met by one', () => {
    expect(total).to.be.at.least(5000);
    expect(DIFFERENCES.filter((d) => !met.has(d)).map((d) => d.reason)).to.deep.equal([]);
  });
});
