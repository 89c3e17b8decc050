/** `run install` and `run outdated`, from repositories, archives and an index of this machine. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { command } from '../cli/console.ts';
import { archive } from './archive.ts';

let here: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(here, path)), { recursive: true });
  writeFileSync(join(here, path), text);
}
const read = (path: string) => readFileSync(join(here, path), 'utf8');

/** git as somebody else who publishes a role. */
const git = (...words: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=x', '-c', 'user.email=x@x', '-c', 'init.defaultBranch=main', '-c', 'tag.gpgSign=false', ...words],
    {
      cwd: join(here, 'upstream'),
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: here },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  ).trim();

function commit(text: string, tag?: string): string {
  write('upstream/tasks/main.yml', text);
  write('upstream/sub/roles/inner/tasks/main.yml', `# ${text}`);
  git('add', '-A');
  git('commit', '-qm', text);
  if (tag) git('tag', '-f', tag);
  return git('rev-parse', 'HEAD');
}

async function run(...words: string[]) {
  const { code, out, err } = await command(words, { cwd: join(here, 'project'), environment: { HOME: here } });
  return { code, out: out.replaceAll(here, ''), err: err.replaceAll(here, '') };
}
const requirements = (text: string) => write('project/requirements.yml', text);
const lock = () =>
  JSON.parse(read('project/troupe.lock')) as {
    roles: Record<string, { commit?: string; hash: string }>;
    collections: Record<string, { hash: string }>;
  };

describe('run install', () => {
  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), 'troupe-install-'));
    mkdirSync(join(here, 'upstream'));
    mkdirSync(join(here, 'project'));
    git('init', '-q');
  });
  afterEach(() => rmSync(here, { recursive: true, force: true }));

  it('takes roles from git by tag, branch, commit and directory, and locks them', async () => {
    const first = commit('one', 'v1.0');
    commit('two', 'v1.1');
    requirements(`roles:
  - {src: 'git+file://${here}/upstream', name: tagged, version: v1.0}
  - {src: ../upstream, scm: git, name: newest}
  - {src: ../upstream, scm: git, name: exact, version: ${first}}
  - {src: ../upstream, scm: git, name: inner, path: sub/roles/inner, version: main}
`);
    const { code, out, err } = await run('install', '-r', 'requirements.yml');
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.match(new RegExp(`^installed: role tagged v1.0 \\(${first.slice(0, 12)}\\)\n`));
    expect(['tagged', 'newest', 'exact'].map((name) => read(`project/roles/${name}/tasks/main.yml`))).to.deep.equal([
      'one',
      'two',
      'one',
    ]);
    expect(read('project/roles/inner/tasks/main.yml')).to.equal('# two');
    expect(readdirSync(join(here, 'project/roles')).sort()).to.deep.equal(['exact', 'inner', 'newest', 'tagged']);
    expect(lock().roles['tagged'])
      .to.include({ commit: first })
      .and.property('hash')
      .match(/^sha256-[0-9a-f]{64}$/);
    expect((await run('install')).out).to.match(/^(there already: .*\n){4}$/);
  });

  it('refuses a tag that was moved, and installs what is locked of a branch', async () => {
    const first = commit('one', 'v1.0');
    requirements(
      'roles:\n  - {src: ../upstream, scm: git, name: a, version: v1.0}\n  - {src: ../upstream, scm: git, name: b, version: main}\n',
    );
    await run('install');
    const second = commit('evil', 'v1.0');
    rmSync(join(here, 'project/roles'), { recursive: true });
    const moved = await run('install');
    expect(moved.code).to.equal(4);
    expect(moved.err).to.include(
      `the role \`a\` was not installed: \`v1.0\` is now commit ${second}, and was ${first} when it was locked`,
    );
    expect(existsSync(join(here, 'project/roles/a'))).to.equal(false);
    expect(read('project/roles/b/tasks/main.yml')).to.equal('one');
    expect(readdirSync(join(here, 'project/roles'))).to.deep.equal(['b']);
    const frozen = await run('install', '--frozen');
    expect(frozen.code).to.equal(4);
    const updated = await run('install', '--update');
    expect([updated.code, updated.err]).to.deep.equal([0, '']);
    expect(read('project/roles/a/tasks/main.yml')).to.equal('evil');
    expect(lock().roles['b']).to.include({ commit: second });
  });

  it('--frozen takes only what is locked, and a hash that differs is refused (S-22)', async () => {
    commit('one', 'v1.0');
    requirements('roles: [{src: ../upstream, scm: git, name: a, version: v1.0}]\n');
    expect((await run('install', '--frozen')).err).to.include('there is no troupe.lock');
    await run('install');
    const locked = read('project/troupe.lock');
    requirements(
      'roles: [{src: ../upstream, scm: git, name: a, version: v1.0}, {src: ../upstream, scm: git, name: b}]\n',
    );
    const more = await run('install', '--frozen');
    expect(more.code).to.equal(4);
    expect(more.err).to.include('the role `b` is not locked as it is required, and --frozen takes only what is');
    expect(existsSync(join(here, 'project/roles/b'))).to.equal(false);
    expect(read('project/troupe.lock')).to.equal(locked);
    requirements('roles: [{src: ../upstream, scm: git, name: a, version: v1.0}]\n');
    rmSync(join(here, 'project/roles'), { recursive: true });
    write('project/troupe.lock', locked.replace(/sha256-..../, 'sha256-0000'));
    const changed = await run('install', '--frozen');
    expect(changed.err).to.include('its content is not what was locked');
    expect(existsSync(join(here, 'project/roles/a'))).to.equal(false);
    write('project/troupe.lock', '{"lock": 9}');
    expect((await run('install')).err).to.include(
      'the lock file cannot be used: it is not of a form that this version knows',
    );
  });

  it('leaves alone what it did not put there, or what was changed since', async () => {
    commit('one');
    write('project/roles/a/tasks/main.yml', 'mine');
    requirements('- {src: ../upstream, scm: git, name: a}\n');
    expect((await run('install')).err).to.include(
      '/project/roles/a is there already, and was not installed by this command',
    );
    expect(read('project/roles/a/tasks/main.yml')).to.equal('mine');
    expect((await run('install', '--force')).code).to.equal(0);
    write('project/roles/a/tasks/main.yml', 'changed');
    expect((await run('install')).err).to.include('was changed since it was installed');
  });

  it('runs nothing of a repository, and takes no address for an option', async () => {
    commit('one');
    const trap = `#!/bin/sh\ntouch ${here}/executed\n`;
    write('upstream/.gitattributes', '* filter=evil\n*.yml export-subst\n');
    write('upstream/.gitmodules', `[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% ${here}/executed\n`);
    write('upstream/galaxy.yml', 'namespace: a\n');
    write('upstream/meta/main.yml', 'dependencies: []\n');
    commit('two');
    for (const name of ['post-checkout', 'post-merge', 'reference-transaction', 'pre-auto-gc']) {
      write(`upstream/.git/hooks/${name}`, trap);
      execFileSync('chmod', ['755', join(here, `upstream/.git/hooks/${name}`)]);
    }
    requirements('roles: [{src: ../upstream, scm: git, name: a}]\n');
    expect((await run('install')).code).to.equal(0);
    for (const src of [`ext::sh -c touch% ${here}/executed`, '--upload-pack=touch executed', `-u${here}`]) {
      requirements(`roles: [{src: "${src}", scm: git, name: b}]\n`);
      const { code, err } = await run('install');
      expect([code, err]).to.satisfy(
        ([c, e]: [number, string]) => c === 4 && e.includes('is not an address of a repository'),
      );
    }
    for (const line of ["path: '../../..'", "path: '--output=x'"]) {
      requirements(`roles: [{src: ../upstream, scm: git, name: b, ${line}}]\n`);
      expect((await run('install')).err).to.include('is not a directory of a repository');
    }
    requirements("roles: [{src: ../upstream, scm: git, name: b, version: '--all'}]\n");
    expect((await run('install')).err).to.include('has no tag, branch or commit `--all`');
    requirements('roles: [{src: ../upstream, scm: git, name: ../../evil}]\n');
    expect((await run('install')).err).to.include('`../../evil` cannot be the name of a role');
    expect(existsSync(join(here, 'executed'))).to.equal(false);
    expect(readdirSync(join(here, 'project/roles'))).to.deep.equal(['a']);
  });

  it('refuses hostile repositories: links out of them', async () => {
    execFileSync('ln', ['-s', '/etc', join(here, 'upstream/etc')]);
    commit('one');
    requirements('roles: [{src: ../upstream, scm: git, name: a}]\n');
    const { code, err } = await run('install');
    expect(code).to.equal(4);
    expect(err).to.include('its archive has a link "etc" to "/etc", out of the directory');
    expect(readdirSync(join(here, 'project/roles'))).to.deep.equal([]);
  });

  it('says what is wrong in the file of requirements', async () => {
    for (const [text, said] of [
      ['rolse: []\n', 'a file of requirements has no key `rolse`'],
      ['roles: [{srcc: x}]\n', 'did you mean `src`?'],
      ['roles: [{src: x, scm: hg}]\n', '`scm: hg` is not supported'],
      ['roles: [{src: ../upstream, scm: git, name: a}, {src: ../upstream, scm: git, name: a}]\n', 'is required twice'],
    ] as const) {
      requirements(text);
      const { code, err } = await run('install');
      expect(code).to.equal(4);
      expect(err).to.include(said).and.include('--> requirements.yml:1:');
    }
    expect((await run('install', '-r', 'none.yml')).err).to.include('cannot read none.yml');
  });

  describe('from an index', () => {
    let server: Server;
    let url: string;
    let versions: string[];
    let lie = false;
    const bytes = new Map<string, Buffer>();

    before(async () => {
      for (const version of ['1.0.0', '1.2.0', '2.0.0'])
        bytes.set(
          version,
          gzipSync(
            await archive(
              {
                name: 'MANIFEST.json',
                content: JSON.stringify({ collection_info: { namespace: 'acme', name: 'web', version } }),
              },
              { name: 'roles/site/tasks/main.yml', content: `# ${version}\n` },
            ),
          ),
        );
      const role = gzipSync(await archive({ name: 'nginx-3.1/tasks/main.yml', content: '- debug:\n' }));
      server = createServer((request, answer) => {
        const json = (value: unknown) =>
          answer.setHeader('content-type', 'application/json').end(JSON.stringify(value));
        const path = new URL(request.url!, url);
        const index = '/api/v3/plugin/ansible/content/published/collections/index/acme/web/versions/';
        const [, version] = /versions\/([^/]+)\/$/.exec(path.pathname) ?? [];
        const [, file] = /^\/files\/(.*)\.tar\.gz$/.exec(path.pathname) ?? [];
        if (path.pathname === index) json({ data: versions.map((each) => ({ version: each })), links: { next: null } });
        else if (version) {
          const sha256 = createHash('sha256').update(bytes.get(version)!).digest('hex');
          json({
            download_url: `/files/${version}.tar.gz`,
            artifact: { sha256: lie ? sha256.replace(/^./, 'z') : sha256 },
          });
        } else if (file === 'nginx') answer.end(role);
        else if (file) answer.end(bytes.get(file));
        else if (path.pathname === '/api/v1/roles/')
          json({
            results:
              path.searchParams.get('owner__username') === 'acme'
                ? [{ summary_fields: { versions: [{ name: '3.1', download_url: '/files/nginx.tar.gz' }] } }]
                : [],
          });
        else answer.writeHead(404).end();
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => server.close());
    beforeEach(() => {
      versions = ['1.0.0', '1.2.0', '2.0.0-rc1'];
      lie = false;
    });

    it('takes collections by range, and roles; what is newer is outdated', async () => {
      requirements(`roles: [acme.nginx]\ncollections:\n  - {name: acme.web, version: '>=1.0.0,<2'}\n`);
      const { code, err, out } = await run('install', '--server', url);
      expect([code, err]).to.deep.equal([0, '']);
      expect(out).to.equal('installed: role acme.nginx 3.1\ninstalled: collection acme.web 1.2.0\n');
      expect(read('project/collections/ansible_collections/acme/web/roles/site/tasks/main.yml')).to.equal('# 1.2.0\n');
      expect(read('project/roles/acme.nginx/tasks/main.yml')).to.equal('- debug:\n');
      expect((await run('outdated', '--server', url)).out).to.equal('everything is up to date\n');
      versions.push('2.0.0');
      expect((await run('outdated', '--server', url)).out).to.equal('collection acme.web  1.2.0 -> 2.0.0\n');
    });

    it('refuses an archive that is not the one that the index names, or that was locked', async () => {
      requirements('collections: [{name: acme.web, version: 1.2.0}]\n');
      lie = true;
      expect((await run('install', '--server', url)).err).to.include('its archive is not the one that the index names');
      lie = false;
      await run('install', '--server', url);
      rmSync(join(here, 'project/collections'), { recursive: true });
      const own = bytes.get('1.2.0')!;
      bytes.set('1.2.0', bytes.get('1.0.0')!);
      const { code, err } = await run('install', '--frozen', '--server', url);
      bytes.set('1.2.0', own);
      expect(code).to.equal(4);
      expect(err).to.include('the collection `acme.web` was not installed: its content is not what was locked');
      expect(existsSync(join(here, 'project/collections/ansible_collections/acme/web'))).to.equal(false);
    });

    it('takes archives by address and from a file, and says what is not there', async () => {
      writeFileSync(join(here, 'project/own.tar.gz'), bytes.get('1.0.0')!);
      requirements(
        `roles: [{src: '${url}/files/nginx.tar.gz', name: web}]\ncollections: [{source: own.tar.gz, type: file}]\n`,
      );
      const { code, err } = await run('install');
      expect([code, err]).to.deep.equal([0, '']);
      expect(Object.keys(lock().collections)).to.deep.equal(['acme.web']);
      expect((await run('install')).out).to.include('there already: role web');
      requirements(
        `roles: [other.nginx, {src: '${url}/none.tar.gz', name: none}]\ncollections: [{name: acme.web, version: '>9'}]\n`,
      );
      const wrong = await run('install', '--server', url);
      expect(wrong.err)
        .to.include('has no role `other.nginx`')
        .and.include('answered 404 Not Found')
        .and.include('has no version of the collection acme.web that fits >9');
    });
  });

  it('run outdated says which tags and branches went on', async () => {
    commit('one', 'v1.0');
    requirements(
      'roles: [{src: ../upstream, scm: git, name: a, version: v1.0}, {src: ../upstream, scm: git, name: b}, {src: ../upstream, scm: git, name: c, version: main}]\n',
    );
    expect((await run('outdated')).out).to.include('role a  not installed');
    await run('install');
    expect((await run('outdated')).out).to.equal('everything is up to date\n');
    commit('two', 'v1.10');
    expect((await run('outdated')).out).to.match(
      /^role a {2}v1\.0 -> v1\.10\nrole b {2}HEAD \w{12} -> HEAD \w{12}\nrole c {2}main \w{12} -> main \w{12}\n$/,
    );
  });
});
