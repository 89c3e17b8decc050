/** A run that failed, and the run that resumes it, through the public API. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RunEvent, type RunOptions, runPlaybook } from '../../engine/index.ts';
import { localHosts, type Project, withProject } from '../support/play.ts';

interface Ran {
  exitCode: number;
  lines: string[];
  warnings: string[];
  /** Results that are not from the record: `task | host | status`. */
  fresh: string[];
  error?: string;
}

class Stage {
  constructor(readonly folder: string) {}
  get #records() {
    return join(this.folder, 'state/runs');
  }
  get last(): string {
    return join(this.#records, readdirSync(this.#records).sort().at(-1)!);
  }
  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }
  get log(): string[] {
    const path = join(this.folder, 'log');
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  }
  async run(options: Partial<RunOptions> = {}): Promise<Ran> {
    const ran: Ran = { exitCode: -1, lines: [], warnings: [], fresh: [] };
    const going = runPlaybook({
      playbook: 'play.yml',
      inventory: 'hosts',
      cwd: this.folder,
      gathering: 'explicit',
      environment: { PATH: process.env['PATH'] },
      record: { folder: this.#records },
      ...options,
    });
    try {
      for await (const event of going) note(ran, event);
      ran.exitCode = (await going.recap).exitCode;
    } catch (error) {
      ran.error = (error as Error).message;
    }
    return ran;
  }
  resume(options: Partial<RunOptions> & { anyway?: boolean; rerunUncertain?: boolean } = {}): Promise<Ran> {
    const { anyway = false, rerunUncertain = false, ...more } = options;
    return this.run({ resume: { folder: this.last, anyway, rerunUncertain }, ...more });
  }
}

function note(ran: Ran, event: RunEvent): void {
  if (event.type === 'message' && event.level === 'warning') ran.warnings.push(event.text);
  if (event.type !== 'task:result') return;
  const line = `${event.task.name} | ${event.host} | ${event.result.status}`;
  ran.lines.push(line);
  if (!event.result.replayed) ran.fresh.push(line);
}

const staged = (files: Project, use: (stage: Stage) => Promise<void>) =>
  withProject({ hosts: localHosts('h1', 'h2'), ...files }, (folder) => use(new Stage(folder)));

/** A task that writes its words into the log, and one that fails until the file `ok` is there. */
const say = (words: string, more = '') =>
  `    - name: ${words}\n      shell: echo ${words} {{ inventory_hostname }} >> {{ playbook_dir }}/log\n${more}`;
const breaks = `    - name: Break\n      command: test -e {{ playbook_dir }}/ok\n`;
const tasks = (...texts: string[]) => `- hosts: all\n  tasks:\n${texts.join('')}`;

describe('a run that is resumed', () => {
  it('does not repeat what is done, and knows what it registered', () =>
    staged(
      {
        'play.yml': tasks(
          say('one', '      register: one\n'),
          breaks,
          say('two', '      when: one is changed and one.cmd is defined\n'),
        ),
      },
      async (stage) => {
        expect((await stage.run()).exitCode).to.equal(2);
        stage.write('ok', '');
        const again = await stage.resume();
        expect(again.fresh.sort()).to.deep.equal(
          ['Break', 'two'].flatMap((task) => ['h1', 'h2'].map((host) => `${task} | ${host} | changed`)),
        );
        expect(stage.log.sort()).to.deep.equal(['one h1', 'one h2', 'two h1', 'two h2']);
        expect(again.exitCode).to.equal(0);
      },
    ));

  it('goes on in a loop at the item that failed', () =>
    staged(
      {
        'play.yml': tasks(
          '    - shell: echo {{ item }} {{ inventory_hostname }} >> {{ playbook_dir }}/log; test {{ item }} != b || test -e {{ playbook_dir }}/ok\n      loop: [a, b, c]\n      register: r\n',
          '    - debug: {msg: "{{ r.results | map(attribute=\'item\') | join }}"}\n',
        ),
      },
      async (stage) => {
        await stage.run({ limit: 'h1' });
        stage.write('ok', '');
        expect((await stage.resume({ limit: 'h1' })).exitCode).to.equal(0);
        expect(stage.log).to.deep.equal(['a h1', 'b h1', 'c h1', 'b h1']);
      },
    ));

  it('runs handlers that were notified before, once', () =>
    staged(
      {
        'play.yml': `${tasks(say('one', '      notify: h\n'), breaks)}  handlers:\n${say('h')}`,
      },
      async (stage) => {
        await stage.run();
        stage.write('ok', '');
        await stage.resume();
        expect(stage.log.sort()).to.deep.equal(['h h1', 'h h2', 'one h1', 'one h2']);
      },
    ));

  it('stands in blocks where it stood: what was rescued stays so, what follows a new try is run again', () =>
    staged(
      {
        'play.yml': tasks(
          '    - block:\n        - name: bad\n          shell: echo bad >> {{ playbook_dir }}/log; false\n      rescue:\n        - name: good\n          shell: echo good >> {{ playbook_dir }}/log\n',
          `    - block:\n        - name: Break\n          command: test -e {{ playbook_dir }}/ok\n      always:\n        - name: always\n          shell: echo always >> {{ playbook_dir }}/log\n`,
        ),
      },
      async (stage) => {
        await stage.run({ limit: 'h1' });
        expect(stage.log).to.deep.equal(['bad', 'good', 'always']);
        stage.write('ok', '');
        const again = await stage.resume({ limit: 'h1' });
        expect(again.fresh).to.deep.equal(['Break | h1 | changed', 'always | h1 | changed']);
        expect(again.exitCode).to.equal(0);
      },
    ));

  it('tries the task anew whose failure was the end of others, and lets them go on', () =>
    staged(
      {
        'play.yml': tasks(
          say('one'),
          `    - name: Break\n      command: test -e {{ playbook_dir }}/ok\n      when: inventory_hostname == 'h1'\n      any_errors_fatal: true\n`,
          say('two'),
        ),
      },
      async (stage) => {
        await stage.run();
        stage.write('ok', '');
        expect((await stage.resume()).exitCode).to.equal(0);
        expect(stage.log.sort()).to.deep.equal(['one h1', 'one h2', 'two h1', 'two h2']);
      },
    ));

  it('tries a host that was not reached anew, and runs what runs once no second time', () =>
    staged(
      {
        hosts: 'h0 ansible_host=127.0.0.1 ansible_port=1\nh1 ansible_connection=local\n',
        'play.yml': tasks(
          say('one'),
          '    - name: once\n      shell: echo once >> {{ playbook_dir }}/log\n      run_once: true\n',
        ),
      },
      async (stage) => {
        expect((await stage.run()).exitCode).to.equal(4);
        stage.write('hosts', localHosts('h0', 'h1'));
        expect((await stage.resume()).exitCode).to.equal(0);
        expect(stage.log).to.deep.equal(['one h1', 'once', 'one h0']);
      },
    ));

  it('runs what runs once in each batch, also in the one that it stopped in', () =>
    staged(
      {
        hosts: localHosts('h1', 'h2', 'h3'),
        'play.yml': `- hosts: all
  serial: [1, 2]
  tasks:
${say('one')}    - name: Break
      command: test -e {{ playbook_dir }}/ok
      when: inventory_hostname != 'h1'
    - name: once
      shell: echo once {{ ansible_play_batch | join('+') }} >> {{ playbook_dir }}/log
      run_once: true
${say('two')}`,
      },
      async (stage) => {
        expect((await stage.run()).exitCode).to.equal(2);
        stage.write('ok', '');
        expect((await stage.resume()).exitCode).to.equal(0);
        expect(stage.log.sort()).to.deep.equal([
          'once h1',
          'once h2+h3',
          'one h1',
          'one h2',
          'one h3',
          'two h1',
          'two h2',
          'two h3',
        ]);
      },
    ));

  it('composes with --limit', () =>
    staged({ 'play.yml': tasks(say('one'), breaks, say('two')) }, async (stage) => {
      await stage.run();
      stage.write('ok', '');
      expect((await stage.resume({ limit: 'h2' })).exitCode).to.equal(0);
      expect(stage.log.slice(2)).to.deep.equal(['two h2']);
    }));

  it('lets the task that failed, those after it, and new ones be edited', () =>
    staged({ 'play.yml': tasks(say('one'), breaks) }, async (stage) => {
      await stage.run({ limit: 'h1' });
      stage.write('play.yml', tasks(say('new'), say('one'), '    - name: Break\n      command: "true"\n', say('two')));
      const again = await stage.resume({ limit: 'h1' });
      expect(again.warnings).to.have.length(1);
      expect(again.warnings[0]).to.match(/^changed since the run \S+: play\.yml$/);
      expect(again.fresh.map((line) => line.split(' ')[0])).to.deep.equal(['new', 'Break', 'two']);
    }));

  it('refuses when a task that is done has changed, names it, and runs it again if told so', () =>
    staged({ 'play.yml': tasks(say('one'), breaks) }, async (stage) => {
      await stage.run({ limit: 'h1' });
      stage.write('ok', '');
      stage.write('play.yml', tasks(say('one more'), breaks));
      const refused = await stage.resume({ limit: 'h1' });
      expect(refused.error).to.match(/^`one` \(play\.yml:3\) was done by the run \S+, and has changed or gone since$/);
      expect(stage.log).to.deep.equal(['one h1']);
      expect((await stage.resume({ limit: 'h1', anyway: true })).exitCode).to.equal(0);
      expect(stage.log).to.deep.equal(['one h1', 'one more h1']);
    }));

  it('names a changed task of an included file when it comes to it', () =>
    staged(
      {
        'play.yml': tasks('    - include_tasks: inner.yml\n', breaks),
        'inner.yml': '- {name: inner, command: echo a}\n',
      },
      async (stage) => {
        await stage.run({ limit: 'h1' });
        stage.write('ok', '');
        stage.write('inner.yml', '- {name: inner, command: echo b}\n');
        expect((await stage.resume({ limit: 'h1' })).error).to.match(/^`inner` \(inner\.yml:1\) was done by the run/);
      },
    ));

  it('runs again what was secret and not kept, and opens what a vault password sealed', () =>
    staged(
      {
        'play.yml': tasks(
          '    - name: hidden\n      set_fact: {token: "{{ secret }}"}\n      no_log: true\n',
          breaks,
          '    - name: check\n      assert: {that: token == secret}\n',
        ),
      },
      async (stage) => {
        const options = { limit: 'h1', extraVars: { secret: 'very-secret-1' }, secrets: ['very-secret-1'] };
        const vault = [{ id: 'default', password: 'pass' }];
        for (const sealed of [false, true]) {
          const more = sealed ? { ...options, vault } : options;
          await stage.run(more);
          expect(readFileSync(join(stage.last, 'state.ndjson'), 'utf8')).not.to.contain('very-secret-1');
          stage.write('ok', '');
          if (sealed) {
            expect((await stage.resume(options)).error).to.match(/is sealed by a vault password, and none is given/);
          }
          const again = await stage.resume(more);
          expect(again.exitCode, String(again.error)).to.equal(0);
          expect(again.fresh.some((line) => line.startsWith('hidden'))).to.equal(!sealed);
          const { rmSync } = await import('node:fs');
          rmSync(join(stage.folder, 'ok'));
        }
      },
    ));

  it('reports a command whose secret result was not kept, as nobody may run it twice', () =>
    staged(
      {
        'play.yml': tasks('    - name: hidden\n      command: echo x\n      no_log: true\n      register: r\n', breaks),
      },
      async (stage) => {
        await stage.run({ limit: 'h1' });
        stage.write('ok', '');
        expect((await stage.resume({ limit: 'h1' })).error).to.contain(
          'h1: `hidden` (play.yml:3) came to its end, but its result is secret',
        );
        expect((await stage.resume({ limit: 'h1', rerunUncertain: true })).exitCode).to.equal(0);
      },
    ));

  it('can be resumed again', () =>
    staged(
      { 'play.yml': tasks(say('one'), breaks, say('two'), breaks.replace('/ok', '/ok2').replace('Break', 'Again')) },
      async (stage) => {
        await stage.run({ limit: 'h1' });
        stage.write('ok', '');
        expect((await stage.resume({ limit: 'h1' })).exitCode).to.equal(2);
        stage.write('ok2', '');
        expect((await stage.resume({ limit: 'h1' })).fresh).to.deep.equal(['Again | h1 | changed']);
        expect(stage.log).to.deep.equal(['one h1', 'two h1']);
      },
    ));

  it('takes the results of an imperative play up to the call that failed', async () => {
    const text = `import { play } from 'troupe';
export default [play('h1', { gather_facts: false }, async (host) => {
  const first = await host.shell({ cmd: 'echo once >>log; echo said' });
  await host.command({ cmd: 'test -e go' });
  await host.shell({ cmd: \`echo \${first.stdout} >>log\` });
})];
`;
    await withProject({ 'play.mjs': text, hosts: localHosts('h1') }, async (folder) => {
      const stage = new Stage(folder);
      expect((await stage.run({ playbook: 'play.mjs' })).exitCode).to.equal(2);
      stage.write('go', '');
      const again = await stage.resume({ playbook: 'play.mjs' });
      expect(again.exitCode, again.error).to.equal(0);
      expect(again.fresh).to.have.length(2);
      expect(stage.log).to.deep.equal(['once', 'said']);
    });
  });
});
