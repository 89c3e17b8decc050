// Hooks of Node's module loader for a project's own modules; on older versions of Node they run in a thread of their own, so
// this is plain JavaScript that imports nothing of ours. Source: https://nodejs.org/docs/latest-v20.x/api/module.html
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

/** What is ours is loaded as it always was. */
const own = new URL('..', import.meta.url).href;
const asker = new URL('library.', import.meta.url).href;
let troupe;

/** `data.troupe`: the address of engine/index. */
export function initialize(data) {
  troupe = data.troupe;
}

/** `troupe` is the program that runs, wherever it is installed: a second copy would have other classes. */
export function resolve(specifier, about, next) {
  if (specifier === 'troupe') return next(troupe, about);
  // What library.ts asks for is a module of the project, whatever a package.json above it says of `.js`.
  if (about.parentURL?.startsWith(asker) && specifier.startsWith('file:') && !specifier.startsWith(own))
    return { url: specifier, format: 'module', shortCircuit: true };
  return next(specifier, about);
}

export function load(url, about, next) {
  if (!url.startsWith('file:') || url.startsWith(own)) return next(url, about);
  const file = fileURLToPath(url);
  if (file.endsWith('.ts'))
    return { format: 'module', source: compile(readFileSync(file, 'utf8'), file), shortCircuit: true };
  if (file.endsWith('.js') && about.format === 'module' && !url.includes('/node_modules/'))
    return { format: 'module', source: readFileSync(file), shortCircuit: true };
  return next(url, about);
}

/** JavaScript of the same lines; throws esbuild's error, which has places. */
export function compile(text, file) {
  const loader = file.endsWith('.ts') ? 'ts' : 'js';
  const sourcefile = file;
  return transformSync(text, {
    loader,
    format: 'esm',
    target: 'node20',
    sourcefile,
    sourcemap: 'inline',
    logLevel: 'silent',
  }).code;
}
