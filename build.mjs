// Compiles engine/ into a directory of its own below dist/, named after a hash of what it was made from, and then lets dist/cli.js and
// dist/index.js point to it. A run in progress loads its files from the directory it started with, so a build changes nothing
// under it; and what is built already is not built again.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
/** How long a build stays after another one took its place: longer than any run that may still be loading files from it. */
const KEPT = 2 * 24 * 60 * 60 * 1000;

/** The compiler, or undefined where only what a run needs is installed. */
function compiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return {
      tsc: join(dirname(manifest), 'bin', 'tsc'),
      version: JSON.parse(readFileSync(manifest, 'utf8')).version,
    };
  } catch {
    return undefined;
  }
}

/**
 * Packages that travel inside ours, as the one file that their makers build: installed by npm, handlebars brings the packages of its
 * own command (uglify-js, source-map, ...) and four builds of itself, 5 MB of the 15 that an installation of Troupe may take.
 */
const ENCLOSED = [{ name: 'handlebars', file: 'dist/handlebars.js', importer: 'template/handlebars.js' }];

function packageFolder(name) {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The name of what these sources and this compiler make. */
function nameOfBuild(version) {
  const hash = createHash('sha256').update(version);
  const own = [
    'build.mjs',
    'build_bundle.mjs',
    'build_page.mjs',
    'build_modules.mjs',
    'tsconfig.json',
    'tsconfig.build.json',
  ].map((name) => join(root, name));
  const enclosed = ENCLOSED.map(({ name, file }) => join(packageFolder(name), file));
  for (const file of [...own, ...enclosed, ...filesBelow(join(root, 'engine'))])
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** The files that stay where they are: what package.json, `npx` and other programs name. */
function entries(name) {
  return {
    'index.js': `export * from './${name}/index.js';\n`,
    // With the functions of modules come the methods of the host of an imperative play.
    'index.d.ts': `import './${name}/author/modules.js';\nexport * from './${name}/index.js';\n`,
    'modules.js': `export * from './${name}/author/modules.js';\n`,
    'modules.d.ts': `export * from './${name}/author/modules.js';\n`,
    // Earlier builds, which runs in progress may be using, are not part of the package.
    '.npmignore': `/*\n!/cli.js\n!/index.js\n!/index.d.ts\n!/modules.js\n!/modules.d.ts\n!/${name}/\n`,
    // Last: who finds it finds the others.
    'cli.js': `#!/usr/bin/env node\nimport './${name}/cli.js';\n`,
  };
}

/** Puts the enclosed packages into a build, with their licenses, and lets the file that imports one find it there. */
function enclose(folder) {
  mkdirSync(join(folder, 'enclosed'));
  for (const { name, file, importer } of ENCLOSED) {
    const from = packageFolder(name);
    cpSync(join(from, file), join(folder, 'enclosed', `${name}.cjs`));
    cpSync(join(from, 'LICENSE'), join(folder, 'enclosed', `${name}.LICENSE`));
    const path = join(folder, importer);
    const text = readFileSync(path, 'utf8');
    const way = relative(dirname(importer), join('enclosed', `${name}.cjs`));
    const changed = text.replace(`(import.meta.url)('${name}')`, `(import.meta.url)('${way}')`);
    if (changed === text) throw new Error(`${importer} no longer requires ${name}: correct ENCLOSED in build.mjs`);
    writeFileSync(path, changed);
  }
}

/** Writes a file beside its place, then renames it: whoever reads it finds the old text or the new one. */
function replace(file, text) {
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, text);
  if (file.endsWith('cli.js')) chmodSync(beside, 0o755);
  renameSync(beside, file);
}

function currentName() {
  const cli = join(dist, 'cli.js');
  return existsSync(cli) ? /import '\.\/([0-9a-f]{16})\/cli\.js'/.exec(readFileSync(cli, 'utf8'))?.[1] : undefined;
}

function isCurrent(name) {
  if (!existsSync(join(dist, name, 'cli.js'))) return false;
  return Object.entries(entries(name)).every(([file, text]) => {
    const path = join(dist, file);
    return existsSync(path) && readFileSync(path, 'utf8') === text;
  });
}

function compile(tsc, name) {
  const beside = join(dist, `.building-${process.pid}`);
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true });
  try {
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', beside], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const page = join(root, 'engine/reporters/page');
    // The page that shows a run, one file.
    const words = [join(root, 'build_page.mjs'), join(beside, 'reporters/page')];
    execFileSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    // What the compiler leaves out: the modules' shell halves, and programs that are started by their path.
    for (const file of filesBelow(join(root, 'engine')))
      if (!/\.tsx?$/.test(file) && !file.startsWith(page))
        cpSync(file, join(beside, relative(join(root, 'engine'), file)));
    enclose(beside);
    execFileSync(process.execPath, [join(root, 'build_bundle.mjs'), beside], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    // The functions of the modules and their types, from the schemas.
    execFileSync(process.execPath, [join(root, 'build_modules.mjs'), beside], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    try {
      renameSync(beside, join(dist, name));
    } catch (error) {
      // Another build of the same sources was faster.
      if (!existsSync(join(dist, name, 'cli.js'))) throw error;
    }
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Removes what an earlier build left, long after the last run that could be using it began. */
function removeOld(name) {
  const stay = new Set([name, ...Object.keys(entries(name))]);
  for (const entry of readdirSync(dist)) {
    const path = join(dist, entry);
    if (!stay.has(entry) && Date.now() - statSync(path).mtimeMs > KEPT) rmSync(path, { recursive: true, force: true });
  }
}

/** Builds dist/ unless it is what the sources make; returns the path of the command. Throws if it does not compile. */
export function build(say = () => {}) {
  const cli = join(dist, 'cli.js');
  const { tsc, version } = compiler() ?? {};
  if (!tsc) {
    // `npm ci --omit=dev` has no compiler; a published package carries dist/ already.
    if (existsSync(cli)) return cli;
    throw new Error('typescript is not installed; run `npm ci` (with development packages) to build dist/');
  }
  const name = nameOfBuild(version);
  if (isCurrent(name)) return cli;
  say('building dist/');
  const before = currentName();
  if (!existsSync(join(dist, name, 'cli.js'))) compile(tsc, name);
  for (const [file, text] of Object.entries(entries(name))) replace(join(dist, file), text);
  // The time from which its days are counted.
  const replaced = before && before !== name ? join(dist, before) : undefined;
  if (replaced && existsSync(replaced)) utimesSync(replaced, new Date(), new Date());
  removeOld(name);
  return cli;
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    build();
  } catch (error) {
    // A compiler that refused the sources has said why.
    if (error.status === undefined) console.error(`troupe: ${error.message}`);
    process.exitCode = 1;
  }
}
