/**
 * S-34 and its kin: links and names that another user has put in the way of a file. What the reference does was tried with
 * ansible-core 2.19.11: an edited link is written through, and it is the link that gets the owner.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { script } from '../../remote/support/scripts.ts';
import { closePools, remoteOf, runModule, type ShellUnderTest, shells, testFolder } from '../harness.ts';

const OTHER = 65534;
const isRoot = process.getuid!() === 0;

/** A folder of the other user's with a file of root's beside it, and a link `f` to that file. */
function planted(content = 'a=1\n', owner = OTHER): { folder: string; link: string; victim: string } {
  const folder = join(testFolder(), 'home');
  mkdirSync(folder);
  const [victim, link] = [join(folder, '../victim'), join(folder, 'f')];
  writeFileSync(victim, content, { mode: 0o600 });
  chmodSync(victim, 0o600);
  symlinkSync(victim, link);
  lchownSync(link, owner, owner);
  chownSync(folder, OTHER, OTHER);
  return { folder, link, victim };
}

const stateOf = (path: string) => {
  const { uid, mode } = lstatSync(path);
  return `${uid} ${(mode & 0o7777).toString(8)}`;
};

const edits: [string, Record<string, unknown>, string][] = [
  ['lineinfile', { line: 'x=1' }, 'a=1\n'],
  ['blockinfile', { block: 'x=1' }, 'a=1\n'],
  ['replace', { regexp: '1', replace: '2' }, 'a=1\n'],
  ['replace', { regexp: '^a=.*', replace: 'a=2' }, `a=1\n${'x'.repeat(400_000)}`],
  ['ini_file', { section: 's', option: 'o', value: 'v' }, 'a=1\n'],
  ['htpasswd', { name: 'a', password: 'b' }, ''],
];

const puts: [string, (folder: string) => Record<string, unknown>][] = [
  ['copy', () => ({ content: 'new\n' })],
  ['copy', () => ({ content: 'x'.repeat(400_000) })],
  [
    'template',
    (folder) => {
      writeFileSync(join(folder, '../t.j2'), 'new\n');
      return { src: join(folder, '../t.j2') };
    },
  ],
  [
    'assemble',
    (folder) => {
      mkdirSync(join(folder, '../parts'));
      writeFileSync(join(folder, '../parts/a'), 'new\n');
      return { src: join(folder, '../parts'), remote_src: true };
    },
  ],
  [
    'get_url',
    (folder) => {
      writeFileSync(join(folder, '../page'), 'new\n');
      return { url: `file://${join(folder, '../page')}` };
    },
  ],
];

const pidOf = async (shell: ShellUnderTest) =>
  (await remoteOf({ shell }).call(script('t_pid', 'reply pid "$$"'))).get('pid');

for (const shell of shells())
  describe(`links that another user has planted, under ${shell.name}${isRoot ? '' : ' (skipped: needs root)'}`, function () {
    this.timeout(60_000);
    before(function () {
      if (!isRoot) this.skip();
    });
    after(closePools);

    for (const [module, args, content] of edits)
      it(`${module}${content.length > 1000 ? ' of a large file' : ''} writes through, and gives the link away, not the file (S-34)`, async () => {
        const { link, victim } = planted(content);
        lchownSync(link, 0, 0);
        const run = await runModule(
          module,
          { path: link, ...args, owner: 'nobody', mode: '0644', ...(module === 'ini_file' ? { follow: true } : {}) },
          { shell },
        );
        expect(run.values['failed'], String(run.values['msg'])).to.equal(undefined);
        expect(readFileSync(victim, 'utf8')).not.to.equal(content);
        expect(stateOf(victim), 'the file').to.equal('0 600');
        expect(lstatSync(link).isSymbolicLink()).to.equal(true);
        expect(lstatSync(link).uid, 'the link').to.equal(OTHER);
      });

    for (const [module, args] of puts)
      it(`${module}: a link of the owner asked for is replaced by a file that is his`, async function () {
        if (module === 'get_url' && shell.path !== undefined) return this.skip();
        const { folder, link, victim } = planted();
        const run = await runModule(module, { ...args(folder), dest: link, owner: 'nobody', mode: '0640' }, { shell });
        expect(run.values['failed'], String(run.values['msg'])).to.equal(undefined);
        expect(lstatSync(link).isFile()).to.equal(true);
        expect(stateOf(link)).to.equal(`${OTHER} 640`);
        expect(readFileSync(victim, 'utf8')).to.equal('a=1\n');
        expect(stateOf(victim)).to.equal('0 600');
      });

    for (const [what, args] of [
      ['file', { state: 'file' }],
      ['touch', { state: 'touch' }],
    ] as const)
      it(`file, ${what}: a link of another user's to what is not his is refused; one to his own is followed (S-34)`, async () => {
        const { folder, link, victim } = planted();
        const refused = await runModule('file', { path: link, ...args, owner: 'nobody', mode: '0644' }, { shell });
        expect(String(refused.values['msg'])).to.match(
          /leads to .*victim, which belongs to root, by a link of the user with the number 65534/,
        );
        expect(stateOf(victim)).to.equal('0 600');
        writeFileSync(join(folder, 'own'), '');
        chownSync(join(folder, 'own'), OTHER, OTHER);
        symlinkSync('own', join(folder, 'l'));
        lchownSync(join(folder, 'l'), OTHER, OTHER);
        const followed = await runModule('file', { path: join(folder, 'l'), ...args, mode: '0604' }, { shell });
        expect(followed.values['failed']).to.equal(undefined);
        expect(stateOf(join(folder, 'own'))).to.equal(`${OTHER} 604`);
      });

    it('a backup has a name that can be foretold, and is not written through a link that waits there (S-34)', async () => {
      const { folder, victim } = planted();
      const file = join(folder, 'g');
      writeFileSync(file, 'old of mine\n');
      chownSync(file, OTHER, OTHER);
      const pid = await pidOf(shell);
      const stamp = (at: number) =>
        execFileSync('date', ['-d', `@${at}`, '+%Y-%m-%d@%H:%M:%S'], { encoding: 'utf8' }).trim();
      const now = Math.floor(Date.now() / 1000);
      for (let second = 0; second < 20; second++) symlinkSync(victim, `${file}.${pid}.${stamp(now + second)}~`);
      const run = await runModule('copy', { content: 'new\n', dest: file, backup: true }, { shell });
      expect(run.values['failed'], String(run.values['msg'])).to.equal(undefined);
      expect(readFileSync(victim, 'utf8')).to.equal('a=1\n');
      expect(stateOf(victim)).to.equal('0 600');
      const backup = String(run.values['backup_file']);
      expect(backup).to.match(/\/g\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/);
      expect(lstatSync(backup).isFile()).to.equal(true);
      expect(readFileSync(backup, 'utf8')).to.equal('old of mine\n');
      expect(lstatSync(backup).uid).to.equal(OTHER);
    });

    it('no truncated backup stays on a full disk', async function () {
      const disk = testFolder();
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk]).status !== 0) return this.skip();
      try {
        writeFileSync(join(disk, 'f'), 'x'.repeat(80_000));
        const run = await runModule('copy', { content: 'new\n', dest: join(disk, 'f'), backup: true }, { shell });
        expect(run.values['failed']).to.equal(true);
        expect(readdirSync(disk)).to.deep.equal(['f']);
        expect(readFileSync(join(disk, 'f'), 'utf8')).to.have.length(80_000);
      } finally {
        execFileSync('umount', [disk]);
      }
    });

    it('unsafe_writes: in a folder where no file can be made, the one that is there is written', async function () {
      const folder = testFolder();
      const file = join(folder, 'f');
      writeFileSync(file, 'a\n');
      if (spawnSync('chattr', ['+i', folder]).status !== 0) return this.skip();
      try {
        const steps: [string, Record<string, unknown>][] = [
          ['copy', { content: 'b\n', dest: file }],
          ['lineinfile', { path: file, line: 'c' }],
          ['copy', { content: `${'x'.repeat(400_000)}\n`, dest: file, mode: '0640' }],
        ];
        for (const [module, args] of steps) {
          const run = await runModule(module, { ...args, unsafe_writes: true }, { shell });
          expect(run.values['failed'], String(run.values['msg'])).to.equal(undefined);
          expect(run.values['changed']).to.equal(true);
          if (module === 'lineinfile') expect(readFileSync(file, 'utf8')).to.equal('b\nc\n');
        }
        expect(readFileSync(file, 'utf8')).to.have.length(400_001);
        expect(stateOf(file)).to.equal('0 640');
        expect(readdirSync(folder)).to.deep.equal(['f']);
        expect(existsSync(file)).to.equal(true);
      } finally {
        execFileSync('chattr', ['-i', folder]);
      }
    });
  });
