/** One call of an imperative play, as the task that YAML would have had. */
import { AuthorError } from '../errors.ts';
import type { Dict, Place } from '../values.ts';
import { CallPlaces, type CallSite } from './call_site.ts';
import type { Written } from './nodes.ts';
import { PlayMaker } from './plays.ts';
import { traitsOf } from './program.ts';
import { ValueMaker } from './values.ts';

export { callSite } from './call_site.ts';
export { TaskFailed } from './failure.ts';

/** What the language itself has in an imperative play. */
const LANGUAGE: Readonly<Record<string, string>> = {
  when: 'write `if`',
  loop: 'write `for`',
  register: 'the call returns the result',
};

export class Calls {
  readonly #places: CallPlaces;

  constructor(
    cwd: string,
    private readonly libraries: () => readonly string[],
  ) {
    this.#places = new CallPlaces(cwd);
  }

  placeOf(site: CallSite): Place | undefined {
    return this.#places.of(site);
  }

  /** Where the user's code threw an error. */
  placeOfError(error: unknown): Place | undefined {
    return error instanceof Error ? this.#places.placeOfStack(error.stack ?? '') : undefined;
  }

  /** The task of a call; throws AuthorError. */
  async task(site: CallSite, module: string, args: unknown, keywords: Written): Promise<Dict> {
    const values = new ValueMaker(this.#places);
    for (const key of Object.keys(keywords)) {
      const word = key.startsWith('with_') ? 'loop' : key;
      if (Object.hasOwn(LANGUAGE, word))
        values.report(`a task of an imperative play has no keyword \`${key}\``, this.placeOf(site), LANGUAGE[word]);
    }
    const traits = await traitsOf([module], this.libraries());
    const dict = new PlayMaker(values, (name) => traits.get(name) ?? {}).task({
      kind: 'task',
      site,
      module,
      args,
      keywords,
    });
    if (values.findings.length > 0) throw new AuthorError(values.findings);
    return dict;
  }
}

/** Identifies a call: its place, and those of the calls around it. */
export function siteKey(place: Place | undefined): string {
  const parts: string[] = [];
  for (let each = place; each; each = each.from) parts.push(`${each.source.file}:${each.offset}`);
  return parts.join('<');
}
