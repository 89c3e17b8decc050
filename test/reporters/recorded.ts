/** A recorded run to replay into reporters, and a screen that remembers. */
import type { RunEvent, TaskInfo, TaskResult } from '../../engine/events.ts';
import type { Output, Reporter, ReportSettings } from '../../engine/reporters/index.ts';

export class Screen implements Output {
  text = '';
  errors = '';
  columns = 80;
  isTTY = false;
  colors = false;
  asking = false;
  write(text: string): void {
    this.text += text;
  }
  error(text: string): void {
    this.errors += text;
  }
}

const start = Date.UTC(2026, 0, 2, 3, 4, 5);

export function task(id: string, name: string, action = 'command', more: Partial<TaskInfo> = {}): TaskInfo {
  return { id, name, action, path: `site.yml:${id}`, tags: [], ...more };
}

export function result(status: TaskResult['status'], values: TaskResult['values'] = {}, more = {}): TaskResult {
  return { status, values: { changed: status === 'changed', ...values }, duration: 0.25, ...more };
}

export const none = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

async function* stream(events: RunEvent[]): AsyncIterable<RunEvent> {
  for (const event of events) yield event;
}

/** Replays events into a reporter and returns what it wrote. */
export async function replay(
  reporter: Reporter,
  events: RunEvent[],
  screen = new Screen(),
  settings: Partial<ReportSettings> = {},
): Promise<Screen> {
  await reporter(stream(events), screen, { verbosity: 0, live: false, heartbeat: 0, ...settings });
  return screen;
}

export const installTask = task('3', 'Install', 'copy', { role: 'etcd' });
export const loopTask = task('5', 'Folders', 'file');
export const failTask = task('7', 'Start', 'command');

/** One play on two hosts with a bit of everything. */
export const recorded: RunEvent[] = [
  { type: 'run:start', time: start, playbook: 'site.yml', check: false, hosts: 2 },
  { type: 'play:start', time: start, name: 'etcd', hosts: ['n1', 'n2'] },
  { type: 'task:start', time: start, task: installTask, hosts: ['n1', 'n2'] },
  {
    type: 'task:result',
    time: start,
    task: installTask,
    host: 'n1',
    result: result(
      'changed',
      { dest: '/etc/x' },
      { diff: [{ before: 'a\nb\n', after: 'a\nc\n', before_header: '/etc/x', after_header: '/etc/x' }] },
    ),
  },
  { type: 'task:result', time: start, task: installTask, host: 'n2', delegatedTo: 'n1', result: result('ok') },
  { type: 'notify', time: start, host: 'n1', handler: 'restart', task: installTask },
  { type: 'task:start', time: start, task: loopTask, hosts: ['n1', 'n2'] },
  { type: 'task:item', time: start, task: loopTask, host: 'n1', item: '/a', result: result('changed') },
  { type: 'task:item', time: start, task: loopTask, host: 'n1', item: '/b', result: result('skipped') },
  {
    type: 'task:result',
    time: start,
    task: loopTask,
    host: 'n1',
    result: result('changed', { results: [{ item: '/a' }, { item: '/b' }] }),
  },
  {
    type: 'task:result',
    time: start,
    task: loopTask,
    host: 'n2',
    result: result('skipped', { skip_reason: 'Conditional result was False' }),
  },
  { type: 'message', time: start, level: 'warning', text: 'something is odd' },
  { type: 'task:start', time: start, task: failTask, hosts: ['n1', 'n2'] },
  {
    type: 'task:retry',
    time: start,
    task: failTask,
    host: 'n1',
    attempt: 1,
    left: 2,
    result: result('failed', { rc: 1 }),
  },
  {
    type: 'task:result',
    time: start,
    task: failTask,
    host: 'n1',
    result: result(
      'failed',
      { rc: 2, cmd: ['ls', '/x'], stderr: 'ls: cannot access\nno such file', stdout: '', delta: '0:00:00.1' },
      { msg: 'non-zero return code', explanation: ' --> site.yml:7:5\n7 |   ls /x\n  |   ^' },
    ),
  },
  {
    type: 'task:result',
    time: start,
    task: failTask,
    host: 'n2',
    result: result('unreachable', {}, { msg: 'connection refused', ignored: true }),
  },
  {
    type: 'run:end',
    time: start + 4000,
    recap: {
      hosts: {
        n1: { ...none, ok: 2, changed: 2, failed: 1 },
        n2: { ...none, ok: 1, skipped: 1, unreachable: 1, ignored: 1 },
      },
      exitCode: 4,
      interrupted: false,
      duration: 4,
    },
  },
];
