/** The words of the language that stand where a module stands; the run carries them out itself. */

import { isBuiltin, shortName } from '../names.ts';

export interface Action {
  args: readonly string[];
  /** The argument that a plain text gives. */
  free?: string;
  required?: readonly string[];
  doc: string;
}

const roleArgs = [
  'name',
  'role',
  'tasks_from',
  'vars_from',
  'defaults_from',
  'handlers_from',
  'allow_duplicates',
  'rolespec_validate',
  'public',
];

export const actions: Readonly<Record<string, Action>> = {
  include_tasks: {
    args: ['file', 'apply'],
    free: 'file',
    required: ['file'],
    doc: 'Reads tasks when the run reaches it.',
  },
  import_tasks: { args: ['file'], free: 'file', required: ['file'], doc: 'Reads tasks before the run.' },
  include_role: { args: [...roleArgs, 'apply'], required: ['name'], doc: 'Runs a role when the run reaches it.' },
  import_role: { args: roleArgs, required: ['name'], doc: 'Takes in a role before the run.' },
  meta: { args: ['free_form'], free: 'free_form', doc: 'Steers the run itself.' },
};

/** Stands where a play stands, so it is none of the actions. */
export const importPlaybook: Action = {
  args: ['file'],
  free: 'file',
  doc: 'Takes in the plays of another playbook, in the place of a play; `vars`, `tags` and `when` beside it are for all of them.',
};

/** What each argument of the words of the language is for. */
export const actionArgs: Readonly<Record<string, string>> = {
  file: 'The file of tasks, from the folder of the file that names it, or `tasks/` of the role.',
  apply: 'Keywords (`become`, `tags`, `when`) that every task within gets; those of the include itself stay with it.',
  name: 'The role.',
  role: 'The same as `name`.',
  tasks_from: 'A file of the role’s `tasks/` in place of `main`.',
  vars_from: 'A file of its `vars/` in place of `main`.',
  defaults_from: 'A file of its `defaults/` in place of `main`.',
  handlers_from: 'A file of its `handlers/` in place of `main`.',
  allow_duplicates: 'Whether it runs again with the same parameters (true).',
  rolespec_validate: 'Whether its `argument_specs` are checked (true).',
  public: 'Whether its defaults and vars are seen by what follows (false).',
  free_form: 'What to do; see below.',
};

/** The module of the task that gathers facts, which a play begins with. */
export const factsModule = 'ansible.builtin.setup';

/** The module of the task that checks what a role was given against its argument specs. */
export const argumentSpecModule = 'ansible.builtin.validate_argument_spec';

export const metaActions: Readonly<Record<string, string>> = {
  flush_handlers: 'Runs the handlers notified so far.',
  clear_facts: 'Forgets the facts of the host.',
  clear_host_errors: 'Takes failed and unreachable hosts back into the play.',
  end_play: 'Ends the play for all hosts, without failure.',
  end_batch: 'Ends the current batch of `serial`.',
  end_host: 'Ends the play for this host, without failure.',
  end_role: 'Ends the current role for this host.',
  refresh_inventory: 'Reads the inventory again.',
  reset_connection: 'Closes the connection; the next task opens it anew.',
  noop: 'Does nothing.',
};

/** Short name of a word of the language, or undefined: `ansible.builtin.include_tasks` is one too. */
export function actionName(written: string): string | undefined {
  const name = shortName(written);
  return Object.hasOwn(actions, name) && isBuiltin(written) ? name : undefined;
}
