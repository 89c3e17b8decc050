/** The words of the language that stand where a module stands; the run carries them out itself. */

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
  const name = written.replace(/^ansible\.(builtin|legacy)\./, '');
  return Object.hasOwn(actions, name) ? name : undefined;
}
