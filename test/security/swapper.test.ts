/**
 * S-33, S-34: root writes in the folder of another user, who swaps what appears there for links, or exchanges a file and a link all the
 * time. Whatever becomes of the task, the file that the links lead to keeps its content, its owner and its mode.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ownModules } from '../../engine/modules/find.ts';
import { closePools, runModule, type ShellUnderTest, shells } from '../modules/harness.ts';
import { type Attack, attacks, harmless, OTHER, othersFolder, serve } from './attacks.ts';

const TRIES = Number(process.env['TROUPE_SWAPS'] ?? 1);
const FLIPS = 4 * TRIES;

const top = mkdtempSync(join(tmpdir(), 'troupe-swapper-'));
chmodSync(top, 0o755);
const program = join(top, 'swapper');
const canRun = process.getuid!() === 0 && spawnSync('cc', ['--version']).status === 0;

let count = 0;
/** What is to stay as it is: a file, and a folder with files of names that the attacked calls use. */
function victims(): { file: string; folder: string; state: (through: boolean) => string } {
  const home = join(top, `victim${count}`);
  mkdirSync(join(home, 'folder'), { recursive: true });
  const names = ['file', 'folder/f', 'folder/to', 'folder/x', 'folder/keys', 'folder/id'];
  for (const name of names) {
    writeFileSync(join(home, name), 'only for root\n', { mode: 0o600 });
    chmodSync(join(home, name), 0o600);
  }
  const state = (through: boolean) =>
    ['folder', ...readdirSync(join(home, 'folder')).map((name) => `folder/${name}`), 'file']
      .map((name) => {
        const path = join(home, name);
        const { uid, gid, mode } = lstatSync(path);
        const acl = existsSync('/usr/bin/getfacl')
          ? execFileSync('getfacl', ['-cpE', path], { encoding: 'utf8' }).trim().replaceAll('\n', ' ')
          : '';
        const content = name === 'folder' || through ? '' : JSON.stringify(readFileSync(path, 'utf8'));
        return `${name} ${uid}:${gid} ${mode.toString(8)} ${acl} ${content}`;
      })
      .sort()
      .join('\n');
  return { file: join(home, 'file'), folder: join(home, 'folder'), state };
}

function start(words: string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { uid: OTHER, gid: OTHER, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout!.once('data', () => resolve(child));
    child.once('error', reject);
  });
}

async function end(child: ChildProcess): Promise<void> {
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}

/** One call, or for an exchange several, with the other user at work. */
async function attack(module: string, one: Attack, shell: ShellUnderTest): Promise<void> {
  count++;
  const victim = victims();
  const through = one.through === true;
  const before = victim.state(through);
  const [folder, source] = [join(top, `home${count}`), join(top, `source${count}`)];
  othersFolder(folder);
  mkdirSync(source);
  one.before?.(folder, source);
  let swapper: ChildProcess;
  if (one.flip) {
    const link = join(folder, '.link');
    symlinkSync(one.flip.to === 'file' ? victim.file : victim.folder, link);
    lchownSync(link, OTHER, OTHER);
    swapper = await start(['flip', join(folder, one.flip.name), link]);
  } else swapper = await start(['swap', folder, victim.file, victim.folder]);
  try {
    for (let n = 0; n < (one.flip ? FLIPS : 1); n++)
      await runModule(module, one.args(folder, n, source), { shell, source, diff: false });
  } finally {
    await end(swapper);
  }
  expect(victim.state(through), `${module}: ${one.name}: what is root's`).to.equal(before);
  rmSync(folder, { recursive: true, force: true });
}

const has = (tool: string) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${tool}`]).status === 0;

describe(`files that root writes in the folder of another user (S-33, S-34)${canRun ? '' : ' (skipped: needs root and cc)'}`, function () {
  this.timeout(120_000);
  let stop: (() => void) | undefined;
  before(async function () {
    if (!canRun) return this.skip();
    execFileSync('cc', ['-O2', '-o', program, fileURLToPath(new URL('swapper.c', import.meta.url))]);
    stop = await serve();
  });
  after(() => {
    closePools();
    stop?.();
    rmSync(top, { recursive: true, force: true });
  });

  it('every module is attacked, or it is said why not', () => {
    const named = [...Object.keys(attacks), ...Object.keys(harmless)].sort();
    expect(named).to.deep.equal([...ownModules().keys()].sort());
  });

  describe('undisturbed', () => {
    for (const [module, list] of Object.entries(attacks))
      for (const one of list)
        it(`${module}: ${one.name}: the call is a good one`, async function () {
          if (one.needs?.some((tool) => !has(tool))) return this.skip();
          count++;
          const [folder, source] = [join(top, `home${count}`), join(top, `source${count}`)];
          othersFolder(folder);
          mkdirSync(source);
          one.before?.(folder, source);
          const { values } = await runModule(module, one.args(folder, 1, source), { source, diff: false });
          expect(values['failed'], String(values['msg'])).to.equal(undefined);
          expect(values['changed'], 'changed').to.equal(true);
        });
  });

  for (const shell of shells())
    describe(`under ${shell.name}`, () => {
      for (const [module, list] of Object.entries(attacks))
        for (const one of list)
          it(`${module}: ${one.name}`, async function () {
            if (one.needs?.some((tool) => !has(tool)) || (one.notBusybox && shell.name === 'busybox'))
              return this.skip();
            for (let n = 0; n < TRIES; n++) await attack(module, one, shell);
          });
    });
});
