/** A result as lines for people: what went wrong first, then what is needed to understand it. */
import type { TaskInfo, TaskResult } from '../events.ts';
import type { Json } from '../values.ts';
import { resultJson, safe } from './style.ts';

/** Keys whose content is shown in another way, or says nothing about a failure. */
const HIDDEN = new Set([
  'changed',
  'failed',
  'skipped',
  'unreachable',
  'msg',
  'rc',
  'cmd',
  'stdout',
  'stderr',
  'stdout_lines',
  'stderr_lines',
  'start',
  'end',
  'delta',
  'invocation',
  'warnings',
  'deprecations',
  'diff',
  'results',
  'exception',
  'ansible_facts',
  'ansible_loop_var',
  'ansible_loop',
  'item',
  'attempts',
  'failed_when_result',
  'content',
  'ansible_index_var',
  'argument_errors',
  'argument_spec_data',
]);

const MOST_LINES = 60;
const LINES_OF_A_TASK = 25;
/** Of a list or a dict; `-v` shows all of it. */
const MOST_OF_A_VALUE = 12;
/** Of one line. */
const MOST_LETTERS = 2000;

/** The first line of a failure: its message, or what it says instead. */
export function headline(result: TaskResult): string {
  const msg = result.msg ?? text(result.values['msg']);
  return (
    safe(msg ?? '')
      .trim()
      .split('\n')[0] || reason(result)
  );
}

function reason({ status, values }: TaskResult): string {
  if (status === 'unreachable') return 'the host was lost';
  if (values['failed_when_result'] === true) return 'a condition of `failed_when` holds';
  const { attempts } = values;
  return typeof attempts === 'number' ? `\`until\` does not hold after ${attempts} attempts` : 'the task failed';
}

/** Indented lines below the headline: the rest of the message, rc, command, stderr, stdout, other keys, the explanation or the task's place. */
export function failureDetails(result: TaskResult, task?: TaskInfo): string[] {
  const lines: string[] = [];
  const message = safe(result.msg ?? text(result.values['msg']) ?? '').trim();
  const rest = message.split('\n').slice(1);
  lines.push(...rest);
  if (!result.censored) {
    const { rc, cmd, stderr, stdout, module_stderr: moduleStderr } = result.values;
    if (rc !== undefined) lines.push(`rc: ${text(rc)}`);
    if (cmd !== undefined) lines.push(`cmd: ${safe(Array.isArray(cmd) ? cmd.map(text).join(' ') : (text(cmd) ?? ''))}`);
    lines.push(...block('stderr', stderr ?? moduleStderr), ...block('stdout', stdout));
    for (const [key, value] of Object.entries(result.values)) {
      if (HIDDEN.has(key) || key.startsWith('_') || key === 'module_stderr' || empty(value)) continue;
      if (value === result.msg) continue;
      // What systemd knows of a unit: two hundred lines.
      if (key === 'status' && typeof value === 'object') continue;
      lines.push(...block(safe(key), value));
    }
  }
  if (result.explanation) lines.push(...explanationLines(result));
  if (task && !isNear(result.explanation, task.path)) lines.push(`task: ${safe(task.path)}`);
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}

/** Whether an explanation shows a place of the task itself: a mistake may also be in a template, or where a variable is defined. */
function isNear(explanation: string | undefined, path: string): boolean {
  const [, file, line] = /^(.*):(\d+)$/.exec(path) ?? [];
  const shown = /^ *--> (.*?):(\d+):\d+$/m.exec(explanation ?? '');
  if (!shown || shown[1] !== file) return false;
  const below = Number(shown[2]) - Number(line);
  return below >= 0 && below < LINES_OF_A_TASK;
}

/** The explanation repeats the message only where the headline does not say it. */
function explanationLines(result: TaskResult): string[] {
  const lines = safe(result.explanation!).split('\n');
  return lines[0] === `error: ${headline(result)}` ? lines.slice(1) : lines;
}

function block(key: string, value: Json | undefined): string[] {
  if (value === undefined || empty(value)) return [];
  const shown = safe(text(value) ?? '').replace(/\n+$/, '');
  const lines = shown.split('\n');
  if (lines.length === 1 && shown.length < 100) return [`${key}: ${shown}`];
  return [`${key}:`, ...cutLines(lines, typeof value === 'string').map((line) => `  ${shortened(line)}`)];
}

/** The end of a long output tells why it failed; of other values the beginning is what matters. */
function cutLines(lines: string[], output: boolean): string[] {
  const most = output ? MOST_LINES : MOST_OF_A_VALUE;
  const more = lines.length - most;
  if (more <= 0) return lines;
  return output
    ? [`… ${more} lines before`, ...lines.slice(-most)]
    : [...lines.slice(0, most), `… ${more} lines more (-v)`];
}

function shortened(line: string): string {
  const more = line.length - MOST_LETTERS;
  return more <= 0 ? line : `${line.slice(0, MOST_LETTERS)}… ${more} letters more (-v)`;
}

function empty(value: Json): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function text(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : resultJson(value);
}

/** Keys that Ansible leaves out where it shows a result's values. */
const NOT_AMONG_VALUES = new Set([
  'changed',
  'failed',
  'skipped',
  'invocation',
  'skip_reason',
  'ansible_loop_var',
  'ansible_index_var',
  'ansible_loop',
  'warnings',
  'deprecations',
]);

/** The JSON after `=>`, if this result shows one: always for debug, with -v for the others. */
export function shownJson(task: TaskInfo, result: TaskResult, verbosity: number): string | undefined {
  if (task.shows === 'values' && (result.status === 'ok' || result.status === 'changed')) {
    const { msg } = result.values;
    const shown = msg === undefined ? without(result.values, NOT_AMONG_VALUES) : { msg };
    return safe(resultJson(shown, 4));
  }
  if (verbosity === 0) {
    if (!saysSuccess(task, result)) return undefined;
    return safe(resultJson(without(result.values, NOT_SAID), 4));
  }
  const shown = verbosity < 3 ? without(result.values, new Set(['invocation', 'diff'])) : result.values;
  return safe(resultJson(without(shown, INTERNAL), verbosity > 2 ? 4 : 0));
}

/** What a task of debug says, bare; undefined for what says nothing. */
export function saidValue(task: TaskInfo, result: TaskResult): Json | undefined {
  if (task.shows !== 'values' || result.status !== 'ok' || result.censored) return undefined;
  return result.values['msg'] ?? Object.values(without(result.values, NOT_AMONG_VALUES))[0];
}

/** A message of its own for success, as of an assertion. */
function saysSuccess(task: TaskInfo, { status, quiet }: TaskResult): boolean {
  return task.shows === 'message' && status === 'ok' && !quiet;
}

const NOT_SAID = { has: (key: string) => key === 'failed' || key === 'invocation' || INTERNAL.has(key) };
const INTERNAL = { has: (key: string) => key.startsWith('_ansible_') };

function without(values: { [key: string]: Json }, keys: { has(key: string): boolean }): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.has(key)));
}
