/** S-01, S-02, S-07: what comes from hosts, commands, vaults and people stays the literal text, however far it travels. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from '../cli/console.ts';
import { play, withProject } from '../support/play.ts';

/** Templates of four languages; each would show `49` if anybody evaluated it, and some what they must not reach. */
const EVIL = [
  '{{ 7*7 }}',
  "{{ lookup('pipe', 'id') }}",
  '{#each x}}',
  '{{#each this}}x{{/each}}',
  '${7*7}',
  '<%= 7*7 %>',
  '{% raw %}x',
];

/** Every way on which a value travels in a run; `text` is what a host said. */
const JOURNEY = `
- hosts: h1
  tasks:
    - {name: said, command: {argv: [printf, '%s', "{{ evil }}"]}, register: r}
    - {name: on stderr, shell: 'printf %s "$T" >&2', environment: {T: "{{ evil }}"}, register: e}
    - {name: a file, copy: {content: "{{ r.stdout }}", dest: "{{ playbook_dir }}/file"}}
    - {name: read, slurp: {src: "{{ playbook_dir }}/file"}, register: f}
    - {name: a name, file: {path: "{{ playbook_dir }}/{{ r.stdout | replace('/', '_') }}", state: touch}}
    - {name: found, find: {paths: "{{ playbook_dir }}", patterns: '*7*'}, register: names}
    - {name: fact, set_fact: {told: "{{ r.stdout }}", nested: {list: ["{{ e.stderr }}"]}}}
    - {name: conditions, assert: {that: [told == evil, "nested.list[0] == evil", f.content | b64decode == evil]}}
- hosts: h2
  tasks:
    - name: of another host
      set_fact: {theirs: "{{ hostvars.h1.told }}", all: "{{ hostvars.h1 | to_json | from_json }}"}
    - {name: template, template: {src: t.j2, dest: "{{ playbook_dir }}/out"}}
    - {name: handlebars, template: {src: t.hbs, dest: "{{ playbook_dir }}/out2"}}
    - name: "loop"
      debug: {msg: "{{ item }}"}
      loop: "{{ [theirs, all.told] + hostvars.h1.nested.list }}"
    - {name: when, debug: {msg: reached}, when: "theirs == hostvars.h1.told"}
    - {name: "told {{ theirs }}", command: 'true', notify: "h {{ theirs }}"}
    - {name: failing, fail: {msg: "{{ theirs }}"}, ignore_errors: true}
    - {name: a lookup, debug: {msg: "{{ lookup('file', 'out') }} {{ lookup('pipe', 'cat out') }}"}}
  handlers:
    - {name: "h {{ theirs }}", debug: {msg: "{{ theirs }}"}}
`;

describe('data is never a template (S-01)', () => {
  for (const evil of EVIL)
    it(`${evil} through registers, facts, files, other hosts, templates, conditions, loops, names, handlers and lookups`, async () => {
      const files = { 'play.yml': JOURNEY, 't.j2': '{{ theirs }}', 't.hbs': '{{theirs}}' };
      const { lines, recap } = await play(files, { extraVars: { evil } });
      const shown = lines.filter((line) => !line.startsWith('said'));
      expect(recap.hosts['h1'], shown.join('\n')).to.include({ failed: 0, unreachable: 0 });
      expect(recap.hosts['h2'], shown.join('\n')).to.include({ failed: 0, unreachable: 0, ignored: 1 });
      const messages = lines.map((line) => line.split(' | '));
      const said = (task: string) => messages.filter(([name]) => name!.startsWith(task)).map((words) => words.at(-1));
      expect(said('loop (')).to.deep.equal([evil, evil, evil]);
      expect(said('failing')).to.deep.equal([evil]);
      expect(said('a lookup')).to.deep.equal([`${evil} ${evil}`]);
      expect(said(`told ${evil}`), 'a task’s name').to.have.length(1);
      expect(said(`h ${evil}`), 'a handler’s name').to.deep.equal([evil]);
      expect(said('when')).to.deep.equal(['reached']);
      expect(lines.join('\n')).not.to.match(/\b49\b|uid=/);
    });
});

describe('rendered exactly once (S-02)', () => {
  it('a vault, a prompt and -e that hold braces stay literal', async () => {
    const here = project({
      pw: 'word\n',
      'site.yaml': `- hosts: localhost
  gather_facts: false
  vars_prompt: [{name: asked, prompt: Say, private: false}]
  vars: {other: LEAKED, shown: "{{ token }}", again: "{{ shown }} {{ asked }} {{ given }}"}
  tasks:
    - copy: {content: "{{ again }}", dest: "{{ playbook_dir }}/out"}
    - command: cat {{ playbook_dir }}/out
      register: r
    - assert: {that: r.stdout | length == 41}
`,
    });
    try {
      const words = ['vault', 'encrypt_string', '{{ other }} v', '-n', 'token', '--vault-password-file', 'pw'];
      const { out: token } = await command(words, { cwd: here.path });
      writeFileSync(join(here.path, 'secret.yml'), token);
      const args = ['site.yaml', '--vault-password-file', 'pw', '-e', '@secret.yml', '-e', 'given="{{ other }} e"'];
      const { code, out, err } = await command(args, { cwd: here.path, answers: ['{{ other }} p'] });
      expect(readFileSync(join(here.path, 'out'), 'utf8'), out + err).to.equal(
        '{{ other }} v {{ other }} p {{ other }} e',
      );
      expect(code, out + err).to.equal(0);
    } finally {
      here.remove();
    }
  });
});

describe('names of JavaScript as keys (S-07)', () => {
  const keys = `{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "prototype": {"polluted": 1}}`;

  it('in variables, inventory, facts, JSON and extra variables set nothing but themselves', async () => {
    const files = {
      'hosts.yml': 'all: {hosts: {h1: {ansible_connection: local, __proto__: {polluted: 1}}}}\n',
      'vars.yml': `v: ${keys}\n`,
      'group_vars/all.yml': `g: ${keys}\nhash: {a: {x: 1}}\n`,
      'facts.json': keys,
      'play.yml': `
- hosts: h1
  vars_files: [vars.yml]
  tasks:
    - {name: read, command: "cat {{ playbook_dir }}/facts.json", register: r}
    - {name: merged, set_fact: {m: "{{ v | combine(g, recursive=true) | combine(r.stdout | from_json, recursive=true) }}"}}
    - {name: set, set_fact: {"__proto__": {polluted: 1}}, ignore_errors: true}
    - {name: seen, debug: {msg: "{{ m | to_json }} {{ e.__proto__.polluted }} {{ ({}).polluted | default('clean') }}"}}
`,
    };
    const { lines } = await play(files, { extraVars: JSON.parse(`{"e": ${keys}}`), inventory: 'hosts.yml' });
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
    expect(lines.find((line) => line.startsWith('seen'))).to.match(/"__proto__": ?\{"polluted": ?1\}.* 1 clean$/);
  });

  it('a run needs neither __proto__ nor changeable intrinsics', async function () {
    this.timeout(60_000);
    await withProject(
      {
        hosts: 'h1 ansible_connection=local\n',
        't.hbs': 'hello {{who}}\n',
        'play.yml': `
- hosts: h1
  gather_facts: false
  vars: {who: "{{ ['a', 'b'] | map('upper') | join }}"}
  tasks:
    - {template: {src: t.hbs, dest: "{{ playbook_dir }}/out"}}
    - {command: "cat {{ playbook_dir }}/out", register: r}
    - {assert: {that: r.stdout == 'hello AB'}}
`,
      },
      async (folder) => {
        const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
        const flags = ['--disable-proto=throw', '--frozen-intrinsics', '--no-warnings'];
        const out = execFileSync(process.execPath, [...flags, cli, 'play.yml', '-i', 'hosts'], {
          cwd: folder,
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], HOME: folder },
        });
        expect(out).to.match(/h1 +: ok=3 +changed=2/);
      },
    );
  });
});
