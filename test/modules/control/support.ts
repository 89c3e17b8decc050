/** Runs a control module alone: variables and files come from the test, nothing touches a host. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleFailure, UndefinedError } from '../../../engine/errors.ts';
import type { ModuleDefinition, ModuleEnv, ModuleResult } from '../../../engine/modules/define.ts';
import { checkArgs, convertArgs } from '../../../engine/modules/parts/arguments.ts';
import { type Dict, fromPlain, isDict, Source, type Template, toPlain, type Value } from '../../../engine/values.ts';
import { parseYaml } from '../../../engine/yaml/parse.ts';

export interface Tried {
  result: ModuleResult;
  warnings: string[];
  secrets: string[];
  told: string[];
}

/** Paths of variables only: enough for debug and assert without the template engine. */
function look(variables: Dict, expression: string): Value {
  const comparison = /^(.*?) == (.*)$/.exec(expression);
  if (comparison) return look(variables, comparison[1]!) === look(variables, comparison[2]!);
  if (/^\d+$/.test(expression)) return Number(expression);
  let value: Value | undefined = variables;
  for (const name of expression.split('.')) value = isDict(value) ? value.get(name) : undefined;
  if (value === undefined) throw new UndefinedError(`'${expression}' is undefined`, expression);
  return value;
}

export function environment(
  variables: Record<string, unknown>,
  more: Partial<ModuleEnv>,
  seen: Omit<Tried, 'result'>,
): ModuleEnv {
  const known = fromPlain(variables) as Dict;
  return {
    check: false,
    diff: false,
    verbosity: 0,
    variable: (name: string) => known.get(name),
    evaluate: (expression: string | Template | boolean) => {
      if (typeof expression === 'boolean') return expression;
      return look(
        known,
        (typeof expression === 'string' ? expression : expression.text).replace(/^\{\{\s*|\s*\}\}$/g, ''),
      );
    },
    readVariables: (file: string) => parseYaml(new Source(file, readFileSync(file, 'utf8'))) as Dict,
    warn: (text: string) => seen.warnings.push(text),
    secret: (text: string) => seen.secrets.push(text),
    tell: (text: string) => seen.told.push(text),
    output: () => {},
    signal: new AbortController().signal,
    ...more,
  } as unknown as ModuleEnv;
}

/** Checks the arguments as a run does, then runs the module. */
export async function attempt(
  module: ModuleDefinition,
  written: Dict | Record<string, unknown>,
  variables: Record<string, unknown> = {},
  more: Partial<ModuleEnv> = {},
): Promise<Tried> {
  const dict = fromPlain(written) as Dict;
  const problems = checkArgs(module, dict).map((finding) => finding.message);
  const { args } = convertArgs(module, dict);
  if (problems.length > 0) throw new ModuleFailure(problems.join('; '));
  const seen = { warnings: [], secrets: [], told: [] };
  const env = environment(variables, { rawArgs: dict, ...more }, seen);
  return { result: await module.run(args as never, env), ...seen };
}

/** What `register` would hold of the module's values. */
export async function values(...args: Parameters<typeof attempt>): Promise<unknown> {
  return toPlain(fromPlain((await attempt(...args)).result.values));
}

/** The failure of a module: its message and its further keys, as plain data. */
export async function failure(...args: Parameters<typeof attempt>): Promise<Record<string, unknown>> {
  try {
    await attempt(...args);
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    return { msg: error.message, ...(toPlain(fromPlain(error.result)) as object) };
  }
  throw new Error('the module did not fail');
}

/** A folder of the test's own, and what takes it away. */
export function folder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'troupe-control-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
