/** The checker behind test/architecture.test.ts: imports and conduct of a source text, judged by DESIGN's table. */
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** What any layer may import: the words all share, and Python's semantics, on which YAML, inventories, templates and modules stand. */
const WORDS = ['values.ts', 'errors.ts', 'events.ts', 'names.ts', 'python'];

/**
 * What a part may import besides itself and the words. `types:` allows what is erased by the compiler only.
 * A part is a folder of engine/ or a file in it.
 */
const MAY: Record<string, readonly string[]> = {
  'values.ts': [],
  'errors.ts': [],
  'events.ts': [],
  'names.ts': [],
  python: [],
  yaml: [],
  template: [],
  remote: ['types:modules/define.ts'],
  pki: [],
  // remote/remote.ts is the contract between the two: types, and the size above which content is uploaded.
  modules: ['remote/quote.ts', 'remote/remote.ts', 'pki', 'yaml', 'types:remote'],
  playbook: ['yaml'],
  inventory: ['yaml'],
  vars: ['inventory', 'template', 'yaml'],
  // A wing beside run/: what is known before a host is touched.
  // The record of a run: written by run/, read by it and by the command.
  record: ['yaml', 'types:run'],
  check: ['yaml', 'template', 'modules', 'playbook', 'inventory', 'vars', 'run/view', 'types:run'],
  run: ['yaml', 'template', 'remote', 'pki', 'modules', 'playbook', 'inventory', 'vars', 'check', 'record', 'author'],
  // Roles and collections of others: fetched, checked, locked.
  install: ['yaml'],
  // Playbooks in TypeScript: calls that become what YAML files hold.
  author: ['yaml', 'modules', 'playbook'],
  reporters: [],
  'index.ts': [
    'author',
    'run',
    'check',
    'inventory',
    'modules',
    'vars',
    'remote/quote.ts',
    'types:remote',
    'types:reporters',
  ],
  // A command of `run` loads the one layer it shows, so that it starts fast; a run goes through index.ts.
  cli: [
    'index.ts',
    'author',
    'install',
    'reporters',
    'yaml',
    'inventory',
    'vars',
    'modules',
    'record',
    'playbook/keywords.ts',
    'playbook/actions.ts',
    'template/library/signatures.ts',
  ],
  'cli.ts': ['cli', 'reporters/printable.ts'],
};

/** The one place of each npm package. */
export const HOMES: Record<string, string | readonly string[]> = {
  'smol-toml': 'inventory/toml_source.ts',
  yaml: 'yaml/',
  preact: 'reporters/page/',
  ssh2: 'remote/ssh/ssh.ts',
  handlebars: 'template/handlebars.ts',
  '@xmldom/xmldom': 'modules/system/xml/xml-tree.ts',
  xpath: 'modules/system/xml/xml-tree.ts',
  'node-forge': 'pki/',
  'p-limit': 'run/',
  '@jmespath-community/jmespath': 'template/library/filters/json_query.ts',
  'ipaddr.js': 'template/library/filters/network.ts',
  bcryptjs: 'python/crypt.ts',
  diff: 'reporters/unified_diff.ts',
  'tar-stream': ['modules/files/unarchive/tar-read.ts', 'install/extract.ts'],
};

interface Import {
  target: string;
  typeOnly: boolean;
}

/** The imports of a source text: static, dynamic, re-exports. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const statement = /^\s*(import|export)\s+(type\s+)?(?:([^;'"]*?)\s+from\s+)?['"]([^'"]+)['"]/gm;
  for (const [, word, type, names, target] of text.matchAll(statement)) {
    if (word === 'export' && names === undefined) continue;
    const listed = /^\{(.*)\}$/s
      .exec(names?.trim() ?? '')?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '');
    const allTypes = listed !== undefined && listed.length > 0 && listed.every((name) => /^\s*type\s/.test(name));
    found.push({ target: target!, typeOnly: type !== undefined || allTypes });
  }
  for (const [, target] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ target: target!, typeOnly: false });
  return found;
}

/** The package of an import such as `diff/lib/patch/create.js` or `@scope/name/file.js`. */
export const packageOf = (target: string): string => target.split('/', target.startsWith('@') ? 2 : 1).join('/');

const partOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path);

const covers = (allowed: string, path: string): boolean => path === allowed || path.startsWith(`${allowed}/`);

/** What is wrong with the imports of a file, given by its path in engine/. */
export function importFaults(path: string, text: string): string[] {
  const part = partOf(path);
  const allowed = MAY[part];
  if (!allowed) return [`${path}: ${part} is no part of the design`];
  return importsOf(text).flatMap(({ target, typeOnly }) => {
    if (target.startsWith('node:')) return [];
    if (builtinModules.includes(target)) return [`${path}: write node:${target}`];
    if (!target.startsWith('.')) {
      const home = HOMES[packageOf(target)];
      return [home ?? []].flat().some((each) => path.startsWith(each))
        ? []
        : [`${path}: the package ${packageOf(target)} lives in ${home ?? 'no part'}`];
    }
    const imported = relative('.', join(dirname(path), target));
    if (imported.startsWith('..')) return [`${path}: imports ${target}, outside of the engine`];
    if (partOf(imported) === part || WORDS.some((word) => covers(word, imported))) return [];
    const fits = allowed.some((rule) =>
      rule.startsWith('types:') ? typeOnly && covers(rule.slice(6), imported) : covers(rule, imported),
    );
    return fits ? [] : [`${path}: ${part} may not import ${imported}${typeOnly ? ' (types)' : ''}`];
  });
}

/** The code without comments and without what stands in strings; `${}` in a template stays. */
export function codeOnly(text: string): string {
  let code = '';
  const open: number[] = [];
  let depth = 0;
  let i = 0;
  const skipTemplate = () => {
    for (; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === '`') {
        i++;
        return;
      } else if (text[i] === '$' && text[i + 1] === '{') {
        open.push(depth++);
        i += 2;
        return;
      }
    }
  };
  while (i < text.length) {
    const c = text[i]!;
    const two = text.slice(i, i + 2);
    if (two === '//') i = endOf(text, '\n', i);
    else if (two === '/*') i = endOf(text, '*/', i) + 2;
    else if (c === "'" || c === '"') {
      for (i++; i < text.length && text[i] !== c; i++) if (text[i] === '\\') i++;
      i++;
      code += '""';
    } else if (c === '`') {
      i++;
      skipTemplate();
    } else if (c === '/' && /(^|[(,=:[!&|?{};>]|\b(return|typeof|case|of|in))\s*$/.test(code)) {
      let inClass = false;
      for (i++; i < text.length && (text[i] !== '/' || inClass); i++) {
        if (text[i] === '\\') i++;
        else if (text[i] === '[') inClass = true;
        else if (text[i] === ']') inClass = false;
      }
      i++;
      code += '/x/';
    } else {
      if (c === '{') depth++;
      if (c === '}') {
        depth--;
        if (open.at(-1) === depth) {
          open.pop();
          i++;
          skipTemplate();
          continue;
        }
      }
      code += c;
      i++;
    }
  }
  return code;
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

const EVALUATES = /\beval\s*\(|\bnew\s+Function\b|(?<![.\w])Function\s*\(|\bnode:vm\b/;
const PROCESS = /(?<![.\w])process\.(env|exit|exitCode|chdir|cwd|argv|stdin|stdout|stderr|on|once|umask)\b/;
const PRINTS = /(?<![.\w])console\.\w+\s*\(/;

/** What a file does that no file, or none below the command, may do. */
export function conductFaults(path: string, text: string): string[] {
  const faults: string[] = [];
  const code = codeOnly(text);
  if (EVALUATES.test(code) || /from ['"](node:)?vm['"]|import\(['"](node:)?vm['"]\)/.test(text))
    faults.push(`${path}: evaluates text as code`);
  if (path === 'cli.ts') return faults;
  const process = PROCESS.exec(code);
  if (process || /from ['"](node:)?process['"]/.test(text))
    faults.push(`${path}: touches the process (${process?.[0] ?? 'node:process'}); only cli.ts may`);
  if (PRINTS.test(code) && partOf(path) !== 'cli') faults.push(`${path}: prints`);
  return faults;
}
