/** Facts kept between runs: a folder with a JSON file for each host, in the form of Ansible's `jsonfile` cache. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthorError, systemReason } from '../errors.ts';
import { type Dict, isDict, type ReadonlyDict, Source, toPlain, type Value } from '../values.ts';
import { parseJson } from '../yaml/index.ts';

interface FactCacheOptions {
  /** Seconds after which a file is too old; 0 for never. Ansible's default is a day. */
  timeout?: number;
  /** What the files' names begin with. */
  prefix?: string;
  now?: () => number;
}

export class FactCache {
  readonly #folder: string;
  readonly #timeout: number;
  readonly #prefix: string;
  readonly #now: () => number;

  constructor(folder: string, options: FactCacheOptions = {}) {
    this.#folder = folder;
    this.#timeout = options.timeout ?? 86_400;
    this.#prefix = options.prefix ?? '';
    this.#now = options.now ?? Date.now;
  }

  /** The facts of a host under the names that modules gave them; undefined where nothing is, it is too old, or the file can't be read as JSON. */
  read(host: string): Dict | undefined {
    const path = this.#path(host);
    if (path === undefined) return undefined;
    let value: Value;
    try {
      const stats = statSync(path);
      if (!stats.isFile() || (this.#timeout > 0 && this.#now() - stats.mtimeMs > this.#timeout * 1000))
        return undefined;
      // Facts are what a host said: data, never templates.
      value = parseJson(new Source(path, readFileSync(path, 'utf8')), { trusted: false });
    } catch (error) {
      // What cannot be read is gathered anew.
      if (error instanceof AuthorError || systemReason(error) !== undefined) return undefined;
      throw error;
    }
    return isDict(value) ? value : undefined;
  }

  /** Keeps what is known of a host; the file is only the user's to read, and whole at every moment. */
  write(host: string, facts: ReadonlyDict): void {
    const path = this.#path(host);
    if (path === undefined) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
    rmSync(draft, { force: true });
    try {
      writeFileSync(draft, `${JSON.stringify(toPlain(facts), undefined, 1)}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }

  /** Forgets a host, as `--flush-cache` does for each of the inventory. */
  forget(host: string): void {
    const path = this.#path(host);
    if (path !== undefined) rmSync(path, { force: true });
  }

  /** The host's file; none for a name that would lead out of the folder. */
  #path(host: string): string | undefined {
    if (host === '' || host === '.' || host === '..' || /[/\0]/.test(host)) return undefined;
    return join(this.#folder, this.#prefix + host);
  }
}
