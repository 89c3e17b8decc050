/**
 * Where a variable's value may come from: one array, strongest first. A name is looked up level by level and the first hit
 * counts; docs/precedence.md is written from this array.
 */
export interface Level {
  readonly name: LevelName;
  /** What stands there, one sentence. */
  readonly doc: string;
}

export type LevelName =
  | 'loop variables'
  | 'magic variables'
  | 'extra vars'
  | 'include parameters'
  | 'role parameters'
  | 'set_fact and register'
  | 'include_vars'
  | 'task vars'
  | 'block vars'
  | 'role vars'
  | 'play vars_files'
  | 'play vars_prompt'
  | 'play vars'
  | 'host facts'
  | 'playbook host_vars'
  | 'inventory host_vars'
  | 'inventory host'
  | 'playbook group_vars'
  | 'inventory group_vars'
  | 'playbook group_vars/all'
  | 'inventory group_vars/all'
  | 'inventory group'
  | 'role defaults'
  | 'command line values';

export const PRECEDENCE: readonly Level[] = [
  {
    name: 'loop variables',
    doc: "What a task's loop sets for each item: `item` (or `loop_var`), `index_var`, `ansible_loop`.",
  },
  {
    name: 'magic variables',
    doc: 'What the engine itself knows of the run: `groups`, `hostvars`, `playbook_dir`, `ansible_play_hosts` and the like.',
  },
  { name: 'extra vars', doc: '`-e` on the command line; of several, the last.' },
  {
    name: 'include parameters',
    doc: '`vars` of `include_tasks` and `include_role`, for the tasks that they bring; the innermost include first.',
  },
  { name: 'role parameters', doc: "Keys beside `role:` in a play's `roles`, and in a role's `dependencies`." },
  { name: 'set_fact and register', doc: 'What `set_fact` and `register` stored for the host; of the two, the later.' },
  { name: 'include_vars', doc: 'What `include_vars` read for the host.' },
  { name: 'task vars', doc: '`vars` of the task.' },
  { name: 'block vars', doc: '`vars` of the blocks around the task; the innermost first.' },
  {
    name: 'role vars',
    doc: "`vars/main.yml` of the role (and what `vars_from` names); of a play's other roles too, the last first.",
  },
  { name: 'play vars_files', doc: 'Files that `vars_files` of the play names; of several, the last.' },
  { name: 'play vars_prompt', doc: 'Answers to `vars_prompt` of the play.' },
  { name: 'play vars', doc: '`vars` of the play.' },
  {
    name: 'host facts',
    doc: 'What fact gathering found, as `ansible_facts.NAME` and `ansible_NAME`, and cached `set_fact`.',
  },
  { name: 'playbook host_vars', doc: '`host_vars/HOST` beside the playbook.' },
  { name: 'inventory host_vars', doc: '`host_vars/HOST` beside an inventory source.' },
  {
    name: 'inventory host',
    doc: 'Variables of the host in an inventory source, and of `add_host`; `inventory_hostname`, `group_names` and `inventory_dir` stand here too.',
  },
  {
    name: 'playbook group_vars',
    doc: '`group_vars/GROUP` beside the playbook; of several groups the deepest, then the highest `ansible_group_priority`, then the last by name.',
  },
  { name: 'inventory group_vars', doc: '`group_vars/GROUP` beside an inventory source; groups in the same order.' },
  { name: 'playbook group_vars/all', doc: '`group_vars/all` beside the playbook.' },
  { name: 'inventory group_vars/all', doc: '`group_vars/all` beside an inventory source.' },
  { name: 'inventory group', doc: 'Variables of groups in an inventory source; groups in the same order, `all` last.' },
  {
    name: 'role defaults',
    doc: "`defaults/main.yml` of the role (and what `defaults_from` names); of a play's other roles too, the last first.",
  },
  {
    name: 'command line values',
    doc: 'Options such as `-u` set no variables; they count where no level above gives one (`ansible_user`).',
  },
];

const LEVELS = new Map(PRECEDENCE.map((level) => [level.name, level]));

/** The level of this name. */
export function level(name: LevelName): Level {
  return LEVELS.get(name)!;
}

/** The text of docs/precedence.md. */
export function precedencePage(): string {
  const rows = PRECEDENCE.map(({ name, doc }, index) => `${index + 1}. **${name}**: ${doc}`);
  return `# Which value of a variable wins

A name is looked up level by level, the strongest first, and the first level that knows it decides; a dict is not merged with
one of a weaker level (unless \`hash_behaviour = merge\` asks for that). The order is Ansible's.

${rows.join('\n')}

## Which values are templates

Only what a project's own files say is ever rendered: playbooks, roles, vars files, ini and YAML inventories, \`-e @FILE\`. A vars
file that is encrypted as a whole is such a file too. Everything else is data and stays literal text, \`{{ }}\` and all: facts,
registered results, what a lookup or a program returned, \`!unsafe\` and \`!vault\` texts, the fact cache. Ansible draws this line
in the same place but for two: it renders what an executable inventory prints and what stands in \`-e name=value\`; here both
are data (an inventory whose values hold template marks gets a warning).

Values are rendered when they are used; the keys of dicts never are.

This page is written from \`engine/vars/precedence.ts\`: \`node --import tsx test/vars/write_precedence.ts\`.
`;
}
