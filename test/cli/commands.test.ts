import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Console } from '../../engine/cli/console.ts';
import { parseOptions } from '../../engine/cli/options/option_table.ts';
import { playOptions } from '../../engine/cli/options/play_options.ts';
import { becomePassword, loginPassword } from '../../engine/cli/options/secrets.ts';
import { readSettings } from '../../engine/cli/settings/settings.ts';
import { command, project } from './console.ts';

const vaultable = process.platform === 'linux';

describe('run PLAYBOOK', () => {
  const here = project({
    'local.yaml': `- hosts: localhost
  gather_facts: false
  tasks:
    - name: Say
      debug: {msg: "{{ text | default('hello') }}"}
      tags: [talk]
    - name: Bad
      fail: {msg: as asked}
      when: wanted | default(false) | bool
`,
    'broken.yaml': `- hosts: localhost
  tasks:
    - debgu: {msg: x}
    - debug: {mgs: x}
    - debug: {msg: x}
      wen: true
`,
    'web.yaml': '- hosts: web\n  gather_facts: false\n  tasks:\n    - debug: {msg: x}\n',
    'inventory/hosts': '[web]\nw1 ansible_connection=local\n',
    'pw.txt': 'secret\n',
    'mine.mjs': `export default async (events, out) => { for await (const e of events) out.write(e.type + '\\n'); };\n`,
  });
  const run = (...args: string[]) => command(args, { cwd: here.path });
  after(() => here.remove());

  it('runs, and says so in Ansible’s form', async () => {
    const { code, out, err } = await run('local.yaml', '-e', 'text=there');
    expect(err).to.equal('');
    expect(code).to.equal(0);
    expect(out).to.include('TASK [Say]').and.include('"msg": "there"').and.include('PLAY RECAP');
    expect(out).to.match(/localhost +: ok=1 .* skipped=1/);
  });

  it('ends with 2 when a task failed', async () => {
    const { code, out } = await run('local.yaml', '-e', 'wanted=yes');
    expect(code).to.equal(2);
    expect(out).to.include('fatal: [localhost]: FAILED! => as asked\n    task: local.yaml:7');
  });

  it('runs nothing and ends with 4 when the playbook has mistakes, all of which it shows', async () => {
    const { code, out, err } = await run('broken.yaml');
    expect(code).to.equal(4);
    expect(out).to.equal('');
    expect(err).to.include('debgu').and.include('mgs').and.include('wen');
    expect(err).to.include('broken.yaml:3:').and.include('^');
    expect(err).to.match(/3 errors; nothing was run\n$/);
  });

  it('does not say that nothing was run when something was', async () => {
    const other = project({
      'site.yaml':
        '- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: first}}]\n' +
        '- hosts: localhost\n  gather_facts: false\n  vars_files: ["{{ \'later\' }}.yml"]\n  tasks: [{debug: {var: x}}]\n',
      'later.yml': '$ANSIBLE_VAULT;1.1;AES256\n3030\n',
    });
    const { code, out, err } = await command(['site.yaml'], { cwd: other.path });
    other.remove();
    expect(out).to.include('first');
    expect(code).to.equal(1);
    expect(err).to.match(/one error; the run ended here\n$/);
  });

  it('ends with 5 on a wrong option, 1 on a file that is not there', async () => {
    expect(await run('local.yaml', '--chekc')).to.include({
      code: 5,
      err: 'error: there is no option `--chekc`\nhelp: did you mean `--check`?\n',
    });
    expect((await run('locla.yaml')).code).to.equal(1);
    // Ansible warns, too, and finds no host.
    const without = await run('web.yaml', '-i', 'nosuch');
    expect(without.code).to.equal(0);
    expect(without.err).to.include('nosuch');
    expect((await run('local.yaml', '-K', '--become-password-file', 'nosuch')).code).to.equal(1);
    expect((await run('local.yaml', '-e', '@nosuch.yml')).code).to.equal(1);
    expect((await run()).code).to.equal(5);
  });

  it('asks for an inventory where the plays need one, and finds it in inventory/', async () => {
    const { code, err } = await run('web.yaml');
    expect(code).to.equal(1);
    expect(err).to.equal(
      'error: this playbook runs on `web`, and no inventory says which hosts those are\nhelp: did you mean `-i hosts`?\n',
    );
    expect((await run('web.yaml', '-i', 'hosts')).code).to.equal(0);
    const configured = await command(['web.yaml'], {
      cwd: here.path,
      environment: { ANSIBLE_INVENTORY: 'inventory/hosts' },
    });
    expect(configured.code).to.equal(0);
  });

  it('refuses a limit that leaves no host, and a task to start at that is not there', async () => {
    const limited = await run('web.yaml', '-i', 'hosts', '-l', 'nosuch');
    expect(limited.code).to.equal(1);
    expect(limited.out).to.equal('');
    expect(limited.err).to.equal(
      'error: `--limit nosuch` leaves no host of the inventory\nhelp: the groups are: web\n',
    );
    expect((await run('web.yaml', '-i', 'hosts', '-l', 'w1')).code).to.equal(0);
    expect(await run('local.yaml', '--start-at-task', 'Sya')).to.include({
      code: 1,
      err:
        'error: no task is named `Sya`; --start-at-task finds tasks of the playbook, its roles and static imports\n' +
        'help: did you mean `Say`?\n',
    });
    const { out } = await run('local.yaml', '--start-at-task', 'B*', '-e', 'wanted=yes');
    expect(out).to.include('TASK [Bad]').and.not.include('TASK [Say]');
  });

  it('lists without running', async () => {
    // The form of ansible-playbook 2.19.
    expect((await run('local.yaml', '--list-tasks')).out).to.equal(
      '\nplaybook: local.yaml\n\n  play #1 (localhost): localhost\tTAGS: []\n    tasks:\n      Say\tTAGS: [talk]\n      Bad\tTAGS: []\n',
    );
    expect((await run('local.yaml', '--list-tasks', '-t', 'talk')).out).not.to.include('Bad');
    expect((await run('local.yaml', '--list-tags')).out).to.include('      TASK TAGS: [talk]\n');
    expect((await run('web.yaml', '-i', 'hosts', '--list-hosts')).out).to.include(
      "    pattern: ['web']\n    hosts (1):\n      w1\n",
    );
    expect(await run('local.yaml', '--syntax-check')).to.include({ code: 0, out: '\nplaybook: local.yaml\n' });
    expect((await run('broken.yaml', '--syntax-check')).code).to.equal(4);
  });

  it('reports in the ways it is asked to', async () => {
    const json = await run('local.yaml', '--reporter', 'json');
    const types = json.out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types[0]).to.equal('run:start');
    expect(types.at(-1)).to.equal('run:end');
    const both = await run('local.yaml', '--reporter', 'junit=report.xml');
    expect(both.out).to.include('PLAY RECAP');
    expect(readFileSync(join(here.path, 'report.xml'), 'utf8')).to.match(/^<\?xml/);
    expect((await run('local.yaml', '--reporter', './mine.mjs')).out).to.include('task:result\n');
    expect(await run('local.yaml', '--reporter', 'jsno')).to.include({
      code: 5,
      err: 'error: there is no reporter `jsno`\nhelp: did you mean `json`?\n',
    });
    expect((await run('local.yaml', '--reporter', 'json=/nosuch/x')).code).to.equal(1);
  });

  it('asks for passwords where it is told to, and reads them from files', async () => {
    const { asked } = await command(['local.yaml', '-kK', '-J'], { cwd: here.path, answers: ['a', 'b', 'c'] });
    expect(asked).to.deep.equal([
      { text: 'SSH password: ', secret: true },
      { text: 'BECOME password [defaults to SSH password]: ', secret: true },
      { text: 'Vault password: ', secret: true },
    ]);
    const files = ['--conn-pass-file', 'pw.txt', '--become-pass-file', 'pw.txt', '--vault-password-file', 'pw.txt'];
    expect(await run('local.yaml', ...files)).to.deep.include({ code: 0, asked: [] });
  });

  it('takes an empty password for none, and of two the login password for both', async () => {
    const passwords = async (...answers: string[]) => {
      const made = { ask: async () => answers.shift() ?? '', home: here.path } as unknown as Console;
      const given = parseOptions(['-kK', 'x'], playOptions);
      const settings = readSettings({ cwd: here.path, home: here.path, environment: {} });
      const login = await loginPassword(given, settings, made);
      return [login, await becomePassword(given, settings, made, login)];
    };
    expect(await passwords('', '')).to.deep.equal([undefined, undefined]);
    expect(await passwords('a', '')).to.deep.equal(['a', 'a']);
    expect(await passwords('', 'b')).to.deep.equal([undefined, 'b']);
  });

  it('asks before each task with --step, once for all hosts', async () => {
    const files = {
      hosts: 'a ansible_connection=local\nb ansible_connection=local\n',
      'site.yaml':
        '- hosts: all\n  gather_facts: false\n  tasks:\n' +
        [1, 2, 3, 4].map((n) => `    - {name: T${n}, debug: {msg: did${n}}}\n`).join(''),
    };
    const other = project(files);
    const args = ['site.yaml', '-i', 'hosts', '--step'];
    const { out, asked } = await command(args, { cwd: other.path, answers: ['y', '', 'c'] });
    expect(asked.map(({ text }) => text)).to.deep.equal(
      [1, 2, 3].map((n) => `Perform task: T${n} (N)o/(y)es/(c)ontinue: `),
    );
    const done = [...out.matchAll(/ok: \[(\w)\] => \{\n.*did(\d)/g)].map(([, host, n]) => `${host}${n}`);
    expect(done.sort()).to.deep.equal(['a1', 'a3', 'a4', 'b1', 'b3', 'b4']);
    expect((await command(args, { cwd: other.path })).code).to.equal(5);
    other.remove();
  });

  it('has Ansible’s task debugger', async () => {
    const line = ['local.yaml', '-e', 'wanted=true'];
    const environment = { ANSIBLE_ENABLE_TASK_DEBUGGER: 'yes' };
    const answers = ["p task.args['msg']", "p result['failed']", 'p nosuch', 'what', 'c'];
    const { err, code } = await command(line, { cwd: here.path, environment, answers });
    expect(code).to.equal(2);
    expect(err).to.match(/to go on from there: run --resume \S+\n$/);
    expect(err.replace(/to go on .*\n$/, '').split('[localhost] TASK: Bad (debug)> ')).to.deep.equal([
      '',
      "'as asked'\n",
      'True\n',
      "*** 'nosuch' is undefined\n",
      '*** there is no command `what`; h lists them\n',
      '',
    ]);
    expect((await command(line, { cwd: here.path, environment, answers: ['q'] })).code).to.equal(99);
  });

  it('writes a retry file where the settings ask for it', async () => {
    const save = join(here.path, 'retries');
    const environment = { ANSIBLE_RETRY_FILES_ENABLED: '1', ANSIBLE_RETRY_FILES_SAVE_PATH: save };
    const { out } = await command(['local.yaml', '-e', 'wanted=true'], { cwd: here.path, environment });
    expect(out).to.include(`to retry, use: --limit @${save}/local.retry`);
    expect(readFileSync(join(save, 'local.retry'), 'utf8')).to.equal('localhost\n');
    const again = await command(['local.yaml', '-l', '@retries/local.retry'], { cwd: here.path });
    expect(again.code).to.equal(0);
  });

  it('goes on where a report or the facts cannot be kept, and says which', async () => {
    const environment = { ANSIBLE_CACHE_PLUGIN: 'jsonfile', ANSIBLE_CACHE_PLUGIN_CONNECTION: 'pw.txt/facts' };
    const facts = await command(['local.yaml'], { cwd: here.path, environment });
    expect(facts.err).to.match(/^\[WARNING\]: facts are not kept for the next run: .*pw\.txt/);
    expect(facts.code).to.equal(0);
    if (!existsSync('/dev/full')) return;
    const report = await run('local.yaml', '--reporter', 'junit=/dev/full');
    expect(report.err).to.equal(
      'error: the report `junit=/dev/full` is not whole: no space left on the disk (write)\n',
    );
    expect(report.code).to.equal(1);
    expect(report.out).to.include('PLAY RECAP');
  });

  it('finds a playbook that comes with the package, and says so', async () => {
    const other = project({ 'package/playbooks/hello.yaml': readFileSync(join(here.path, 'local.yaml'), 'utf8') });
    const { code, err } = await command(['hello.yaml'], { cwd: other.path });
    other.remove();
    expect(code).to.equal(0);
    expect(err).to.match(/^using the playbook that comes with Troupe: .*package\/playbooks\/hello\.yaml\n$/);
  });
});

describe('other commands', () => {
  const here = project({
    hosts: 'lonely\n[web]\nw1 x=1\nw2\n[app:children]\nweb\n[app:vars]\nt="{{ x }}"\n',
    'group_vars/web.yml': 'gv: {a: [1, yes]}\n',
    'host_vars/w1.yml': 'hv: true\n',
    'bad.yaml': '- hosts: all\n  tasks:\n    - copy: {dset: /x}\n',
    'good.yaml': '- hosts: all\n  tasks:\n    - ping:\n',
    'library/greet.mjs':
      "export default { name: 'greet', doc: 'Greets.', args: { who: { kind: 'str', required: true } }, check: 'none', run: async () => ({ changed: false, values: {} }) };\n",
    lint: '- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: I am a playbook}}]\n',
  });
  const run = (...args: string[]) => command(args, { cwd: here.path });
  after(() => here.remove());

  it('inventory: as ansible-inventory 2.19 prints it', async () => {
    const { out } = await run('inventory', '-i', 'hosts', '--list');
    expect(JSON.parse(out)).to.deep.equal({
      _meta: {
        hostvars: {
          w1: { gv: { a: [1, true] }, hv: true, t: '{{ x }}', x: 1 },
          w2: { gv: { a: [1, true] }, t: '{{ x }}' },
        },
      },
      all: { children: ['ungrouped', 'app'] },
      ungrouped: { hosts: ['lonely'] },
      app: { children: ['web'] },
      web: { hosts: ['w1', 'w2'] },
    });
    expect((await run('inventory', '-i', 'hosts', '--graph', '--vars', 'web')).out).to.equal(
      [
        '@web:',
        '  |--w1',
        "  |  |--{gv = {'a': [1, True]}}",
        '  |  |--{hv = True}',
        '  |  |--{t = {{ x }}}',
        '  |  |--{x = 1}',
        '  |--w2',
        "  |  |--{gv = {'a': [1, True]}}",
        '  |  |--{t = {{ x }}}',
        "  |--{gv = {'a': [1, True]}}",
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await run('inventory', '-i', 'hosts', '--host', 'lonely')).out)).to.deep.equal({});
    expect((await run('inventory', '-i', 'hosts', '--host', 'x')).code).to.equal(1);
    expect((await run('inventory', '-i', 'hosts')).code).to.equal(5);
  });

  it('doc: a module, all of them, and what is not one', async () => {
    const { out } = await run('doc', 'debug');
    expect(out).to.include('debug  (ansible.builtin.debug)').and.include('verbosity  (int; default 0)');
    expect((await run('doc', '--list')).out).to.match(/^assert +Fails unless every condition holds\.$/m);
    expect((await run('doc', '--keywords')).out).to.match(/^become_user +The user to become/m);
    expect((await run('doc', 'greet')).out).to.include('who  (str; required)');
    const words = await run('doc', 'ansible.builtin.import_tasks', 'meta', 'import_playbook', 'become_user');
    expect(words.out).to.include('import_tasks  (ansible.builtin.import_tasks)').and.include('file  (required)');
    expect(words.out).to.match(/^ {2}end_host +Ends the play for this host/m);
    expect(words.out).to.include('Takes in the plays').and.include('become_user  (keyword of play, role,');
    expect(await run('doc', 'debgu')).to.include({
      code: 5,
      err: 'error: there is no module `debgu`\nhelp: did you mean `debug`?\n',
    });
  });

  it('doc: in the forms of ansible-doc', async () => {
    const task = (await run('doc', '-s', 'ping')).out;
    expect(task).to.match(/^- name: Tries .*\n {2}ping:\n {4}data: "pong" +# Text/);
    const known = JSON.parse((await run('doc', '-j', 'ping', 'copy')).out);
    expect(Object.keys(known)).to.deep.equal(['ping', 'copy']);
    expect(known.copy.doc.options.dest).to.include({ type: 'path', required: true });
    expect(known.ping.doc.options.data).to.include({ type: 'str', default: 'pong' });
    expect((await run('doc', '-t', 'filter', 'ternary')).out).to.include('{{ value | ternary(');
    expect((await run('doc', '-t', 'test', 'ansible.builtin.match')).out).to.include('{{ value is match(');
    expect((await run('doc', '-t', 'lookup', 'file')).out).to.include("query('file', TERM, ...)");
    expect((await run('doc', '-t', 'lookup', '-l')).out).to.match(/^csvfile$/m);
    expect(await run('doc', '-t', 'filter', 'ternery')).to.include({
      code: 5,
      err: 'error: there is no filter `ternery`\nhelp: did you mean `ternary`?\n',
    });
  });

  it('inventory: extra variables win in what hosts have, and belong to none of them', async () => {
    const host = (await run('inventory', '-i', 'hosts', '--host', 'lonely', '-e', 'a=1', '-e', '{"b": 2}')).out;
    expect(JSON.parse(host)).to.deep.equal({ a: '1', b: 2 });
    const exported = (await run('inventory', '-i', 'hosts', '--list', '--export', '-e', 'a=1')).out;
    expect(exported).to.not.include('"a": "1"');
  });

  it('every module has a page', async () => {
    const names = (await run('doc', '--list')).out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]!);
    expect(names).to.include.members(['debug', 'ping', 'set_fact', 'meta', 'import_playbook']);
    const { code, out } = await run('doc', ...names);
    expect(code).to.equal(0);
    for (const name of names) expect(out, name).to.match(new RegExp(`^${name}\\b`, 'm'));
  });

  it('doc --list and schema: the modules of a project and of its roles, not what lies beside them', async () => {
    const mine = project({
      'library/mark.mjs':
        "export default { name: 'mark', doc: 'Marks.', args: {}, check: 'none', run: async () => ({ changed: false }) };\n",
      'library/mark.sh': '#!/bin/sh\necho the half of a module\n',
      'library/words.mjs': 'export const words = 1;\n',
      'roles/web/library/other': '#!/bin/sh\necho "{}"\n',
      'roles/web/library/old.py': '#!/usr/bin/python3\nfrom ansible.module_utils.basic import AnsibleModule\n',
    });
    const list = await command(['doc', '--list'], { cwd: mine.path });
    const schema = await command(['schema'], { cwd: mine.path });
    mine.remove();
    expect(list.out)
      .to.match(/^mark +Marks\.$/m)
      .and.match(/^other +A module of this project in \/bin\/sh/m);
    expect(list.out).not.to.match(/^(words|old) /m);
    expect(list.err).to.match(/^left out: the module `old` .* Ansible's own Python library/);
    expect(schema.out).to.include('module-mark').and.include('module-other').and.not.include('module-words');
  });

  it('schema: keywords and modules, the project’s own among them', async () => {
    const schema = JSON.parse((await run('schema')).out) as {
      definitions: Record<string, { properties: Record<string, unknown> }>;
    };
    const task = schema.definitions['task']!.properties;
    expect(task).to.include.keys(
      'when',
      'loop',
      'register',
      'debug',
      'ansible.builtin.debug',
      'greet',
      'include_tasks',
    );
    expect(task).not.to.include.keys('hosts');
    expect(task['ansible.builtin.debug']).to.deep.equal({ $ref: '#/definitions/module-debug' });
    expect(JSON.stringify(schema.definitions['module-greet'])).to.include('"required":["who"]');
  });

  it('lint: findings with their place', async () => {
    const other = await run('lint', 'bad.yaml', '-i', 'hosts');
    // A file named `lint` stands here: it wins over the command.
    expect(other.code).to.equal(4);
    expect(other.err).to.include('dset');
    expect((await run('lint')).out).to.include('I am a playbook');
    const clean = project({
      'bad.yaml': readFileSync(join(here.path, 'bad.yaml'), 'utf8'),
      'good.yaml': readFileSync(join(here.path, 'good.yaml'), 'utf8'),
    });
    const bad = await command(['lint', 'bad.yaml', '-i', 'n1,'], { cwd: clean.path });
    const unreached = await command(['lint', 'bad.yaml'], { cwd: clean.path });
    const good = await command(['lint', 'good.yaml'], { cwd: clean.path });
    clean.remove();
    expect(bad.code).to.equal(4);
    expect(bad.err).to.include('bad.yaml:3:').and.include('2 errors; nothing was run');
    // Of a play without hosts nothing is reached; a mistake it is all the same.
    expect(unreached.code).to.equal(4);
    expect(unreached.err).to.include('bad.yaml:3:').and.include('2 mistakes fail only if they are reached');
    expect(good).to.include({ code: 0, out: 'nothing wrong in 1 play with 1 task\n' });
  });

  it('lint: hosts that only an inventory can tell are a warning', async () => {
    const other = project({
      'site.yaml': '- hosts: "{{ groups[\'nodes\'] }}"\n  gather_facts: false\n  tasks: [{ping: }]\n',
      'inventory/hosts': '[nodes]\nn1\n',
    });
    const { code, err, out } = await command(['lint', 'site.yaml'], { cwd: other.path });
    // A folder of that name is no playbook.
    const graph = await command(['inventory', '-i', 'hosts', '--graph', 'nodes'], { cwd: other.path });
    const run = await command(['site.yaml', '-i', 'x,'], { cwd: other.path });
    other.remove();
    expect(code).to.equal(0);
    expect(err).to.match(/^warning: the hosts of this play are not known: .*\n --> site\.yaml:1:/);
    expect(out).to.equal('nothing wrong in 1 play with 1 task\n');
    expect(graph.out).to.equal('@nodes:\n  |--n1\n');
    expect(run.code).to.equal(4);
    expect(run.err).to.include("'nodes'").and.not.include('bug');
  });

  it('module: one module without a playbook', async () => {
    const { code, out } = await run('module', 'localhost', '-m', 'debug', '-a', 'msg="hi there"');
    expect(code).to.equal(0);
    expect(out).to.match(/^localhost \| SUCCESS => \{\n.*"msg": "hi there"/s);
    const command = await run('module', 'localhost', '-a', "printf 'a\\nb\\n'");
    expect(command.out).to.equal('localhost | CHANGED | rc=0 >>\na\nb\n');
    expect((await run('module', 'localhost', '-m', 'fail', '-o')).out).to.match(/^localhost \| FAILED => \{.*\}\n$/);
    expect((await run('module', 'localhost', '-m', 'fail')).code).to.equal(2);
    expect((await run('module', 'all', '-m', 'ping')).code).to.equal(1);
    expect((await run('module')).code).to.equal(5);
    expect((await run('module', 'localhost', '-m', 'pign')).err).to.include('pign');
  });

  it('help: examples first, and every command has its own', async () => {
    const general = await run('--help');
    expect(general.code).to.equal(0);
    expect(general.out.indexOf('run install.yaml -i hosts')).to.be.lessThan(general.out.indexOf('usage:'));
    for (const name of ['inventory', 'vault', 'module', 'doc', 'schema']) {
      expect(general.out).to.include(`run ${name}`);
      expect((await run(name, '--help')).out, name).to.include('usage:\n  run ');
    }
    expect((await run('--version')).out).to.equal('run (troupe) 1.2.3\n');
  });
});

(vaultable ? describe : describe.skip)('run vault', () => {
  const here = project({
    pw: 'first-pw\n',
    pw2: 'two\n',
    'plain.yml': 'a: geheim\n',
    prog: '#!/bin/sh\necho first-pw\n',
  });
  const at = (name: string) => join(here.path, name);
  const vault = (args: string[], more = {}) =>
    command(['vault', ...args, '--vault-password-file', 'pw'], { cwd: here.path, ...more });
  after(() => here.remove());

  it('encrypts in place, shows, takes another password, decrypts', async () => {
    expect((await vault(['encrypt', 'plain.yml'])).code).to.equal(0);
    expect(readFileSync(at('plain.yml'), 'utf8')).to.match(/^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f\n]+$/);
    expect((await vault(['view', 'plain.yml'])).out).to.equal('a: geheim\n');
    expect((await vault(['encrypt', 'plain.yml'])).err).to.include('is encrypted already');
    // Nobody is asked for a password that would be of no use.
    for (const [name, why] of [
      ['nosuch', 'cannot read nosuch: there is no such file or folder'],
      ['pw', 'pw is not encrypted'],
    ] as const)
      expect(await command(['vault', 'view', name], { cwd: here.path })).to.deep.include({
        code: 1,
        err: `error: ${why}\n`,
        asked: [],
      });
    expect((await vault(['rekey', 'plain.yml', '--new-vault-password-file', 'pw2'])).code).to.equal(0);
    const wrong = await vault(['view', 'plain.yml']);
    expect(wrong.code).to.equal(1);
    expect(wrong.err).to.include('none of the vault passwords');
    expect(wrong.err).not.to.include('first-pw');
    const back = await command(['vault', 'decrypt', 'plain.yml', '--vault-id', 'x@pw2'], { cwd: here.path });
    expect(back.code).to.equal(0);
    expect(readFileSync(at('plain.yml'), 'utf8')).to.equal('a: geheim\n');
  });

  it('asks for a new password twice when none is named', async () => {
    const { asked, out } = await command(['vault', 'encrypt_string', 'x', '-n', 'v'], {
      cwd: here.path,
      answers: ['p'],
    });
    expect(asked).to.deep.equal([{ text: 'New Vault password: ', secret: true, confirm: true }]);
    expect(out).to.match(/^v: !vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n( {10}[0-9a-f]+\n)+$/);
  });

  it('names the id, works on standard input, and asks a program for the password', async () => {
    execFileSync('chmod', ['+x', at('prog')]);
    const { out } = await command(['vault', 'encrypt', '--vault-id', 'prod@prog'], { cwd: here.path, input: 'text' });
    expect(out).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    const back = await command(['vault', 'decrypt', '--vault-id', 'prod@prog'], { cwd: here.path, input: out });
    expect(back.out).to.equal('text');
  });

  it('opens an encrypted file of -e, whose texts are not reported', async () => {
    writeFileSync(at('extra.yml'), 'token: geheimnis\n');
    await vault(['encrypt', 'extra.yml']);
    writeFileSync(
      at('site.yaml'),
      '- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: "{{ token }} {{ token | length }}"}}]\n',
    );
    const { code, out } = await command(['site.yaml', '-e', '@extra.yml', '--vault-password-file', 'pw'], {
      cwd: here.path,
    });
    expect(code).to.equal(0);
    expect(out).to.include('"msg": "******** 9"');
  });

  it('gives the editor a file in memory and leaves nothing of it (S-14)', async () => {
    await vault(['encrypt', 'plain.yml']);
    const before = statSync(at('plain.yml')).mode;
    let seen = '';
    let copy = '';
    const runProgram = async (_editor: string, args: readonly string[]) => {
      copy = args.at(-1)!;
      seen = readFileSync(copy, 'utf8');
      expect(statSync(copy).mode & 0o777).to.equal(0o600);
      writeFileSync(copy, 'a: neu\n');
      return 0;
    };
    expect((await vault(['edit', 'plain.yml'], { runProgram })).code).to.equal(0);
    expect(seen).to.equal('a: geheim\n');
    expect(existsSync(copy)).to.equal(false);
    expect(
      execFileSync('stat', ['-f', '-c', '%T', copy.split('/').slice(0, 3).join('/')], { encoding: 'utf8' }).trim(),
    ).to.equal('tmpfs');
    expect((await vault(['view', 'plain.yml'])).out).to.equal('a: neu\n');
    expect(statSync(at('plain.yml')).mode).to.equal(before);
    const failed = await vault(['edit', 'plain.yml'], { runProgram: async () => 3 });
    expect(failed).to.include({ code: 1 });
    expect((await vault(['view', 'plain.yml'])).out).to.equal('a: neu\n');
  });

  it('takes what scripts for ansible-vault give it', async () => {
    const { out } = await vault(['encrypt_string', '-vvvvv', '-n', 'v'], { input: 'from stdin' });
    expect(out).to.match(/^v: !vault \|\n/);
    expect((await vault(['encrypt_string', 'x', '-n', 'v', '--output', 'made.yml'])).out).to.equal('');
    expect(readFileSync(at('made.yml'), 'utf8')).to.match(/^v: !vault \|\n/);
    writeFileSync(at('plain.yml'), 'a: geheim\n');
    // Two passwords under one id: which of them, nobody said.
    const two = await vault(['encrypt', 'plain.yml', '--vault-password-file', 'pw2']);
    expect(two).to.include({ code: 5 });
    expect(two.err).to.include('--encrypt-vault-id default');
    expect((await vault(['encrypt', 'plain.yml', '--encrypt-vault-id', 'nosuch'])).code).to.equal(1);
    const both = ['--new-vault-id', 'a@pw2', '--new-vault-password-file', 'pw2'];
    await vault(['encrypt', 'plain.yml', '--vault-id', 'one@pw', '--encrypt-vault-id', 'one']);
    expect((await vault(['rekey', 'plain.yml', ...both])).code).to.equal(2);
    const environment = { ANSIBLE_VAULT_ID_MATCH: '1' };
    expect((await vault(['view', 'plain.yml'], { environment })).code).to.equal(1);
    expect((await vault(['view', 'plain.yml', '--vault-id', 'one@pw'], { environment })).code).to.equal(0);
    const runProgram = async (_editor: string, args: readonly string[]) => {
      writeFileSync(args.at(-1)!, 'a: edited\n');
      return 0;
    };
    await vault(['edit', 'plain.yml'], { runProgram });
    expect(readFileSync(at('plain.yml'), 'utf8')).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;one\n/);
    // A password that cannot be had is told of, and the others are tried.
    const some = await vault(['decrypt', 'plain.yml', '--vault-id', 'gone@nosuch']);
    expect(some.code).to.equal(0);
    expect(some.err).to.include('[WARNING]: there is no password file nosuch');
  });

  it('says what it cannot do', async () => {
    expect((await vault(['encyrpt', 'x'])).err).to.include('did you mean `encrypt`?');
    expect((await vault([])).code).to.equal(5);
    expect((await vault(['view', 'pw'])).err).to.include('pw is not encrypted');
    expect((await vault(['view', 'nosuch'])).code).to.equal(1);
  });
});
