/**
 * Modules in other languages: an executable that finds its arguments in a file and prints JSON. A text that holds `WANT_JSON`,
 * or a binary, gets them as JSON (on its standard input too), any other as `name=value` words; the path of the file is its
 * one argument. Source: https://docs.ansible.com/ansible/latest/dev_guide/developing_program_flow_modules.html
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ModuleFailure, mistake } from '../../errors.ts';
import { toText } from '../../python/text.ts';
import { quote } from '../../remote/quote.ts';
import { INLINE_LIMIT, type Reply } from '../../remote/remote.ts';
import { type Dict, fromPlain, toPlain } from '../../values.ts';
import { defineModule, type ModuleDefinition, type ModuleEnv, type ModuleResult, shell } from '../define.ts';

const NEEDS_PYTHON = /^\s*(?:from|import)\s+ansible(?:_collections)?\.|<<INCLUDE_ANSIBLE_MODULE_COMMON>>/m;
const NEEDS_POWERSHELL = /^#!powershell|^#\s*(?:Requires\s+-Module|AnsibleRequires)/im;
const JSON_PLACEHOLDER = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>';

interface Program {
  name: string;
  content: Buffer;
  /** The words of the line `#!`; none for a binary. */
  interpreter: string[];
  style: 'json' | 'words' | 'inside';
}

/** The definition of a module that is an executable; throws AuthorError for one that only Ansible's own library can run. */
export function foreignModule(file: string): ModuleDefinition {
  const program = readProgram(file);
  const definition = defineModule({
    name: program.name,
    doc: `A module of this project in ${program.interpreter.at(-1) ?? 'machine code'}: ${basename(file)}.

It runs on the host with its arguments in a file (${program.style === 'words' ? 'name=value words' : 'JSON'}) and answers in JSON. What it takes and returns is its own affair.`,
    args: {},
    openArgs: true,
    // As Ansible: it is told of check mode by the argument _ansible_check_mode, and has to obey it.
    check: 'full',
    run: (_args, env) => runProgram(program, env),
  });
  return definition;
}

function readProgram(file: string): Program {
  const content = readFileSync(file);
  const name = basename(file).replace(/\.[^.]*$/, '');
  if (content.includes(0)) return { name, content, interpreter: [], style: 'json' };
  const text = content.toString('utf8');
  const shown = basename(file);
  if (NEEDS_PYTHON.test(text))
    throw mistake(
      `the module \`${name}\` (${shown}) is written for Ansible's own Python library, which is not here`,
      undefined,
      'write it as a .ts or .js module (README.md shows one), or as a program that reads a file of JSON and prints JSON',
    );
  if (NEEDS_POWERSHELL.test(text))
    throw mistake(`the module \`${name}\` (${shown}) is for Windows, where Troupe does not run tasks`);
  const line = /^#!\s*(.*)$/m.exec(text.slice(0, text.indexOf('\n') + 1 || undefined))?.[1]?.trim();
  if (!text.startsWith('#!') || !line)
    throw mistake(
      `the module \`${name}\` (${shown}) does not say what runs it`,
      undefined,
      'begin the file with a line such as `#!/bin/sh`',
    );
  const style = text.includes(JSON_PLACEHOLDER) ? 'inside' : text.includes('WANT_JSON') ? 'json' : 'words';
  return { name, content, interpreter: line.split(/\s+/), style };
}

async function runProgram(program: Program, env: ModuleEnv): Promise<ModuleResult> {
  const args = argumentsOf(program, env);
  const json = JSON.stringify(toPlain(args));
  const content =
    program.style === 'inside'
      ? Buffer.from(program.content.toString('utf8').replaceAll(JSON_PLACEHOLDER, () => json))
      : program.content;
  const text =
    program.style === 'words' ? [...args].map(([key, value]) => `${key}=${quote(toText(value))}`).join(' ') : json;
  const here = content.length <= INLINE_LIMIT && !content.includes(0);
  const reply = await env.remote.call(
    shell('foreign', new URL('.', import.meta.url).href),
    {
      f_name: program.name,
      f_program: here ? content : '',
      f_file: here ? '' : await env.remote.upload(content, { name: program.name }),
      f_args: text,
      f_interpreter: interpreterOf(program, env),
      f_inside: program.style === 'inside',
      f_stdin: program.style === 'json',
    },
    { anyExit: true },
  );
  return resultOf(program, reply, env);
}

/** The task's arguments, and those by which Ansible tells a module how the run goes. */
function argumentsOf(program: Program, env: ModuleEnv): Dict {
  const told: [string, boolean | number | string][] = [
    ['_ansible_check_mode', env.check],
    ['_ansible_no_log', false],
    ['_ansible_debug', false],
    ['_ansible_diff', env.diff],
    ['_ansible_verbosity', env.verbosity],
    ['_ansible_module_name', program.name],
    ['_ansible_shell_executable', '/bin/sh'],
    ['_ansible_keep_remote_files', false],
  ];
  return new Map([...env.rawArgs, ...told]);
}

/** `ansible_perl_interpreter` and its like win over the path in the file. */
function interpreterOf({ interpreter }: Program, env: ModuleEnv): string[] {
  const [path, ...rest] = interpreter;
  if (path === undefined) return [];
  const other = env.variable(`ansible_${basename(path)}_interpreter`);
  return typeof other === 'string' && other !== '' ? [...other.trim().split(/\s+/), ...rest] : interpreter;
}

function resultOf(program: Program, reply: Reply, env: ModuleEnv): ModuleResult {
  const stdout = reply.bytes('stdout').toString('utf8');
  const answer = parseAnswer(stdout);
  if (answer === undefined) {
    throw new ModuleFailure(`the module ${program.name} did not answer in JSON`, {
      module_stdout: stdout,
      module_stderr: reply.stderr.toString('utf8'),
      rc: reply.rc,
    });
  }
  const { changed, failed, skipped, warnings, ansible_facts: facts, ...rest } = answer;
  for (const text of Array.isArray(warnings) ? warnings : []) env.warn(String(text));
  for (const key of Object.keys(rest)) if (key.startsWith('_ansible_')) delete rest[key];
  const isChanged = isYes(changed);
  const values = facts === undefined ? rest : { ...rest, ansible_facts: facts };
  if (isYes(failed) || (failed === undefined && rest.rc !== undefined && rest.rc !== 0)) {
    const message = typeof rest.msg === 'string' ? rest.msg : `the module ${program.name} failed and gave no reason`;
    throw new ModuleFailure(message, { ...values, changed: isChanged });
  }
  const result: ModuleResult = { changed: isChanged, values };
  if (isYes(skipped)) result.skipped = true;
  if (typeof facts === 'object' && facts !== null) result.facts = fromPlain(facts) as Dict;
  return result;
}

const isYes = (value: unknown): boolean => value === true || /^(?:yes|true|on|1)$/i.test(String(value));

/** The object in what a module printed; lines before and after it are noise, such as a login's greeting. */
function parseAnswer(text: string): Record<string, unknown> | undefined {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trimStart().startsWith('{'));
  if (first < 0) return undefined;
  for (let last = lines.length; last > first; last--) {
    if (!lines[last - 1]!.trimEnd().endsWith('}')) continue;
    try {
      return JSON.parse(lines.slice(first, last).join('\n')) as Record<string, unknown>;
    } catch {}
  }
  return undefined;
}
