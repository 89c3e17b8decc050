import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ended, project, start } from './console.ts';

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a process has written this. */
async function written(child: ReturnType<typeof start>, text: string): Promise<void> {
  let out = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      out += String(chunk);
      if (out.includes(text)) resolve();
    });
    child.on('close', () => reject(new Error(`ended without saying ${text}: ${out}`)));
  });
}

describe('the process', () => {
  const here = project({
    'slow.yaml': `- hosts: localhost
  gather_facts: false
  tasks:
    - name: First
      debug: {msg: x}
    - name: Wait
      command: sleep 300
    - name: Never
      debug: {msg: never}
`,
    'many.yaml': `- hosts: localhost
  gather_facts: false
  tasks:
    - debug: {msg: "{{ 'x' * 1000 }}"}
      loop: "{{ range(300) | list }}"
    - copy: {content: done, dest: "{{ playbook_dir }}/end"}
`,
  });
  after(() => here.remove());

  it('ends cleanly when it is interrupted, with the recap, and 99', async function () {
    this.timeout(120_000);
    const child = start(['slow.yaml'], here.path);
    const end = ended(child);
    await written(child, 'TASK [Wait]');
    await wait(300);
    const begun = Date.now();
    child.kill('SIGINT');
    const { code, out, err } = await end;
    expect(Date.now() - begun).to.be.lessThan(60_000);
    expect(err).to.include('interrupted: ending what is under way');
    expect(out)
      .to.include('PLAY RECAP')
      .and.include('Interrupted. The last task that each host began:\n    localhost: Wait');
    expect(out).not.to.include('TASK [Never]');
    expect(code).to.equal(99);
  });

  it('goes on to the end, and is quiet, when nobody reads it any more', async function () {
    this.timeout(120_000);
    const child = start(['many.yaml'], here.path);
    let err = '';
    child.stderr!.on('data', (chunk) => {
      err += String(chunk);
    });
    const code = new Promise((resolve) => child.on('exit', resolve));
    await new Promise<void>((resolve) => child.stdout!.once('data', () => resolve()));
    child.stdout!.destroy();
    expect(await code).to.equal(0);
    expect(err).to.equal('');
  });

  it('says nothing of its own on stderr, with many hosts at once', async function () {
    this.timeout(120_000);
    writeFileSync(join(here.path, 'crowd'), 'h[1:30] ansible_connection=local\n');
    writeFileSync(
      join(here.path, 'crowd.yaml'),
      '- hosts: all\n  gather_facts: false\n  tasks: [command: sleep 0.5]\n',
    );
    const { code, err } = await ended(start(['crowd.yaml', '-i', 'crowd'], here.path));
    expect(err).to.equal('');
    expect(code).to.equal(0);
  });

  it('goes on to the end when its output cannot be written, says so once, and ends with 1', async function () {
    if (!existsSync('/dev/full')) return this.skip();
    this.timeout(120_000);
    const full = openSync('/dev/full', 'w');
    rmSync(join(here.path, 'end'), { force: true });
    const child = start(['many.yaml'], here.path, {}, { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let err = '';
    child.stderr!.on('data', (chunk) => {
      err += String(chunk);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(err).to.equal('error: what follows cannot be written to the standard output: no space left on the disk\n');
    expect(code).to.equal(1);
    expect(readFileSync(join(here.path, 'end'), 'utf8')).to.equal('done');
  });

  describe('of a user whom the user database does not know, as in containers', () => {
    const stranger = { uid: 54_321, gid: 54_321 };
    let folder: string;

    before(function () {
      if (process.getuid?.() !== 0) return this.skip();
      const source = fileURLToPath(new URL('../../engine/cli.ts', import.meta.url));
      const read = spawnSync(process.execPath, ['-e', `fs.accessSync(${JSON.stringify(source)})`], stranger);
      // A checkout in a folder that is closed to others.
      if (read.status !== 0) return this.skip();
      folder = mkdtempSync('/tmp/troupe-stranger-');
      chmodSync(folder, 0o755);
    });
    after(() => folder && rmSync(folder, { recursive: true, force: true }));

    const run = (...args: string[]) =>
      ended(
        start(args, folder, { HOME: undefined, TMPDIR: undefined }, { stdio: ['ignore', 'pipe', 'pipe'], ...stranger }),
      );

    it('works without a home', async function () {
      this.timeout(120_000);
      writeFileSync(
        join(folder, 'p.yml'),
        '- hosts: localhost\n  tasks:\n    - debug: {msg: "{{ ansible_user_id }} {{ \'~/x\' | expanduser }}"}\n' +
          '    - template: {src: t.j2, dest: /tmp/x}\n      check_mode: true\n',
      );
      writeFileSync(join(folder, 't.j2'), '{{ template_uid }}\n');
      const { code, out, err } = await run('p.yml');
      expect(err).to.equal('');
      expect(out)
        .to.include('"msg": "54321 ~/x"')
        .and.match(/changed=1 .*failed=0/);
      expect(code).to.equal(0);
    });

    it('names what may not be read, and does nothing', async function () {
      this.timeout(120_000);
      mkdirSync(join(folder, 'roles/r/tasks'), { recursive: true });
      writeFileSync(join(folder, 'roles/r/tasks/main.yml'), '- command: touch /tmp/never\n');
      writeFileSync(join(folder, 'q.yml'), '- hosts: localhost\n  gather_facts: false\n  roles: [r]\n');
      const closed = async (path: string) => {
        const mode = statSync(join(folder, path)).mode & 0o777;
        chmodSync(join(folder, path), 0);
        const { code, out, err } = await run('q.yml');
        chmodSync(join(folder, path), mode);
        expect(out).to.equal('');
        expect(err)
          .to.include('permission denied')
          .and.include(join(folder, path))
          .and.not.match(/^ +at /m);
        return code;
      };
      expect(await closed('roles/r')).to.equal(4);
      expect(await closed('roles/r/tasks')).to.equal(4);
      expect(await closed('roles/r/tasks/main.yml')).to.equal(4);
      expect(await closed('q.yml')).to.equal(4);
      mkdirSync(join(folder, 'group_vars'));
      expect(await closed('group_vars')).to.equal(1);
    });
  });

  it('reads a password from standard input where there is no terminal', async function () {
    this.timeout(120_000);
    const child = start(['vault', 'encrypt_string', 'text'], here.path);
    const end = ended(child);
    child.stdin!.end('pw\npw\n');
    const { code, out, err } = await end;
    expect(err).to.equal('New Vault password: confirm New Vault password: ');
    expect(out).to.match(/^!vault \|\n/);
    expect(code).to.equal(0);
  });
});
