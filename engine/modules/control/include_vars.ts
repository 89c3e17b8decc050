import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { ModuleFailure } from '../../errors.ts';
import { type Dict, isDict, type Value } from '../../values.ts';
import { type ArgTypes, atMostOneOf, bool, int, list, path, str } from '../args.ts';
import { defineModule, type ModuleEnv } from '../define.ts';
import { pythonRegex } from '../parts/python-regex.ts';

const specs = {
  file: path({ doc: "The file, looked for in the role's vars/ and beside the playbook." }),
  dir: path({ doc: 'A folder: all its files and those of the folders in it, in order of their names.' }),
  name: str({ doc: 'Put the variables under this name.' }),
  depth: int({ doc: 'How many directories deep to go; 1: only the one that is named; 0: no limit.', default: 0 }),
  files_matching: str({ doc: 'Only files whose name matches this regular expression.' }),
  ignore_files: list(str(), { doc: 'Not files whose name ends with a match of one of these.', default: [] }),
  extensions: list(str(), { doc: 'Endings of files of variables.', default: ['json', 'yaml', 'yml'] }),
  ignore_unknown_extensions: bool({ doc: 'Pass over files with other endings instead of failing.', default: false }),
  hash_behaviour: str({
    doc: 'merge: dicts are merged with those already defined; replace: they take their place.',
    choices: ['replace', 'merge'],
  }),
};
type Args = ArgTypes<typeof specs>;

export default defineModule({
  name: 'include_vars',
  doc: 'Reads variables of the host from files of the controller.',
  reference: 'ansible.builtin.include_vars',
  args: specs,
  rules: [atMostOneOf('file', 'dir')],
  freeForm: 'file',
  controllerOnly: true,
  check: 'full',
  traits: { controllerFile: { arg: 'file', in: 'vars', inRun: true } },
  returns: { ansible_facts: 'The variables.', ansible_included_var_files: 'The files they came from.' },
  examples: `- include_vars: "{{ ansible_distribution }}.yml"
- include_vars:
    dir: vars/all
    name: settings
`,
  async run(args, env) {
    const included: string[] = [];
    const found: Dict = new Map();
    try {
      for (const file of filesToRead(args, env)) {
        for (const [key, value] of readOne(file, env)) found.set(key, value);
        included.push(file);
      }
    } catch (error) {
      if (!(error instanceof ModuleFailure)) throw error;
      throw new ModuleFailure(error.message, {
        ansible_facts: {},
        ansible_included_var_files: included,
        message: error.message,
      });
    }
    const named: Dict = args.name === undefined ? found : new Map([[args.name, found]]);
    const values = args.hash_behaviour === 'merge' ? withExisting(named, env) : named;
    return {
      changed: false,
      values: { ansible_facts: values, ansible_included_var_files: included },
      effects: [{ type: 'include_vars', values }],
    };
  },
});

function* filesToRead(args: Args, env: ModuleEnv): Iterable<string> {
  if (args.file !== undefined) {
    yield env.files.find(args.file, 'vars');
    return;
  }
  if (args.dir === undefined)
    throw new ModuleFailure('Could not find file: none was given; one of `file`, `dir` is required');
  const root = folder(args.dir, env);
  const rolePath = env.variable('role_path');
  for (const file of filesBelow(root, args.depth)) {
    const name = basename(file);
    // A role's own vars/main.yml is loaded with the role.
    if (typeof rolePath === 'string' && name === 'main.yml' && file === join(rolePath, 'vars', name)) continue;
    if (args.files_matching !== undefined && !expression(args.files_matching).test(name)) continue;
    if (args.ignore_files.some((pattern) => expression(`${pattern}$`).test(name))) continue;
    if (!args.extensions.map((e) => e.replace(/^\./, '')).includes(extname(name).slice(1))) {
      if (args.ignore_unknown_extensions) continue;
      throw new ModuleFailure(
        `${file} does not have a valid extension: ${args.extensions.join(', ')}; ` +
          '`ignore_unknown_extensions: true` passes over such files',
      );
    }
    yield file;
  }
}

function folder(dir: string, env: ModuleEnv): string {
  const found = env.files.find(dir, 'vars');
  if (!statSync(found).isDirectory()) throw new ModuleFailure(`${dir} is not a directory`);
  return found;
}

/** Files in order of the folders' paths, then of their names; a link to a folder around it, which would lead in a circle, is passed over. */
function filesBelow(root: string, depth: number): string[] {
  const folders: string[] = [];
  const visit = (dir: string, level: number, around: readonly string[]): void => {
    const real = realpathSync(dir);
    if (around.includes(real)) return;
    folders.push(dir);
    if (level === depth) return;
    for (const entry of readdirSync(dir)) {
      const path = join(dir, entry);
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) visit(path, level + 1, [...around, real]);
    }
  };
  visit(root, 1, []);
  return folders.sort().flatMap((dir) =>
    readdirSync(dir)
      .sort()
      .map((entry) => join(dir, entry))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile()),
  );
}

/** Searched for as Python does; what is wrong with one is said in Ansible's words. */
function expression(text: string): RegExp {
  try {
    return pythonRegex(text);
  } catch (error) {
    throw error instanceof ModuleFailure ? new ModuleFailure(`Invalid regular expression: ${text}`) : error;
  }
}

function readOne(file: string, env: ModuleEnv): Dict {
  // An empty file has no variables.
  const values = env.readVariables(file) ?? new Map();
  if (!isDict(values)) throw new ModuleFailure(`${file} must be stored as a dictionary/hash`);
  return values;
}

function withExisting(values: Dict, env: ModuleEnv): Dict {
  return new Map([...values].map(([key, value]) => [key, merged(env.variable(String(key)) ?? null, value)]));
}

function merged(before: Value, after: Value): Value {
  if (!isDict(before) || !isDict(after)) return after;
  const result: Dict = new Map(before);
  for (const [key, value] of after) result.set(key, merged(result.get(key) ?? null, value));
  return result;
}
