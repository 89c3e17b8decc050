/** `run schema`: JSON Schema of playbooks, from the table of keywords and the modules of this project. */
import type { ArgSpec, ArgSpecs } from '../../modules/args.ts';
import type { ModuleDefinition } from '../../modules/define.ts';
import { actions } from '../../playbook/actions.ts';
import { type Keyword, keywords, type Owner } from '../../playbook/keywords.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';
import { allModules } from '../settings/libraries.ts';

const options: readonly Option[] = [
  { name: 'tasks', group: 'What to write', doc: 'the schema of a file of tasks instead of a playbook' },
];

export const command: Command = {
  usage: 'run schema > playbook.schema.json',
  doc: `Writes a JSON Schema of playbooks, with this project's own modules, for completion and checks in an editor.
With the YAML extension of Red Hat, in .vscode/settings.json:

  "yaml.schemas": { "./playbook.schema.json": "playbooks/*.yaml" }`,
  options,
  run: writeSchema,
};

type Schema = { [key: string]: unknown };

async function writeSchema(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const modules = [...(await allModules(console)).values()];
  console.out.write(`${JSON.stringify(playbookSchema(modules, given.has('tasks')), undefined, 2)}\n`);
  return EXIT.ok;
}

const template: Schema = { type: 'string', pattern: '\\{\\{|\\{%' };
const orTemplate = (schema: Schema): Schema => ({ anyOf: [schema, template] });

/** The whole schema: a list of plays, or of tasks. */
export function playbookSchema(modules: readonly ModuleDefinition[], ofTasks = false): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: ofTasks ? 'Tasks of a Troupe playbook' : 'Troupe playbook',
    type: 'array',
    items: { $ref: ofTasks ? '#/definitions/taskOrBlock' : '#/definitions/play' },
    definitions: {
      play: choose('import_playbook', '#/definitions/importedPlaybook', '#/definitions/ownPlay'),
      ownPlay: {
        type: 'object',
        properties: ownerProperties('play'),
        additionalProperties: false,
        required: ['hosts'],
      },
      importedPlaybook: {
        type: 'object',
        properties: { ...ownerProperties('task'), import_playbook: { type: 'string' } },
      },
      taskOrBlock: choose('block', '#/definitions/block', '#/definitions/task'),
      block: { type: 'object', properties: ownerProperties('block'), additionalProperties: false, required: ['block'] },
      task: {
        type: 'object',
        properties: { ...ownerProperties('handler'), ...moduleProperties(modules) },
        patternProperties: { '^with_[a-z_]+$': {}, '^[a-z0-9_]+\\.[a-z0-9_]+\\.[a-z0-9_]+$': {} },
        additionalProperties: false,
      },
      ...Object.fromEntries(modules.map((module) => [`module-${module.name}`, moduleSchema(module)])),
    },
  };
}

/** One schema where a key is written, another where it is not: an editor then complains about the one that is meant. */
function choose(key: string, withKey: string, without: string): Schema {
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  return { if: { required: [key] }, then: { $ref: withKey }, else: { $ref: without } };
}

function ownerProperties(owner: Owner): Schema {
  const found = [...keywords.values()].filter((keyword) => keyword.on.includes(owner));
  return Object.fromEntries(
    found.map((keyword) => [keyword.name, { description: keyword.doc, ...keywordType(keyword) }]),
  );
}

function keywordType({ type }: Keyword): Schema {
  const text = { type: ['string', 'boolean', 'number'] };
  const types: Record<Keyword['type'], Schema> = {
    bool: orTemplate({ type: 'boolean' }),
    str: { type: ['string', 'number'] },
    int: orTemplate({ type: 'integer' }),
    number: orTemplate({ type: 'number' }),
    percent: { type: ['string', 'number'] },
    list: { anyOf: [{ type: 'array' }, { type: ['string', 'number'] }] },
    dict: orTemplate({ type: 'object' }),
    dicts: { anyOf: [{ type: 'object' }, { type: 'array' }, template] },
    expressions: { anyOf: [text, { type: 'array', items: text }] },
    tasks: { type: ['array', 'null'], items: { $ref: '#/definitions/taskOrBlock' } },
    any: {},
  };
  return types[type];
}

function moduleProperties(modules: readonly ModuleDefinition[]): Schema {
  const properties: Schema = {};
  for (const { name, reference } of modules)
    for (const written of [name, reference ?? name]) properties[written] = { $ref: `#/definitions/module-${name}` };
  for (const [name, { doc }] of Object.entries(actions) as [string, { doc?: string }][])
    if (name !== 'import_playbook') properties[name] = doc === undefined ? {} : { description: doc };
  return properties;
}

function moduleSchema(module: ModuleDefinition): Schema {
  return {
    description: module.doc.split('\n')[0],
    type: ['object', 'string', 'null'],
    properties: argumentProperties(module.args),
    ...(module.openArgs ? {} : { additionalProperties: false }),
    ...required(module.args),
  };
}

/** An argument with aliases can't be required by name: one of the others may be written. */
function required(specs: ArgSpecs): Schema {
  const names = Object.entries(specs).filter(([, spec]) => spec.required && !spec.aliases?.length);
  return names.length > 0 ? { required: names.map(([name]) => name) } : {};
}

function argumentProperties(specs: ArgSpecs): Schema {
  const properties: Schema = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.unsupported) continue;
    const schema = { ...(spec.doc ? { description: spec.doc } : {}), ...argumentType(spec) };
    for (const written of [name, ...(spec.aliases ?? [])]) properties[written] = schema;
  }
  return properties;
}

function argumentType(spec: ArgSpec): Schema {
  if (spec.choices && spec.kind !== 'list') return orTemplate({ enum: withBooleans(spec.choices) });
  const element = spec.of && spec.of.kind !== 'raw' ? argumentType(spec.of) : {};
  const types: Record<ArgSpec['kind'], Schema> = {
    str: { type: ['string', 'number', 'boolean', 'null'] },
    path: { type: ['string', 'null'] },
    raw: {},
    json: {},
    int: orTemplate({ type: ['integer', 'null'] }),
    float: orTemplate({ type: ['number', 'null'] }),
    bool: orTemplate({ type: ['boolean', 'null'] }),
    bytes: { type: ['string', 'integer', 'null'] },
    mode: { type: ['string', 'integer', 'null'] },
    list: { type: ['array', 'string', 'number', 'null'], items: element },
    dict: {
      type: ['object', 'string', 'null'],
      ...(spec.keys ? { properties: argumentProperties(spec.keys), ...required(spec.keys) } : {}),
    },
  };
  return types[spec.kind];
}

/** YAML reads yes, no, on and off as booleans, which Ansible maps back to such a choice. */
function withBooleans(choices: readonly unknown[]): unknown[] {
  const words = new Set(['yes', 'no', 'on', 'off', 'true', 'false']);
  return choices.some((choice) => words.has(String(choice))) ? [...choices, true, false] : [...choices];
}
