/** Files of the controller that copy takes, and facts.d: from Ansible's own issues. */
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { play } from '../support/play.ts';

describe('files that copy takes from the controller', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-taken-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('`~user/` is that user’s home', async () => {
    const home = userInfo().homedir || homedir();
    const own = mkdtempSync(join(home, '.troupe-test-'));
    try {
      writeFileSync(join(own, 'f'), 'of a home\n');
      const src = `~${userInfo().username}/${own.slice(home.length + 1)}/f`;
      const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: a, copy: {src: "${src}", dest: "${folder}/to"}}
`);
      expect(lines.at(-1)).to.match(/^a \| h1 \| changed/);
      expect(readFileSync(join(folder, 'to'), 'utf8')).to.equal('of a home\n');
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  it('links that lead nowhere, or in a circle, are copied as links', async () => {
    mkdirSync(join(folder, 'd'));
    symlinkSync('nowhere', join(folder, 'd/dangling'));
    symlinkSync('loop', join(folder, 'd/loop'));
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: a, copy: {src: "${folder}/d", dest: "${folder}/out/"}}
`);
    expect(lines.at(-1)).to.match(/^a \| h1 \| changed/);
    expect(readlinkSync(join(folder, 'out/d/loop'))).to.equal('loop');
    expect(readlinkSync(join(folder, 'out/d/dangling'))).to.equal('nowhere');
  });

  it('fetch that is delegated writes below the name of the task’s host (S-15)', async () => {
    writeFileSync(join(folder, 'f'), 'x');
    await play(`
- hosts: h1
  tasks:
    - {name: a, fetch: {src: "${folder}/f", dest: "${folder}/got/"}, delegate_to: h2}
`);
    expect(readFileSync(join(folder, 'got/h1', folder, 'f'), 'utf8')).to.equal('x');
  });

  it('chdir to a link is a move to the folder itself', async () => {
    mkdirSync(join(folder, 'real/sub'), { recursive: true });
    symlinkSync(join(folder, 'real/sub'), join(folder, 'link'));
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: a, shell: "pwd; cd .. && pwd", args: {chdir: "${folder}/link"}, register: r}
    - {name: told, debug: {msg: "{{ r.stdout_lines | join(' ') }}"}}
`);
    expect(lines.at(-1)).to.equal(`told | h1 | ok | ${folder}/real/sub ${folder}/real`);
  });

  it('find: a file that is not of the encoding named ends the search of its path, with a warning', async () => {
    writeFileSync(join(folder, 'gbk.txt'), Buffer.from([0xce, 0xd2, ...Buffer.from(' key\n')]));
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: a, find: {paths: "${folder}", contains: '.*key.*', encoding: utf-8}, register: r}
    - {name: one, debug: {msg: "{{ r.matched }} {{ r.msg }} {{ r.skipped_paths['${folder}'] }}"}}
    - {name: b, find: {paths: "${folder}", contains: '^.*我.*$', encoding: gbk}, register: r}
    - {name: two, debug: {msg: "{{ r.matched }} {{ r.msg }} {{ r.skipped_paths }}"}}
`);
    expect(lines.filter((line) => /^(one|two) /.test(line))).to.deep.equal([
      `one | h1 | ok | 0 Not all paths examined, check warnings for details Failed to read the file ${folder}/gbk.txt due to an encoding error. current encoding: utf-8`,
      'two | h1 | ok | 1 All paths examined {}',
    ]);
  });

  it('facts.d: a dead link, and a file that is no fact, are told of by their paths', async () => {
    symlinkSync('/nonexistent', join(folder, 'dead.fact'));
    writeFileSync(join(folder, 'bad.fact'), 'nonsense\nhere');
    const { lines, events } = await play(`
- hosts: h1
  tasks:
    - {name: a, setup: {fact_path: "${folder}", filter: ansible_local}, register: r}
    - {name: dead, debug: {msg: "{{ r.ansible_facts.ansible_local.dead }}"}}
    - {name: bad, debug: {msg: "{{ r.ansible_facts.ansible_local.bad }}"}}
`);
    const dead = `Could not stat fact (${folder}/dead.fact): [Errno 2] No such file or directory: '${folder}/dead.fact'`;
    const bad = `error loading facts as JSON or ini - please check content: ${folder}/bad.fact`;
    expect(lines.slice(-2)).to.deep.equal([`dead | h1 | ok | ${dead}`, `bad | h1 | ok | ${bad}`]);
    const warnings = JSON.stringify(events.filter((event) => event.type === 'message'));
    expect(warnings).to.contain('Could not stat fact').and.to.contain('error loading facts');
  });
});
