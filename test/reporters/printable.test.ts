/** S-39: nothing that a host, a name or a file says moves the cursor, hides text or gives orders to a CI system. */
import { expect } from 'chai';
import type { Recap, RunEvent, TaskInfo, TaskResult } from '../../engine/events.ts';
import { reporters } from '../../engine/reporters/index.ts';
import { oneLine, PrintDoor } from '../../engine/reporters/printable.ts';

function printed(texts: string[], colors = true, isTTY = true): string {
  let all = '';
  const door = new PrintDoor(
    (text) => {
      all += text;
    },
    colors,
    isTTY,
  );
  for (const text of texts) door.print(text);
  return all;
}

/** Everything but tab, newline and what is printed. */
const FORBIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const HOSTILE =
  '\x1b]0;title\x07\x1b[2J\x1b[8mhid\x9b31m\x7f\u202ereversed\u2066\rback\n::error::obeyed\n##vso[task.x]y\n##[error]z';

describe('reporters/printable', () => {
  it('leaves letters of all languages, tabs, line breaks, our colours and the progress line', () => {
    const text = 'grün 漢字 😀\tx\n\x1b[0;32mok\x1b[0m\n';
    expect(printed([text])).to.equal(text);
    expect(printed(['\r\x1b[2K... running'])).to.equal('\r\x1b[2K... running');
    expect(printed([text], false)).to.equal('grün 漢字 😀\tx\n\\x1b[0;32mok\\x1b[0m\n');
    expect(printed(['\r\x1b[2K'], true, false)).to.equal('\\r\\x1b[2K');
  });

  it('shows control characters, marks of direction and hidden text in letters', () => {
    const shown = printed([HOSTILE], false, false);
    expect(shown).not.to.match(FORBIDDEN);
    expect(shown).to.include('\\x1b]0;title\\x07\\x1b[2J\\x1b[8mhid\\x9b31m\\x7f\\u202ereversed\\u2066\\rback');
  });

  it('gives no order to a CI system, in whatever pieces it comes', () => {
    for (const text of ['::error::x', 'a\n  ::error::x', '##[group]x', 'say ##vso[task]x', '##teamcity[x]'])
      for (let cut = 0; cut <= text.length; cut++) {
        const shown = printed([text.slice(0, cut), text.slice(cut)]);
        expect(shown, `${text} cut at ${cut}`).not.to.match(/^[ \t]*::|##(\[|vso\[|teamcity\[)/m);
      }
    expect(printed(['std::string\n'])).to.equal('std::string\n');
  });

  it('lets a reporter of ours give one', () => {
    let all = '';
    const door = new PrintDoor(
      (text) => {
        all += text;
      },
      false,
      false,
    );
    door.command('::error file=a,line=1::it failed');
    expect(all).to.equal('::error file=a,line=1::it failed\n');
  });
});

const task: TaskInfo = { id: '1', name: HOSTILE, action: HOSTILE, role: HOSTILE, path: HOSTILE, tags: [HOSTILE] };
const result: TaskResult = {
  status: 'failed',
  duration: 1,
  msg: HOSTILE,
  explanation: HOSTILE,
  values: {
    [HOSTILE]: HOSTILE,
    stdout: HOSTILE,
    stderr: HOSTILE,
    msg: HOSTILE,
    cmd: HOSTILE,
    rc: 1,
    warnings: [HOSTILE],
  },
  diff: [{ before: HOSTILE, after: `${HOSTILE}x`, before_header: HOSTILE, after_header: HOSTILE, prepared: HOSTILE }],
};
const recap: Recap = {
  hosts: { [HOSTILE]: { ok: 0, changed: 0, unreachable: 0, failed: 1, skipped: 0, rescued: 0, ignored: 0 } },
  exitCode: 2,
  interrupted: true,
  duration: 1,
  reached: { [HOSTILE]: HOSTILE },
  stats: { [HOSTILE]: HOSTILE },
};
const base = { time: 0, task, host: HOSTILE };
const events: RunEvent[] = [
  { type: 'run:start', time: 0, playbook: HOSTILE, check: false, hosts: 1 },
  { type: 'play:start', time: 0, name: HOSTILE, hosts: [HOSTILE] },
  { type: 'play:no-hosts', time: 0, name: HOSTILE, pattern: HOSTILE },
  { type: 'task:start', time: 0, task, hosts: [HOSTILE] },
  { type: 'task:output', ...base, stream: 'stdout', text: `${HOSTILE}\n` },
  { type: 'task:retry', ...base, attempt: 1, left: 1, result },
  { type: 'task:item', ...base, item: HOSTILE, delegatedTo: HOSTILE, result },
  { type: 'task:result', ...base, delegatedTo: HOSTILE, result },
  { type: 'task:result', ...base, result: { ...result, status: 'unreachable' } },
  { type: 'task:result', ...base, result: { ...result, status: 'changed' } },
  { type: 'include', time: 0, task, file: HOSTILE, hosts: [HOSTILE], item: HOSTILE },
  { type: 'notify', time: 0, host: HOSTILE, handler: HOSTILE, task },
  { type: 'message', time: 0, level: 'warning', text: HOSTILE, host: HOSTILE },
  { type: 'bug', time: 0, stack: HOSTILE, host: HOSTILE, task },
  { type: 'run:end', time: 0, recap },
];

async function* stream(): AsyncGenerator<RunEvent> {
  yield* events;
}

describe('every reporter, with hostile text in every field (S-39)', () => {
  for (const [name, { load }] of Object.entries(reporters))
    for (const colors of [false, true])
      it(`${name}${colors ? ', with colours' : ''}`, async () => {
        let all = '';
        const door = new PrintDoor(
          (text) => {
            all += text;
          },
          colors,
          false,
        );
        const print = (text: string) => door.print(text);
        const out = { write: print, error: print, command: (line: string) => door.command(line) };
        const settings = { verbosity: 4, live: true, heartbeat: 0 };
        const { default: report } = await load();
        await report(stream(), { ...out, isTTY: false, columns: 80, colors }, settings);
        expect(all.length).to.be.greaterThan(100);
        expect(all.replace(/\x1b\[[0134;]*\d*m/g, '')).not.to.match(FORBIDDEN);
        expect(all).not.to.match(/##(\[|vso|teamcity)/);
        const orders = all.split('\n').filter((line) => /^\s*::/.test(line));
        if (name !== 'github') expect(orders).to.deep.equal([]);
        else
          for (const line of orders)
            expect(line)
              .to.match(/^::(error|warning)/)
              .and.not.include('::error::obeyed\n');
      });

  it('a line break in a name begins no line', () => {
    expect(oneLine('a\n::x\tb')).to.equal('a\\n::x b');
  });
});
