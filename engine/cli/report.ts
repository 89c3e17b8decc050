/** A run on the screen and in files: one or several reporters over the same events. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  AuthorError,
  describe,
  didYouMean,
  type Finding,
  gathered,
  reasonOf,
  systemFailure,
  TemplateError,
  UndefinedError,
  UsageError,
} from '../errors.ts';
import type { Recap, RunEvent } from '../events.ts';
import type { Run } from '../index.ts';
import { type Output, type Reporter, type ReportSettings, reporters } from '../reporters/index.ts';
import { PrintDoor } from '../reporters/printable.ts';
import { type Console, EXIT, InputError } from './console.ts';
import { QuestionEnded } from './questions.ts';

interface Reporting {
  /** As it was named on the command line. */
  name: string;
  report: Reporter;
  out: Output;
  end(): void;
}

/** The reporters named on the command line: NAME, NAME=FILE or ./FILE.js. With nothing for the screen, `standard` takes it, if there is one. */
export async function chosenReporters(
  named: readonly string[],
  standard: string | undefined,
  console: Console,
): Promise<Reporting[]> {
  const chosen = await Promise.all(named.map((text) => reporting(text, console)));
  if (standard !== undefined && chosen.every(({ out }) => out !== console.out)) {
    const first = await reporting(standard, console);
    chosen.unshift({ ...first, report: unlessAskedFor(first.report, console) });
  }
  return chosen;
}

/** A reporter that gives way to the one that the first play asks for. */
function unlessAskedFor(standard: Reporter, console: Console): Reporter {
  return async (events, out, settings) => {
    const source = events[Symbol.asyncIterator]();
    const before: RunEvent[] = [];
    let report = standard;
    for (let next = await source.next(); !next.done; next = await source.next()) {
      before.push(next.value);
      if (next.value.type === 'run:start' || next.value.type === 'message') continue;
      if (next.value.type === 'play:start' && next.value.reporter)
        report = await loadReporter(next.value.reporter, console);
      break;
    }
    await report(replayed(before, source), out, settings);
  };
}

async function* replayed(before: readonly RunEvent[], rest: AsyncIterator<RunEvent>): AsyncGenerator<RunEvent> {
  yield* before;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function reporting(text: string, console: Console): Promise<Reporting> {
  const [name, file] = text.split(/=(.*)/s) as [string, string | undefined];
  const report = await loadReporter(name, console);
  if (file === undefined || file === '') return { name: text, report, out: console.out, end: () => {} };
  const { out, end } = fileOutput(resolve(console.cwd, file));
  return { name: text, report, out, end };
}

async function loadReporter(name: string, console: Console): Promise<Reporter> {
  if (Object.hasOwn(reporters, name)) return (await reporters[name]!.load()).default;
  if (!/[./]/.test(name))
    throw new UsageError(
      `there is no reporter \`${name}\``,
      didYouMean(name, Object.keys(reporters)) ??
        `reporters are: ${Object.keys(reporters).join(', ')}, or a file ./NAME.js`,
    );
  let found: { default?: unknown };
  try {
    found = (await import(pathToFileURL(resolve(console.cwd, name)).href)) as { default?: unknown };
  } catch (error) {
    throw new InputError(`the reporter ${name} cannot be loaded: ${(error as Error).message}`);
  }
  if (typeof found.default !== 'function')
    throw new InputError(`the reporter ${name} must export an async function as its default`);
  return found.default as Reporter;
}

function fileOutput(path: string): { out: Output; end(): void } {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'w');
  } catch (error) {
    throw new InputError(`cannot write the report ${path}: ${reasonOf(error)}`);
  }
  const door = new PrintDoor((text) => void writeSync(descriptor, text), false, false);
  const write = (text: string) => door.print(text);
  const command = (line: string) => door.command(line);
  return {
    out: { write, error: write, command, isTTY: false, columns: 80, colors: false },
    end: () => closeSync(descriptor),
  };
}

/** Follows a run to its end and returns the exit code. */
export async function follow(
  run: Run,
  reporting: readonly Reporting[],
  settings: ReportSettings,
  console: Console,
): Promise<number> {
  const ended = await Promise.allSettled(reporting.map(({ report, out }) => report(run, out, settings)));
  for (const { end } of reporting) end();
  let recap: Recap;
  try {
    recap = await run.recap;
  } catch (error) {
    if (!(error instanceof AuthorError) || !(await hasBegun(run))) throw error;
    showFindings(error.findings, console, 'the run ended here');
    return exitCodeOf(error.findings);
  }
  for (const [i, outcome] of ended.entries()) {
    if (outcome.status !== 'rejected') continue;
    const why = systemFailure(outcome.reason) ?? String(outcome.reason);
    console.out.error(`error: the report \`${reporting[i]!.name}\` is not whole: ${why}\n`);
  }
  return recap.exitCode === 0 && ended.some((o) => o.status === 'rejected') ? EXIT.error : recap.exitCode;
}

/** Whether a run that ended in an error had shown a play before. */
async function hasBegun(run: Run): Promise<boolean> {
  try {
    for await (const event of run) if (event.type === 'play:start') return true;
  } catch {
    // The error that is known already.
  }
  return false;
}

/** What is wrong with the user's files: each finding with its place, then how many there are. */
export function showFindings(findings: readonly Finding[], console: Console, end = 'nothing was run'): void {
  for (const finding of gathered(findings)) console.out.error(`${describe(finding)}\n\n`);
  const errors = findings.filter((f) => !f.warning).length;
  if (errors > 0) console.out.error(`${errors === 1 ? 'one error' : `${errors} errors`}; ${end}\n`);
}

/** 4 for mistakes of the files; as ansible-playbook 1 where a vault does not open. */
export function exitCodeOf(findings: readonly Finding[]): number {
  const errors = findings.filter(({ warning }) => !warning);
  return errors.length > 0 && errors.every(({ code }) => code === 'vault') ? EXIT.error : EXIT.mistakes;
}

/** Shows an error in the way its kind asks for, and returns the exit code that belongs to it. */
export function showError(error: unknown, console: Console): number {
  if (error instanceof QuestionEnded) return EXIT.interrupted;
  if (error instanceof AuthorError) {
    showFindings(error.findings, console);
    return exitCodeOf(error.findings);
  }
  if (error instanceof UndefinedError || error instanceof TemplateError) {
    showFindings([error], console, 'the run ended here');
    return EXIT.mistakes;
  }
  if (error instanceof UsageError) {
    console.out.error(`error: ${error.message}\n${error.help ? `help: ${error.help}\n` : ''}`);
    return error instanceof InputError ? EXIT.error : EXIT.usage;
  }
  const refused = systemFailure(error);
  if (refused !== undefined) {
    console.out.error(`error: ${refused}\n`);
    return EXIT.error;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.out.error(`this is a bug in Troupe; please report it with this text:\n${stack}\n`);
  return EXIT.bug;
}
