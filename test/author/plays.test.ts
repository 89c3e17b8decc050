/** Playbooks in TypeScript: what their calls become, and where mistakes in them are shown. */
import { expect } from 'chai';
import { AuthorError, describe as described, loadPlaybook, type RunEvent } from '../../engine/index.ts';
import { localHosts, type Project, play, withProject } from '../support/play.ts';

const run = (files: Project, options = {}) => play(files, { playbook: 'play.ts', ...options });

/** All mistakes of a project, as they are printed. */
async function mistakes(files: Project): Promise<string> {
  return withProject({ hosts: localHosts('h1'), ...files }, async (cwd) => {
    try {
      const { findings } = await loadPlaybook({ playbook: 'play.ts', inventory: 'hosts', cwd });
      return findings.map(described).join('\n\n');
    } catch (error) {
      if (!(error instanceof AuthorError)) throw error;
      return error.findings.map(described).join('\n\n');
    }
  });
}

const head = `import { block, expr, import_playbook, play, playbook, role, task, tasks, tpl, vars } from 'troupe';
import { assert, command, copy, debug, import_tasks, include_tasks, meta, set_fact, stat } from 'troupe/modules';
`;

describe('a playbook in TypeScript', () => {
  it('runs as its twin in YAML does, event for event', async () => {
    const typescript = `${head}
interface Site { name: string }
const sites: Site[] = [{ name: 'a' }, { name: 'b' }];
const looked = stat({ path: '/etc/passwd' }, { name: 'Look', register: 'looked' });
export default playbook(
  play('all', { name: 'Web', gather_facts: false, vars: { port: 8080, greeting: tpl\`port {{ port }}\` } }, [
    debug({ msg: tpl\`{{ greeting }} on {{ inventory_hostname }}\` }, { name: 'Greet', tags: ['greet'] }),
    looked,
    ...sites.map(({ name }) => set_fact({ [name]: tpl\`{{ port + 1 }}\` }, { name: \`Set \${name}\` })),
    debug({ msg: 'there' }, { name: 'There', when: looked.result.stat.exists }),
    debug({ msg: 'never' }, { when: expr\`port > 9000\` }),
    command({ cmd: 'true' }, { name: 'Change', changed_when: true, notify: 'tell' }),
    block([command({ cmd: 'false' }, { name: 'Break' })], { name: 'Try', rescue: [debug({ msg: 'rescued' })], always: [debug({ msg: 'always' })] }),
    debug({ msg: tpl\`{{ item }}\` }, { loop: [1, 2], loop_control: { label: tpl\`no {{ item }}\` } }),
    assert({ that: [expr\`a == 8081\`, true] }),
    meta('flush_handlers'),
  ], { handlers: [debug({ msg: 'told' }, { name: 'tell' })] }),
);
`;
    const yaml = `- hosts: all
  name: Web
  gather_facts: false
  vars: {port: 8080, greeting: 'port {{ port }}'}
  tasks:
    - {name: Greet, debug: {msg: '{{ greeting }} on {{ inventory_hostname }}'}, tags: [greet]}
    - {name: Look, stat: {path: /etc/passwd}, register: looked}
    - {name: Set a, set_fact: {a: '{{ port + 1 }}'}}
    - {name: Set b, set_fact: {b: '{{ port + 1 }}'}}
    - {name: There, debug: {msg: there}, when: looked.stat.exists}
    - {debug: {msg: never}, when: port > 9000}
    - {name: Change, command: {cmd: 'true'}, changed_when: true, notify: tell}
    - name: Try
      block: [{name: Break, command: {cmd: 'false'}}]
      rescue: [{debug: {msg: rescued}}]
      always: [{debug: {msg: always}}]
    - {debug: {msg: '{{ item }}'}, loop: [1, 2], loop_control: {label: 'no {{ item }}'}}
    - {assert: {that: [a == 8081, true]}}
    - meta: flush_handlers
  handlers: [{name: tell, debug: {msg: told}}]
`;
    const told = (events: RunEvent[]) =>
      events.map((event) =>
        JSON.parse(
          JSON.stringify(event, (key, value: unknown) =>
            ['time', 'duration', 'path', 'start', 'end', 'delta', 'atime', 'source', 'playbook'].includes(key)
              ? undefined
              : value,
          ),
        ),
      );
    const one = await run({ 'play.ts': typescript }, { limit: 'h1' });
    const other = await play({ 'play.yml': yaml }, { limit: 'h1' });
    // Each says the expression as it is written, and here one is written with parentheses or none.
    expect(one.lines).to.deep.equal(other.lines);
    expect(told(one.events)).to.deep.equal(told(other.events));
  });

  it('never renders what is not tagged, nor what is put into a template', async () => {
    const { lines } = await run({
      'play.ts': `${head}
const evil = \`'}} {{ 6 * 7 }} {# " #}\`;
const list = [{ 'k"{{': 1 }, [true, null, -1]];
export default [play('h1', { gather_facts: false, vars: { data: '{{ 6 * 7 }}' } }, [
  debug({ msg: '{{ 6 * 7 }}' }),
  debug({ msg: tpl\`{{ data }}\` }),
  debug({ msg: tpl\`a \${evil} b\` }),
  debug({ msg: tpl\`{{ \${evil} | upper }}\` }),
  debug({ msg: tpl\`{{ "x " ~ \${evil + '\\\\'} }}\` }),
  debug({ msg: tpl\`\${list}\` }),
  debug({ msg: tpl\`{{ 'a\\\\d1' | regex_replace('\\\\\\\\d', 'x') }}\` }),
  assert({ that: expr\`\${evil} is string\` }),
])];
`,
    });
    expect(lines.map((line) => line.replace(/^debug \| h1 \| ok \| /, ''))).to.deep.equal([
      '{{ 6 * 7 }}',
      '{{ 6 * 7 }}',
      `a '}} {{ 6 * 7 }} {# " #} b`,
      `'}} {{ 6 * 7 }} {# " #}`,
      `x '}} {{ 6 * 7 }} {# " #}\\`,
      'debug | h1 | ok',
      'ax1',
      'assert | h1 | ok | All assertions passed',
    ]);
  });

  it('takes in plays and tasks in YAML, and is taken in by them', async () => {
    const { order } = await play({
      'play.yml':
        '- import_playbook: site.ts\n- hosts: h1\n  gather_facts: false\n  roles: [typed]\n  tasks: [{include_tasks: more.ts}, {include_tasks: "{{ \'mo\' }}re.ts"}]\n',
      'site.ts': `${head}
export default playbook(import_playbook('db.yaml'), play('h1', { gather_facts: false, roles: [role('plain', { size: 3 })] }, [import_tasks({ file: 'plain.yaml' })]));
`,
      'db.yaml': '- hosts: h1\n  gather_facts: false\n  tasks: [{name: in yaml, debug: }]\n',
      'plain.yaml': '- {name: plain tasks, debug: }\n',
      'more.ts': `${head}export default tasks(debug({ msg: 'more' }, { name: 'more' }));\n`,
      'roles/plain/tasks/main.yml': '- {name: "size {{ size }}", debug: }\n',
      'roles/typed/tasks/main.ts': `${head}export default [command({ cmd: 'true' }, { name: 'in the role', notify: 'again' })];\n`,
      'roles/typed/handlers/main.ts': `${head}export default [debug({}, { name: 'again' })];\n`,
      'roles/typed/defaults/main.js': 'export default { a: 1 };\n',
    });
    expect(order).to.deep.equal(
      ['in yaml', 'size 3', 'plain tasks', 'in the role', 'more.ts', 'more', "{{ 'mo' }}re.ts", 'more', 'again'].map(
        (name) => (name.endsWith('.ts') ? 'include_tasks' : name),
      ),
    );
  });

  it('shows a mistake at its key, and the calls that led there', async () => {
    const text = await mistakes({
      'play.ts': `${head}
const install = (path: string) => stat({ path, folow: true });
const twice = (path: string) => [
  install(path),
  debug({ msg: tpl\`{{ path | uper }}\` }, { whem: true }),
];
export default playbook(
  play('all', { becom: true }, twice('/etc')),
);
`,
    });
    expect(text).to.include(
      [
        'error: `stat` has no argument `folow`',
        ' --> play.ts:4:48',
        '4 | const install = (path: string) => stat({ path, folow: true });',
        '  |                                                ^',
        'called from: play.ts:6:3, play.ts:10:32',
        'help: did you mean `follow`?',
      ].join('\n'),
    );
    expect(text).to.include('error: a play has no keyword `becom`\n  --> play.ts:10:17');
    expect(text).to.include('error: a task has no keyword `whem`\n --> play.ts:7:44');
    expect(text).to.include(' --> play.ts:7:30\n').and.include('help: did you mean `upper`?');
  });

  it('says what is no task, no value, no condition', async () => {
    const text = await mistakes({
      'play.ts': `${head}
export default playbook(
  play('all', [
    debug,
    debug({ msg: () => 1 }, { when: 'x is defined' }),
    assert({ that: ['a == 1'] }),
    'debug',
    command({ cmd: Promise.resolve('ls') }, { notify: debug({}) }),
  ]),
);
`,
    });
    for (const said of [
      'this is not a task: function\n --> play.ts:6:5\n6 |     debug,',
      'a function is not a value that a task can be given\n --> play.ts:7:18',
      '`when` is a string, not an expression\n --> play.ts:7:37',
      'help: a string is data; write expr`x is defined`',
      '`that` is a string, not an expression\n --> play.ts:8:21',
      'this is not a task: string\n --> play.ts:9:5',
      'a Promise is not a value that a task can be given\n  --> play.ts:10:20',
      'a handler is notified by its name, and this one has none\n  --> play.ts:10:55',
    ])
      expect(text).to.include(said);
  });

  it('that cannot be loaded is shown at its place', async () => {
    expect(await mistakes({ 'play.ts': `${head}\nexport default playbook(,);\n` })).to.include(' --> play.ts:4:25\n');
    expect(await mistakes({ 'play.ts': `${head}\nconst a: number[] = [];\nexport default a[0]!.toFixed();\n` }))
      .to.include("Cannot read properties of undefined (reading 'toFixed')")
      .and.include('play.ts:5:22\n');
    expect(await mistakes({ 'play.ts': `${head}export const site = 1;\n` })).to.include('play.ts exports nothing');
    expect(await mistakes({ 'play.ts': `${head}export default { a: 1 };\n` })).to.include(
      'a playbook is a list of plays',
    );
  });

  it('has typed variables, and works as JavaScript', async () => {
    const { lines } = await play(
      {
        'play.mjs': `import { play, tpl, vars } from 'troupe';
import { debug } from 'troupe/modules';
const web = vars({ port: 8080, paths: { root: '/srv' } });
export default [play('h1', { gather_facts: false, vars: web }, [
  debug({ msg: tpl\`\${web.paths.root}:{{ \${web.port} + 1 }}\` }),
  debug({ msg: web.port }),
])];
`,
      },
      { playbook: 'play.mjs' },
    );
    expect(lines).to.deep.equal(['debug | h1 | ok | /srv:8081', 'debug | h1 | ok']);
  });
});
