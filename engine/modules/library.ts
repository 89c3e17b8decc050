/** A module of the project, in TypeScript or JavaScript. What it imports as `troupe` is the program that runs it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as loader from 'node:module';
import { basename, extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type AuthorError, ModuleFailure, mistake, placeText, systemFailure } from '../errors.ts';
import { type Place, Source } from '../values.ts';
import type { ModuleDefinition, ModuleResult } from './define.ts';
import * as hooks from './library-hooks.mjs';
import { argKinds } from './parts/arguments.ts';

let hooked = false;

/** Loads a project's module; throws AuthorError, with the place in its file, if it cannot be loaded or is none. */
export async function loadLibraryModule(file: string): Promise<ModuleDefinition> {
  hook();
  const unread = file.endsWith('.ts') ? hooks.noTypescript(file) : undefined;
  if (unread)
    throw mistake(`the module ${basename(file)} cannot be loaded: ${unread.message}`, start(file), unread.help);
  let found: { default?: ModuleDefinition };
  try {
    found = (await import(pathToFileURL(file).href)) as typeof found;
  } catch (error) {
    throw loadingMistake(file, error);
  }
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

function hook(): void {
  if (hooked) return;
  hooked = true;
  const data = { troupe: new URL(`../index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href };
  // Lines in a stack are those of the file, not of what was compiled.
  process.setSourceMapsEnabled(true);
  const { registerHooks } = loader as { registerHooks?: (all: typeof hooks) => void };
  if (registerHooks) {
    hooks.initialize(data);
    registerHooks(hooks);
  } else {
    loader.register('./library-hooks.mjs', import.meta.url, { data });
  }
}

function loadingMistake(file: string, error: unknown): AuthorError {
  const { message, place } = syntaxMistake(file, error) ?? {
    message: error instanceof Error ? error.message : String(error),
    place: placeInStack(file, error),
  };
  return mistake(`the module ${basename(file)} cannot be loaded: ${message}`, place ?? start(file));
}

interface SyntaxMistake {
  message: string;
  place: Place | undefined;
}

/** What is wrong in the file itself, as whatever reads it says. */
function syntaxMistake(file: string, error: unknown): SyntaxMistake | undefined {
  if (!(error instanceof Error)) return undefined;
  return file.endsWith('.ts') ? typescriptMistake(file, error) : javascriptMistake(file, error);
}

function typescriptMistake(file: string, error: Error): SyntaxMistake | undefined {
  try {
    hooks.compile(readFileSync(file, 'utf8'), file);
  } catch (refused) {
    const [first] =
      (refused as { errors?: { text: string; location: { line: number; column: number } | null }[] }).errors ?? [];
    if (!first) return undefined;
    // esbuild counts columns in bytes, from 0.
    return {
      message: first.text,
      place: first.location ? placeOf(file, first.location.line, first.location.column) : undefined,
    };
  }
  if ((error as NodeJS.ErrnoException).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return {
      message: `${error.message}; the package esbuild reads it, where it is installed`,
      place: pointed(file, error.stack ?? '')?.place,
    };
  return error instanceof SyntaxError ? pointed(file, error.stack ?? '') : undefined;
}

/** Node shows the place of a mistake in JavaScript only when it is asked to do nothing else. */
function javascriptMistake(file: string, error: Error): SyntaxMistake | undefined {
  if (!(error instanceof SyntaxError)) return undefined;
  const checked = spawnSync(process.execPath, ['--input-type=module', '--check', '-'], {
    input: readFileSync(file),
    encoding: 'utf8',
  });
  return checked.status === 0 ? undefined : pointed(file, checked.stderr);
}

/** Node's form: a line `name:LINE`, the line of code, a line with `^` below it, and `SyntaxError: why`. */
function pointed(file: string, text: string): SyntaxMistake | undefined {
  const found = /^.*:(\d+)\n(?:.*\n)*?( *)\^+\n(?:.*\n)*?SyntaxError(?: \[\w+\])?: (.*)/.exec(text);
  return found ? { message: found[3]!, place: placeOf(file, Number(found[1]), found[2]!.length) } : undefined;
}

function placeInStack(file: string, error: unknown): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(`${name}:`);
    const numbers = at >= 0 ? /^:(\d+)(?::(\d+))?/.exec(stack.slice(at + name.length)) : null;
    if (numbers) return placeOf(file, Number(numbers[1]), Number(numbers[2] ?? 1) - 1);
  }
  return undefined;
}

function placeOf(file: string, line: number, column: number): Place {
  const text = readFileSync(file, 'utf8');
  const before = text.split('\n').slice(0, line - 1);
  return { source: new Source(file, text), offset: before.reduce((sum, one) => sum + one.length + 1, 0) + column };
}

function start(file: string): Place {
  return placeOf(file, 1, 0);
}
