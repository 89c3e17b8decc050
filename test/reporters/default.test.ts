import { expect } from 'chai';
import type { RunEvent } from '../../engine/events.ts';
import defaultReporter from '../../engine/reporters/default.ts';
import { failTask, none, recorded, replay, result, Screen, task } from './recorded.ts';

const stars = (text: string) => `${text} ${'*'.repeat(79 - text.length)}`;

describe('reporter default', () => {
  it('shows an assertion’s own words of success, and no others', async () => {
    const asserting = (id: string, msg: string, more = {}): RunEvent[] => {
      const shown = task(id, 'Look', 'ansible.builtin.assert', { shows: 'message' });
      const time = 0;
      return [
        { type: 'task:start', time, task: shown, hosts: ['n1'] },
        { type: 'task:result', time, task: shown, host: 'n1', result: result('ok', { failed: false, msg }, more) },
      ];
    };
    const said = await replay(defaultReporter, [
      ...asserting('1', 'fine'),
      ...asserting('2', 'All assertions passed', { quiet: true }),
    ]);
    expect(said.text).to.include('ok: [n1] => {\n    "changed": false,\n    "msg": "fine"\n}\n');
    expect(said.text)
      .to.match(/^ok: \[n1\]$/m)
      .and.not.include('All assertions');
  });

  it('shows a run in the form of Ansible', async () => {
    const { text, errors } = await replay(defaultReporter, recorded);
    expect(text).to.equal(
      [
        '',
        stars('PLAY [etcd]'),
        '',
        stars('TASK [etcd : Install]'),
        '--- before: /etc/x',
        '+++ after: /etc/x',
        '@@ -1,2 +1,2 @@',
        ' a',
        '-b',
        '+c',
        '',
        'changed: [n1]',
        'ok: [n2 -> n1]',
        '',
        stars('TASK [Folders]'),
        'changed: [n1] => (item=/a)',
        'skipping: [n1] => (item=/b)',
        'skipping: [n2]',
        '',
        stars('TASK [Start]'),
        'FAILED - RETRYING: [n1]: Start (2 retries left).',
        'fatal: [n1]: FAILED! => non-zero return code',
        '    rc: 2',
        '    cmd: ls /x',
        '    stderr:',
        '      ls: cannot access',
        '      no such file',
        '     --> site.yml:7:5',
        '    7 |   ls /x',
        '      |   ^',
        'fatal: [n2]: UNREACHABLE! => connection refused',
        '    task: site.yml:7',
        '...ignoring',
        '',
        stars('PLAY RECAP'),
        'n1                         : ok=2    changed=2    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0   ',
        'n2                         : ok=1    changed=0    unreachable=1    failed=0    skipped=1    rescued=0    ignored=1   ',
        '',
        '',
      ].join('\n'),
    );
    expect(errors).to.equal('[WARNING]: something is odd\n');
    expect(stars('PLAY RECAP')).to.have.length(80);
  });

  it('shows results as JSON with -v, the task path and notifications with -vv', async () => {
    const once = await replay(defaultReporter, recorded, new Screen(), { verbosity: 1 });
    expect(once.text).to.include('changed: [n1] => {"changed": true, "dest": "/etc/x"}\n');
    expect(once.text).to.include('    {"changed": false, "cmd": ["ls", "/x"], "delta"');
    expect(once.text).not.to.include('NOTIFIED');
    const twice = await replay(defaultReporter, recorded, new Screen(), { verbosity: 2 });
    expect(twice.text).to.include('task path: site.yml:3\n');
    expect(twice.text).to.include('NOTIFIED HANDLER restart for n1\n');
    const thrice = await replay(defaultReporter, recorded, new Screen(), { verbosity: 3 });
    expect(thrice.text).to.include('changed: [n1] => {\n    "changed": true,\n    "dest": "/etc/x"\n}\n');
  });

  it('shows what debug says, alone', async () => {
    const say = task('1', 'Say', 'ansible.builtin.debug', { shows: 'values' });
    const { text } = await replay(defaultReporter, [
      { type: 'play:start', time: 0, name: '', hosts: ['h'] },
      { type: 'task:start', time: 0, task: say },
      {
        type: 'task:result',
        time: 0,
        task: say,
        host: 'h',
        result: result('ok', { msg: 'Hello "you"', failed: false }),
      },
      { type: 'task:result', time: 0, task: say, host: 'i', result: result('ok', { users: ['a', 1], failed: false }) },
      { type: 'task:item', time: 0, task: say, host: 'j', item: 'x', result: result('ok', { msg: 'x', item: 'x' }) },
    ]);
    expect(text).to.include(`\n${stars('PLAY')}\n`);
    expect(text).to.include('ok: [h] => {\n    "msg": "Hello \\"you\\""\n}\n');
    expect(text).to.include('ok: [i] => {\n    "users": [\n        "a",\n        1\n    ]\n}\n');
    expect(text).to.include('ok: [j] => (item=x) => {\n    "msg": "x"\n}\n');
  });

  it('colours by status only where there are colours', async () => {
    const screen = new Screen();
    screen.colors = true;
    const { text } = await replay(defaultReporter, recorded, screen);
    expect(text).to.include('\x1b[0;33mchanged: [n1]\x1b[0m\n');
    expect(text).to.include('\x1b[0;31m-b\x1b[0m\n\x1b[0;32m+c\x1b[0m\n');
    expect(text).to.include('\x1b[0;36m@@ -1,2 +1,2 @@\x1b[0m');
    expect(text).to.match(/\x1b\[0;31mn1\x1b\[0m {25}: /);
    expect((await replay(defaultReporter, recorded)).text).not.to.include('\x1b');
  });

  it('does not let a host drive the terminal', async () => {
    const evil = 'a\x1b[2Jb\x1b]0;title\x07\x1b[31mred\x00[1m\u202e';
    const screen = new Screen();
    screen.colors = true;
    const events: RunEvent[] = [
      { type: 'task:start', time: 0, task: failTask },
      { type: 'task:result', time: 0, task: failTask, host: 'h', result: result('failed', { stdout: evil }) },
    ];
    const { text } = await replay(defaultReporter, events, screen);
    expect(text).to.include('a\\x1b[2Jb\\x1b]0;title\\x07red\\x00[1m\\u202e');
  });

  it('prints a banner anew when results of several tasks come mixed', async () => {
    const [a, b] = [task('1', 'A'), task('2', 'B')];
    const { text } = await replay(defaultReporter, [
      { type: 'play:start', time: 0, name: 'free', hosts: ['h', 'i'] },
      { type: 'task:start', time: 0, task: a, hosts: ['h', 'i'] },
      { type: 'task:result', time: 0, task: a, host: 'h', result: result('ok') },
      { type: 'task:start', time: 0, task: b, hosts: ['h'] },
      { type: 'task:result', time: 0, task: b, host: 'h', result: result('ok') },
      { type: 'task:result', time: 0, task: a, host: 'i', result: result('ok') },
    ]);
    const shape = text.split('\n').filter((line) => line !== '');
    expect(shape.map((line) => line.replace(/ \*+$/, ''))).to.deep.equal([
      'PLAY [free]',
      'TASK [A]',
      'ok: [h]',
      'TASK [B]',
      'ok: [h]',
      'TASK [A]',
      'ok: [i]',
    ]);
  });

  it('prints a banner anew when a task starts again', async () => {
    const again: RunEvent[] = [
      { type: 'task:start', time: 0, task: failTask, hosts: ['h'] },
      { type: 'task:result', time: 0, task: failTask, host: 'h', result: result('ok') },
    ];
    const { text } = await replay(defaultReporter, [...again, ...again]);
    expect(text.match(/TASK \[Start\]/g)).to.have.length(2);
  });

  it('shows live output as whole lines, when asked', async () => {
    const output = (host: string, text: string): RunEvent => ({
      type: 'task:output',
      time: 0,
      task: failTask,
      host,
      stream: 'stdout',
      text,
    });
    const events: RunEvent[] = [
      { type: 'task:start', time: 0, task: failTask, hosts: ['a', 'b'] },
      output('a', 'one\ntw'),
      output('b', '10%\r20%\r30%\n'),
      output('a', 'o\nrest'),
      { type: 'task:result', time: 0, task: failTask, host: 'a', result: result('ok') },
    ];
    const live = await replay(defaultReporter, events, new Screen(), { live: true });
    expect(live.text.split('\n').slice(2)).to.deep.equal(['a | one', 'b | 30%', 'a | two', 'a | rest', 'ok: [a]', '']);
    expect((await replay(defaultReporter, events)).text).not.to.include('|');
  });

  it('censored results show their note and nothing else', async () => {
    const { text } = await replay(
      defaultReporter,
      [
        { type: 'task:start', time: 0, task: failTask },
        {
          type: 'task:result',
          time: 0,
          task: failTask,
          host: 'h',
          result: {
            status: 'failed',
            values: { changed: false, rc: 3 },
            msg: 'hidden by no_log',
            censored: true,
            duration: 0,
          },
        },
      ],
      new Screen(),
      { verbosity: 3 },
    );
    expect(text).to.match(/FAILED! => hidden by no_log\n {4}task: site\.yml:7\n$/);
  });

  it('finds words where a failure has no message, and does not say them twice', async () => {
    const fails = async (values: Parameters<typeof result>[1], more = {}) => {
      const { text } = await replay(defaultReporter, [
        { type: 'task:start', time: 0, task: failTask },
        { type: 'task:result', time: 0, task: failTask, host: 'h', result: result('failed', values, more) },
      ]);
      return text.slice(text.indexOf('=> ') + 3);
    };
    expect(await fails({ msg: '', attempts: 3 })).to.match(/^`until` does not hold after 3 attempts\n/);
    expect(await fails({ msg: '', failed_when_result: true })).to.match(/^a condition of `failed_when` holds\n/);
    expect(await fails({})).to.match(/^the task failed\n/);
    const explanation = "error: 'x' is undefined\n --> a.yml:1:2\nhelp: define it";
    expect(await fails({}, { msg: "'x' is undefined", explanation })).to.equal(
      "'x' is undefined\n     --> a.yml:1:2\n    help: define it\n    task: site.yml:7\n",
    );
  });

  it('tells which task failed, where its mistake is elsewhere', async () => {
    const fails = async (place: string) => {
      const explanation = `error: x is wrong\n --> ${place}\n1 | x\n  | ^`;
      const { text } = await replay(defaultReporter, [
        { type: 'task:start', time: 0, task: failTask },
        { type: 'task:result', time: 0, task: failTask, host: 'h', result: result('failed', {}, { explanation }) },
      ]);
      return text.includes('    task: site.yml:7\n');
    };
    expect(await fails('site.yml:9:3')).to.equal(false);
    for (const place of ['site.yml:2:1', 'site.yml:70:1', 'group_vars/all:9:1'])
      expect(await fails(place), place).to.equal(true);
  });

  it('cuts what is too long for a screen: the beginning of a list and of a line, the end of an output', async () => {
    const values = {
      stdout: Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n'),
      stderr: 'y'.repeat(10_000),
      status: { State: 'x' },
      list: Array.from({ length: 50 }, (_, i) => i),
    };
    const { text } = await replay(defaultReporter, [
      { type: 'task:result', time: 0, task: failTask, host: 'h', result: result('failed', values) },
    ]);
    expect(text).to.include('… 40 lines before\n').and.include('line 99\n').and.not.include('line 39\n');
    expect(text).to.match(/ y{2000}… 8000 letters more \(-v\)\n/);
    expect(text).not.to.include('State');
    const { text: whole } = await replay(
      defaultReporter,
      [{ type: 'task:result', time: 0, task: failTask, host: 'h', result: result('failed', values) }],
      new Screen(),
      { verbosity: 1 },
    );
    expect(whole).to.include('y'.repeat(10_000)).and.include('"State": "x"');
  });

  it('tells how connections came to be with -vvvv alone', async () => {
    const event = { type: 'message', time: 0, level: 'verbose', text: 'connected', host: 'h' } as const;
    const shown = async (verbosity: number) =>
      (await replay(defaultReporter, [event], new Screen(), { verbosity })).text;
    expect(await shown(3)).to.equal('');
    expect(await shown(4)).to.equal('[h] connected\n');
  });

  it('fits its banners to a narrow terminal', async () => {
    const screen = Object.assign(new Screen(), { isTTY: true, columns: 40 });
    const { text } = await replay(defaultReporter, [{ type: 'play:start', time: 0, name: 'p', hosts: ['h'] }], screen);
    expect(text).to.include(`PLAY [p] ${'*'.repeat(39 - 'PLAY [p]'.length)}\n`);
  });

  it('tells of includes, plays without hosts, handlers and bugs', async () => {
    const handler = task('9', 'again', 'debug', { handler: true, role: 'r' });
    const { text } = await replay(defaultReporter, [
      { type: 'play:no-hosts', time: 0, name: 'none', pattern: 'x' },
      { type: 'task:start', time: 0, task: task('2', 'Include', 'ansible.builtin.include_tasks'), hosts: ['a', 'b'] },
      {
        type: 'task:item',
        time: 0,
        task: task('2', 'Include', 'ansible.builtin.include_tasks'),
        host: 'a',
        item: 'x',
        result: result('ok'),
      },
      { type: 'include', time: 0, task: task('2', 'Include', 'include_tasks'), file: '/p/more.yml', hosts: ['a', 'b'] },
      {
        type: 'task:result',
        time: 0,
        task: task('2', 'Include', 'ansible.builtin.include_tasks'),
        host: 'a',
        result: result('ok'),
      },
      { type: 'play:start', time: 0, name: 'p', hosts: ['a'], serial: { batch: 2, of: 3 } },
      { type: 'task:start', time: 0, task: handler, hosts: ['a'] },
      { type: 'bug', time: 0, stack: 'Error: x\n    at y', host: 'a', task: handler },
    ]);
    const lines = text.split('\n').map((line) => line.replace(/ \*+$/, ''));
    expect(lines.filter((line) => line !== '')).to.deep.equal([
      'PLAY [none]',
      'skipping: no hosts matched',
      'TASK [Include]',
      'included: /p/more.yml for a, b',
      'PLAY [p]',
      'batch 2 of 3: a',
      'RUNNING HANDLER [r : again]',
      'a bug in Troupe, please report it with this text: task again (site.yml:9), host a',
      'Error: x',
      '    at y',
    ]);
  });

  it('says how far each host came when the run was interrupted', async () => {
    const { text } = await replay(defaultReporter, [
      {
        type: 'run:end',
        time: 0,
        recap: {
          hosts: { b: none, a: none },
          exitCode: 99,
          interrupted: true,
          duration: 1,
          reached: { b: 'Start', a: 'Install' },
        },
      },
    ]);
    expect(text).to.include('Interrupted. The last task that each host began:\n    a: Install\n    b: Start\n');
  });

  it('names the hosts that still work on a terminal, and cleans the line before each other', async () => {
    const screen = new Screen();
    screen.isTTY = true;
    let finish: () => void = () => {};
    async function* slow(): AsyncIterable<RunEvent> {
      yield { type: 'play:start', time: Date.now(), name: 'p', hosts: ['n1', 'n2'] };
      yield { type: 'task:start', time: Date.now(), task: failTask, hosts: ['n1', 'n2'] };
      yield { type: 'task:result', time: Date.now(), task: failTask, host: 'n1', result: result('ok') };
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      yield { type: 'task:result', time: Date.now(), task: failTask, host: 'n2', result: result('ok') };
    }
    const done = defaultReporter(slow(), screen, { verbosity: 0, live: false, heartbeat: 0 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(screen.text).to.match(/\r\x1b\[2KStart \(0\.\ds\): n2$/);
    finish();
    await done;
    expect(screen.text).to.match(/\r\x1b\[2Kok: \[n2\]\n$/);
  });

  it('draws nothing while the user is asked', async () => {
    const screen = new Screen();
    screen.isTTY = true;
    screen.asking = true;
    async function* slow(): AsyncIterable<RunEvent> {
      yield { type: 'task:start', time: Date.now(), task: failTask, hosts: ['n1'] };
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await defaultReporter(slow(), screen, { verbosity: 0, live: false, heartbeat: 0 });
    expect(screen.text).not.to.include('\r');
  });
});
