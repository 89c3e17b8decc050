/** Loads a file of the project that is a program: a module, a playbook. What it imports as `troupe` is the program that runs it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as loader from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AuthorError, mistake } from '../errors.ts';
import { type Place, Source } from '../values.ts';
import * as hooks from './library-hooks.mjs';

let hooked = false;

let provided = false;
const built = !import.meta.url.endsWith('.ts');

/** Says what `troupe/modules` is where no build has written it. */
export function provideModules(make: () => string): void {
  if (built || provided) return;
  provided = true;
  register({ modules: `data:text/javascript,${encodeURIComponent(make())}` }, './library-hooks.mjs?modules');
}

/** What a file exports; throws AuthorError, with the place in the file, if it cannot be loaded. `what` is how messages call it. */
export async function importFile(file: string, what: string): Promise<{ readonly [name: string]: unknown }> {
  hook();
  const unread = /\.m?ts$/.test(file) ? hooks.noTypescript(file) : undefined;
  if (unread)
    throw mistake(`the ${what} ${basename(file)} cannot be loaded: ${unread.message}`, start(file), unread.help);
  try {
    return (await import(pathToFileURL(file).href)) as { readonly [name: string]: unknown };
  } catch (error) {
    throw error instanceof AuthorError ? error : loadingMistake(file, what, error);
  }
}

function hook(): void {
  if (hooked) return;
  hooked = true;
  // Lines in a stack are those of the file, not of what was compiled.
  process.setSourceMapsEnabled(true);
  const troupe = new URL(built ? '../index.js' : '../index.ts', import.meta.url).href;
  register(built ? { troupe, modules: new URL('../author/modules.js', import.meta.url).href } : { troupe });
}

function register(data: hooks.Addresses, name = './library-hooks.mjs'): void {
  const { registerHooks } = loader as { registerHooks?: (all: typeof hooks) => void };
  if (registerHooks) {
    hooks.initialize(data);
    registerHooks(hooks);
  } else loader.register(name, import.meta.url, { data });
}

function loadingMistake(file: string, what: string, error: unknown): AuthorError {
  const { message, place } = syntaxMistake(file, error) ?? {
    message: error instanceof Error ? error.message : String(error),
    place: placeInStack(file, error),
  };
  return mistake(`the ${what} ${basename(file)} cannot be loaded: ${message}`, place ?? start(file));
}

interface SyntaxMistake {
  message: string;
  place: Place | undefined;
}

/** What is wrong in the file itself, as whatever reads it says. */
function syntaxMistake(file: string, error: unknown): SyntaxMistake | undefined {
  if (!(error instanceof Error)) return undefined;
  return /\.m?ts$/.test(file) ? typescriptMistake(file, error) : javascriptMistake(file, error);
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

/** Where in the file an error was made, if it was there. */
export function placeInStack(file: string, error: unknown): Place | undefined {
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

/** The beginning of a file. */
export function start(file: string): Place {
  return placeOf(file, 1, 0);
}
