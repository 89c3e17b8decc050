/** Which part may import which, where npm packages live, and what no file below the command may do. DESIGN's table as a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { conductFaults, HOMES, importFaults, importsOf, packageOf } from './support/architecture.ts';
import { circles, deadExports, exportsOf, takenBy } from './support/graph.ts';

const engine = fileURLToPath(new URL('../engine/', import.meta.url));
const sources = readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.(m?[jt]s|tsx)$/.test(path),
);
/** Without programs of their own, which may touch their process. */
const files = sources.filter((path) => path.endsWith('.ts'));
const read = (path: string) => readFileSync(join(engine, path), 'utf8');
/** With the page of reports, which runs in a browser. */
const texts = new Map(sources.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, read(path)]));
const testFolder = fileURLToPath(new URL('.', import.meta.url));
const tests = new Map(
  readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => [path, readFileSync(join(testFolder, path), 'utf8')]),
);

/** What only tests of neighbouring files call. */
const TESTED = [
  'remote/pool.ts: PoolOptions',
  'remote/openssh/command.ts: userArguments',
  'remote/ssh/config.ts: matchList',
  'remote/ssh/kexinit.ts: readOffer',
  'run/walk/gate.ts: comparePaths',
];
/** What the scripts that write pages of docs/ call, and nothing else. */
const WRITES_DOCS = [
  'cli/options/option_table.ts: optionsMarkdown',
  'cli/settings/settings_table.ts: settingsMarkdown',
  'vars/precedence.ts: precedencePage',
];
/** What the build calls. */
const BUILD = ['author/declarations.ts: modulesFiles', 'author/make.ts: moduleFunction'];

describe('architecture', () => {
  it('arrows point down only, and packages stay in their homes', () => {
    expect(files.length).to.be.greaterThan(50);
    expect(sources.flatMap((path) => importFaults(path, read(path)))).to.deep.equal([]);
  });

  it('nothing is evaluated; only cli.ts touches the process; only the command prints', () => {
    expect(files.flatMap((path) => conductFaults(path, read(path)))).to.deep.equal([]);
  });

  it('every package of package.json has a home, and one that is used', () => {
    const { dependencies } = JSON.parse(readFileSync(join(engine, '../package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies, 'enclosed in dist/ by build.mjs').not.to.have.property('handlebars');
    const imported = new Set(sources.flatMap((path) => importsOf(read(path)).map(({ target }) => packageOf(target))));
    for (const name of Object.keys(dependencies)) {
      expect(HOMES, name).to.have.property(name);
      expect(imported.has(name), `${name} is imported somewhere`).to.equal(true);
    }
  });

  it('no files import the values of each other in a circle', () => {
    expect(circles(texts)).to.deep.equal([]);
  });

  it('every exported name is imported by another file, or is public', () => {
    const dead = deadExports(texts, tests).filter((entry) => ![...WRITES_DOCS, ...TESTED, ...BUILD].includes(entry));
    expect(dead).to.deep.equal([]);
  });

  it('what only one module uses lies in a folder of its name', () => {
    const users = (path: string) =>
      files.filter((other) => takenBy(other, texts.get(other)!).some(({ from }) => from === path));
    const isPart = (path: string) => /^modules\/(parts\/.+|.+-[^/]+)\.ts$/.test(path);
    const isModule = (path: string) => /^modules\/(?!parts\/).+\/[a-z0-9_]+\.ts$/.test(path);
    const astray = files.filter(isPart).filter((path) => {
      const [user, ...others] = users(path);
      return user && others.length === 0 && isModule(user) && basename(dirname(path)) !== basename(user, '.ts');
    });
    expect(astray).to.deep.equal([]);
  });

  it('no part has a name that says nothing', () => {
    const vague = /(^|[/_-])(utils?|helpers?|managers?|contexts?|data|meta|misc|common)(\.ts$|\/)/;
    const ours = ['run/walk/meta.ts', 'template/library/lookups/data.ts'];
    expect(files.filter((path) => vague.test(path) && !ours.includes(path))).to.deep.equal([]);
  });
});

describe('the checker of the architecture', () => {
  it('sees every kind of import', () => {
    const text = `import a from 'x';
import type { B } from '../b.ts';
import { type C, type D } from '../c.ts';
import { type E, f } from '../d.ts';
import {
  g,
} from "../e.ts";
import './f.ts';
export { h } from '../g.ts';
export * from '../h.ts';
export type { I } from '../i.ts';
const later = await import('../j.ts');
export const word = 'from nowhere';
`;
    expect(importsOf(text).map(({ target, typeOnly }) => `${target}${typeOnly ? ' type' : ''}`)).to.deep.equal([
      'x',
      '../b.ts type',
      '../c.ts type',
      '../d.ts',
      '../e.ts',
      './f.ts',
      '../g.ts',
      '../h.ts',
      '../i.ts type',
      '../j.ts',
    ]);
  });

  it('refuses arrows that point up or sideways', () => {
    const faults = (path: string, target: string, type = '') =>
      importFaults(path, `import ${type} { x } from '${target}';`);
    expect(faults('yaml/a.ts', '../template/b.ts')).to.deep.equal(['yaml/a.ts: yaml may not import template/b.ts']);
    expect(faults('modules/files/copy/copy.ts', '../../../remote/pool.ts')).to.have.length(1);
    expect(faults('modules/files/copy/copy.ts', '../../../remote/pool.ts', 'type')).to.have.length(0);
    expect(faults('modules/files/copy/copy.ts', '../../../run/task.ts', 'type')).to.have.length(1);
    expect(faults('reporters/json.ts', '../run/run.ts')).to.have.length(1);
    expect(faults('reporters/json.ts', '../events.ts')).to.have.length(0);
    expect(faults('run/run.ts', '../cli/main.ts')).to.have.length(1);
    expect(faults('cli/commands/play.ts', '../../run/run.ts')).to.have.length(1);
    expect(faults('errors.ts', './yaml/parse.ts')).to.have.length(1);
    expect(faults('helpers/a.ts', '../values.ts')).to.deep.equal(['helpers/a.ts: helpers is no part of the design']);
    expect(faults('run/a.ts', '../../test/b.ts')).to.deep.equal([
      'run/a.ts: imports ../../test/b.ts, outside of the engine',
    ]);
  });

  it('refuses packages away from home, and packages nobody agreed on', () => {
    const faults = (path: string, target: string) => importFaults(path, `import x from '${target}';`);
    expect(faults('run/a.ts', 'ssh2')).to.deep.equal(['run/a.ts: the package ssh2 lives in remote/ssh/ssh.ts']);
    expect(faults('remote/ssh/ssh.ts', 'ssh2')).to.have.length(0);
    expect(faults('run/a.ts', 'ssh2/lib/x.js')).to.deep.equal([
      'run/a.ts: the package ssh2 lives in remote/ssh/ssh.ts',
    ]);
    expect(faults('run/a.ts', 'lodash')).to.deep.equal(['run/a.ts: the package lodash lives in no part']);
    expect(faults('run/a.ts', 'fs')).to.deep.equal(['run/a.ts: write node:fs']);
  });

  it('refuses evaluation, the process and printing, but not in strings and comments', () => {
    const bad = ['eval(x)', 'new Function(x)', 'Function("x")', "import vm from 'node:vm'", "await import('vm')"];
    for (const text of bad) expect(conductFaults('template/a.ts', text), text).to.have.length(1);
    for (const text of [
      'process.env',
      'const x = process.exit(1)',
      'const s = `${process.cwd()}`',
      "import p from 'node:process'",
    ])
      expect(conductFaults('run/a.ts', text), text).to.have.length(1);
    expect(conductFaults('run/a.ts', 'console.log(1)')).to.deep.equal(['run/a.ts: prints']);
    expect(conductFaults('cli.ts', 'process.exit(console.log(1))')).to.have.length(0);
    const good = [
      '// process.env\n/* eval( */ const s = "process.env" + \'eval(x)\' + `console.log(1)`;',
      'const child = process.pid; process.kill(child);',
      'run.process.env; this.console.log(1); isFunction(x); const r = /eval\\(["\'`]/;',
      'const t = `a ${ {b: "}"} } process.env`;',
    ];
    for (const text of good) expect(conductFaults('run/a.ts', text), text).to.deep.equal([]);
  });

  it('finds circles of value imports, and not of types', () => {
    const sources = (entries: Record<string, string>) => new Map(Object.entries(entries));
    const circle = { 'a/a.ts': "import { b } from './b.ts';", 'a/b.ts': "import { c } from '../c/c.ts';" };
    expect(circles(sources({ ...circle, 'c/c.ts': "import { a } from '../a/a.ts';" }))).to.deep.equal([
      ['a/a.ts', 'a/b.ts', 'c/c.ts'],
    ]);
    expect(circles(sources({ ...circle, 'c/c.ts': "import type { a } from '../a/a.ts';" }))).to.deep.equal([]);
    expect(
      circles(sources({ 'a.ts': "const b = await import('./b.ts');", 'b.ts': "export * from './a.ts';" })),
    ).to.have.length(1);
  });

  it('reads exported and imported names', () => {
    const text = `export async function a() {}
export const b = 1;
export type { C, D as E } from './c.ts';
export default 1;
/* export const no = 1; */
import f, { type G, h as i } from '../x.ts';
const { j, k: l } = await import('./y.ts');
const m = (await import('./y.ts')).n;
import * as all from './z.ts';
`;
    expect(exportsOf(text)).to.deep.equal(['a', 'b', 'C', 'E']);
    expect(takenBy('room/file.ts', text).map(({ from, name }) => `${from} ${name}`)).to.have.members([
      'room/c.ts C',
      'room/c.ts D',
      'x.ts G',
      'x.ts h',
      'room/y.ts j',
      'room/y.ts k',
      'room/y.ts n',
      'room/z.ts *',
    ]);
  });

  it("an exported name needs an importer: another file, index.ts, or the file's own test", () => {
    const sources = new Map([
      ['index.ts', "export { shown } from './run/a.ts';"],
      ['run/a.ts', 'export const shown = 1;\nexport const dead = 2;\nexport const tested = 3;\nexport const used = 4;'],
      ['run/b.ts', "import { used } from './a.ts';"],
    ]);
    const take = (name: string) => `import { ${name} } from '../../engine/run/a.ts';`;
    const dead = (test: string) => deadExports(sources, new Map([[test, take('tested')]]));
    expect(dead('run/a.test.ts')).to.deep.equal(['run/a.ts: dead']);
    expect(dead('run/b.test.ts')).to.deep.equal(['run/a.ts: dead', 'run/a.ts: tested']);
  });
});
