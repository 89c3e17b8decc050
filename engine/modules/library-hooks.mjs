// Hooks of Node's module loader for a project's own modules; on older versions of Node they run in a thread of their own, so
// this is plain JavaScript that imports nothing of ours. Source: https://nodejs.org/docs/latest-v20.x/api/module.html
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What is ours is loaded as it always was. */
const own = new URL('..', import.meta.url).href;
const asker = new URL('library-load.', import.meta.url).href;
let troupe;
let modules;

/** `data.troupe`: the address of engine/index; `data.modules`: of the functions for its modules. */
export function initialize(data) {
  troupe ??= data.troupe;
  modules ??= data.modules;
}

/** `troupe` is the program that runs, wherever it is installed: a second copy would have other classes. */
export function resolve(specifier, about, next) {
  if (specifier === 'troupe' && troupe) return next(troupe, about);
  if (specifier === 'troupe/modules' && modules) return next(modules, about);
  // What library-load.ts asks for is a file of the project, whatever a package.json above it says of `.js`.
  if (about.parentURL?.startsWith(asker) && specifier.startsWith('file:') && !specifier.startsWith(own))
    return { url: specifier, format: 'module', shortCircuit: true };
  return next(specifier, about);
}

export function load(url, about, next) {
  if (!url.startsWith('file:') || url.startsWith(own)) return next(url, about);
  const file = fileURLToPath(url);
  if (/\.m?ts$/.test(file)) return { ...typescript(file), shortCircuit: true };
  if (file.endsWith('.js') && about.format === 'module' && !url.includes('/node_modules/'))
    return { format: 'module', source: readFileSync(file), shortCircuit: true };
  return next(url, about);
}

function typescript(file) {
  const text = readFileSync(file, 'utf8');
  const source = compile(text, file);
  if (source !== undefined) return { format: 'module', source };
  if (stripsTypes()) return { format: 'module-typescript', source: text };
  throw new Error(noTypescript(file).message);
}

/** Node from 22.18 leaves the types out itself. */
const stripsTypes = () => Boolean(process.features.typescript);

/** What to say where nothing here can read TypeScript; undefined where something can. */
export function noTypescript(file) {
  if (stripsTypes() || findEsbuild(file)) return undefined;
  return {
    message: `Node ${process.versions.node} does not read TypeScript`,
    help: 'use Node 22.18 or newer, or add the package esbuild: `npm install esbuild` in the project, or `npm install -g esbuild` beside a Troupe that is installed globally',
  };
}

/** The package, beside Troupe or in the module's own project. It reads more than Node does (an `enum`), so it goes first. */
function findEsbuild(file) {
  for (const from of [import.meta.url, file]) {
    try {
      return createRequire(from)('esbuild');
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

/** JavaScript of the same lines, or undefined without esbuild; throws esbuild's error, which has places. */
export function compile(text, file) {
  return findEsbuild(file)?.transformSync(text, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcefile: file,
    sourcemap: 'inline',
    logLevel: 'silent',
  }).code;
}
