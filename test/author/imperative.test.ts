/** Imperative plays: an async function of one host, each awaited call of which is a task. */
import { expect } from 'chai';
import { describe as described, loadPlaybook } from '../../engine/index.ts';
import { localHosts, type Project, play, withProject } from '../support/play.ts';

const head = `import { block, expr, play, playbook, tasks, TaskFailed, tpl } from 'troupe';
import { debug } from 'troupe/modules';
`;
const run = (text: string, options = {}, files: Project = {}) =>
  play({ ...files, 'play.ts': head + text }, { playbook: 'play.ts', ...options });
const imperative = (body: string, keywords = '', sections = '{}') =>
  `export default [play('all', { gather_facts: false${keywords} }, async (host) => {\n${body}\n}, ${sections})];\n`;

describe('an imperative play', () => {
  it('runs each call as a task, for all hosts that come to it together', async () => {
    const { order, events, recap, lines } = await run(
      imperative(
        `  const { stdout, rc } = await host.command({ cmd: 'echo hi' }, { name: 'Say', changed_when: false });
  for (const n of [1, 2]) await host.debug({ msg: \`\${stdout} \${n} \${rc}\` }, { name: 'Repeat' });
  if (host.name === 'h2') await host.debug({ msg: 'me' }, { name: 'Only one' });
  await host.set_fact({ said: stdout });
  await host.command({ cmd: 'true' }, { name: 'End', notify: 'told' });`,
        '',
        "{ handlers: [debug({ msg: tpl`{{ said }}` }, { name: 'told' })] }",
      ),
    );
    expect(order).to.deep.equal(['Say', 'Repeat', 'Repeat', 'Only one', 'set_fact', 'End', 'told']);
    expect(lines.filter((line) => line.startsWith('Repeat')).sort()).to.deep.equal(
      ['h1', 'h2', 'h3'].flatMap((host) => [`Repeat | ${host} | ok | hi 1 0`, `Repeat | ${host} | ok | hi 2 0`]),
    );
    const starts = events.filter((event) => event.type === 'task:start');
    expect(starts.map((event) => event.hosts?.length)).to.deep.equal([3, 3, 3, 1, 3, 3, 3]);
    expect(starts[0]!.task.path).to.equal('play.ts:4');
    expect(lines.filter((line) => line.startsWith('told'))).to.have.length(3);
    expect(recap.exitCode).to.equal(0);
    expect(recap.hosts['h2']).to.include({ ok: 7, changed: 1, failed: 0 });
  });

  it('has its failures caught by the language, and counts them as rescued', async () => {
    const { recap, lines } = await run(
      imperative(`  try {
    await host.command({ cmd: 'false' }, { name: 'Break' });
  } catch (error) {
    if (!(error instanceof TaskFailed)) throw error;
    await host.debug({ msg: \`\${error.task} ended with \${error.result.rc}\` }, { name: 'Rescue' });
  }
  if (host.name === 'h2') await host.fail({ msg: 'no' });
  await host.debug({}, { name: 'After' });`),
    );
    expect(lines.filter((line) => /^(Rescue|After|fail)/.test(line)).sort()).to.deep.equal([
      'After | h1 | ok | Hello world!',
      'After | h3 | ok | Hello world!',
      'Rescue | h1 | ok | Break ended with 1',
      'Rescue | h2 | ok | Break ended with 1',
      'Rescue | h3 | ok | Break ended with 1',
      'fail | h2 | failed | no',
    ]);
    expect(recap.hosts['h1']).to.include({ ok: 2, rescued: 1, failed: 0 });
    expect(recap.hosts['h2']).to.include({ ok: 1, rescued: 1, failed: 1 });
    expect(recap.exitCode).to.equal(2);
  });

  it('treats what a host returned as data, and refuses what the language itself has', async () => {
    const { lines } = await run(
      imperative(
        `  const { stdout } = await host.command({ cmd: "echo '{{ 6 * 7 }}'" });
  await host.debug({ msg: stdout });
  await host.debug({ msg: tpl\`said \${stdout}\` });
  await (host as any).debug({ msg: 1 }, { when: stdout });`,
      ),
      { limit: 'h1' },
    );
    expect(lines.map((line) => line.split(' | ').slice(2).join(' '))).to.deep.equal([
      'changed',
      'ok {{ 6 * 7 }}',
      'ok said {{ 6 * 7 }}',
      'failed a task of an imperative play has no keyword `when`',
    ]);
  });

  it('shows mistakes at their place: of a call, and of the function itself', async () => {
    const explained = async (body: string) => {
      const { events } = await run(imperative(body), { limit: 'h1' });
      return events
        .flatMap((event) => (event.type === 'task:result' ? [`${event.result.msg}\n${event.result.explanation}`] : []))
        .join('\n');
    };
    expect(
      await explained(
        "  const install = (path: string) => host.stat({ path, folow: true } as any);\n  await install('/');",
      ),
    )
      .to.include('`stat` has no argument `folow`')
      .and.include('play.ts:4:55')
      .and.include('called from: play.ts:5:9')
      .and.include('did you mean `follow`?');
    expect(await explained('  await (host as any).comand({ cmd: 1 });'))
      .to.include('there is no module or keyword `comand`')
      .and.include('play.ts:4:23');
    expect(await explained('  const a: any = undefined;\n  a.b();'))
      .to.include("the function of the play failed: TypeError: Cannot read properties of undefined (reading 'b')")
      .and.include('play.ts:5:5');
  });

  it('knows in check mode what it does not know', async () => {
    const body = `  const { stat } = await host.stat({ path: '/etc/passwd' }, { name: 'Look' });
  await host.debug({ msg: String(stat.exists) }, { name: 'Known' });
  const said = await host.command({ cmd: 'hostname' }, { name: 'Ask' });
  await host.debug({ msg: String(said.known) }, { name: 'Asked' });
  if (said.stdout.startsWith('h')) await host.debug({}, { name: 'Never' });
  await host.debug({}, { name: 'Nor this' });`;
    const { order, events, recap } = await run(imperative(body), { check: true, limit: 'h1' });
    expect(order).to.deep.equal(['Look', 'Known', 'Ask', 'Asked']);
    expect(
      events.flatMap((event) => (event.type === 'message' && event.level === 'warning' ? [event.text] : [])),
    ).to.deep.equal([
      'the rest of the play depends on `stdout` of the task `Ask` (play.ts:6:27), and check mode does not run that task',
    ]);
    expect(recap.exitCode).to.equal(0);
    const tagged = await run(
      imperative(
        "  const a = await host.command({ cmd: 'echo 1' }, { name: 'A' });\n  await host.debug({ msg: 'b' }, { name: 'B', tags: 'b' });\n  if (a.rc === 0) await host.debug({}, { tags: 'b' });",
      ),
      {
        tags: ['b'],
        limit: 'h1',
      },
    );
    expect(tagged.order).to.deep.equal(['B']);
  });

  it('includes tasks and roles, waits for calls that nobody awaits, and ends where meta says', async () => {
    const { order, recap } = await run(
      imperative(`  void host.debug({}, { name: 'not awaited' });
  await host.include_tasks({ file: 'more.yaml' });
  await host.import_tasks('more.yaml');
  await host.include_role({ name: 'r' });
  await Promise.all([host.debug({}, { name: 'a' }), host.debug({}, { name: 'b' })]);
  if (host.name === 'h1') await host.meta('end_host');
  await host.debug({}, { name: 'c' });`),
      { limit: 'h1' },
      { 'more.yaml': '- {name: more, debug: }\n', 'roles/r/tasks/main.yml': '- {name: of the role, debug: }\n' },
    );
    expect(order).to.deep.equal([
      'not awaited',
      'include_tasks',
      'more',
      'more',
      'include_role : r',
      'of the role',
      'a',
      'b',
    ]);
    expect(recap.exitCode).to.equal(0);
  });

  it('lists what is written in its function', async () => {
    const text = `${head}
const helper = async (host: any) => host.debug({});
export default [
  play('h1', { tags: 'p' }, async (host) => {
    await host.command({ cmd: 'ls' }, { name: 'List', tags: ['a', 'b'] });
    for (const x of [1, 2]) await host.debug({ msg: x });
    await host.task('acme.thing', {});
  }),
  play('h1', async (host) => { await host.ping(); await helper(host); }),
  play('h1', helper),
];
`;
    await withProject({ hosts: localHosts('h1'), 'play.ts': text }, async (cwd) => {
      const { findings, playbooks } = await loadPlaybook({ playbook: 'play.ts', inventory: 'hosts', cwd });
      expect(findings.map(described)).to.deep.equal([]);
      const listed = playbooks[0]!.plays.map((one) =>
        one.tasks.map(({ name, tags, path }) => `${name} [${tags.join(',')}] ${path}`),
      );
      expect(listed).to.deep.equal([
        ['List [p,a,b] play.ts:7', 'debug [p] play.ts:8', 'acme.thing [p] play.ts:9'],
        ['ping [] play.ts:11', '(and what it calls elsewhere) [] play.ts:11'],
        ['(and what it calls elsewhere) [] play.ts:12'],
      ]);
    });
  });
});
