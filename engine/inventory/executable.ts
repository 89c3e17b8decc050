/** Executable inventories: a program that prints JSON for `--list`, and for `--host NAME` where it gives no `_meta`. */
import { execFile } from 'node:child_process';
import { AuthorError, mistake } from '../errors.ts';
import { type Dict, isDict, Source, type Value } from '../values.ts';
import { parseJson } from '../yaml/index.ts';
import { addVars, type Group, type Inventory } from './hosts.ts';

interface ProgramResult {
  stdout: string;
  stderr: string;
  rc: number;
}

/** Runs a program of the user's project; given by the caller, so that tests and embedders can put another in its place. */
export type RunProgram = (path: string, args: string[]) => ProgramResult | Promise<ProgramResult>;

/** Runs a program with the environment of this process. */
export const runProgram: RunProgram = (path, args) =>
  new Promise((resolve) => {
    execFile(path, args, { maxBuffer: 512 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = (error as { code?: unknown } | null)?.code;
      resolve({
        stdout,
        stderr: stderr || (error && typeof code !== 'number' ? error.message : ''),
        rc: error ? (typeof code === 'number' ? code : 1) : 0,
      });
    });
  });

/**
 * Reads what the program at `path` prints. A program's output is data: its strings stay literal text, template marks and all
 * (SECURITY.md, S-01; Ansible would render them), and a warning says so where there are any.
 */
export async function readExecutable(path: string, inventory: Inventory, run: RunProgram): Promise<void> {
  const list = await ask(path, ['--list'], run);
  const meta = list.get('_meta');
  const hostVars = isDict(meta) ? meta.get('hostvars') : undefined;
  const mentioned = new Set<string>();
  for (const [name, content] of list) {
    if (typeof name === 'string' && name !== '_meta') readGroup(path, name, content, inventory, mentioned);
  }
  if (isDict(hostVars)) {
    for (const [name, vars] of hostVars) {
      const host = inventory.hosts.get(String(name));
      if (host && isDict(vars)) addVars(host.vars, vars, inventory.merge);
    }
  } else {
    for (const name of mentioned)
      addVars(inventory.listHost(name).vars, await ask(path, ['--host', name], run), inventory.merge);
  }
  warnTemplates(path, list, inventory);
}

async function ask(path: string, args: string[], run: RunProgram): Promise<Dict> {
  const { stdout, stderr, rc } = await run(path, args);
  const command = `${path} ${args.join(' ')}`;
  if (rc !== 0) {
    const said = stderr.trim().split('\n').slice(-5).join('\n');
    throw mistake(
      `the inventory program \`${command}\` ended with ${rc}${said ? `:\n${said}` : ''}`,
      undefined,
      'if the file is not a program, take its execute permission away: chmod -x',
    );
  }
  if (stdout.trim() === '') return new Map();
  const source = new Source(`output of ${command}`, stdout);
  let value: Value;
  try {
    value = parseJson(source, { trusted: false });
  } catch (error) {
    if (error instanceof AuthorError) error.findings[0]!.help ??= `\`${command}\` must print JSON`;
    throw error;
  }
  if (!isDict(value))
    throw mistake(`the inventory program \`${command}\` must print a JSON object`, { source, offset: 0 });
  return value;
}

function readGroup(path: string, name: string, content: Value, inventory: Inventory, mentioned: Set<string>): void {
  const group = inventory.addGroup(name);
  const list = (value: Value | undefined, what: string): string[] => {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map(String);
    throw mistake(
      `the inventory program \`${path}\` gives \`${what}\` of the group \`${name}\` as something other than a list`,
    );
  };
  const addHosts = (names: string[], to: Group): void => {
    for (const host of names) {
      inventory.listHost(host, to);
      mentioned.add(host);
    }
  };
  if (!isDict(content)) {
    addHosts(list(content, 'hosts'), group);
    return;
  }
  if (!['hosts', 'vars', 'children'].some((key) => content.has(key))) {
    // The oldest form: a name with variables is a group that holds a host of the same name.
    addHosts([name], group);
    addVars(group.vars, content, inventory.merge);
    return;
  }
  addHosts(list(content.get('hosts'), 'hosts'), group);
  const vars = content.get('vars');
  if (isDict(vars)) for (const [key, value] of vars) inventory.setGroupVar(group, key, value);
  for (const child of list(content.get('children'), 'children')) inventory.addChild(group, inventory.addGroup(child));
}

function warnTemplates(path: string, list: Dict, inventory: Inventory): void {
  const marked = findMark(list);
  if (marked === undefined) return;
  inventory.warnings.push({
    message: `the inventory program \`${path}\` gives a value with template marks (\`${marked.slice(0, 60)}\`): it stays literal text`,
    help: 'what a program prints is data here; put templates into group_vars/ or host_vars/',
    warning: true,
  });
}

function findMark(value: Value): string | undefined {
  if (typeof value === 'string') return /\{\{|\{%|\{#/.test(value) ? value : undefined;
  const items = Array.isArray(value) ? value : isDict(value) ? value.values() : [];
  for (const item of items) {
    const found = findMark(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
