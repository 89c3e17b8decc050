/** The definitions of the modules that some tasks have, loaded once before they are checked. */
import { AuthorError } from '../errors.ts';
import type { ModuleDefinition } from '../modules/define.ts';
import { actionName } from '../playbook/actions.ts';
import type { Task } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';

/** Definitions by the task that has the module; what keeps one from being used is an error of its own. */
export class Definitions {
  readonly #found = new Map<string, ModuleDefinition | AuthorError>();

  /** The definition; undefined of a word of the language, of a module that is nowhere, and of one that cannot be used. */
  of(task: Task): ModuleDefinition | undefined {
    const found = this.#found.get(task.action);
    return found instanceof AuthorError ? undefined : found;
  }

  /** Why a module that is there cannot be used: it needs Python, or its file has a mistake. */
  unusable(task: Task): AuthorError | undefined {
    const found = this.#found.get(task.action);
    return found instanceof AuthorError ? found : undefined;
  }

  /** Loads what the tasks need and is not loaded yet. */
  async load(session: Pick<Session, 'definition'>, tasks: Iterable<Task>): Promise<void> {
    for (const task of tasks) {
      const { action } = task;
      if (this.#found.has(action) || task.missing || task.chosen || actionName(action) !== undefined) continue;
      try {
        this.#found.set(action, await session.definition(action));
      } catch (error) {
        if (!(error instanceof AuthorError)) throw error;
        this.#found.set(action, error);
      }
    }
  }
}
