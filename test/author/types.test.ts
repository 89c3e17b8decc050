/** What `tsc --strict` says of playbooks in TypeScript, against the types of the built package. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ensureBuilt } from '../support/built.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** What the compiler says of a file, as `line: message`. */
function compiled(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-types-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/troupe'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(join(folder, 'site.ts'), text);
    const words = [
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--skipLibCheck',
      'false',
      '--types',
      'node',
    ];
    const roots = ['--typeRoots', join(root, 'node_modules/@types')];
    execFileSync(process.execPath, [tsc, ...words, ...roots, 'site.ts'], { cwd: folder, encoding: 'utf8' });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout === undefined) throw error;
    return stdout.split(/\n(?=\S)/).flatMap((said) => {
      const [, at, why] = /^site\.ts\((\d+),\d+\): error (.*)/s.exec(said) ?? [];
      return at === undefined ? (said.includes('error TS') ? [said] : []) : [`${at}: ${why}`];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const head = `import { block, expr, play, playbook, role, task, tpl, vars } from 'troupe';
import { apt, assert, command, copy, debug, file, import_tasks, meta, package_, service, shell, stat, systemd, template, uri } from 'troupe/modules';
`;

/** Each line is wrong, and this is in what is said of it. */
const WRONG: [line: string, said: RegExp][] = [
  // A misspelt argument.
  ["apt({ name: 'nginx', stat: 'present' });", /'stat' does not exist in type 'AptArgs'|did you mean.*'state'/],
  ["copy({ scr: 'a', dest: '/b' });", /'scr' does not exist in type 'CopyArgs'/],
  // A wrong choice.
  ["systemd({ name: 'nginx', state: 'reload' });", /'"reload"' is not assignable.*"reloaded"/],
  ["file({ path: '/a', state: 'dir' });", /'"dir"' is not assignable/],
  // A missing required argument.
  ["template({ src: 'a.j2' });", /'dest' is missing/],
  ['stat();', /Expected 1-2 arguments, but got 0/],
  // An argument of another type.
  ["service({ name: 'a', enabled: 3 });", /'number' is not assignable/],
  ['debug({ msg: () => 1 });', /not assignable/],
  // A keyword in the wrong place.
  ["apt({ name: 'a', become: true });", /'become' does not exist in type 'AptArgs'/],
  ["play('all', { register: 'x' }, []);", /'register' does not exist|No overload/],
  ['block([], { loop: [1] });', /'loop' does not exist/],
  ['debug({}, { serial: 1 });', /'serial' does not exist/],
  ['debug({}, { rescue: [] });', /'rescue' does not exist/],
  ["role('a', {}, { register: 'x' });", /'register' does not exist/],
  ["play('all', { becom: true }, []);", /'becom'|No overload/],
  // A string is data, so it is no condition.
  ["debug({}, { when: 'x is defined' });", /'string' is not assignable to type 'Condition/],
  ["assert({ that: ['a'] });", /'string' is not assignable/],
  // A key that a result does not have.
  ["debug({ msg: stat({ path: '/' }).result.stat.exist });", /'exist' does not exist/],
  ["play('all', async (host) => { (await host.command({ cmd: 'ls' })).stdot; });", /'stdot' does not exist/],
  [
    "play('all', async (host) => { (await host.command({ cmd: 'ls' })).rc.trim(); });",
    /'trim' does not exist on type 'number'/,
  ],
  ["play('all', async (host) => { await host.command({ cmd: 'ls' }, { when: expr`x` }); });", /'when' does not exist/],
  ["play('all', async (host) => { await host.comand({ cmd: 'ls' }); });", /'comand' does not exist/],
  // What is no task.
  ["play('all', [debug]);", /not assignable|No overload/],
  ["play('all', ['debug']);", /not assignable|No overload/],
  ["meta('flush_handler');", /"flush_handler"/],
  ['vars({ port: 1 }).prot;', /'prot' does not exist/],
];

const RIGHT = `
const web = vars({ port: 8080, names: ['a'], tls: { on: true } });
const looked = stat({ path: '/etc/passwd' }, { register: 'looked', become: true });
const reload = systemd({ name: 'nginx', state: 'reloaded' }, { name: 'reload nginx', listen: 'web' });
export default playbook(
  play('web:!old', { become: true, vars: web, serial: ['1', '50%'], roles: ['a', role('b', { port: 1 }, { tags: 'x' })], handlers: [reload] }, [
    apt({ name: ['nginx', tpl\`{{ extra }}\`], state: 'present' }),
    looked,
    debug({ msg: looked.result.stat.exists }, { when: [looked.result.stat.exists, expr\`\${web.port} > 1\`, true] }),
    template({ src: 'a', dest: '/b', mode: '0644' }, { notify: [reload, 'web'], loop: web.names, loop_control: { label: tpl\`{{ item }}\` } }),
    file({ path: '/a', mode: 0o755 }),
    debug({ msg: web.tls.on }, { with_items: ['a', 'b'], until: expr\`x\`, retries: 3 }),
    block([command('ls -l'), shell({ cmd: 'ls | wc' })], { rescue: [debug({ msg: { a: [1, null] } })], when: expr\`x\` }),
    meta('flush_handlers'), meta({ free_form: 'noop' }), import_tasks('x.yaml'), package_({ name: 'a', state: 'present' }),
    task('acme.web.thing', { a: 1 }, { when: false }),
    uri({ url: 'http://x', status_code: [200, 404] }),
    assert({ that: [expr\`a\`], fail_msg: 'no' }),
  ], { post_tasks: [debug({})] }),
  play(['a', 'b'], async (host) => {
    const { stdout, rc } = await host.command({ cmd: 'cat /etc/machine-id' }, { name: 'Read', become: true });
    if (stdout.startsWith('0') && rc === 0) await host.reboot({});
    const { stat: found } = await host.stat({ path: '/a' });
    if (found.exists) await host.file({ path: found.path ?? host.name, state: 'absent' });
  }),
);
`;

describe('the types of playbooks', function () {
  this.timeout(120_000);
  before(() => void ensureBuilt(() => {}));

  it('take what is right', () => {
    expect(compiled(head + RIGHT)).to.deep.equal([]);
  });

  it('refuse what is wrong, line by line', () => {
    const said = compiled(head + WRONG.map(([line]) => line).join('\n'));
    const missed = WRONG.flatMap(([line, pattern], i) => {
      const own = said.filter((one) => one.startsWith(`${i + 3}: `));
      return own.some((one) => pattern.test(one)) ? [] : [`${line} -> ${own.join(' | ') || 'nothing'}`];
    });
    expect(missed).to.deep.equal([]);
    expect(new Set(said.map((one) => Number.parseInt(one, 10)))).to.have.property('size', WRONG.length);
  });
});
