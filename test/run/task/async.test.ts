import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('async', () => {
  it('with poll 0 the host goes on, and async_status tells of the job', async () => {
    const { lines, recap } = await play(`
- hosts: h1
  tasks:
    - {name: start, command: sleep 0.5, async: 10, poll: 0, register: j}
    - {name: look, async_status: {jid: "{{ j.ansible_job_id }}"}, register: first}
    - name: wait
      async_status: {jid: "{{ j.ansible_job_id }}"}
      register: last
      until: last.finished
      retries: 20
      delay: 0.1
    - {name: see, assert: {that: [not first.finished, last.rc == 0, last is changed], quiet: true}}
`);
    expect(lines[0]).to.equal('start | h1 | changed');
    expect(recap.exitCode).to.equal(0);
  });

  it('with poll the task is waited for, no longer than it may take', async function () {
    this.timeout(120_000);
    const { lines, recap } = await play(`
- hosts: h1
  tasks:
    - {name: quick, command: echo hi, async: 100, poll: 1, register: q}
    - {name: see, assert: {that: [q.stdout == 'hi', q.finished], quiet: true}}
    - {name: slow, command: sleep 200, async: 1, poll: 1}
`);
    expect(lines.at(-1)).to.equal('slow | h1 | failed | async task did not complete within the requested time - 1s');
    expect(recap.duration).to.be.lessThan(100);
  });

  it('a command outlives the run, and a later one hears of it', async () => {
    const home = mkdtempSync(join(tmpdir(), 'troupe-async-'));
    const environment = { PATH: process.env['PATH'], HOME: home };
    const ssh = { home };
    try {
      const started = await play(
        `
- hosts: h1
  tasks:
    - {name: start, shell: "while [ ! -e go ]; do sleep 0.05; done; echo out; echo err >&2; exit 3", args: {chdir: "${home}"}, async: 600, poll: 0, register: j}
    - {name: quick, command: pwd, args: {chdir: /}, async: 10, poll: 0, register: k}
    - {name: late, command: sleep 30, async: 1, poll: 0, register: l}
    - {name: told, debug: {msg: "{{ j.ansible_job_id }} {{ k.ansible_job_id }} {{ l.ansible_job_id }} {{ j.results_file }}"}}
`,
        { environment, ssh },
      );
      // It waits for this file, so the run has ended before it.
      writeFileSync(join(home, 'go'), '');
      const told = started.events.find((event) => event.type === 'task:result' && event.task.name === 'told');
      const [slow, quick, late, file] = String(told?.type === 'task:result' && told.result.msg).split(' ');
      expect(file).to.equal(join(home, '.ansible_async', slow!));
      const later = await play(
        `
- hosts: h1
  tasks:
    - name: slow
      async_status: {jid: "${slow}"}
      register: s
      until: s.finished
      retries: 50
      delay: 0.1
      ignore_errors: true
    - {name: quick, async_status: {jid: "${quick}"}, register: q}
    - {name: late, async_status: {jid: "${late}"}, register: l, until: l.finished, retries: 50, delay: 0.1, ignore_errors: true}
    - name: see
      assert:
        that:
          - s.rc == 3 and s.stdout == 'out' and s.stderr == 'err' and s.failed and s.finished
          - q.stdout == '/' and q is changed and q.cmd == ['pwd']
          - l.failed and l.msg == 'Timeout exceeded'
        quiet: true
    - {name: tidy, async_status: {jid: "{{ item }}", mode: cleanup}, loop: ["${slow}", "${quick}", "${late}"]}
    - {name: gone, async_status: {jid: "${slow}"}}
`,
        { environment, ssh },
      );
      expect(later.lines.filter((line) => line.startsWith('see'))).to.deep.equal([
        'see | h1 | ok | All assertions passed',
      ]);
      expect(later.lines.at(-1)).to.equal('gone | h1 | failed | could not find job');
      expect(readdirSync(join(home, '.ansible_async'))).to.deep.equal([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('a job that nobody started is said to be unknown', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks: [{name: look, async_status: {jid: "1.2"}}]
`);
    expect(lines).to.deep.equal(['look | h1 | failed | could not find job']);
  });
});
