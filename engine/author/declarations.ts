/** The functions of `troupe/modules`, and their types, from the schemas of the modules. The build writes both beside index.js. */
import type { ArgSpec, ArgSpecs } from '../modules/args.ts';
import type { ModuleDefinition, ReturnSpec } from '../modules/define.ts';
import { loadModule, ownModules } from '../modules/find.ts';
import { actionArgs, actions, metaActions } from '../playbook/actions.ts';

/** The program: one function for each module. `make` is where moduleFunction comes from. */
export function modulesProgram(modules: readonly string[], make: string): string {
  const names = [...new Set([...modules, ...Object.keys(actions)])].sort();
  const lines = names.map((name) => `const ${name}_ = /* @__PURE__ */ moduleFunction('${name}');`);
  const exported = names.flatMap((name) =>
    RESERVED.has(name) ? [`${name}_`, `${name}_ as ${name}`] : [`${name}_ as ${name}`],
  );
  return [`import { moduleFunction } from '${make}';`, ...lines, `export { ${exported.join(', ')} };`, ''].join('\n');
}

/** Words that JavaScript does not take as the name of a variable: `package` is there as `package_` too. */
const RESERVED = new Set(['package', 'import', 'default', 'delete', 'switch', 'function', 'new', 'in']);

/** Both texts, of all modules of ours: for the build. */
export async function modulesFiles(): Promise<{ program: string; declarations: string }> {
  const found = ownModules();
  const definitions: ModuleDefinition[] = [];
  for (const file of found.values()) definitions.push(await loadModule(file));
  return { program: modulesProgram([...found.keys()], './make.js'), declarations: modulesDeclarations(definitions) };
}

/** The types of the program. */
function modulesDeclarations(definitions: readonly ModuleDefinition[]): string {
  const modules = [...definitions].sort((a, b) => (a.name < b.name ? -1 : 1));
  const words = Object.keys(actions).sort();
  const all = [...modules.map(({ name }) => name), ...words];
  const parts = [
    HEAD,
    ...modules.map(moduleTypes),
    ...words.map(actionTypes),
    'declare module "./host.js" {\n  interface ModuleCalls {',
    ...modules.map((module) => `${comment(module.doc.split('\n\n')[0]!, '    ')}    ${signature(module, 'host')};`),
    ...words.map(
      (name) =>
        `    ${name}(args: ${typeName(name)}Args${actions[name]!.free ? ' | string' : ''}, keywords?: HostKeywords): Promise<Awaited<CommonResult>>;`,
    ),
    '  }\n}',
    `export { ${all.flatMap((name) => (RESERVED.has(name) ? [`${name}_`, `${name}_ as ${name}`] : [`${name}_ as ${name}`])).join(', ')} };`,
  ];
  return `${parts.join('\n')}\n`;
}

const HEAD = `// Written by the build, from the schemas of the modules.
import type { Awaited, CommonResult } from './host.js';
import type { TaskNode } from './nodes.js';
import type { Condition, Data, HostKeywords, Later, TaskKeywords } from './types.js';

type Text = string | number | Later;
type Num = number | Later;
type Bool = boolean | Later;
type Mode = string | number | Later;
type Dict = { readonly [key: string]: Data } | Later;
`;

const typeName = (name: string): string =>
  name
    .split('_')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');

function moduleTypes(module: ModuleDefinition): string {
  const name = typeName(module.name);
  const expressions = new Set([...(module.traits?.expressions ?? []), ...(module.unrendered ?? [])]);
  const args = argsBody(module.args, '  ', expressions);
  const open = module.openArgs ? '  readonly [name: string]: Data;\n' : '';
  return [
    `${comment(`Arguments of \`${module.name}\`.`, '')}export interface ${name}Args {\n${args}${open}}`,
    `${comment(`What \`${module.name}\` returns.`, '')}export interface ${name}Result extends CommonResult {\n${returnsBody(module.returns ?? {}, '  ')}${module.openArgs || module.traits?.definesVariables ? '  readonly [key: string]: unknown;\n' : ''}}`,
    `${comment(documentation(module), '')}declare const ${module.name}_: ${signature(module, 'task')};`,
  ].join('\n');
}

function documentation({ doc, examples }: ModuleDefinition): string {
  return examples ? `${doc}\n\nIn YAML:\n\`\`\`yaml\n${examples.trimEnd()}\n\`\`\`` : doc;
}

/** `(args, keywords)`, as a function that makes a task, or as a method that runs one. */
function signature(module: ModuleDefinition, of: 'task' | 'host'): string {
  const name = typeName(module.name);
  const needed = Object.values(module.args).some((spec) => spec.required);
  const args = `args${needed ? '' : '?'}: ${name}Args${module.freeForm ? ' | string | Later' : ''}`;
  return of === 'task'
    ? `(${args}, keywords?: TaskKeywords) => TaskNode<${name}Result>`
    : `${module.name}(${args}, keywords?: HostKeywords): Promise<Awaited<${name}Result>>`;
}

function actionTypes(name: string): string {
  const { args, free, required = [], doc } = actions[name]!;
  const fields = args.map((arg) => {
    const word =
      name === 'meta'
        ? Object.keys(metaActions)
            .map((each) => `'${each}'`)
            .join(' | ')
        : 'string | Later';
    const type =
      arg === 'apply' ? 'TaskKeywords' : /^(allow_duplicates|rolespec_validate|public)$/.test(arg) ? 'boolean' : word;
    return `${comment(actionArgs[arg] ?? '', '  ')}  readonly ${arg}${required.includes(arg) ? '' : '?'}: ${type};\n`;
  });
  const text = name === 'meta' ? " | MetaArgs['free_form']" : free ? ' | string | Later' : '';
  return [
    `export interface ${typeName(name)}Args {\n${fields.join('')}}`,
    `${comment(doc, '')}declare const ${name}_: (args: ${typeName(name)}Args${text}, keywords?: TaskKeywords) => TaskNode<CommonResult>;`,
  ].join('\n');
}

function argsBody(specs: ArgSpecs, indent: string, expressions: ReadonlySet<string> = new Set()): string {
  return Object.entries(specs)
    .filter(([, spec]) => !spec.unsupported)
    .map(([name, spec]) => {
      const type = expressions.has(name) ? 'Condition' : argType(spec, indent);
      const about = [
        spec.doc,
        spec.default === undefined || spec.default === null
          ? undefined
          : `Default: \`${JSON.stringify(spec.default)}\`.`,
      ];
      const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
      return `${comment(about.filter(Boolean).join(' '), indent)}${indent}readonly ${key}${spec.required ? '' : '?'}: ${type}${spec.required ? '' : ' | undefined'};\n`;
    })
    .join('');
}

function argType(spec: ArgSpec, indent: string): string {
  if (spec.choices && spec.kind !== 'list') {
    const words = spec.choices.map((choice) => JSON.stringify(choice));
    // YAML reads yes and no as booleans, and they are mapped back to such a word.
    const yes = spec.choices.some((choice) => /^(yes|no|on|off|true|false)$/.test(String(choice))) ? ['boolean'] : [];
    return [...new Set([...words, ...yes, 'Later'])].join(' | ');
  }
  switch (spec.kind) {
    case 'bool':
      return 'Bool';
    case 'int':
    case 'float':
      return 'Num';
    case 'mode':
    case 'bytes':
      return 'Mode';
    case 'list': {
      const choices = spec.choices && { ...spec, kind: 'str' as const };
      const of = choices ? argType(choices, indent) : spec.of ? argType(spec.of, indent) : 'Data';
      return `readonly (${of})[] | ${of}`;
    }
    case 'dict':
      return spec.keys ? `{\n${argsBody(spec.keys, `${indent}  `)}${indent}} | Later` : 'Dict';
    case 'raw':
    case 'json':
      return 'Data';
    default:
      return 'Text';
  }
}

/** Keys that mean the same wherever a module returns them, and that need no schema of their own. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'stdout stderr msg dest path src owner group mode state checksum md5sum backup_file backup name content encoding before after start end delta url file home shell comment'
      .split(' ')
      .map((name) => [name, 'string']),
  ),
  ...Object.fromEntries('rc uid gid size elapsed status_code'.split(' ').map((name) => [name, 'number'])),
  ...Object.fromEntries('stdout_lines stderr_lines'.split(' ').map((name) => [name, 'readonly string[]'])),
};

function returnsBody(returns: Readonly<Record<string, string | ReturnSpec>>, indent: string): string {
  return Object.entries(returns)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !['changed', 'failed', 'skipped'].includes(name))
    .map(([name, spec]) => {
      const known = typeof spec === 'string' ? (WELL_KNOWN[name] ?? 'unknown') : returnType(spec, indent);
      const doc = typeof spec === 'string' ? spec : (spec.doc ?? '');
      const maybe = typeof spec === 'object' && spec.optional ? '?' : '';
      return `${comment(doc, indent)}${indent}readonly ${name}${maybe}: ${known};\n`;
    })
    .join('');
}

function returnType(spec: ReturnSpec, indent: string): string {
  const simple = { str: 'string', int: 'number', float: 'number', bool: 'boolean', any: 'unknown' };
  if (spec.type === 'list') return `readonly (${spec.of ? returnType(spec.of, indent) : 'unknown'})[]`;
  if (spec.type !== 'dict') return simple[spec.type];
  return spec.keys ? `{\n${returnsBody(spec.keys, `${indent}  `)}${indent}}` : '{ readonly [key: string]: unknown }';
}

function comment(text: string, indent: string): string {
  if (text === '') return '';
  const lines = text.replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
