/** The package as its users get it: packed, installed in an empty project without development packages, used from TypeScript. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { expect } from 'chai';
import { ensureBuilt } from '../support/built.mjs';
import { root } from './copy.ts';

const LIMIT = 15 * 1024 * 1024;

/** Every way in which the package may be used, by a program that is checked strictly. */
const program = readFileSync(join(root, 'test/package/program.ts'), 'utf8');

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => lstatSync(join(entry.parentPath, entry.name)).size)
    .reduce((sum, size) => sum + size, 0);
}

describe('the package', function () {
  this.timeout(300_000);
  let folder: string;
  let files: string[];
  const at = (...names: string[]) => join(folder, ...names);
  const installed = (...names: string[]) => at('node_modules/troupe', ...names);

  before(() => {
    ensureBuilt(() => {});
    folder = mkdtempSync(join(tmpdir(), 'troupe-pack-'));
    const said = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    const packed = JSON.parse(said) as Record<string, { filename: string; files: { path: string }[] }>;
    const [{ filename, files: listed }] = Object.values(packed) as [(typeof packed)[string]];
    files = listed.map(({ path }) => path);
    writeFileSync(at('package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
    execFileSync('npm', ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', filename], {
      cwd: folder,
      stdio: 'pipe',
    });
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  it('holds one build, and what package.json names', () => {
    const builds = new Set(files.map((name) => /^dist\/(\w+)\//.exec(name)?.[1]).filter(Boolean));
    expect([...builds]).to.have.length(1);
    for (const name of [
      'LICENSE',
      'CHANGELOG.md',
      'README.md',
      'dist/cli.js',
      'dist/index.d.ts',
      'playbooks/install.yaml',
    ])
      expect(files).to.include(name);
    expect(files.filter((name) => /^(test|bench|engine)\//.test(name) && !name.endsWith('.md'))).to.deep.equal([]);
  });

  it('takes less than 15 MB of a production installation, and brings no install script', () => {
    expect(bytesBelow(at('node_modules'))).to.be.lessThan(LIMIT);
    expect(existsSync(at('node_modules/esbuild'))).to.equal(false);
    const { scripts } = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as { scripts: object };
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall', 'prepare');
  });

  it('brings the command', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(execFileSync('npx', ['run', '--version'], { cwd: folder, encoding: 'utf8' })).to.equal(
      `run (troupe) ${version}\n`,
    );
    writeFileSync(at('t.hbs'), 'hello {{inventory_hostname}}\n');
    writeFileSync(
      at('site.yaml'),
      `- hosts: localhost\n  gather_facts: false\n  tasks: [{template: {src: t.hbs, dest: "${at('out')}"}}]\n`,
    );
    execFileSync('npx', ['run', 'site.yaml'], { cwd: folder, stdio: 'pipe' });
    expect(readFileSync(at('out'), 'utf8')).to.equal('hello localhost\n');
  });

  it('reads a module in TypeScript where Node does, and says what to install where it does not', () => {
    execFileSync('mkdir', ['-p', at('library')]);
    writeFileSync(
      at('library/mark.ts'),
      `import { args, changed, defineModule } from 'troupe';\nexport default defineModule({ name: 'mark', doc: 'x',\n` +
        `  args: { text: args.str() }, check: 'none', run: async ({ text }: { text?: string }) => changed(true, { text }) });\n`,
    );
    writeFileSync(
      at('mark.yaml'),
      '- hosts: localhost\n  gather_facts: false\n  tasks: [{mark: {text: hello}, register: r}, {debug: {var: r.text}}]\n',
    );
    const run = spawnSync('npx', ['run', 'mark.yaml'], { cwd: folder, encoding: 'utf8' });
    if ((process.features as { typescript?: unknown }).typescript) {
      expect(run.stderr).to.equal('');
      expect(run.stdout).to.include('hello');
    } else {
      expect(run.stderr)
        .to.include(`the module mark.ts cannot be loaded: Node ${process.versions.node} does not read TypeScript`)
        .and.include('library/mark.ts:1:1')
        .and.include('npm install esbuild');
      expect(run.status).to.equal(4);
    }
  });

  it('is typed for a strict program', () => {
    writeFileSync(at('program.ts'), program);
    const words = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit', 'true'];
    const form = ['--target', 'es2022', '--module', 'nodenext', '--skipLibCheck', 'false'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const done = spawnSync(process.execPath, [tsc, ...words, ...form, ...types, 'program.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(done.stdout + done.stderr).to.equal('');
    expect(done.status).to.equal(0);
  });

  it('has no broken link in its pages', () => {
    const broken = files
      .filter((name) => name.endsWith('.md'))
      .flatMap((page) =>
        [...readFileSync(installed(page), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map((match) => match[1]!)
          .filter((link) => !/^\w+:/.test(link) && !existsSync(installed(posix.join(dirname(page), link))))
          .map((link) => `${page}: ${link}`),
      );
    expect(broken).to.deep.equal([]);
  });
});
