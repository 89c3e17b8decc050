/** A LookupEnv for tests: the real file system, a shell, no inventory. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TemplateError } from '../../engine/errors.ts';
import { renderValue, type Scope, type TemplateOptions } from '../../engine/template/index.ts';
import { type LookupEnv, lookups } from '../../engine/template/library/lookups.ts';
import type { Value } from '../../engine/values.ts';

/** What lookups reach in a test. */
export function lookupEnv(scope: Scope, options: TemplateOptions): LookupEnv {
  const folder = options.folder ?? '/';
  return {
    scope,
    options,
    searchFiles: (_kind, name) => [resolve(folder, name)].filter((path) => existsSync(path)),
    folders: () => [folder],
    readFile: (path) => readFileSync(path, 'utf8'),
    spawn: (command) => {
      const [file, ...args] = Array.isArray(command) ? command : ['/bin/sh', '-c', command];
      const done = spawnSync(file!, args, { cwd: folder });
      return { rc: done.status ?? 127, stdout: String(done.stdout), stderr: String(done.stderr) };
    },
    environment: (name) => options.environment?.(name),
    configFile: () => undefined,
    config: () => undefined,
    inventoryHostnames: () => [],
    decrypt: (text) => text,
    render: (text, settings) => {
      const extra = settings?.get('template_vars');
      const inner: Scope = {
        ...scope,
        get: (name) => (extra instanceof Map ? extra.get(name) : undefined) ?? scope.get(name),
      };
      return renderValue(text, inner, { ...options, ...Object.fromEntries(settings ?? []) });
    },
  };
}

/** `options.lookup` over the lookups of the engine. */
export function lookupOption(options: () => TemplateOptions) {
  return (name: string, terms: Value[], kwargs: Map<string, Value>, wantlist: boolean, scope: Scope): Value => {
    const short = name.replace(/^ansible\.builtin\./, '');
    if (!Object.hasOwn(lookups, short)) throw new TemplateError(`there is no lookup \`${name}\``);
    const errors = kwargs.get('errors') ?? 'strict';
    kwargs.delete('errors');
    try {
      const found = lookups[short]!(terms, kwargs, lookupEnv(scope, options()));
      if (wantlist) return found;
      if (found.length === 1) return found[0]!;
      return found.length && found.every((one) => typeof one === 'string') ? found.join(',') : found;
    } catch (error) {
      if (errors === 'strict') throw error;
      return wantlist ? [] : null;
    }
  };
}
