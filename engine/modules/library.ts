/** A module of the project, in TypeScript or JavaScript. What it imports as `troupe` is the program that runs it. */
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleFailure, mistake, placeText, systemFailure } from '../errors.ts';
import type { ModuleDefinition, ModuleResult } from './define.ts';
import { importFile, placeInStack, start } from './library-load.ts';
import { argKinds } from './parts/arguments.ts';

/** Loads a project's module; throws AuthorError, with the place in its file, if it cannot be loaded or is none. */
export async function loadLibraryModule(file: string): Promise<ModuleDefinition> {
  const found = (await importFile(file, 'module')) as { default?: ModuleDefinition };
  const wrong = shapeMistake(found.default);
  if (wrong) throw mistake(`the module ${basename(file)} ${wrong.message}`, start(file), wrong.help);
  return guarded(file, found.default!);
}

/** TypeScript would have said so; nothing checks types when a module is loaded. */
function shapeMistake(definition: ModuleDefinition | undefined): { message: string; help: string } | undefined {
  const help = 'see "Writing a module" in README.md';
  if (typeof definition !== 'object' || definition === null)
    return {
      message: 'exports no module',
      help: `it has to have \`export default defineModule({ name, doc, args, check, run })\`; ${help}`,
    };
  if (typeof definition.run !== 'function') return { message: 'has no function `run`', help };
  if (typeof definition.args !== 'object' || definition.args === null)
    return { message: 'has no `args`', help: 'a module without arguments has `args: {}`' };
  const strange = Object.entries(definition.args).find(([, spec]) => !argKinds.includes(spec?.kind));
  if (strange)
    return {
      message: `declares its argument \`${strange[0]}\` without a type`,
      help: 'use args.str(), args.path(), ...',
    };
  if (!['full', 'skip', 'none'].includes(definition.check))
    return { message: 'has no `check`', help: '`check` is `full`, `skip` or `none`: what it does in check mode' };
  return undefined;
}

/** What goes wrong in a project's module is that module's failure, not a bug in Troupe. */
function guarded(file: string, definition: ModuleDefinition): ModuleDefinition {
  const name = definition.name || basename(file, extname(file));
  return {
    ...definition,
    name,
    async run(args, env) {
      let result: ModuleResult | undefined;
      try {
        result = await definition.run(args, env);
      } catch (error) {
        if (!isOwnFault(error)) throw error;
        const stack = error instanceof Error ? error.stack : undefined;
        const place = placeInStack(file, error);
        const where = place ? ` (${placeText(place)})` : '';
        throw new ModuleFailure(`the module ${name} failed: ${error}${where}`, stack ? { exception: stack } : {});
      }
      if (typeof result?.changed !== 'boolean')
        throw new ModuleFailure(`the module ${name} returned no result: end it with changed(...) or unchanged(...)`);
      return result;
    },
  };
}

const PLAIN = [Error, TypeError, RangeError, ReferenceError, SyntaxError, URIError];
const troupe = new URL('..', import.meta.url);

/** Thrown by the module's own code: an error of JavaScript's, made outside of Troupe. */
function isOwnFault(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (!PLAIN.some((plain) => error.constructor === plain) || systemFailure(error) !== undefined) return false;
  const frame = (error.stack ?? '').split('\n').find((line) => /^\s+at .*[/\\]/.test(line) && !line.includes('(node:'));
  return !frame?.includes(troupe.href) && !frame?.includes(fileURLToPath(troupe));
}
