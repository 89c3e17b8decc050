import { expect } from 'chai';
import type { RunEvent, TaskInfo, TaskResult } from '../../engine/events.ts';
import { Broadcast } from '../../engine/run/broadcast.ts';
import { Door } from '../../engine/run/door.ts';
import { Redactor } from '../../engine/run/redact.ts';
import { play } from '../support/play.ts';

const task: TaskInfo = { id: 't1', name: 'Try', action: 'command', path: 'play.yml:3', tags: [] };
const base = { time: 0, task, host: 'h1' };
const SECRET = 'hunter2-canary';
const result = (text: string): TaskResult => ({
  status: 'failed',
  values: { stdout: text, failed: true },
  msg: text,
  duration: 0,
});

function door() {
  const events = new Broadcast<RunEvent>();
  const redactor = new Redactor();
  redactor.add(SECRET);
  const made = new Door(redactor, events);
  return {
    door: made,
    async all(): Promise<RunEvent[]> {
      events.end();
      const seen: RunEvent[] = [];
      for await (const event of events) seen.push(event);
      return seen;
    },
  };
}

describe('run/door', () => {
  it('hides every kind of event of a task with no_log, until it is shown again (S-35)', async () => {
    const { door: it, all } = door();
    it.hide('t1', 'h1', true);
    it.emit({ type: 'task:output', ...base, stream: 'stdout', text: 'plain words\n' });
    it.emit({ type: 'task:retry', ...base, attempt: 1, left: 2, result: result('plain words') });
    it.emit({ type: 'task:item', ...base, item: 'plain words', result: result('plain words') });
    it.emit({ type: 'task:result', ...base, result: result('plain words') });
    it.emit({ type: 'task:result', ...base, host: 'h2', result: result('other words') });
    const seen = await all();
    expect(JSON.stringify(seen)).to.include('other words').and.not.to.include('plain words');
    expect(seen.map((e) => e.type)).to.deep.equal(['task:retry', 'task:item', 'task:result', 'task:result']);
  });

  it('masks a secret that comes in pieces, however it is cut, and loses nothing (S-35)', async () => {
    const text = `one\npassword=${SECRET};\nhun hunt hunter2\n${SECRET.slice(0, -1)}`;
    for (let size = 1; size <= text.length; size++) {
      const { door: it, all } = door();
      for (let at = 0; at < text.length; at += size)
        it.emit({ type: 'task:output', ...base, stream: 'stdout', text: text.slice(at, at + size) });
      it.emit({ type: 'task:result', ...base, result: result('') });
      const shown = (await all()).map((e) => (e.type === 'task:output' ? e.text : '')).join('');
      expect(shown, `pieces of ${size}`).to.equal(text.replace(SECRET, '********'));
    }
  });

  it('shows live output that no secret begins with at once', async () => {
    const { door: it, all } = door();
    it.emit({ type: 'task:output', ...base, stream: 'stdout', text: 'ready\n' });
    expect((await all()).map((e) => (e.type === 'task:output' ? e.text : ''))).to.deep.equal(['ready\n']);
  });

  it('masks every field of every event that a host or a variable can fill', async () => {
    const { door: it, all } = door();
    it.emit({ type: 'include', time: 0, task: { ...task, name: SECRET }, file: SECRET, hosts: ['h1'], item: SECRET });
    it.emit({ type: 'play:start', time: 0, name: SECRET, hosts: ['h1'] });
    it.emit({ type: 'notify', time: 0, host: 'h1', handler: SECRET, task });
    it.emit({ type: 'message', time: 0, level: 'warning', text: SECRET });
    it.emit({ type: 'bug', time: 0, stack: SECRET });
    it.emit({
      type: 'task:result',
      ...base,
      result: {
        ...result(SECRET),
        explanation: SECRET,
        diff: [{ before: SECRET, after: SECRET }],
        values: { status: SECRET, host: SECRET, type: [SECRET], deep: { id: SECRET } },
      },
    });
    expect(JSON.stringify(await all())).not.to.include(SECRET);
  });

  it('masks a secret number where it is a number', async () => {
    const { door: it, all } = door();
    it.redactor.add('471108');
    it.emit({ type: 'task:result', ...base, result: { ...result(''), values: { pin: 471108, rc: 0 } } });
    const [event] = await all();
    if (event?.type !== 'task:result') throw new Error('no result');
    expect(event.result.values).to.deep.equal({ pin: '********', rc: 0 });
  });
});

describe('the end of a run', () => {
  it('is never silent where it failed (S-40): a failure that no event told of is a bug that says so', async () => {
    const events = new Broadcast<RunEvent>();
    const made = new Door(new Redactor(), events);
    expect(made.saidWhy).to.equal(false);
    made.emit({ type: 'task:result', ...base, result: { ...result('x'), ignored: true } });
    expect(made.saidWhy).to.equal(false);
    made.emit({ type: 'task:result', ...base, result: result('x') });
    expect(made.saidWhy).to.equal(true);
  });

  for (const [what, text] of Object.entries({
    'the name of a handler': "handlers: [{name: 'h {{ nosuch }}', listen: topic, command: 'false'}]",
    'a condition of a handler': "handlers: [{name: topic, when: nosuch, command: 'false'}]",
    'the loop of a handler': "handlers: [{name: topic, loop: '{{ nosuch }}', command: 'false'}]",
    'the task itself': "handlers: [{name: topic, command: 'false'}]",
  }))
    it(`says why, where ${what} is wrong (S-40)`, async () => {
      const { recap, events } = await play(`
- hosts: h1
  tasks: [{command: echo, notify: topic}]
  ${text}
`);
      const failed = events.filter((e) => e.type === 'task:result' && e.result.status === 'failed');
      expect(recap.exitCode === 0 || failed.length === 1).to.equal(true);
      expect(events.filter((e) => e.type === 'bug')).to.deep.equal([]);
    });
});
