import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from './console.ts';

const site = `- hosts: all
  gather_facts: false
  tasks:
    - name: Ask
      command: echo version 3
      register: asked
    - name: Version
      set_fact: {version: "{{ asked.stdout.split()[1] }}"}
    - name: Write
      copy: {content: "{{ word }}\\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}.txt"}
      notify: restart
    - name: Depends
      copy: {content: "{{ version }}\\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}.version"}
    - name: By condition
      file: {path: "{{ playbook_dir }}/{{ inventory_hostname }}.dir", state: directory}
      when: asked is changed
    - name: Looked
      debug: {var: version}
    - name: Lines
      lineinfile: {path: "{{ playbook_dir }}/{{ inventory_hostname }}.lines", line: "{{ item }}", create: true}
      loop: [a, b]
  handlers:
    - name: restart
      file: {path: "{{ playbook_dir }}/{{ inventory_hostname }}.restarted", state: directory}
`;

const files = {
  'site.yml': site,
  hosts: 'h1 ansible_connection=local\nh2 ansible_connection=local\n',
  'group_vars/all.yml': 'word: hello\n',
};

type Run = (...args: string[]) => ReturnType<typeof command>;

async function inProject(use: (run: Run, folder: string) => Promise<void>): Promise<void> {
  const here = project(files);
  try {
    await use(
      (...args) => command(args, { cwd: here.path, environment: { TROUPE_STATE: join(here.path, 'state') } }),
      here.path,
    );
  } finally {
    here.remove();
  }
}

describe('run plan and run apply', () => {
  it('shows by host what would change, what may and why; the exit code says so, and nothing is changed', () =>
    inProject(async (run, folder) => {
      const { out, code } = await run('plan', 'site.yml', '-i', 'hosts', '-l', 'h1');
      expect(code).to.equal(3);
      expect(out).to.contain('  ~ Write  [copy, site.yml:9]\n      --- before\n');
      expect(out).to.contain('      +hello\n');
      expect(out).to.contain('  ? Ask  [command, site.yml:4]: it runs only in a real run\n');
      const why = 'is known only in a real run: `Ask` (site.yml:4) does not run in check mode'.replace(
        'is known',
        'which is known',
      );
      expect(out).to.contain(`  ? Depends  [copy, site.yml:12]: needs \`version\`, ${why}\n`);
      expect(out).to.contain(`  ? By condition  [file, site.yml:14]: needs \`asked\`, ${why}\n`);
      expect(out).not.to.contain('Looked');
      expect(out).to.contain('  ~ Lines (a)').and.to.contain('  ~ Lines (b)').and.to.contain('  ~ restart');
      expect(out).to.match(/\nPlan: 4 changes on 1 of 1 host; 3 tasks may change something\.\n$/);
      expect(existsSync(join(folder, 'h1.txt'))).to.equal(false);
    }));

  it('as Markdown and JSON', () =>
    inProject(async (run) => {
      const md = await run('plan', 'site.yml', '-i', 'hosts', '-l', 'h1', '--format', 'md');
      expect(md.out).to.match(/^\*\*Plan: 4 changes on 1 of 1 host; 3 tasks may change something\.\*\*\n\n### h1\n/);
      expect(md.out).to.contain('- Write (`copy`, `site.yml:9`) changes\n\n  ```diff\n');
      const json = JSON.parse((await run('plan', 'site.yml', '-i', 'hosts', '--format', 'json')).out) as Record<
        string,
        unknown
      >;
      expect(json).to.include({ changes: 8, mayChange: 6, failed: 0 });
      expect((await run('plan', 'site.yml', '--format', 'xml')).code).to.equal(5);
    }));

  it('is applied as it was planned, and then nothing is left to change but what cannot be known', () =>
    inProject(async (run, folder) => {
      const planned = await run('plan', 'site.yml', '-i', 'hosts', '-o', 'site.plan');
      expect(planned.err).to.equal('kept in site.plan; to carry it out: run apply site.plan\n');
      const applied = await run('apply', 'site.plan');
      expect(applied.code, applied.err).to.equal(0);
      expect(readFileSync(join(folder, 'h2.version'), 'utf8')).to.equal('3\n');
      expect(existsSync(join(folder, 'h1.restarted'))).to.equal(true);
      const { out } = await run('plan', 'site.yml', '-i', 'hosts');
      expect(out).to.match(/Plan: 0 changes on 2 of 2 hosts; 6 tasks may change something\./);
    }));

  it('ends with 0 where nothing would change', () =>
    inProject(async (run, folder) => {
      writeFileSync(join(folder, 'none.yml'), '- {hosts: all, gather_facts: false, tasks: [{ping: }]}\n');
      const { out, code } = await run('plan', 'none.yml', '-i', 'hosts');
      expect([out, code]).to.deep.equal(['Plan: nothing would change on 2 hosts.\n', 0]);
    }));

  it('does not fail for lack of what it would have made itself', () =>
    inProject(async (run, folder) => {
      const made = '{{ playbook_dir }}/{{ inventory_hostname }}.made';
      const lines = [
        `    - {name: First, lineinfile: {path: "${made}", line: b}, ignore_errors: true}`,
        `    - {name: Make, copy: {content: "a\\n", dest: "${made}"}}`,
        `    - {name: Edit, lineinfile: {path: "${made}", line: b}, register: edited}`,
        '    - {name: After, file: {path: "{{ playbook_dir }}/after", state: touch}, when: edited is changed}',
      ];
      writeFileSync(join(folder, 'early.yml'), `- hosts: h1\n  gather_facts: false\n  tasks:\n${lines.join('\n')}\n`);
      const planned = await run('plan', 'early.yml', '-i', 'hosts', '-o', 'early.plan');
      expect(planned.code, planned.out).to.equal(3);
      expect(planned.out).to.contain(
        '? Edit  [lineinfile, early.yml:6]: cannot be predicted before the changes above are made: ',
      );
      expect(planned.out).to.contain(
        '? After  [file, early.yml:7]: needs `edited`, which is known only in a real run: `Edit`',
      );
      expect((await run('apply', 'early.plan')).code).to.equal(0);
      expect(readFileSync(join(folder, 'h1.made'), 'utf8')).to.equal('a\nb\n');
    }));

  const edits: Record<string, [(folder: string) => void, string]> = {
    'the playbook was edited': [(f) => writeFileSync(join(f, 'site.yml'), `${site}\n# edited\n`), 'site.yml'],
    'a file of variables was edited': [
      (f) => writeFileSync(join(f, 'group_vars/all.yml'), 'word: bye\n'),
      'group_vars/all.yml',
    ],
    'variables were added': [
      (f) => writeFileSync(join(f, 'group_vars/ungrouped.yml'), 'x: 1\n'),
      'group_vars/ungrouped.yml',
    ],
    'the inventory was edited': [(f) => writeFileSync(join(f, 'hosts'), `${files.hosts}h3\n`), 'hosts'],
  };
  for (const [what, [edit, named]] of Object.entries(edits))
    it(`is refused when ${what}`, () =>
      inProject(async (run, folder) => {
        await run('plan', 'site.yml', '-i', 'hosts', '-o', 'site.plan');
        edit(folder);
        const { err, code } = await run('apply', 'site.plan');
        expect(code).to.equal(1);
        expect(err).to.contain(`error: not as it was when the plan was made: ${named}\nhelp: make a new plan`);
        expect(existsSync(join(folder, 'h1.txt'))).to.equal(false);
      }));

  it('stops a host that has drifted before anything changes there, names the task, and goes on with the others', () =>
    inProject(async (run, folder) => {
      await run('plan', 'site.yml', '-i', 'hosts', '-o', 'site.plan');
      writeFileSync(join(folder, 'h1.txt'), 'edited by hand\n');
      const { err, code } = await run('apply', 'site.plan');
      expect(code).to.equal(2);
      expect(err).to.match(
        /nothing is changed on these hosts:\n {2}h1: Write \(site\.yml:9\): when planned, it would change something/,
      );
      expect(readFileSync(join(folder, 'h1.txt'), 'utf8')).to.equal('edited by hand\n');
      expect(existsSync(join(folder, 'h1.lines'))).to.equal(false);
      expect(readFileSync(join(folder, 'h2.txt'), 'utf8')).to.equal('hello\n');
    }));

  it('holds no text of a diff, and is no plan if anything else is given', () =>
    inProject(async (run, folder) => {
      await run('plan', 'site.yml', '-i', 'hosts', '-o', 'site.plan');
      expect(readFileSync(join(folder, 'site.plan'), 'utf8')).not.to.contain('hello');
      expect((await run('apply', 'site.yml')).err).to.contain('is not a plan of this version');
      expect((await run('apply', 'nothing.plan')).code).to.equal(5);
    }));
});
