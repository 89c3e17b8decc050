/** Roles, modules and filters of a project's own and of packages. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from '../cli/console.ts';
import { play, withProject } from '../support/play.ts';

const filters = `export const filters = {
  shout: (text: string, times = 1, options: { end?: string } = {}): string => text.toUpperCase() + '!'.repeat(times) + (options.end ?? ''),
  brace: (text: string) => \`{{ \${text} }}\`,
  keys_of: (value: object) => Object.keys(value),
  broken: () => { throw new Error('no'); },
};
export const tests = { lonely: (n: number) => n % 2 === 0 };
export const lookups = { stages: (terms: string[]) => terms.map((each) => \`\${each}-stage\`) };
`;

describe('filters of the project', () => {
  it('are functions of plain values, and what they return is data', async () => {
    const { lines } = await play({
      'filters/text.ts': filters,
      'play.yml': `- hosts: h1
  gather_facts: false
  vars: {names: {b: 1, a: [2]}}
  tasks:
    - debug: {msg: "{{ 'a' | shout(2, end='?') }} {{ names | keys_of | join }} {{ 4 is lonely }} {{ 3 is lonely }} {{ lookup('stages', 'x', 'y') }}"}
    - debug: {msg: "{{ '6 * 7' | brace }}"}
    - debug: {msg: "{{ 1 | broken }}"}
      ignore_errors: true
`,
    });
    expect(lines[0]).to.equal('debug | h1 | ok | A!!? ba True False x-stage,y-stage');
    expect(lines[1]).to.equal('debug | h1 | ok | {{ 6 * 7 }}');
    expect(lines[2]).to.include('the filter `broken` failed: no');
  });

  it('are gone in the next project, and refused where they are wrong', async () => {
    const text = '- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: "{{ \'a\' | shout }}"}}]\n';
    const said = async (files: Record<string, string>) => {
      const here = project({ 'site.yaml': text, ...files });
      const { out, err } = await command(['site.yaml', '--no-record'], { cwd: here.path });
      here.remove();
      return out + err;
    };
    expect(await said({ 'filters/a.ts': filters })).to.include('"msg": "A!"');
    expect(await said({})).to.include('unknown filter `shout`');
    expect(await said({ 'filters/a.js': 'export const filters = { upper: (x) => x };' })).to.include(
      'there is a filter `upper` already',
    );
    expect(await said({ 'filters/a.js': 'export const x = 1;' })).to.include('a.js exports no filters');
    expect(await said({ 'filters/a.js': 'export const filters = { shout: 1 };' })).to.include(
      '`shout` in a.js is not a filter',
    );
  });
});

describe('packages', () => {
  it('bring roles, modules and filters', async () => {
    const { lines } = await play({
      'package.json': '{"dependencies": {"@acme/nginx": "1", "tools": "1"}}',
      'node_modules/@acme/nginx/package.json': '{"name": "@acme/nginx", "type": "module", "troupe": {"role": "role"}}',
      'node_modules/@acme/nginx/role/tasks/main.js': `import { tpl } from 'troupe';
import { debug } from 'troupe/modules';
export default [debug({ msg: tpl\`{{ size | double }} in all\` }, { name: 'of the package' })];
`,
      'node_modules/@acme/nginx/role/defaults/main.yml': 'size: 21\n',
      'node_modules/tools/package.json':
        '{"name": "tools", "type": "module", "troupe": {"library": "modules", "filters": "filters"}}',
      'node_modules/tools/filters/numbers.js': 'export const filters = { double: (n) => n * 2 };\n',
      'node_modules/tools/modules/greet.js': `import { args, changed, defineModule } from 'troupe';
export default defineModule({ name: 'greet', doc: 'Greets.', args: { who: args.str({ required: true }) }, check: 'none', controllerOnly: true,
  async run({ who }) { return changed(false, { msg: 'hello ' + who }); } });
`,
      'node_modules/evil/package.json': '{"troupe": {"role": "../../.."}}',
      'play.yml': "- {hosts: h1, gather_facts: false, roles: ['@acme/nginx'], tasks: [{greet: {who: you}}]}\n",
    });
    expect(lines).to.deep.equal(
      ['of the package | h1 | ok | 42 in all', 'greet | h1 | ok | hello you'].map((line) =>
        line.replace(/^@acme\/nginx : /, ''),
      ),
    );
  });

  it('name no directory outside of them', async () => {
    await withProject(
      {
        'node_modules/evil/package.json': '{"troupe": {"role": "../.."}}',
        'site.yaml': '- {hosts: localhost, roles: [evil]}\n',
      },
      async (cwd) => {
        expect((await command(['site.yaml', '--no-record'], { cwd })).err).to.include('there is no role `evil`');
      },
    );
  });
});

describe('run init', () => {
  it('writes what runs: a project, a role, a module', async () => {
    const here = project({});
    const begun = async (...words: string[]) => {
      const { code, err } = await command(['init', ...words], { cwd: here.path });
      expect([code, err]).to.deep.equal([0, '']);
    };
    await begun('project', 'web');
    const cwd = join(here.path, 'web');
    for (const words of [
      ['role', 'nginx'],
      ['module', 'greet'],
    ])
      expect((await command(['init', ...words], { cwd })).code).to.equal(0);
    expect((await command(['init', 'module', 'greet'], { cwd })).err).to.include('library/greet.ts is there already');
    const checked = await command(['site.ts', '-i', 'hosts', '-C', '-D', '--no-record'], { cwd });
    expect([checked.code, checked.err]).to.deep.equal([0, '']);
    expect(checked.out).to.include('LOCALHOST!');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      join(cwd, 'all.yaml'),
      '- {hosts: all, gather_facts: false, roles: [nginx], tasks: [{greet: {text: hi}, register: r}, {debug: {var: r.said}}]}\n',
    );
    const run = await command(['all.yaml', '-i', 'hosts', '--no-record'], { cwd });
    expect([run.code, run.err]).to.deep.equal([0, '']);
    expect(run.out).to.include('nginx has 3').and.include('hi from ');
    expect(existsSync(join(cwd, 'tsconfig.json'))).to.equal(true);
    expect(JSON.parse(readFileSync(join(cwd, 'roles/nginx/package.json'), 'utf8'))).to.have.nested.property(
      'troupe.role',
      '.',
    );
    here.remove();
  });
});
