/** Files of a playbook that are programs. Loading one takes time, and the loader of plays waits for nothing: it begins again. */

import { AuthorError } from '../errors.ts';
import type { Value } from '../values.ts';

/** Thrown where the loader comes to a program that is not loaded yet. */
class ProgramWanted extends Error {
  constructor(readonly path: string) {
    super(`the program ${path} is not loaded`);
  }
}

export class Programs {
  readonly #loaded = new Map<string, { value: Value; text: string } | AuthorError>();

  constructor(
    private readonly cwd: string,
    private readonly libraries: () => readonly string[],
  ) {}

  /** What a program exports. */
  read(path: string, seen: (text: string) => void): Value {
    const found = this.#loaded.get(path);
    if (!found) throw new ProgramWanted(path);
    if (found instanceof AuthorError) throw found;
    seen(found.text);
    return found.value;
  }

  /** Does something that may read programs; where one is not loaded yet it is, and then all of it is done again. */
  async loading<T>(work: () => T, restart: () => void): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof ProgramWanted)) throw error;
        await this.#load(error.path);
        restart();
      }
    }
  }

  async #load(path: string): Promise<void> {
    const { loadProgram } = await import('../author/program.ts');
    try {
      this.#loaded.set(path, await loadProgram(path, this.cwd, this.libraries()));
    } catch (error) {
      if (!(error instanceof AuthorError)) throw error;
      this.#loaded.set(path, error);
    }
  }
}
