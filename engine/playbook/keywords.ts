/**
 * The table of the language: every keyword, where it is allowed, its type, how it is inherited, when it is rendered.
 * keyword.ts executes it; validation, "did you mean" and the reference page (docs/language.md) come from it too.
 */

export type Owner = 'play' | 'role' | 'block' | 'task' | 'handler';

export interface Keyword {
  name: KeywordName;
  on: readonly Owner[];
  type: 'bool' | 'str' | 'int' | 'number' | 'list' | 'dict' | 'dicts' | 'expressions' | 'tasks' | 'any' | 'percent';
  /** `override`: the innermost one that is set and does not say `omit` counts; `extend`: outer ones are added; `no`: belongs to its owner alone. */
  inherit: 'override' | 'extend' | 'no';
  /**
   * `load`: by the loader, with the variables of the play; `play`: when the play starts; `task`: for each task and host;
   * `never`: kept as written, templates in it are rendered where it is used (variables, conditions).
   */
  rendered: 'load' | 'play' | 'task' | 'never';
  doc: string;
}

const everywhere = ['play', 'role', 'block', 'task', 'handler'] as const;
const tasks = ['task', 'handler'] as const;
const notPlay = ['role', 'block', 'task', 'handler'] as const;

type Row = readonly [string, readonly Owner[], Keyword['type'], Keyword['inherit'], Keyword['rendered'], string];

const rows = [
  [
    'name',
    everywhere,
    'str',
    'no',
    'task',
    'Name shown when the play, block or task runs; a handler is notified by it.',
  ],
  ['vars', everywhere, 'dict', 'no', 'never', 'Variables for this play, role, block or task.'],
  ['tags', everywhere, 'list', 'extend', 'load', 'Tags that --tags and --skip-tags choose by.'],
  ['become', everywhere, 'bool', 'override', 'task', 'Run as another user.'],
  ['become_user', everywhere, 'str', 'override', 'task', 'The user to become (root).'],
  ['become_method', everywhere, 'str', 'override', 'task', 'How to become the user: sudo, su, doas.'],
  ['become_flags', everywhere, 'str', 'override', 'task', 'Flags for the become program.'],
  ['become_exe', everywhere, 'str', 'override', 'task', 'Path of the become program.'],
  ['connection', everywhere, 'str', 'override', 'task', 'ssh or local.'],
  ['port', everywhere, 'int', 'override', 'task', 'Port of the connection.'],
  ['remote_user', everywhere, 'str', 'override', 'task', 'User to log in as.'],
  ['environment', everywhere, 'dicts', 'extend', 'task', 'Environment variables for the task on the host.'],
  [
    'check_mode',
    everywhere,
    'bool',
    'override',
    'task',
    'Predict changes only (true), or apply even in check mode (false).',
  ],
  ['diff', everywhere, 'bool', 'override', 'task', 'Return what changed as a diff.'],
  ['no_log', everywhere, 'bool', 'override', 'task', 'Show nothing of the result.'],
  ['ignore_errors', everywhere, 'bool', 'override', 'task', 'Go on after a failure.'],
  ['ignore_unreachable', everywhere, 'bool', 'override', 'task', 'Go on when the host is lost.'],
  ['any_errors_fatal', everywhere, 'bool', 'override', 'task', 'One failed host fails them all.'],
  ['run_once', everywhere, 'bool', 'override', 'task', 'Run on the first host only; all get the result.'],
  ['throttle', everywhere, 'int', 'override', 'task', 'At most this many hosts at a time.'],
  ['timeout', everywhere, 'int', 'override', 'task', 'Seconds that the task may take.'],
  ['module_defaults', everywhere, 'dicts', 'extend', 'task', 'Default arguments by module or `group/NAME`.'],
  ['collections', everywhere, 'list', 'override', 'never', 'Collections searched for modules; ours are found without.'],
  [
    'debugger',
    everywhere,
    'str',
    'override',
    'task',
    'When to stop for the debugger: always, never, on_failed, on_skipped, on_unreachable.',
  ],

  ['hosts', ['play'], 'any', 'no', 'play', 'Pattern of the hosts to run on.'],
  ['gather_facts', ['play'], 'bool', 'no', 'play', 'Gather facts first (yes unless the configuration says otherwise).'],
  ['gather_subset', ['play'], 'list', 'no', 'play', 'Which facts to gather.'],
  ['gather_timeout', ['play'], 'int', 'no', 'play', 'Seconds for each slow part of the facts.'],
  ['fact_path', ['play'], 'str', 'no', 'play', 'Folder of local facts on the host.'],
  ['serial', ['play'], 'any', 'no', 'play', 'Batch size: a number, a percentage, or a list of them.'],
  ['strategy', ['play'], 'str', 'no', 'play', 'linear (task by task), free (each host by itself), host_pinned, debug.'],
  [
    'order',
    ['play'],
    'str',
    'no',
    'play',
    'Order of hosts: inventory, reverse_inventory, sorted, reverse_sorted, shuffle.',
  ],
  [
    'max_fail_percentage',
    ['play'],
    'percent',
    'no',
    'play',
    'End the play when more than this share of the hosts of a batch failed.',
  ],
  ['force_handlers', ['play'], 'bool', 'no', 'play', 'Run notified handlers even on hosts that failed.'],
  [
    'vars_files',
    ['play'],
    'list',
    'no',
    'never',
    'Files of variables; a list in the list takes the first that exists.',
  ],
  ['vars_prompt', ['play'], 'list', 'no', 'never', 'Variables to ask for.'],
  ['roles', ['play'], 'list', 'no', 'never', 'Roles to run between pre_tasks and tasks.'],
  ['pre_tasks', ['play'], 'tasks', 'no', 'never', 'Tasks before the roles.'],
  ['tasks', ['play'], 'tasks', 'no', 'never', 'Tasks after the roles.'],
  ['post_tasks', ['play'], 'tasks', 'no', 'never', 'Tasks after the tasks.'],
  ['handlers', ['play'], 'tasks', 'no', 'never', 'Tasks that run when notified.'],

  ['when', notPlay, 'expressions', 'extend', 'never', 'Conditions; all must hold.'],
  ['delegate_to', notPlay, 'str', 'override', 'task', 'Run on this host instead.'],
  ['delegate_facts', notPlay, 'bool', 'override', 'task', 'Facts belong to the host delegated to.'],
  ['notify', ['block', 'task', 'handler'], 'list', 'extend', 'task', 'Handlers to run if this changed something.'],

  ['block', ['block'], 'tasks', 'no', 'never', 'Tasks that share keywords.'],
  ['rescue', ['block'], 'tasks', 'no', 'never', 'Tasks that run when one of the block failed.'],
  ['always', ['block'], 'tasks', 'no', 'never', 'Tasks that run in any case.'],

  ['action', tasks, 'any', 'no', 'task', 'The module and its arguments, in one.'],
  ['local_action', tasks, 'any', 'no', 'task', 'As action, with delegate_to: localhost.'],
  ['args', tasks, 'any', 'no', 'never', 'Further arguments of the module.'],
  ['register', tasks, 'str', 'no', 'never', 'Variable that stores the result.'],
  ['until', tasks, 'expressions', 'no', 'never', 'Try again until this holds.'],
  ['retries', tasks, 'int', 'no', 'task', 'How many times to try again (3).'],
  ['delay', tasks, 'number', 'no', 'task', 'Seconds between tries (5).'],
  ['changed_when', tasks, 'expressions', 'no', 'never', 'The task changed something if this holds.'],
  ['failed_when', tasks, 'expressions', 'no', 'never', 'The task failed if this holds.'],
  ['loop', tasks, 'any', 'no', 'never', 'Run once for each item of a list.'],
  [
    'loop_control',
    tasks,
    'dict',
    'no',
    'never',
    'loop_var, index_var, label, pause, extended, extended_allitems, break_when.',
  ],
  ['async', tasks, 'int', 'no', 'task', 'Seconds that the task may run in the background.'],
  ['poll', tasks, 'int', 'no', 'task', 'Seconds between looks at a background task; 0: do not wait (15).'],
  ['listen', ['handler'], 'list', 'no', 'never', 'Topics that notify this handler.'],
] as const satisfies readonly Row[];

type Rows = (typeof rows)[number];

export type KeywordName = Rows[0];

/** The row of one keyword, for what follows from it in types. */
export type RowOf<Name extends KeywordName> = Extract<Rows, readonly [Name, ...unknown[]]>;

export const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>(
  rows.map(([name, on, type, inherit, rendered, doc]) => [name, { name, on, type, inherit, rendered, doc }]),
);

/** Names of the keywords that may stand on an owner. */
export function keywordsOn(owner: Owner): string[] {
  return [...keywords.values()].filter((k) => k.on.includes(owner)).map((k) => k.name);
}

/** What `strategy` may say. */
export const strategies: readonly string[] = ['linear', 'free', 'host_pinned', 'debug'];

/** What `order` may say. */
export const orders: readonly string[] = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'];

/** Keywords of Ansible that were removed, and what to write. */
export const removedKeywords: Record<string, string> = {
  sudo: 'write `become: true`',
  sudo_user: 'write `become_user`',
  su: 'write `become: true` and `become_method: su`',
  su_user: 'write `become_user`',
  always_run: 'write `check_mode: false`',
  user: 'write `remote_user`',
  accelerate: 'remove it: connections persist by themselves',
  include: 'write `import_tasks` (static) or `include_tasks` (dynamic)',
};
