// Puts what the compiler wrote into few files. A start that loads 300 small files spends two thirds of its time on finding and
// opening them; what every run needs is one file instead, what only some commands and modules need is loaded when it is.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const HERE = 'import.meta.url';

/** The compiled files below a folder, as paths inside it. */
function compiled(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** What is found by its path: the two ends of the package, what makes `troupe/modules`, and the modules (see modules/find.ts). */
function entries(files) {
  const module = /^modules\/(?!parts\/|(?:define|args|find|library)\.js$)(?:[^/]+\/)*[a-z0-9_]+\.js$/;
  const named = ['cli.js', 'index.js', 'author/make.js', 'author/declarations.js'];
  return files.filter((file) => named.includes(file) || module.test(file));
}

/** What a file imports when it is loaded, and what that imports, and so on. */
function loadedWith(folder, file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, from] of text.matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)';|^import '(\.[^']+)';/gm)) {
    const next = join(dirname(file), from);
    if (next.endsWith('.js') && existsSync(join(folder, next))) loadedWith(folder, next, found);
  }
  return found;
}

/**
 * A file knows where its neighbours are (shell halves, programs) by its own URL: what it is in the tree, wherever its text went.
 */
const stayingPlaces = (folder) => ({
  name: 'staying-places',
  transform(code, id) {
    if (!id.startsWith(folder) || !code.includes(HERE)) return null;
    return { code: code.replaceAll(HERE, `__place__(${JSON.stringify(relative(folder, id))})`), map: null };
  },
  renderChunk(code, chunk) {
    if (!code.includes('__place__(')) return null;
    const root = relative(dirname(chunk.fileName), '.') || '.';
    return {
      code: code.replace(/__place__\("([^"]+)"\)/g, (_, path) => `new URL("${root}/${path}", import.meta.url).href`),
      map: null,
    };
  },
});

/** Bundles the compiled tree in `folder`, an absolute path, in its place. Types, shell halves and programs stay where they are. */
export async function bundle(folder) {
  const files = compiled(folder);
  const first = loadedWith(folder, 'cli.js');
  // The command waits for what it calls, so nothing that it calls may wait for it.
  first.delete('cli.js');
  const run = loadedWith(folder, 'index.js', loadedWith(folder, 'cli/commands/play.js'));
  const made = await rolldown({
    input: Object.fromEntries(entries(files).map((file) => [file.slice(0, -'.js'.length), join(folder, file)])),
    cwd: folder,
    platform: 'node',
    external: (id) => !/^[./]/.test(id),
    logLevel: 'warn',
    treeshake: false,
    plugins: [stayingPlaces(folder)],
  });
  const name = (id) => (id.startsWith(`${folder}/`) ? id.slice(folder.length + 1) : '');
  const { output } = await made.generate({
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      groups: [
        { name: 'start', test: (id) => first.has(name(id)), priority: 3 },
        { name: 'run', test: (id) => run.has(name(id)), priority: 2 },
        { name: 'modules', test: (id) => name(id).startsWith('modules/parts/'), priority: 1, minShareCount: 3 },
      ],
    },
  });
  await made.close();
  for (const file of files) rmSync(join(folder, file));
  for (const { fileName, code } of output) {
    mkdirSync(dirname(join(folder, fileName)), { recursive: true });
    writeFileSync(join(folder, fileName), code);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2]);
