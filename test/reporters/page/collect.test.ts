import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { RunEvent, TaskInfo, TaskResult } from '../../../engine/events.ts';
import htmlReporter from '../../../engine/reporters/html.ts';
import { Collector } from '../../../engine/reporters/page/collect.ts';
import { type PageRun, STATUSES } from '../../../engine/reporters/page/page_run.ts';
import { Index, select } from '../../../engine/reporters/page/select.ts';
import { lookHash, readLook, START } from '../../../engine/reporters/page/url_state.ts';

const task = (id: string, more: Partial<TaskInfo> = {}): TaskInfo => ({
  ...{ id, name: `task ${id}`, action: 'command', path: `site.yml:${id}`, tags: [] },
  ...more,
});
const result = (
  status: TaskResult['status'],
  values: TaskResult['values'] = {},
  more: Partial<TaskResult> = {},
): TaskResult => ({
  ...{ status, values, duration: 0.5 },
  ...more,
});
const events: RunEvent[] = [
  { type: 'run:start', time: 1000, playbook: 'site.yml', check: false, hosts: 2, groups: { web: ['a'], db: ['b'] } },
  { type: 'play:start', time: 1000, name: 'p', hosts: ['a', 'b'] },
  { type: 'task:start', time: 1100, task: task('1', { role: 'r', tags: ['t'] }), source: '- command: x' },
  {
    type: 'task:item',
    time: 1200,
    task: task('1'),
    host: 'a',
    item: 'one',
    result: result('failed', { rc: 3, stderr: 'because' }),
  },
  {
    type: 'task:result',
    time: 1600,
    task: task('1'),
    host: 'a',
    result: result('failed', { msg: 'One or more items failed' }),
  },
  { type: 'task:result', time: 1700, task: task('1'), host: 'b', result: result('ok', { stdout: 'needle' }) },
  { type: 'task:start', time: 1800, task: task('2') },
  { type: 'task:result', time: 1900, task: task('2'), host: 'b', result: result('failed', {}, { rescued: true }) },
  { type: 'message', time: 1900, level: 'warning', text: 'careful' },
  { type: 'run:end', time: 2000, recap: { hosts: {}, exitCode: 2, interrupted: false, duration: 1 } },
];
const collected = (): PageRun => {
  const collector = new Collector();
  for (const event of events) collector.see(event);
  return collector.run;
};

describe('reporters/page', () => {
  it('collects results as columns, loop items with them, equal details once', () => {
    const run = collected();
    expect(run.hosts).to.deep.equal(['a', 'b']);
    expect(run.groups).to.deep.equal({ web: [0], db: [1] });
    expect(run.status.map((status) => STATUSES[status])).to.deep.equal(['failed', 'ok', 'rescued']);
    expect([run.end, run.took]).to.deep.equal([
      [600, 700, 900],
      [500, 500, 500],
    ]);
    expect(run.items.map(([at, label, status]) => [at, label, STATUSES[status]])).to.deep.equal([[0, 'one', 'failed']]);
    expect(JSON.parse(run.details[run.items[0]![3]]!).values).to.deep.equal({ rc: 3, stderr: 'because' });
    expect(run.tasks[0]).to.include({ role: 'r', source: '- command: x' });
    expect(run).to.include({ exitCode: 2, duration: 1 }).and.have.property('warnings').deep.equal(['careful']);
  });

  it('finds by text in names and results, by status, group, role and tag; hosts in trouble first', () => {
    const index = new Index(collected());
    const seen = (change: object) => {
      const { hosts, tasks } = select(index, { ...START, ...change });
      return [hosts, tasks];
    };
    expect(seen({})).to.deep.equal([
      [0, 1],
      [0, 1],
    ]);
    expect(seen({ text: 'needle' })).to.deep.equal([[1], [0]]);
    expect(seen({ text: 'TASK 2' })).to.deep.equal([[1], [1]]);
    expect(seen({ status: ['failed'] })).to.deep.equal([[0], [0]]);
    expect(seen({ group: 'db' })).to.deep.equal([[1], [0, 1]]);
    expect(seen({ role: 'r' })[1]).to.deep.equal([0]);
    expect(seen({ tag: 't' })[1]).to.deep.equal([0]);
    expect(seen({ text: 'nowhere' })).to.deep.equal([[], []]);
  });

  it('keeps what is looked at in the address', () => {
    const look = { ...START, view: 'failures' as const, text: 'a b', status: ['failed', 'ok'], group: 'w&b', task: 3 };
    expect(readLook(lookHash(look))).to.deep.equal(look);
    expect(readLook('#view=nosuch&task=-1&host=x')).to.deep.equal(START);
  });

  it('is one file with the run in it, that fetches nothing and allows its own script only', async () => {
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    async function* stream() {
      yield* events;
    }
    const out = { write, error: write, isTTY: false, columns: 80, colors: false };
    await htmlReporter(stream(), out);
    const data = /id="run">([^<]*)</.exec(text)![1]!;
    expect(JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString())).to.deep.equal(collected());
    expect(text).to.match(/default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'/);
    expect(text).not.to.match(/<(script|link|img|iframe)[^>]*\b(src|href)=/);
  });
});
