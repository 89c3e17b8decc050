/** `run doc` in the other forms of ansible-doc: a task to fill in, JSON, and what templates have. */
import { didYouMean, UsageError } from '../../errors.ts';
import type { ArgSpec, ArgSpecs } from '../../modules/args.ts';
import type { ModuleDefinition } from '../../modules/define.ts';
import { keywords } from '../../playbook/keywords.ts';
import { toPlain, type Value } from '../../values.ts';

/** What `--type` may say, besides `module`. */
export const pluginTypes = ['filter', 'test', 'lookup', 'keyword'] as const;

/** A task with each argument of the module, to fill in. */
export function snippet(module: ModuleDefinition): string {
  const lines = [`- name: ${firstLine(module.doc)}`, `  ${module.name}:`];
  for (const [name, spec] of Object.entries(module.args)) {
    const about = `${spec.required ? '(required) ' : ''}${spec.doc ?? ''}`.trim();
    const standard = spec.default === undefined ? '' : JSON.stringify(plain(spec.default));
    lines.push(`${`    ${name}: ${standard}`.trimEnd().padEnd(30)}${about === '' ? '' : `  # ${about}`}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

/** A module as JSON, under the keys of ansible-doc. */
export function moduleJson(module: ModuleDefinition): unknown {
  return {
    doc: {
      module: module.name,
      plugin_name: module.reference ?? module.name,
      short_description: firstLine(module.doc).replace(/\.$/, ''),
      description: module.doc.split(/\n\n+/),
      options: optionsJson(module.args),
    },
    examples: module.examples ?? null,
    return: Object.fromEntries(
      Object.entries(module.returns ?? {}).map(([name, spec]) => [
        name,
        typeof spec === 'string' ? { description: spec } : { description: spec.doc ?? '', type: spec.type },
      ]),
    ),
  };
}

function optionsJson(specs: ArgSpecs): unknown {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, optionJson(spec)]));
}

function optionJson(spec: ArgSpec): unknown {
  const keys = spec.keys ?? spec.of?.keys;
  return {
    description: spec.doc ?? '',
    type: spec.kind,
    ...(spec.kind === 'list' && spec.of ? { elements: spec.of.kind } : {}),
    ...(spec.required ? { required: true } : {}),
    ...(spec.default === undefined ? {} : { default: plain(spec.default) }),
    ...(spec.choices ? { choices: spec.choices } : {}),
    ...(spec.aliases?.length ? { aliases: spec.aliases } : {}),
    ...(keys ? { suboptions: optionsJson(keys) } : {}),
  };
}

const plain = (value: unknown): unknown => (value === null ? null : toPlain(value as Value));
const firstLine = (doc: string): string => doc.split('\n')[0]!;

/** What there is of a type: names, and how each is called. */
export async function pluginNames(type: string): Promise<Map<string, string>> {
  if (type === 'keyword') return new Map([...keywords.keys()].map((name) => [name, name]));
  const { templateNames } = await import('../../template/library/signatures.ts');
  return templateNames(type as 'filter' | 'test' | 'lookup');
}

/** How a filter, test, lookup or keyword is written. */
export function pluginPage(type: string, written: string, known: ReadonlyMap<string, string>): string {
  const name = written.split('.').at(-1)!;
  const call = known.get(name);
  if (call === undefined)
    throw new UsageError(
      `there is no ${type} \`${written}\``,
      didYouMean(name, known.keys()) ?? `see \`run doc --type ${type} --list\``,
    );
  const head = `${name}  (${type})\n\n`;
  switch (type) {
    case 'keyword':
      return `${name}  (keyword of ${keywords.get(name)!.on.join(', ')})\n\n  ${keywords.get(name)!.doc}\n`;
    case 'lookup':
      return `${head}  lookup('${name}', TERM, ...)   one text, or what it finds\n  query('${name}', TERM, ...)    a list\n  with_${name}: [TERM, ...]      a loop\n`;
    default:
      return `${head}  {{ value ${type === 'filter' ? '|' : 'is'} ${call} }}\n`;
  }
}
