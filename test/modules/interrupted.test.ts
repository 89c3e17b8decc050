/**
 * Modules that write files, ended at any moment: all of their processes killed in the middle (what a host's crash or the kernel
 * out of memory does; a lost connection or a killed controller is kinder, it leaves the request running to its end), and a disk
 * that is full. A file is what it was or what it should become, never a part; nobody may read more than before; another run
 * brings about what the first should have.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { build, place, type State } from './cases.mjs';
import { closePools, type Run, runModule, testFolder } from './harness.ts';
import { startWeb } from './web.mjs';

/** How often each module is killed; TROUPE_KILLS=40 takes a closer look. */
const kills = Number(process.env['TROUPE_KILLS'] ?? 4);
const root = process.getuid?.() === 0;
const long = Array.from({ length: 600 }, (_, i) => `line ${i} of what was there before`).join('\n');
const text = `${Array.from({ length: 700 }, (_, i) => `new ${i} of what is to come`).join('\n')}\n`;
const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'B'.repeat(43)} new@example.org`;
const secret = (content: string): State => ({ f: { content, mode: '600' } });
const keys = Array.from(
  { length: 300 },
  (_, i) => `h${i}.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'C'.repeat(43)}`,
);

interface Writing {
  module: string;
  args: Record<string, unknown>;
  before: State;
  source?: State;
  /** The file that is written, below the folder. */
  file?: string;
}

const writings: Writing[] = [
  { module: 'copy', args: { content: text, dest: '{d}/f' }, before: secret(long) },
  { module: 'copy', args: { content: text.repeat(3), dest: '{d}/new', mode: '0600' }, before: {}, file: 'new' },
  { module: 'template', args: { src: 't.j2', dest: '{d}/f' }, before: secret(long), source: { 't.j2': text } },
  { module: 'lineinfile', args: { path: '{d}/f', line: 'one more' }, before: secret(long) },
  { module: 'blockinfile', args: { path: '{d}/f', block: text }, before: secret(long) },
  { module: 'replace', args: { path: '{d}/f', regexp: 'before', replace: 'after all' }, before: secret(long) },
  {
    module: 'ini_file',
    args: { path: '{d}/f', section: 's', option: 'o', value: text.slice(0, 900).replaceAll('\n', ' ') },
    before: secret('[s]\no = 1\n'),
  },
  {
    module: 'assemble',
    args: { src: '{d}/parts', dest: '{d}/f', remote_src: true },
    before: { ...secret(long), 'parts/1': text, 'parts/2': long },
  },
  { module: 'get_url', args: { url: '{u}/big', dest: '{d}/f', force: true }, before: secret(long) },
  { module: 'uri', args: { url: '{u}/big', dest: '{d}/f' }, before: secret(long) },
  {
    module: 'authorized_key',
    args: { user: 'root', key, path: '{d}/f', manage_dir: false },
    before: secret(`${key.replace('new', 'old').replaceAll('B', 'D')}\n`),
  },
  {
    module: 'known_hosts',
    args: { name: 'new.example.org', key: `new.example.org ${key}`, path: '{d}/f' },
    before: secret(`${keys.join('\n')}\n`),
  },
  {
    module: 'htpasswd',
    args: { name: 'ann', password: 'secret', path: '{d}/f', hash_scheme: 'ldap_sha1' },
    before: secret('bob:{SHA}x\n'),
  },
  {
    module: 'pam_limits',
    args: { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '5', dest: '{d}/f' },
    before: secret(`# a\n${'# b\n'.repeat(900)}`),
  },
  {
    module: 'sysctl',
    args: { name: 'a.b', value: '1', sysctl_file: '{d}/f', reload: false },
    before: secret(`# a\n${'# b\n'.repeat(900)}`),
  },
  { module: 'xml', args: { path: '{d}/f', xpath: '/a/b', value: text }, before: secret('<a><b>1</b></a>') },
  {
    module: 'archive',
    args: { path: '{d}/parts', dest: '{d}/f.tar', format: 'tar' },
    before: { 'parts/1': text, 'parts/2': long },
    file: 'f.tar',
  },
];

/** All processes that this one has started, with theirs. */
function killAll(): number {
  const path = `/proc/${process.pid}/task`;
  const children = readdirSync(path).flatMap((task) => {
    try {
      return readFileSync(join(path, task, 'children'), 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean)
        .map(Number);
    } catch {
      return [];
    }
  });
  // each shell leads a group of its own; anything else that runs here (a compiler's service) does not
  const leaders = children.filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === pid;
    } catch {
      return false;
    }
  });
  for (const pid of leaders) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended meanwhile
    }
  }
  return leaders.length;
}

interface Folder {
  d: string;
  s: string;
  u: string;
}

function prepare(one: Writing, u: string, at = testFolder()): Folder {
  const folder = { d: join(at, 'd'), s: join(at, 's'), u };
  mkdirSync(folder.d, { recursive: true });
  for (const name of readdirSync(folder.d)) rmSync(join(folder.d, name), { recursive: true });
  const inside = join(at, 'made');
  build(inside, one.before);
  execFileSync('cp', ['-a', `${inside}/.`, folder.d]);
  rmSync(inside, { recursive: true });
  build(folder.s, one.source);
  return folder;
}

const run = (one: Writing, folder: Folder): Promise<Run> =>
  runModule(one.module, place(one.args, folder), { source: folder.s, diff: false });

/** Content of every file, and what is in the way of none. */
function look(folder: Folder): { files: Record<string, string>; temporary: string[] } {
  const files: Record<string, string> = {};
  const temporary: string[] = [];
  for (const name of readdirSync(folder.d, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder.d, name);
    const stat = statSync(path);
    if (stat.isDirectory()) continue;
    if (/(^|\/)\.troupe/.test(name) || /\.[A-Za-z0-9]{6}$/.test(name)) temporary.push(name);
    else files[name] = `${(stat.mode & 0o7777).toString(8)} ${readFileSync(path).toString('latin1')}`;
  }
  return { files, temporary };
}

/** Content but for what differs from run to run (times in an archive). */
const same = (one: Writing, a: string | undefined, b: string | undefined) =>
  one.module === 'archive' && a !== undefined && b !== undefined ? a.length === b.length : a === b;

describe('writing files, ended at any moment', function () {
  this.timeout(60_000);
  let web: Awaited<ReturnType<typeof startWeb>>;
  const counted = { killed: 0, before: 0, after: 0 };
  before(async function () {
    if (!root) this.skip();
    web = await startWeb();
  });
  after(() => {
    web?.close();
    closePools();
    if (counted.killed > 0)
      console.log(
        `    ${counted.killed} runs killed: ${counted.before} files as before, ${counted.after} as wanted, none between`,
      );
  });

  for (const [number, one] of writings.entries()) {
    const file = one.file ?? 'f';
    it(`${one.module} (${number + 1}), killed`, async () => {
      const whole = prepare(one, web.url);
      await run(one, prepare(one, web.url)); // the shell is there, the script loaded
      const started = performance.now();
      const done = await run(one, whole);
      const took = performance.now() - started;
      expect(done.values['failed'], String(done.values['msg'])).to.equal(undefined);
      const [old, wanted] = [look(prepare(one, web.url)).files[file], look(whole).files[file]];
      expect(wanted, 'the file').to.be.a('string');
      for (let step = 0; step < kills; step++) {
        const folder = prepare(one, web.url);
        await runModule('ping', {}); // a shell to kill
        const running = run(one, folder).then(
          () => undefined,
          () => undefined,
        );
        await sleep((took * (step + 0.3)) / (kills - 1));
        killAll();
        await running;
        closePools(); // a shell that was killed while it waited is not noticed at once
        counted.killed++;
        const { files, temporary } = look(folder);
        expect(
          same(one, files[file], old) || same(one, files[file], wanted),
          `a part of ${file}, killed in step ${step}`,
        ).to.equal(true);
        if (same(one, files[file], wanted)) counted.after++;
        else counted.before++;
        // It gets the file's own mode in its last moments, once it is whole.
        const open = Number.parseInt(wanted!, 8);
        for (const name of temporary)
          expect(statSync(join(folder.d, name)).mode & 0o077 & ~open, `${name} is open to others`).to.equal(0);
        const again = await run(one, folder);
        expect(again.values['failed'], `again: ${String(again.values['msg'])}`).to.equal(undefined);
        expect(same(one, look(folder).files[file], wanted), `${file} after another run, step ${step}`).to.equal(true);
      }
    });
  }

  describe('on a full disk', () => {
    let disk: string;
    before(function () {
      disk = join(testFolder(), 'disk');
      mkdirSync(disk);
      const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0755', 'troupe-full', disk]);
      if (done.status !== 0) this.skip();
    });
    after(() => {
      spawnSync('umount', ['-l', disk]);
    });

    for (const [number, one] of writings.entries()) {
      const file = one.file ?? 'f';
      it(`${one.module} (${number + 1})`, async () => {
        rmSync(join(disk, 'fill'), { force: true });
        const folder = prepare(one, web.url, disk);
        const old = look(folder).files[file];
        // what is left is less than a page
        const fill = join(disk, 'fill');
        spawnSync('sh', ['-c', 'dd if=/dev/zero of="$1" bs=1k count=300; exit 0', 'sh', fill], { stdio: 'ignore' });
        const full = await run(one, folder);
        expect(full.values['failed'], 'did not fail').to.equal(true);
        expect(String(full.values['msg'])).to.match(/space|write|not writable|full|create|could not|failure writing/i);
        const { files, temporary } = look(folder);
        expect(files[file], `${file} while the disk was full`).to.equal(old);
        expect(temporary, 'left behind').to.deep.equal([]);
        rmSync(fill);
        const again = await run(one, folder);
        expect(again.values['failed'], `again: ${String(again.values['msg'])}`).to.equal(undefined);
        expect(existsSync(join(folder.d, file))).to.equal(true);
        expect(look(folder).files[file]).to.not.equal(old);
        expect(look(folder).temporary).to.deep.equal([]);
      });
    }
  });
});
