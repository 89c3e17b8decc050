/** The corpus: small playbooks, each named for what it shows, with what stock Ansible did recorded beside them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent, RunOptions } from '../../engine/index.ts';
import { runPlaybook } from '../../engine/index.ts';
import { Source, toPlain } from '../../engine/values.ts';
import { parseYaml } from '../../engine/yaml/index.ts';
import { parseArgv } from './corpus_args.ts';
import { keywordCases } from './keyword_cases.ts';

export const folder = fileURLToPath(new URL('corpus', import.meta.url));

export interface Case {
  topic: string;
  name: string;
  /** The playbook. */
  play: string;
  /** Inventory; three local hosts h1, h2, h3 if not given. */
  hosts?: string;
  files?: { [path: string]: string };
  /** Further options of the command line: `[--tags, a]`. */
  args?: string[];
  /** What is typed: lines for the task debugger. */
  input?: string;
  /** Variables of the environment, which stand for settings of ansible.cfg. */
  environment?: { [name: string]: string };
  /** What is recorded shows root's name or home: compared for root only. */
  asRoot?: boolean;
  /** Why ours differs on purpose; then `ours` is what is expected instead. */
  differs?: string;
  ours?: Outcome;
}

/** What is compared. Lines in the order in which tasks began; within a task, hosts in order. */
export interface Outcome {
  rc: number;
  lines: string[];
  recap: { [host: string]: string };
  files: { [path: string]: string };
}

const LOCAL = 'h1 ansible_connection=local\nh2 ansible_connection=local\nh3 ansible_connection=local\n';

/** All cases of the corpus, by topic and in order. */
export function readCorpus(): Case[] {
  const written = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const list = toPlain(parseYaml(new Source(name, text), { trusted: false })) as unknown as Case[];
      return list.map((found) => ({ ...found, topic: name.replace('.yaml', '') }));
    });
  return [...written, ...keywordCases()];
}

/** Writes a case's files into a folder. */
export function layOut(found: Case, into: string): void {
  for (const [path, text] of Object.entries({ 'play.yml': found.play, hosts: found.hosts ?? LOCAL, ...found.files })) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  writeFileSync(join(into, '.input'), found.input ?? '');
  mkdirSync(join(into, 'out'), { recursive: true });
}

/** Files below out/, with content and mode. */
export function filesOf(place: string): { [path: string]: string } {
  const found: { [path: string]: string } = {};
  for (const entry of readdirSync(join(place, 'out'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(place, 'out').length + 1);
    found[name] = entry.isDirectory() ? '<folder>' : entry.isSymbolicLink() ? '<link>' : readFileSync(path, 'utf8');
  }
  return found;
}

/** Runs a case with our engine. */
export async function runOurs(found: Case, place: string): Promise<Outcome> {
  const typed = found.input?.split('\n').slice(0, -1) ?? [];
  const run = runPlaybook({
    playbook: 'play.yml',
    inventory: 'hosts',
    cwd: place,
    gathering: 'explicit',
    forks: 3,
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    debug: async () => typed.shift(),
    ...settingsOf(found.environment ?? {}, place),
    ...parseArgv(found.args ?? [], place),
  });
  const events: RunEvent[] = [];
  let rc: number;
  try {
    for await (const event of run) events.push(event);
    rc = (await run.recap).exitCode;
  } catch (error) {
    // A mistake found before the run; Ansible says 4 or 1, and has perhaps run a part by then.
    return { rc: 4, lines: [`error: ${(error as Error).message}`], recap: {}, files: filesOf(place) };
  }
  return { rc, ...outcomeOf(events.flatMap(raw)), files: filesOf(place) };
}

/** The settings that cases use, as options of a run. */
function settingsOf(environment: { [name: string]: string }, place: string): Partial<RunOptions> {
  const options: Partial<RunOptions> = {};
  for (const [name, value] of Object.entries(environment))
    if (name === 'ANSIBLE_STRATEGY') options.strategy = value;
    else if (name === 'ANSIBLE_ENABLE_TASK_DEBUGGER') options.taskDebugger = value === '1';
    else if (name === 'ANSIBLE_PRIVATE_ROLE_VARS') options.privateRoleVars = value === '1';
    else if (name === 'ANSIBLE_DUPLICATE_YAML_DICT_KEY') options.duplicateKeys = value as 'error';
    else if (name === 'ANSIBLE_HOST_PATTERN_MISMATCH') options.hostPatternMismatch = value as 'ignore';
    else if (name === 'ANSIBLE_HASH_BEHAVIOUR') options.hashBehaviour = value as 'merge';
    else if (name === 'ANSIBLE_ROLES_PATH') options.rolesPath = value.split(':').map((path) => join(place, path));
    else if (name === 'ANSIBLE_COLLECTIONS_PATH')
      options.collectionsPath = value.split(':').map((path) => join(place, path));
    else throw new Error(`the corpus does not know the setting ${name}`);
  return options;
}

/** An event as Ansible's recorder words it. */
export interface RawEvent {
  play?: string;
  task?: string;
  include?: string;
  hosts?: string[];
  result?: string;
  host?: string;
  name?: string;
  ignored?: boolean;
  item?: boolean;
  said?: { [key: string]: unknown };
  no_hosts?: boolean;
  stats?: { [count: string]: number };
}

const fullName = (task: { name: string; role?: string }) =>
  (task.role ? `${task.role} : ${task.name}` : task.name).trim();
const noise = new Set([
  'changed',
  'failed',
  'ansible_loop_var',
  'ansible_index_var',
  'ansible_loop',
  'item',
  'skipped_reason',
  'warnings',
  'deprecations',
]);

function raw(event: RunEvent): RawEvent[] {
  switch (event.type) {
    case 'play:start':
      return [{ play: event.name }];
    case 'play:no-hosts':
      return [{ play: event.name }, { no_hosts: true }];
    case 'task:start':
      return [{ task: fullName(event.task) }];
    case 'include':
      return [{ include: event.file.split('/').at(-1)!, hosts: [...event.hosts].sort() }];
    case 'task:item':
    case 'task:result': {
      const { result, task } = event;
      if (/(^|\.)include_(tasks|role)$/.test(task.action) && result.status === 'ok') return [];
      const made: RawEvent = { result: result.status, host: event.host, name: fullName(task) };
      // Ansible's reporters are not told that an unreachable host is ignored.
      if (result.ignored && event.type === 'task:result' && result.status !== 'unreachable') made.ignored = true;
      if (event.type === 'task:item') made.item = true;
      if (
        task.action.split('.').at(-1) === 'debug' &&
        /^(ok|changed)$/.test(result.status) &&
        !('results' in result.values)
      ) {
        made.said = Object.fromEntries(Object.entries(result.values).filter(([key]) => !noise.has(key)));
      }
      return [made];
    }
    case 'run:end':
      return Object.entries(event.recap.hosts).map(([host, stats]) => ({ host, stats: { ...stats } }));
    default:
      return [];
  }
}

/** Events as comparable lines. Results of one task are put in the order of hosts: which host is first is chance. */
export function outcomeOf(events: RawEvent[]): Pick<Outcome, 'lines' | 'recap'> {
  const lines: string[] = [];
  const recap: Outcome['recap'] = {};
  let open: { host: string; index: number; text: string }[] = [];
  const close = () => {
    open.sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : a.index - b.index));
    lines.push(...open.map((o) => o.text));
    open = [];
  };
  for (const [index, event] of events.entries()) {
    if (event.play !== undefined) {
      close();
      lines.push(`PLAY ${event.play}`);
    } else if (event.task !== undefined) {
      close();
      lines.push(`TASK ${event.task}`);
    } else if (event.include !== undefined) {
      close();
      lines.push(`  included ${event.include} for ${event.hosts!.join(' ')}`);
    } else if (event.no_hosts) lines.push('  no hosts');
    else if (event.result !== undefined) {
      const said = event.said === undefined ? '' : ` ${JSON.stringify(sortKeys(event.said))}`;
      const text = `  ${event.item ? '- ' : ''}${event.host}: ${event.result}${event.ignored ? ' (ignored)' : ''}${said}`;
      open.push({ host: event.host!, index, text });
    } else if (event.stats) {
      const { ok = 0, changed = 0, unreachable = 0, skipped = 0, rescued = 0, ignored = 0 } = event.stats;
      const failed = event.stats['failures'] ?? event.stats['failed'] ?? 0;
      recap[event.host!] =
        `ok=${ok} changed=${changed} unreachable=${unreachable} failed=${failed} skipped=${skipped} rescued=${rescued} ignored=${ignored}`;
    }
  }
  close();
  return { lines, recap };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sortKeys(v)]),
  );
}
