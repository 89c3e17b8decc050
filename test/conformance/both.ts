/** One playbook run by stock Ansible and by us, told in the same words: a line per task and host, a recap, an exit code. */
import { spawn } from 'node:child_process';
import type { RunEvent } from '../../engine/events.ts';
import { ensureBuilt } from '../support/built.mjs';
import { runAnsible } from './reference.mjs';

/** How a playbook ended. `failures` has what failed tasks said, to show to people: the wording is each side's own. */
export interface Outcome {
  rc: number | string;
  lines: string[];
  recap: { [host: string]: string };
  failures: string[];
}

export interface RunOptions {
  cwd: string;
  inventory: string;
  play: string;
  more?: string[];
  env?: { [name: string]: string };
  /** More folders that Ansible must see. */
  binds?: string[];
  seconds?: number;
}

// What an include or a meta task itself reports is each side's own affair; the tasks it brings are compared.
const ownAffair = /^(ansible\.(builtin|legacy)\.)?(include_tasks|include_role|import_tasks|import_role|include|meta)$/;

interface AnsibleHost {
  [key: string]: unknown;
  action?: string;
}
interface AnsibleJson {
  plays: { play: { name: string }; tasks: { task: { name: string }; hosts: { [host: string]: AnsibleHost } }[] }[];
  stats: { [host: string]: { [count: string]: number } };
}

function line(
  play: string,
  task: string,
  host: string,
  status: string,
  values: { [key: string]: unknown },
  action: string,
): string {
  // How a failure is worded is our own.
  const said =
    /(^|\.)debug$/.test(action) && status === 'ok' && 'msg' in values
      ? ` ${JSON.stringify(values['msg'], sorted)}`
      : '';
  return `${play} / ${task.replace(/^[\w.-]+ : /, '')} / ${host}: ${status}${said}`;
}

// Ansible's callback sorts keys; their order means nothing.
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function statusOf(result: AnsibleHost): string {
  return ['unreachable', 'failed', 'skipped', 'changed'].find((key) => result[key] === true) ?? 'ok';
}

function recapOf(counts: { [count: string]: number | undefined }): string {
  const failed = counts['failed'] ?? counts['failures'];
  return (
    ['ok', 'changed', 'unreachable', 'skipped', 'rescued', 'ignored'].map((key) => `${key}=${counts[key]}`).join(' ') +
    ` failed=${failed}`
  );
}

function failure(task: string, host: string, values: { [key: string]: unknown }): string {
  const items = Array.isArray(values['results']) ? (values['results'] as { [key: string]: unknown }[]) : [];
  const all = [values, ...items.filter((item) => item?.['failed'] === true)];
  const said = all.flatMap((each) => [each['msg'], each['stderr']].filter(Boolean).map(String));
  return `${task} / ${host}: ${said.join(' | ').slice(0, 1500)}`;
}

/** Runs a playbook with stock Ansible, in the reference's Debian tree. */
export async function byAnsible({
  cwd,
  inventory,
  play,
  more = [],
  env,
  binds,
  seconds = 300,
}: RunOptions): Promise<Outcome> {
  const settings = {
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_DEPRECATION_WARNINGS: 'False',
    ...env,
  };
  const done = await runAnsible({
    cwd,
    args: ['-i', inventory, play, ...more],
    env: settings,
    timeout: seconds * 1000,
    ...(binds ? { binds } : {}),
  });
  const start = done.stdout.indexOf('{\n');
  if (start < 0) throw new Error(`Ansible ended with ${done.rc} and printed no result:\n${done.stdout}${done.stderr}`);
  const report = JSON.parse(done.stdout.slice(start)) as AnsibleJson;
  const results = report.plays.flatMap(({ play: { name }, tasks }) =>
    tasks.flatMap(({ task, hosts }) =>
      Object.entries(hosts)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([host, result]) => ({ name, task: task.name, host, result })),
    ),
  );
  return {
    rc: done.rc,
    lines: results
      .filter(({ result }) => !ownAffair.test(String(result.action)))
      .map(({ name, task, host, result }) => line(name, task, host, statusOf(result), result, String(result.action))),
    recap: Object.fromEntries(Object.entries(report.stats).map(([host, counts]) => [host, recapOf(counts)])),
    failures: results
      .filter(({ result }) => ['failed', 'unreachable'].includes(statusOf(result)))
      .map(({ task, host, result }) => failure(task, host, result)),
  };
}

/** Runs a playbook with the engine of this work tree. */
export async function byTroupe({ cwd, inventory, play, more = [], env, seconds = 90 }: RunOptions): Promise<Outcome> {
  const args = [ensureBuilt(() => {}), play, '-i', inventory, '--reporter', 'json', ...more];
  const { rc, stdout, stderr } = await collect(args, cwd, env, seconds);
  const outcome: Outcome = { rc, lines: [], recap: {}, failures: [] };
  const turns = new Map<string, number>();
  let playName = '';
  let batch = 0; // the batches of `serial` meet the same tasks again
  const tasks = new Map<string, { host: string; text: string }[]>();
  for (const text of stdout.split('\n').filter(Boolean)) {
    const event = JSON.parse(text) as RunEvent;
    if (event.type === 'play:start') {
      playName = event.name;
      batch++;
    }
    if (event.type === 'bug') throw new Error(event.stack);
    if (event.type === 'run:end') {
      for (const [host, counts] of Object.entries(event.recap.hosts)) outcome.recap[host] = recapOf({ ...counts });
    }
    if (event.type !== 'task:result') continue;
    const { task, host, result } = event;
    if (['failed', 'unreachable'].includes(result.status))
      outcome.failures.push(failure(task.name, host, result.values as { [key: string]: unknown }));
    if (ownAffair.test(event.task.action)) continue;
    // An include in a loop brings the same tasks again: the n-th time of one host belongs to the n-th of the others.
    const time = turns.get(`${batch} ${task.id} ${host}`) ?? 0;
    turns.set(`${batch} ${task.id} ${host}`, time + 1);
    const key = `${batch} ${task.id} ${time}`;
    const known = tasks.get(key) ?? [];
    known.push({ host, text: line(playName, task.name, host, result.status, result.values, task.action) });
    tasks.set(key, known);
  }
  if (Object.keys(outcome.recap).length === 0)
    throw new Error(`ended with ${rc} and no recap:\n${stdout.slice(-3000)}${stderr}`);
  outcome.lines = [...tasks.values()].flatMap((results) =>
    results.sort((a, b) => (a.host < b.host ? -1 : 1)).map((each) => each.text),
  );
  return outcome;
}

function collect(
  args: string[],
  cwd: string,
  env: { [name: string]: string } | undefined,
  seconds: number,
): Promise<{ rc: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      env: { ...process.env, ...env },
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (text.stderr += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ rc: code ?? signal ?? 1, ...text }));
  });
}
