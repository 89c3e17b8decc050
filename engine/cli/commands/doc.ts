/** `run doc`: the reference of modules and keywords, from the tables that check playbooks. */
import { didYouMean, UsageError } from '../../errors.ts';
import type { ArgSpec, ArgSpecs } from '../../modules/args.ts';
import type { ModuleDefinition } from '../../modules/define.ts';
import { findModule, libraryModules, loadModule, ownModules } from '../../modules/find.ts';
import { otherNames, shortName } from '../../names.ts';
import { type Action, actionArgs, actionName, actions, importPlaybook, metaActions } from '../../playbook/actions.ts';
import { keywords } from '../../playbook/keywords.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Given, type Option, parseOptions } from '../options/option_table.ts';
import { allModules, projectLibraries } from '../settings/libraries.ts';
import { moduleJson, pluginNames, pluginPage, pluginTypes, snippet } from './doc_forms.ts';

const WHAT = 'What to show';

const options: readonly Option[] = [
  { name: 'list', short: 'l', group: WHAT, doc: 'all modules, a line each' },
  { name: 'keywords', group: WHAT, doc: 'the keywords of plays, blocks and tasks' },
  {
    name: 'type',
    short: 't',
    value: 'TYPE',
    group: WHAT,
    doc: 'of what: module (the default), filter, test, lookup, keyword',
  },
  { name: 'snippet', short: 's', group: WHAT, doc: 'a task with all arguments of the module, to fill in' },
  { name: 'json', short: 'j', group: WHAT, doc: 'as JSON' },
];

export const command: Command = {
  usage: `run doc NAME...
run doc --type filter NAME...
run doc --list
run doc --keywords`,
  doc: 'Shows what a module does, its arguments, what it returns, and examples.',
  options,
  run: showDoc,
};

async function showDoc(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const type = given.get('type') ?? 'module';
  if (type !== 'module') return showPlugins(type, given, console);
  const libraries = projectLibraries(console.cwd);
  if (given.has('list')) {
    const lines: string[] = [];
    for (const [name, { doc }] of await allModules(console)) lines.push(`${name.padEnd(26)} ${firstSentence(doc)}`);
    for (const [name, { doc }] of Object.entries({ ...actions, import_playbook: importPlaybook }))
      lines.push(`${name.padEnd(26)} ${doc}`);
    console.out.write(`${lines.sort().join('\n')}\n`);
  }
  if (given.has('keywords')) console.out.write(keywordsPage());
  if (given.words.length === 0 && !given.has('list') && !given.has('keywords'))
    throw new UsageError('which module?', 'run doc NAME, or run doc --list');
  if (given.has('json')) {
    const entries: [string, unknown][] = [];
    for (const name of given.words) entries.push([name, moduleJson(await load(name, libraries))]);
    if (entries.length > 0) console.out.write(`${JSON.stringify(Object.fromEntries(entries), undefined, 4)}\n`);
    return EXIT.ok;
  }
  const pages: string[] = [];
  const page = given.has('snippet') ? snippet : modulePage;
  for (const name of given.words) {
    const language = given.has('snippet') ? undefined : languagePage(name);
    pages.push(language ?? page(await load(name, libraries)));
  }
  console.out.write(pages.join('\n'));
  return EXIT.ok;
}

/** Filters, tests, lookups and keywords: how each is written. */
async function showPlugins(type: string, given: Given, console: Console): Promise<number> {
  if (!pluginTypes.some((known) => known === type))
    throw new UsageError(
      `there is nothing of type \`${type}\``,
      didYouMean(type, [...pluginTypes, 'module']) ?? `types are: module, ${pluginTypes.join(', ')}`,
    );
  if (given.words.length === 0 && !given.has('list'))
    throw new UsageError(`which ${type}?`, `run doc --type ${type} NAME, or run doc --type ${type} --list`);
  const known = await pluginNames(type);
  if (given.has('list')) console.out.write(`${[...known.keys()].join('\n')}\n`);
  console.out.write(given.words.map((name) => pluginPage(type, name, known)).join('\n'));
  return EXIT.ok;
}

async function load(name: string, libraries: readonly string[]): Promise<ModuleDefinition> {
  const file = findModule(name, libraries);
  if (file) return loadModule(file);
  const known = [
    ...ownModules().keys(),
    ...libraryModules(libraries),
    ...Object.keys(otherNames),
    ...Object.keys(actions),
    ...keywords.keys(),
  ];
  throw new UsageError(`there is no module \`${name}\``, didYouMean(name, known) ?? 'see `run doc --list`');
}

/** The page of a word of the language that stands where a module stands, or of a keyword; undefined for any other name. */
function languagePage(name: string): string | undefined {
  const action = actionName(name);
  if (action !== undefined) return actionPage(action, actions[action]!);
  if (shortName(name) === 'import_playbook') return actionPage('import_playbook', importPlaybook);
  const keyword = keywords.get(name);
  return keyword && `${name}  (keyword of ${keyword.on.join(', ')})\n\n${indent(keyword.doc)}\n\n`;
}

function actionPage(name: string, action: Action): string {
  const lines = [`${name}  (ansible.builtin.${name})`, '', indent(action.doc), '', 'ARGUMENTS', ''];
  for (const arg of action.args) {
    const required = action.required?.includes(arg) || action.free === arg;
    lines.push(`  ${arg}${required ? '  (required)' : ''}`, `      ${actionArgs[arg]}`);
  }
  lines.push('');
  if (action.free) lines.push(`  \`${name}: TEXT\` gives TEXT as \`${action.free}\`.`, '');
  if (name === 'meta') {
    lines.push('WHAT THERE IS TO DO', '');
    for (const [word, doc] of Object.entries(metaActions)) lines.push(`  ${word.padEnd(22)} ${doc}`);
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

function firstSentence(doc: string): string {
  return doc.split('\n')[0]!;
}

/** A module's page as plain text. */
export function modulePage(module: ModuleDefinition): string {
  const lines = [`${module.name}${module.reference ? `  (${module.reference})` : ''}`, '', indent(module.doc), ''];
  if (Object.keys(module.args).length > 0) lines.push('ARGUMENTS', '', ...argumentLines(module.args, 2), '');
  if (module.openArgs) lines.push('  Any further name is taken too.', '');
  if (module.freeForm) lines.push(`  \`${module.name}: TEXT\` gives TEXT as \`${module.freeForm}\`.`, '');
  for (const rule of module.rules ?? []) lines.push(`  Rule: ${rule.doc}.`);
  if (module.rules?.length) lines.push('');
  lines.push(`CHECK MODE  ${checkMode(module.check)}`, '');
  if (module.returns) {
    lines.push('RETURNS', '');
    for (const [name, spec] of Object.entries(module.returns))
      lines.push(`  ${name.padEnd(22)} ${typeof spec === 'string' ? spec : (spec.doc ?? '')}`);
    lines.push('');
  }
  if (module.examples) lines.push('EXAMPLES', '', indent(module.examples.trimEnd()), '');
  return `${lines.join('\n')}\n`;
}

function checkMode(check: ModuleDefinition['check']): string {
  if (check === 'full') return 'tells what would change';
  return check === 'skip' ? 'is skipped' : 'changes nothing anyway';
}

function argumentLines(specs: ArgSpecs, margin: number): string[] {
  const lines: string[] = [];
  const blanks = ' '.repeat(margin);
  for (const [name, spec] of Object.entries(specs)) {
    lines.push(`${blanks}${name}  (${traits(spec)})`);
    if (spec.doc) lines.push(`${blanks}    ${spec.doc}`);
    if (spec.unsupported) lines.push(`${blanks}    Not supported: ${spec.unsupported}`);
    const keys = spec.keys ?? spec.of?.keys;
    if (keys) lines.push(...argumentLines(keys, margin + 4));
  }
  return lines;
}

function traits(spec: ArgSpec): string {
  const parts: string[] = [spec.kind === 'list' && spec.of ? `list of ${spec.of.kind}` : spec.kind];
  if (spec.required) parts.push('required');
  if (spec.choices) parts.push(`one of ${spec.choices.join(', ')}`);
  const standard = spec.default instanceof Map ? Object.fromEntries(spec.default) : spec.default;
  if (standard !== undefined && standard !== null) parts.push(`default ${JSON.stringify(standard)}`);
  if (spec.aliases?.length) parts.push(`also ${spec.aliases.join(', ')}`);
  if (spec.secret) parts.push('never shown');
  return parts.join('; ');
}

function keywordsPage(): string {
  const lines = [...keywords.values()].map(({ name, on, doc }) => `${name.padEnd(22)} ${doc}  [${on.join(', ')}]`);
  return `${lines.join('\n')}\n`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
