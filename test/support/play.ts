/** Runs a playbook given as text through the public API, on hosts that are all this machine, and sums up what happened. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Recap, RunEvent, RunOptions } from '../../engine/index.ts';
import { runPlaybook } from '../../engine/index.ts';

export interface Played {
  events: RunEvent[];
  recap: Recap;
  /** One line for each result: `task | host | status [| msg]`, items as `task (item) | ...`. */
  lines: string[];
  /** Task names in the order in which they started. */
  order: string[];
}

export interface Project {
  /** Files by path; `play.yml` is the playbook. */
  [path: string]: string;
}

/** A folder with these files, removed after `use`. */
export async function withProject<T>(files: Project, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-test-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An ini inventory of hosts that are all this machine. */
export const localHosts = (...names: string[]): string =>
  names.map((name) => `${name} ansible_connection=local`).join('\n') + '\n';

/** Runs a project's play.yml to its end. */
export function play(files: string | Project, options: Partial<RunOptions> = {}): Promise<Played> {
  const project = typeof files === 'string' ? { 'play.yml': files } : files;
  return withProject({ hosts: localHosts('h1', 'h2', 'h3'), ...project }, async (folder) => {
    const run = runPlaybook({
      playbook: 'play.yml',
      inventory: 'hosts',
      cwd: folder,
      gathering: 'explicit',
      environment: { PATH: process.env['PATH'] },
      ...options,
    });
    const events: RunEvent[] = [];
    for await (const event of run) events.push(event);
    return summary(events, await run.recap);
  });
}

function summary(events: RunEvent[], recap: Recap): Played {
  const lines: string[] = [];
  const order: string[] = [];
  for (const event of events) {
    if (event.type === 'task:start') order.push(event.task.name);
    if (event.type === 'task:result') lines.push(line(event.task.name, event.host, event.result));
    if (event.type === 'task:item') lines.push(line(`${event.task.name} (${event.item})`, event.host, event.result));
  }
  return { events, recap, lines, order };
}

function line(task: string, host: string, result: { status: string; msg?: string; ignored?: boolean }): string {
  const status = result.ignored ? `${result.status} (ignored)` : result.status;
  return [task, host, status, ...(result.msg ? [result.msg] : [])].join(' | ');
}
