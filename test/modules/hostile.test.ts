/**
 * Every text argument of every module, by its schema, with what a careless shell line would obey. The modules run their real
 * programs under dash, bash and busybox on a throw-away Debian: an image of the lab under a layer in memory, in namespaces of its
 * own without a network. Obeying shows as a file. A new module is covered by being there.
 *
 * Each argument meets one of the values under one of the shells, the next argument another, and one of each module 1 MiB under
 * dash; TROUPE_HOSTILE=all takes all of them, and 1 MiB in each argument, under all shells (a quarter of an hour).
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ArgSpec } from '../../engine/modules/args.ts';
import type { ModuleDefinition } from '../../engine/modules/define.ts';
import { loadModule, ownModules } from '../../engine/modules/find.ts';
import { convertArgs } from '../../engine/modules/parts/arguments.ts';
import { Pool } from '../../engine/remote/pool.ts';
import type { ConnectionTarget } from '../../engine/remote/target.ts';
import { type Dict, fromPlain } from '../../engine/values.ts';
import { ensureImage } from '../lab/images.mjs';
import { needLab } from '../lab/shared.ts';
import { runModule } from './harness.ts';

/** What is meant to be obeyed: not looked at. */
const commands: Record<string, string[]> = {
  command: ['cmd', 'argv'],
  shell: ['cmd'],
  raw: ['cmd'],
  script: ['cmd', 'executable'],
  expect: ['command'],
  synchronize: ['rsync_opts', 'rsync_path'],
  reboot: ['test_command', 'boot_time_command', 'reboot_command', 'msg', 'search_paths'],
};

/** Not run: they wait for a host or need the network's other end. */
const left = new Set(['wait_for_connection']);

/** Arguments that let a module come as far as its work; the others are found by the schema. */
const bases: Record<string, Record<string, unknown>> = {
  copy: { dest: '/srv/out', content: 'x' },
  file: { path: '/srv/file', state: 'touch' },
  lineinfile: { path: '/srv/there', line: 'a' },
  blockinfile: { path: '/srv/there', block: 'a' },
  replace: { path: '/srv/there', regexp: 'a' },
  ini_file: { path: '/srv/there.ini', section: 's', option: 'o', value: 'v' },
  archive: { path: '/srv/there', dest: '/srv/out.tar.gz' },
  find: { paths: '/srv' },
  cron: { name: 'n', job: 'true' },
  user: { name: 'hostile' },
  mount: { path: '/srv/m', src: 'none', fstype: 'tmpfs', state: 'present' },
  sysctl: { name: 'a.b', value: '1', reload: false },
  iptables: { chain: 'INPUT', protocol: 'tcp', jump: 'ACCEPT' },
  git: { repo: '/srv/nope', dest: '/srv/clone' },
  debconf: { name: 'locales', question: 'locales/x', value: 'v', vtype: 'string' },
  command: { argv: ['true'] },
  shell: { cmd: 'true' },
  expect: { command: 'true', responses: { x: 'y' }, timeout: 2 },
  raw: { cmd: 'true' },
  wait_for: { path: '/srv/there', timeout: 1 },
  uri: { url: 'http://127.0.0.1:1/', timeout: 2 },
  get_url: { url: 'http://127.0.0.1:1/', dest: '/srv/got', timeout: 2 },
  setup: { gather_subset: ['!all'] },
  synchronize: { src: '/srv/there', dest: '/srv/out' },
  etcd_auth: { endpoints: ['http://127.0.0.1:1'] },
  etcd_info: { endpoints: ['http://127.0.0.1:1'] },
  yum_repository: { name: 'n', description: 'd', baseurl: ['https://x.example.org'], reposdir: '/srv' },
  deb822_repository: { name: 'n', types: ['deb'], uris: ['https://x.example.org'], suites: ['s'], components: ['c'] },
};

// `fetch` writes on the controller.
bases['fetch'] = { src: '/srv/there', dest: 'fetched/' };

const scratch = mkdtempSync(join(tmpdir(), 'troupe-hostile-'));
const canary = join(scratch, 'canary');
const obey = `touch ${canary}`;

const values = {
  'on one line': `a' "b" $(${obey}) \`${obey}\` ; ${obey} & ${obey} | ${obey} #`,
  'with lines and a dash': `-x\n${obey}\n'\n${obey}\n"\n${obey}\n'"\n`,
  'as words': `'; ${obey}; '";${obey};"\\`,
};

/** A mebibyte: more than a program's argument may have, and than a pipe holds. */
const large = `'; ${obey}; "$(${obey})" `.repeat(1 << 16).slice(0, 1 << 20);

/** Milliseconds that a call may take: on a busy machine a good deal less is enough. */
const slow = 60_000;

/** The files that modules change. */
const filesBefore = `printf 'a\\nb\\n' >there; printf '[s]\\no=w\\n' >there.ini`;
const asBefore = `cd /srv; ${filesBefore}`;

const texts = ['str', 'path', 'raw', 'json'];

/** The arguments that take text, and how a text is put into them. */
function textArguments(module: ModuleDefinition): [name: string, put: (text: string) => unknown][] {
  const found: [string, (text: string) => unknown][] = [];
  for (const [name, spec] of Object.entries(module.args) as [string, ArgSpec][]) {
    if (spec.choices || spec.unsupported || commands[module.name]?.includes(name)) continue;
    if (texts.includes(spec.kind)) found.push([name, (text) => text]);
    else if (spec.kind === 'list' && texts.includes(spec.of?.kind ?? '') && !spec.of?.choices)
      found.push([name, (text) => [text]]);
    else if (spec.kind === 'dict' && !spec.keys) {
      found.push([name, (text) => ({ key: text })]);
      found.push([`${name} (a key)`, (text) => ({ [text]: 'value' })]);
    }
  }
  return found;
}

function filler(spec: ArgSpec): unknown {
  if (spec.choices) return spec.choices[0];
  if (spec.kind === 'path') return '/srv/there';
  if (spec.kind === 'list') return [filler(spec.of!)];
  const plain: Partial<Record<ArgSpec['kind'], unknown>> = { int: 1, float: 1, bool: true, mode: '0644', dict: {} };
  return plain[spec.kind] ?? 'x';
}

/** Arguments around the one under test that the schema accepts, as far as they can be found. */
function around(module: ModuleDefinition, name: string, value: unknown): Record<string, unknown> {
  const args: Record<string, unknown> = { ...bases[module.name], [name]: value };
  for (const [other, spec] of Object.entries(module.args) as [string, ArgSpec][])
    if (spec.required && !(other in args)) args[other] = filler(spec);
  for (let round = 0; round < 4; round++) {
    const { problems } = convertArgs(module, fromPlain(args) as Dict);
    const named = [...problems.join(' ').matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!);
    const missing = named.find((other) => other in module.args && !(other in args));
    const excluded = problems.some((text) => text.includes('exclude'))
      ? named.find((other) => other in args && other !== name && !module.args[other]?.required)
      : undefined;
    if (excluded) delete args[excluded];
    else if (missing) args[missing] = filler(module.args[missing]!);
    else break;
  }
  return args;
}

/** A program that starts a shell on a throw-away system. */
async function entrance(image: 'tools' | 'busybox', shell: string): Promise<string> {
  const tree = await ensureImage(image, (line: string) => console.log(`    lab: ${line}`));
  const file = join(scratch, `enter-${shell.split('/').at(-1)}`);
  const point = join(scratch, 'point');
  mkdirSync(point, { recursive: true });
  const inside = `set -e
mount -t tmpfs -o mode=0755 tmpfs ${point}
mkdir ${point}/upper ${point}/work ${point}/root
mount -t overlay -o lowerdir=${tree},upperdir=${point}/upper,workdir=${point}/work hostile ${point}/root
cd ${point}/root
mount -t proc proc proc
mount -t tmpfs dev dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "dev/\${node%:*}" c 1 "\${node#*:}"; done
ln -s /proc/self/fd dev/fd
mkdir -p .${scratch} srv srv/m
mount --bind ${scratch} .${scratch}
: >throw-away
cd srv
${filesBefore}
cd ..
# nothing in here may load modules, set the clock or end the machine
exec setpriv --bounding-set=-sys_module,-sys_time,-sys_boot,-sys_rawio chroot . ${shell} "$@"`;
  writeFileSync(
    file,
    `#!/bin/sh
# the shell started in there is this program again
if [ -e /throw-away ]; then exec ${shell} "$@"; fi
echo $$ >>${file}.pids
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 unshare --mount --pid --fork --kill-child --net --uts --ipc --propagation private /bin/sh ${file}.inside "$@"
`,
    { mode: 0o755 },
  );
  writeFileSync(`${file}.inside`, inside);
  return file;
}

/** Ends what the shells of a throw-away system are doing. */
function endShells(name: string): void {
  const file = join(scratch, `enter-${name === 'busybox' ? 'sh' : name}.pids`);
  if (!existsSync(file)) return;
  for (const pid of readFileSync(file, 'utf8').trim().split('\n')) {
    try {
      // The number may be another program's by now.
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(scratch)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended long since.
    }
  }
  rmSync(file);
}

const all = await Promise.all([...ownModules().values()].map((file) => loadModule(file)));
const modules = all.filter((module) => !module.controllerOnly && !left.has(module.name));

describe('hostile values in every text argument of every module', function () {
  this.timeout(120_000);
  const shells: { name: string; target: ConnectionTarget }[] = [];
  const pool = new Pool({ localEnvironment: { PATH: process.env['PATH'] ?? '' } });
  let turn = 0;
  const counted = { calls: 0, refused: 0, large: 0, slow: [] as string[] };

  before(async function () {
    this.timeout(300_000);
    needLab(this);
    for (const [image, shell] of [
      ['tools', '/bin/dash'],
      ['tools', '/bin/bash'],
      ['busybox', '/bin/sh'],
    ] as const) {
      const program = await entrance(image, shell);
      const name = image === 'busybox' ? image : shell.slice(5);
      shells.push({ name, target: { name, connection: 'local', shell: program, temporary: scratch } });
    }
    for (const { name, target } of shells) {
      // It must be the throw-away system: what follows would harm this one.
      const done = await runModule('stat', { path: join(scratch, 'point', 'root') }, { on: { target, pool } });
      expect(done.values['stat'], name).to.deep.equal({ exists: false });
      const there = await runModule('slurp', { src: '/srv/there' }, { on: { target, pool } });
      expect(there.values['content'], name).to.equal('YQpiCg==');
      // A test of the test: obeying shows.
      await runModule('shell', { cmd: obey }, { on: { target, pool } });
      expect(existsSync(canary), name).to.equal(true);
      rmSync(canary);
    }
  });
  after(() => {
    for (const { name } of shells) endShells(name);
    pool.close();
    rmSync(scratch, { recursive: true, force: true });
    console.log(
      `    ${counted.calls} calls, ${counted.refused} of them refused or failed; ${counted.large} with 1 MiB`,
    );
    for (const line of counted.slow) console.log(`    ${line}`);
  });

  const thorough = process.env['TROUPE_HOSTILE'] === 'all';

  /** What a shell does with a text must not take the square of its length: a call ends in time, or its shell is ended. */
  async function timed(label: string, { name, target }: (typeof shells)[number], call: () => Promise<void>) {
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), slow);
    });
    const running = call();
    const end = await Promise.race([running, late]);
    clearTimeout(timer);
    const took = performance.now() - start;
    if (took > 3000) counted.slow.push(`${label}: ${Math.round(took / 1000)} s`);
    if (end !== 'late') return;
    endShells(name);
    pool.closeHost(target.name);
    await running.catch(() => {});
    throw new Error(`${label}: still running after ${slow / 1000} s`);
  }

  async function callWith(
    module: ModuleDefinition,
    name: string,
    value: unknown,
    where: { name: string; target: ConnectionTarget },
  ) {
    const label = `${module.name} under ${where.name}, ${name}`;
    const args = around(module, name.split(' ')[0]!, value);
    counted.calls++;
    await timed(label, where, () => callOnce(module, label, args, where.target));
  }

  async function callOnce(
    module: ModuleDefinition,
    label: string,
    args: Record<string, unknown>,
    target: ConnectionTarget,
  ) {
    const source = join(scratch, 'source');
    // `fetch` may have put something there under the very name.
    rmSync(source, { recursive: true, force: true });
    mkdirSync(source);
    writeFileSync(join(source, 'x'), 'x');
    const run = await runModule(module.name, args, { on: { target, pool }, source });
    const obeyed = existsSync(canary);
    rmSync(canary, { force: true });
    expect(obeyed, `${label}: obeyed`).to.equal(false);
    if (run.values['failed'] !== true) return;
    counted.refused++;
    const msg = String(run.values['msg'] ?? '');
    expect(msg, `${label}: refused without a word`).to.match(/\S/);
    expect(msg, `${label}: a shell stumbled`).to.not.match(
      /syntax error|unexpected (EOF|end of file|operator)|nterminated quoted|bad substitution|: not found$|TypeError|undefined/i,
    );
  }

  for (const module of modules) {
    const args = textArguments(module);
    if (args.length === 0) continue;
    it(`${module.name}: ${args.length} arguments`, async function () {
      if (thorough) this.timeout(0);
      const problems: string[] = [];
      const call = (...of: Parameters<typeof callWith>) =>
        callWith(...of).catch((error: Error) => problems.push(error.message.slice(0, 500)));
      for (const [name, put] of args) {
        turn++;
        const every = Object.values(values);
        const texts = thorough ? every : [every[turn % every.length]!];
        // the shell moves on once the values have been through, so that every pair comes about
        const under = thorough ? shells : [shells[Math.floor(turn / every.length) % shells.length]!];
        for (const text of texts) for (const where of under) await call(module, name, put(text), where);
      }
      // A NUL cannot be in a shell's word: refused before anything is asked.
      for (const [name, put] of args) await call(module, name, put('a\0b'), shells[0]!);
      // One argument of each module, under the next shell; all of them when there is time.
      const many = thorough ? args : [args[turn % args.length]!];
      for (const [name, put] of many)
        for (const where of thorough ? shells : [shells[0]!]) {
          // What was written before would be searched now, or made many times as large.
          await runModule('shell', { cmd: asBefore }, { on: { target: where.target, pool } });
          await call(module, name, put(large), where);
          counted.large++;
        }
      expect(problems.join('\n')).to.equal('');
    });
  }

  it('leaves nothing of its own behind', () => {
    const known = /^(enter-|point|source)/;
    const found = readdirSync(scratch).filter((name) => !known.test(name) && !/^\.?troupe/.test(name));
    expect(found).to.deep.equal([]);
  });
});
