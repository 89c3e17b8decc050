/** The graph of engine/'s files: circles of value imports, and exported names that nobody imports. */
import { posix } from 'node:path';
import { importsOf } from './architecture.ts';

/** Texts of source files by their paths in engine/. */
export type Sources = ReadonlyMap<string, string>;

const resolved = (path: string, target: string): string => posix.join(posix.dirname(path), target);

/** Every set of files that import each other's values in a circle, each sorted. Types are erased, so they make no circle. */
export function circles(sources: Sources): string[][] {
  const arrows = new Map(
    [...sources].map(([path, text]) => [
      path,
      importsOf(text)
        .filter(({ target, typeOnly }) => !typeOnly && target.startsWith('.'))
        .map(({ target }) => resolved(path, target)),
    ]),
  );
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.get(path)!);
    open.push(path);
    for (const next of arrows.get(path) ?? []) {
      if (!arrows.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(path, Math.min(lowest.get(path)!, lowest.get(next)!));
    }
    if (lowest.get(path) !== order.get(path)) return;
    const circle = open.splice(open.indexOf(path));
    if (circle.length > 1 || arrows.get(path)!.includes(path)) found.push(circle.sort());
  };
  for (const path of arrows.keys()) if (!order.has(path)) visit(path);
  return found.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
}

/** A comment's words are no code; strings stay, since they hold the paths. */
const withoutComments = (text: string): string => text.replace(/^\s*\/\/.*$|\/\*[\s\S]*?\*\//gm, '');

/** Names in braces, as the file that is named in `from` has them (`before`) or as they are called here. */
const listed = (inside: string, before: boolean): string[] =>
  inside
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [first, second] = part.split(/\s+as\s+|\s*:\s*/);
      return before ? first! : (second ?? first!);
    });

/** The names that a source text exports, without `default`. */
export function exportsOf(text: string): string[] {
  const code = withoutComments(text);
  const declared =
    /^export\s+(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+([\w$]+)/gm;
  const names = [...code.matchAll(declared)].map(([, name]) => name!);
  for (const [, inside] of code.matchAll(/^export\s+(?:const|let)\s*\{([^}]*)\}\s*=/gm))
    names.push(...listed(inside!, false));
  for (const [, inside] of code.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}/gm)) names.push(...listed(inside!, false));
  return names.filter((name) => name !== 'default');
}

/** What a source text takes from each file it names; `*` where it takes all. */
export function takenBy(path: string, text: string): { from: string; name: string }[] {
  const code = withoutComments(text);
  const taken: { from: string; name: string }[] = [];
  const take = (target: string, ...names: string[]) => {
    if (target.startsWith('.')) for (const name of names) taken.push({ from: resolved(path, target), name });
  };
  const braces = /^\s*(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*['"]([^'"]+)['"]/gm;
  for (const [, inside, target] of code.matchAll(braces)) take(target!, ...listed(inside!, true));
  const all = /^\s*(?:import|export)\s+(?:type\s+)?\*(?:\s+as\s+[\w$]+)?\s+from\s*['"]([^'"]+)['"]/gm;
  for (const [, target] of code.matchAll(all)) take(target!, '*');
  const late =
    /(?:\{([^{}]*)\}\s*=\s*await\s+|\(\s*await\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)(?:\)?\s*\.\s*([\w$]+))?/g;
  for (const [, inside, target, name] of code.matchAll(late)) {
    if (inside !== undefined) take(target!, ...listed(inside, true));
    else take(target!, name === undefined || name === 'then' ? '*' : name);
  }
  return taken;
}

/** A file's own test: `python/text.ts` is tested by `test/python/text.test.ts`, wherever in that room the test lies. */
const isOwnTest = (test: string, path: string): boolean => {
  const name = posix.basename(path, '.ts');
  const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
  return posix.basename(test, '.test.ts') === name && (room === '' || test.startsWith(`${room}/`));
};

/**
 * Exported names that no other file of engine/ imports, as `path: name`. A name that only its file's own test imports is
 * used; `tests` maps paths in test/ to their texts. What index.ts exports is public.
 */
export function deadExports(sources: Sources, tests: Sources = new Map()): string[] {
  const used = new Set<string>();
  for (const [path, text] of sources) for (const { from, name } of takenBy(path, text)) used.add(`${from}: ${name}`);
  for (const [test, text] of tests) {
    for (const { from, name } of takenBy(`test/${test}`, text)) {
      const path = from.startsWith('engine/') ? from.slice('engine/'.length) : undefined;
      if (path !== undefined && isOwnTest(test, path)) used.add(`${path}: ${name}`);
    }
  }
  return [...sources]
    .filter(([path]) => path !== 'index.ts')
    .flatMap(([path, text]) => exportsOf(text).map((name) => ({ path, name })))
    .filter(({ path, name }) => !used.has(`${path}: ${name}`) && !used.has(`${path}: *`))
    .map(({ path, name }) => `${path}: ${name}`);
}
