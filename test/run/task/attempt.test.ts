import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('one attempt at a task', () => {
  it('has its keywords rendered for the item', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: t, command: "true", loop: [false, true], check_mode: "{{ item }}", environment: {A: "{{ item }}"}}
    - {name: d, debug: {msg: "{{ inventory_hostname }}"}, delegate_to: "{{ item }}", loop: [h2, h3]}
`);
    expect(lines[0]).to.match(/^t \(False\) .*changed/);
    expect(lines[1]).to.match(/^t \(True\) .*skipped/);
    expect(lines.filter((line) => line.startsWith('d ('))).to.have.length(2);
  });

  it('is tried again until it holds, and counts', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: t, command: "true", register: r, until: r.attempts is defined and false, retries: "{{ '2' }}", delay: 0, ignore_errors: true}
    - {name: see, debug: {msg: "{{ r.attempts }} tries"}}
`);
    expect(lines.at(-1)).to.equal('see | h1 | ok | 2 tries');
  });

  it('gives the facts of a job to the host when the job is asked after', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: j, getent: {database: passwd, key: root}, async: 60, poll: 0, register: j}
    - {name: s, async_status: {jid: "{{ j.ansible_job_id }}"}, register: r, until: r.finished, retries: 200, delay: 0.1}
    - {name: see, debug: {msg: "uid {{ getent_passwd.root[1] }}"}}
`);
    expect(lines.at(-1)).to.equal('see | h1 | ok | uid 0');
  });
});
