import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { command, project } from '../cli/console.ts';
import { ensureBuilt } from '../support/built.mjs';

const playbook = '- hosts: localhost\n  gather_facts: false\n  tasks: [{mark: {text: hello}}]\n';
const module = (lines: string, ending = 'ts') => project({ 'site.yaml': playbook, [`library/mark.${ending}`]: lines });

const typed = `import { args, changed, defineModule } from 'troupe';
import { shout, type Loud } from './shout.ts';

export default defineModule({
  name: 'mark',
  doc: 'Says it.',
  args: { text: args.str({ doc: 'What.', required: true }) },
  check: 'none',
  async run({ text }: { text: string }, env) {
    const loud: Loud = { said: shout(text) };
    return changed(true, { ...loud, reply: (await env.remote.raw('echo there')).stdout.toString() });
  },
});
`;

describe('a module of the project', () => {
  it('in TypeScript works with the built command, in a folder where nothing is installed', () => {
    const here = project({
      'site.yaml': `${playbook.trimEnd().slice(0, -1).replace('}}', '}, register: r}')}, {debug: {var: r}}]\n`,
      'library/mark.ts': typed,
      'library/shout.ts':
        'export interface Loud { said: string }\nexport const shout = (text: string): string => text.toUpperCase();\n',
    });
    const cli = ensureBuilt(() => {});
    const run = spawnSync(process.execPath, [cli, 'site.yaml'], { cwd: here.path, encoding: 'utf8' });
    const doc = spawnSync(process.execPath, [cli, 'doc', 'mark'], { cwd: here.path, encoding: 'utf8' });
    here.remove();
    expect(run.stderr).to.equal('');
    expect(run.stdout).to.include('"said": "HELLO"').and.include('"reply": "there\\n"');
    expect(doc.stdout).to.include('Says it.').and.include('text');
  });

  /** Everything that is printed, with the folder of the project left out. */
  async function said(lines: string, ending?: string): Promise<string> {
    const here = module(lines, ending);
    const { out, err } = await command(['site.yaml'], { cwd: here.path });
    here.remove();
    return (out + err).replaceAll(`${here.path}/`, '').replaceAll(here.path, '.');
  }

  it('that does not compile is shown at its place', async () => {
    expect(await said("import { args } from 'troupe';\nexport default {\n  name: 'mark',,\n};\n")).to.equal(
      [
        'error: the module mark.ts cannot be loaded: Expected identifier but found ","',
        ' --> library/mark.ts:3:16',
        "3 |   name: 'mark',,",
        '  |                ^',
        '',
        'one error; nothing was run',
        '',
      ].join('\n'),
    );
  });

  it('that fails while it is loaded is shown at its place, in JavaScript too', async () => {
    const lines = 'const nothing = undefined;\n\nnothing.more();\nexport default {};\n';
    expect(await said(lines, 'mjs')).to.include(
      "error: the module mark.mjs cannot be loaded: Cannot read properties of undefined (reading 'more')\n --> library/mark.mjs:3:9\n",
    );
  });

  it('that imports what is not there says so', async () => {
    expect(await said("import { nothing } from 'troupe';\nexport default nothing;\n", 'mjs')).to.match(
      /^error: the module mark\.mjs cannot be loaded: .*'nothing'/,
    );
    expect(await said("import { x } from './other.ts';\nexport default x;\n")).to.match(
      /^error: the module mark\.ts cannot be loaded: .*other\.ts/,
    );
  });

  it('that is no module, or half of one, says what is missing', async () => {
    expect(await said('export const x = 1;\n')).to.include('error: the module mark.ts exports no module\n');
    const half = (body: string) => said(`export default { name: 'mark', ${body} };\n`);
    expect(await half('args: {}')).to.include('has no function `run`');
    expect(await half('run() {}')).to.include('has no `args`');
    expect(await half('args: { text: {} }, run() {}')).to.include('its argument `text` without a type');
    expect(await half('args: {}, run() {}')).to.include('has no `check`');
  });

  const running = (body: string) =>
    said(
      `import { args, defineModule, ModuleFailure } from 'troupe';\nexport default defineModule({ name: 'mark', doc: '',\n` +
        `  args: { text: args.str() }, check: 'none', async run(_: unknown, env: any) {\n    ${body}\n  } });\n`,
    );

  it('that fails on the way fails its task, with the line, and is no bug in Troupe', async () => {
    const text = await running('env.no.such();');
    expect(text).to.include('the module mark failed: TypeError: Cannot read properties of undefined');
    expect(text).to.match(/library\/mark\.ts:4:\d+\)/);
    expect(text).not.to.include('bug');
    expect(await running("throw new Error('not today');")).to.include('the module mark failed: Error: not today');
    expect(await running('return;')).to.include('the module mark returned no result');
  });

  it('that fails by Troupe’s own error keeps its keys: it is the same class', async () => {
    const text = await running("throw new ModuleFailure('not today', { rc: 3 });");
    expect(text).to.include('FAILED! => not today\n').and.include('rc: 3');
  });
});
