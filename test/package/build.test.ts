/** dist/: built once, beside what is there, so that a run in progress goes on with the files it began with. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ended } from '../cli/console.ts';
import { borrowPackages, freshCopy } from './copy.ts';

const play = `- hosts: localhost
  gather_facts: false
  tasks:
    - name: Wait
      shell: "echo > begun; until test -e go; do sleep 0.1; done"
      args: {chdir: "{{ playbook_dir }}"}
    - name: Load what no task before has loaded
      ini_file: {path: "{{ playbook_dir }}/x.ini", section: a, option: b, value: c}
    - template: {src: t.hbs, dest: "{{ playbook_dir }}/t"}
    - copy: {content: done, dest: "{{ playbook_dir }}/end"}
`;

describe('the build', function () {
  this.timeout(240_000);
  let copy: ReturnType<typeof freshCopy>;
  let running: ChildProcess | undefined;
  const at = (...names: string[]) => join(copy.path, ...names);
  const build = () => execFileSync(process.execPath, ['build.mjs'], { cwd: copy.path, stdio: 'pipe' });
  const builds = () => readdirSync(at('dist')).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const version = () => spawnSync(process.execPath, [at('dist/cli.js'), '--version'], { encoding: 'utf8' });

  before(() => {
    copy = freshCopy();
    borrowPackages(copy.path);
    build();
  });
  after(() => {
    running?.kill('SIGKILL');
    copy.remove();
  });

  it('is few files: what every run loads is one, the modules are there by their names', () => {
    expect(version().status).to.equal(0);
    const code = readdirSync(at('dist', builds()[0]!), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js') && !/^(?:modules|chunks)\//.test(name))
      .sort();
    // The ends of the package, and what `troupe/modules` and the build's declarations come from.
    const author = ['author/declarations.js', 'author/make.js', 'author/modules.js'];
    expect(code).to.deep.equal([...author, 'cli.js', 'index.js']);
    expect(existsSync(at('dist', builds()[0]!, 'modules/files/copy/copy.js'))).to.equal(true);
  });

  it('leaves what is current as it is', () => {
    writeFileSync(at('dist', builds()[0]!, 'untouched'), '');
    build();
    expect(builds()).to.have.length(1);
    expect(existsSync(at('dist', builds()[0]!, 'untouched'))).to.equal(true);
    expect(version().stdout).to.equal('run (troupe) 0.1.0\n');
  });

  it('takes nothing from a run in progress, whatever the new sources are', async () => {
    const here = at('project');
    mkdirSync(here);
    writeFileSync(join(here, 'site.yaml'), play);
    writeFileSync(join(here, 't.hbs'), '{{ inventory_hostname }}\n');
    const child = spawn(process.execPath, [at('dist/cli.js'), 'site.yaml'], { cwd: here });
    running = child;
    const end = ended(child);
    while (!existsSync(join(here, 'begun'))) await new Promise((resolve) => setTimeout(resolve, 50));
    const [before] = builds();

    // The next version has neither the module nor a file that any module loads.
    const [module] = readdirSync(at('engine/modules'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('/ini_file.ts'),
    );
    rmSync(at('engine/modules', module!));
    rmSync(at('engine/template/handlebars.ts'));
    writeFileSync(
      at('engine/template/handlebars.ts'),
      `import { createRequire } from 'node:module';\nexport const renderHandlebars = (..._: unknown[]): string => createRequire(import.meta.url)('handlebars').VERSION;\n`,
    );
    build();
    expect(builds()).to.have.length(2).and.include(before);
    expect(readFileSync(at('dist/cli.js'), 'utf8')).not.to.include(before);
    const npx = spawnSync('npx', ['run', 'doc', '--list'], { cwd: copy.path, encoding: 'utf8' });
    expect(npx.stdout, npx.stderr).to.include('copy').and.not.include('ini_file');
    expect(builds()).to.have.length(2);

    writeFileSync(join(here, 'go'), '');
    const { code, out, err } = await end;
    expect(err).to.equal('');
    expect(out).to.match(/changed=4 .*failed=0/);
    expect(code).to.equal(0);
    expect(readFileSync(join(here, 't'), 'utf8')).to.equal('localhost\n');
  });

  it('removes an earlier build days after it was replaced, and what a broken-off build left', () => {
    const current = /\w{16}/.exec(readFileSync(at('dist/cli.js'), 'utf8'))![0];
    const other = builds().find((name) => name !== current)!;
    const left = at('dist/.building-1');
    mkdirSync(left);
    const longAgo = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);
    utimesSync(left, longAgo, longAgo);
    writeFileSync(at('engine/another.sh'), '');
    build();
    expect(existsSync(left)).to.equal(false);
    expect(existsSync(at('dist', other))).to.equal(true);
    utimesSync(at('dist', other), longAgo, longAgo);
    writeFileSync(at('engine/another.sh'), ':');
    build();
    expect(existsSync(at('dist', other))).to.equal(false);
    expect(existsSync(at('dist', current))).to.equal(true);
  });

  it('keeps the build that works when the sources do not compile', () => {
    const before = readFileSync(at('dist/cli.js'), 'utf8');
    writeFileSync(at('engine/broken.ts'), 'export const x: number = "text";\n');
    const failed = spawnSync(process.execPath, ['build.mjs'], { cwd: copy.path, encoding: 'utf8' });
    rmSync(at('engine/broken.ts'));
    expect(failed.status).to.equal(1);
    expect(failed.stdout + failed.stderr)
      .to.include('engine/broken.ts')
      .and.not.match(/^ +at /m);
    expect(readFileSync(at('dist/cli.js'), 'utf8')).to.equal(before);
    expect(readdirSync(at('dist')).filter((name) => name.startsWith('.building'))).to.deep.equal([]);
  });

  it('says what is missing without the compiler, and needs none where dist/ is there', () => {
    rmSync(at('node_modules'));
    const run = () => spawnSync(process.execPath, ['build.mjs'], { cwd: copy.path, encoding: 'utf8' });
    expect(run().status).to.equal(0);
    rmSync(at('dist'), { recursive: true });
    const { status, stderr } = run();
    expect(status).to.equal(1);
    expect(stderr).to.match(/^troupe: typescript is not installed; run `npm ci`.*\n$/);
  });
});
