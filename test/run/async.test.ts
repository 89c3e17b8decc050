import { expect } from 'chai';
import { play } from '../support/play.ts';

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

  it('with poll the task is waited for, no longer than it may take', async () => {
    const { lines, recap } = await play(`
- hosts: h1
  tasks:
    - {name: quick, command: echo hi, async: 10, poll: 1, register: q}
    - {name: see, assert: {that: [q.stdout == 'hi', q.finished], quiet: true}}
    - {name: slow, command: sleep 10, async: 1, poll: 1}
`);
    expect(lines.at(-1)).to.equal('slow | h1 | failed | async task did not complete within the requested time - 1s');
    expect(recap.duration).to.be.lessThan(5);
  });

  it('a job that nobody started is said to be unknown', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks: [{name: look, async_status: {jid: "1.2"}}]
`);
    expect(lines).to.deep.equal(['look | h1 | failed | could not find job']);
  });
});
