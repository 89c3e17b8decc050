import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { play } from '../support/play.ts';

describe('the language', () => {
  it('run_once: the first host works, all have the result', async () => {
    const { lines } = await play(`
- hosts: all
  tasks:
    - {name: once, command: echo hi, run_once: true, register: r}
    - {name: see, debug: {msg: "{{ r.stdout }}"}}
`);
    expect(lines.filter((l) => l.startsWith('once'))).to.deep.equal(['once | h1 | changed']);
    expect(lines.filter((l) => l === 'see | h2 | ok | hi')).to.have.length(1);
  });

  it('handlers run once, in their own order, at the end of the section and on flush', async () => {
    const { order } = await play(`
- hosts: h1
  tasks:
    - {name: t1, command: "true", notify: [second, first]}
    - {name: t2, command: "true", notify: topic}
    - meta: flush_handlers
    - {name: t3, command: "true", notify: first}
  handlers:
    - {name: first, debug: {msg: x}}
    - {name: second, debug: {msg: x}}
    - {name: third, debug: {msg: x}, listen: topic}
`);
    expect(order).to.deep.equal(['t1', 't2', 'first', 'second', 'third', 't3', 'first']);
  });

  it('until tries again and counts', async () => {
    const { lines, events } = await play(`
- hosts: h1
  vars: {file: "{{ playbook_dir }}/count"}
  tasks:
    - name: t
      shell: 'echo x >> {{ file }}; wc -l < {{ file }}'
      register: r
      until: r.stdout | int == 3
      retries: 5
      delay: 0
    - {name: see, debug: {msg: "{{ r.attempts }}"}}
`);
    expect(events.filter((e) => e.type === 'task:retry')).to.have.length(2);
    expect(lines.at(-1)).to.equal('see | h1 | ok');
  });

  it('set_fact takes names that are templates', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: facts, set_fact: {"{{ item.key }}_name": "{{ item.value }}"}, with_dict: {a: one}}
    - {name: see, debug: {msg: "{{ a_name }}"}}
`);
    expect(lines.at(-1)).to.equal('see | h1 | ok | one');
  });

  it('roles of a collection beside the playbook; a module that is not there fails its task, where it is reached', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1
  tasks:
    - {name: in a role, include_role: {name: space.kit.tool}}
`,
      'collections/ansible_collections/space/kit/roles/tool/tasks/main.yml': `
- {name: elsewhere, ansible.windows.win_ping: {}, when: false}
- {name: items, other.kit.thing: {}, loop: []}
- {name: said, debug: {msg: "{{ ansible_role_name }}"}}
- {name: here, other.kit.thing: {}, when: true, ignore_errors: true}
`,
    });
    expect(lines.filter((line) => !line.startsWith('in a role'))).to.deep.equal([
      'elsewhere | h1 | skipped',
      'items | h1 | skipped | No items in the list',
      'said | h1 | ok | space.kit.tool',
      'here | h1 | failed (ignored) | there is no module `other.kit.thing`',
    ]);
  });

  it('roles: dependencies first, defaults weakest, parameters strong, each once', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1
  vars: {from_play: play}
  roles:
    - {role: web, listen_port: 81}
    - {role: web, listen_port: 81}
    - {role: web, listen_port: 82}
`,
      'roles/web/tasks/main.yml':
        '- {name: web, debug: {msg: "{{ listen_port }} {{ color }} {{ from_play }} {{ role_name }}"}}\n',
      'roles/web/defaults/main.yml': 'listen_port: 80\ncolor: red\nfrom_play: default\n',
      'roles/web/vars/main.yml': 'color: blue\n',
      'roles/web/meta/main.yml': 'dependencies: [base]\n',
      'roles/base/tasks/main.yml': '- {name: base, debug: {msg: b}}\n',
    });
    expect(lines).to.deep.equal([
      'base | h1 | ok | b',
      'web | h1 | ok | 81 blue play web',
      'web | h1 | ok | 82 blue play web',
    ]);
  });

  it('tags choose; always runs, never does not', async () => {
    const text = `
- hosts: h1
  tasks:
    - {name: a, debug: {msg: x}, tags: a}
    - {name: b, debug: {msg: x}, tags: [b, c]}
    - {name: always, debug: {msg: x}, tags: always}
    - {name: never, debug: {msg: x}, tags: [never, danger]}
    - {name: none, debug: {msg: x}}
`;
    expect((await play(text)).order).to.deep.equal(['a', 'b', 'always', 'none']);
    expect((await play(text, { tags: ['c'] })).order).to.deep.equal(['b', 'always']);
    expect((await play(text, { tags: ['danger'] })).order).to.deep.equal(['always', 'never']);
    expect((await play(text, { skipTags: ['a', 'always'] })).order).to.deep.equal(['b', 'none']);
    expect((await play(text, { tags: ['untagged'] })).order).to.deep.equal(['always', 'none']);
  });

  it('delegate_to runs elsewhere with the variables of the host itself', async () => {
    const { lines, events } = await play(`
- hosts: h1
  vars: {who: "{{ inventory_hostname }}"}
  tasks:
    - {name: d, command: "echo {{ who }}", delegate_to: h2, register: r}
    - {name: see, debug: {msg: "{{ r.stdout }}"}}
`);
    expect(lines.at(-1)).to.equal('see | h1 | ok | h1');
    const result = events.find((e) => e.type === 'task:result');
    expect(result).to.include({ delegatedTo: 'h2' });
  });

  it('data is never a template: what a command printed stays as it is through register, set_fact and hostvars', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: c, command: "echo {{ '{{ 7*7 }} {% raw %}' | quote }}", register: r}
    - set_fact: {kept: "{{ r.stdout }}"}
- hosts: h2
  tasks:
    - {name: see, debug: {msg: "{{ hostvars['h1'].kept }}"}}
`);
    expect(lines.at(-1)).to.equal('see | h2 | ok | {{ 7*7 }} {% raw %}');
  });

  it('no_log hides the result, not what is registered', async () => {
    const { events, lines } = await play(`
- hosts: h1
  tasks:
    - {name: hidden, command: echo sesame-open, no_log: true, register: r}
    - {name: see, assert: {that: r.stdout == 'sesame-open', quiet: true}}
`);
    expect(JSON.stringify(events)).to.include('censored');
    expect(JSON.stringify(events.filter((e) => e.type === 'task:result')[0])).to.not.include('sesame');
    expect(lines.at(-1)).to.match(/^see \| h1 \| ok/);
  });

  it('check mode predicts without doing', async () => {
    const { lines } = await play(
      `
- hosts: h1
  tasks:
    - {name: f, file: {path: "{{ playbook_dir }}/new", state: touch}}
    - {name: c, command: touch other}
    - {name: s, stat: {path: "{{ playbook_dir }}/new"}, register: st}
    - {name: see, debug: {msg: "{{ 'there' if st.stat.exists else 'not there' }}"}}
`,
      { check: true },
    );
    expect(lines[0]).to.match(/^f \| h1 \| changed/);
    expect(lines[1]).to.match(/^c \| h1 \| skipped/);
    expect(lines.at(-1)).to.equal('see | h1 | ok | not there');
  });

  it('an interrupted run ends with how far each host came', async function () {
    this.timeout(60_000);
    const stop = new AbortController();
    const begun = join(mkdtempSync(join(tmpdir(), 'troupe-begun-')), 'begun');
    const looking = setInterval(() => existsSync(begun) && stop.abort(), 20);
    const { recap } = await play(
      `
- hosts: h1
  tasks:
    - {name: quick, command: "true"}
    - {name: slow, shell: "touch ${begun}; sleep 120"}
`,
      { signal: stop.signal },
    );
    clearInterval(looking);
    rmSync(dirname(begun), { recursive: true });
    expect(recap).to.include({ interrupted: true, exitCode: 99 });
    expect(recap.reached).to.deep.equal({ h1: 'slow' });
    expect(recap.duration).to.be.lessThan(50);
  });

  it('vars_prompt hashes an answer that is to be kept so', async function () {
    // Hashing is slow by design, and a busy machine is slower.
    this.timeout(90_000);
    const { lines } = await play(`
- hosts: h1
  vars_prompt:
    - {name: a, encrypt: sha512_crypt, salt: 'mysalt', default: x}
    - {name: b, encrypt: md5_crypt, salt_size: 3, default: x}
    - {name: c, default: yes}
  tasks:
    - name: see
      assert:
        that:
          - a == 'x' | password_hash('sha512', 'mysalt')
          - b is match('[$]1[$][^$]{3}[$]')
          - c == 'True'
        quiet: true
`);
    expect(lines).to.deep.equal(['see | h1 | ok | All assertions passed']);
  });
});
