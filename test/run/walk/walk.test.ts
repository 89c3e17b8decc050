import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('failures', () => {
  it('end a host, not the others; the exit code says so', async () => {
    const { lines, recap } = await play(`
- hosts: all
  tasks:
    - {name: f, command: "false", when: "inventory_hostname == 'h2'"}
    - {name: after, debug: {msg: x}}
- hosts: all
  tasks: [{name: next play, debug: {msg: x}}]
`);
    expect(lines.filter((l) => l.startsWith('after')).sort()).to.deep.equal([
      'after | h1 | ok | x',
      'after | h3 | ok | x',
    ]);
    expect(lines.filter((l) => l.startsWith('next play'))).to.have.length(2);
    expect(recap.exitCode).to.equal(2);
    expect(recap.hosts['h2']).to.include({ failed: 1 });
  });

  it('of every host end the run', async () => {
    const { order } = await play(`
- hosts: all
  tasks: [{name: f, fail: {msg: no}}]
- hosts: all
  tasks: [{name: never, debug: {msg: x}}]
`);
    expect(order).to.deep.equal(['f']);
  });

  it('any_errors_fatal takes the other hosts along, past the task that failed', async () => {
    const { lines, recap } = await play(`
- hosts: all
  any_errors_fatal: true
  tasks:
    - {name: f, fail: {msg: no}, when: "inventory_hostname == 'h2'"}
    - {name: never, debug: {msg: x}}
`);
    expect(lines.some((l) => l.startsWith('never'))).to.equal(false);
    expect(recap.exitCode).to.equal(2);
  });

  it('any_errors_fatal ends the run when it is the last task of the play that failed, too', async () => {
    const { lines, recap } = await play(`
- hosts: h1,h2
  any_errors_fatal: true
  tasks:
    - {name: f, fail: {msg: no}, when: "inventory_hostname == 'h2'"}
- hosts: h3
  tasks:
    - {name: never, debug: {msg: x}}
`);
    expect(lines.some((l) => l.startsWith('never'))).to.equal(false);
    expect(recap.exitCode).to.equal(2);
    expect(Object.values(recap.hosts).map(({ failed }) => failed)).to.deep.equal([0, 1]);
  });

  it('over max_fail_percentage end the play; under it, it goes on', async () => {
    const text = (percent: number) => `
- hosts: all
  max_fail_percentage: ${percent}
  tasks:
    - {name: f, fail: {msg: no}, when: "inventory_hostname == 'h2'"}
    - {name: after, debug: {msg: x}}
`;
    expect((await play(text(30))).order).to.deep.equal(['f']);
    expect((await play(text(40))).order).to.deep.equal(['f', 'after']);
  });

  it('ignore_errors goes on and counts as ok and ignored', async () => {
    const { recap, lines } = await play(`
- hosts: h1
  tasks:
    - {name: f, command: "false", ignore_errors: true, register: r}
    - {name: see, assert: {that: [r is failed, r.rc == 1]}}
`);
    expect(lines[0]).to.equal('f | h1 | failed (ignored) | non-zero return code');
    expect(recap.hosts['h1']).to.include({ ok: 2, ignored: 1, failed: 0 });
  });

  it('a rescue that fails fails the host, after always', async () => {
    const { order, recap } = await play(`
- hosts: h1
  tasks:
    - block: [{name: b, fail: {msg: one}}]
      rescue: [{name: r, fail: {msg: two}}]
      always: [{name: a, debug: {msg: x}}]
    - {name: never, debug: {msg: x}}
`);
    expect(order).to.deep.equal(['b', 'r', 'a']);
    expect(recap.hosts['h1']).to.include({ failed: 1, rescued: 1 });
  });

  it('a rescue sees a host that could not be reached, which Ansible does not do (USERS.md, 7)', async () => {
    const { lines, recap } = await play(
      {
        hosts: 'gone ansible_host=127.0.0.1 ansible_port=9 ansible_user=nobody\n',
        'play.yml': `
- hosts: gone
  tasks:
    - block: [{name: reach, ping: {}}]
      rescue: [{name: say, debug: {msg: "{{ ansible_failed_result.unreachable }}"}}]
`,
      },
      { ssh: { retries: 0, configFile: false } },
    );
    expect(lines[0]).to.match(/^reach \| gone \| unreachable \| /);
    expect(lines[1]).to.equal('say | gone | ok');
    expect(recap.exitCode).to.equal(0);
  });

  it('an undefined variable is named with its path, place and the nearest name', async () => {
    const { events } = await play(`
- hosts: h1
  vars:
    tls: {cert_dir: /etc}
  tasks:
    - debug:
        msg: "{{ tls.cert_dri }}"
`);
    const failed = events.find((e) => e.type === 'task:result');
    if (failed?.type !== 'task:result') throw new Error('no result');
    expect(failed.result.msg).to.include('tls.cert_dri');
    expect(failed.result.explanation)
      .to.match(/play\.yml:7:\d+/)
      .and.to.include('^')
      .and.to.include('cert_dir');
  });
});
