/** The commands besides running a playbook. */
import type { Console } from './console.ts';
import type { Option } from './options/option_table.ts';

export interface Command {
  /** `run inventory ...`, one line each form. */
  usage: string;
  /** A paragraph, and examples. */
  doc: string;
  options: readonly Option[];
  /** Carries it out; returns the exit code. */
  run(console: Console): Promise<number>;
}

/** Commands besides running a playbook, by their first word. */
export const commands: Readonly<Record<string, { summary: string; load(): Promise<{ command: Command }> }>> = {
  inventory: { summary: 'show hosts, groups and their variables', load: () => import('./commands/inventory.ts') },
  vault: { summary: "encrypt and decrypt files in Ansible's vault format", load: () => import('./commands/vault.ts') },
  module: { summary: 'run one module on hosts, without a playbook', load: () => import('./commands/module.ts') },
  plan: { summary: 'what a playbook would change, kept to be applied later', load: () => import('./commands/plan.ts') },
  apply: { summary: 'carry out a plan, if all is still as it was', load: () => import('./commands/apply.ts') },
  history: { summary: 'list the runs that left a record', load: () => import('./commands/history.ts') },
  report: { summary: 'show a run again: its page, or any report', load: () => import('./commands/report.ts') },
  diff: { summary: 'what differs between two runs', load: () => import('./commands/diff.ts') },
  lint: { summary: 'check playbooks without running them', load: () => import('./commands/lint.ts') },
  install: {
    summary: 'install the roles and collections of requirements.yml',
    load: () => import('./commands/install.ts'),
  },
  outdated: { summary: 'which of them have newer versions', load: () => import('./commands/outdated.ts') },
  init: { summary: 'begin a project, a role or a module', load: () => import('./commands/init.ts') },
  convert: { summary: 'the TypeScript of a playbook in YAML', load: () => import('./commands/convert.ts') },
  doc: { summary: 'what a module does and which arguments it takes', load: () => import('./commands/doc.ts') },
  schema: { summary: 'JSON Schema of playbooks, for editors', load: () => import('./commands/schema.ts') },
};
