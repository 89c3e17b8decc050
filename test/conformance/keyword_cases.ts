/**
 * Playbooks for every row of the table of keywords: at every level where the keyword is allowed, written literally and as a
 * template, and once as `omit` under a level that sets it. What stock Ansible does with them is recorded in corpus/keywords.json.
 */

import { type KeywordName, keywords, type Owner } from '../../engine/playbook/keywords.ts';
import type { Case } from './corpus.ts';

type Dict = { [key: string]: unknown };

/** How one keyword is shown to have an effect. */
interface Sample {
  /** What the keyword says. */
  value: unknown;
  /** The same as a template, where that is not `{{ v }}` with the value in the variable v. */
  template?: unknown;
  /** Without a template form or `omit`: these are read before there are variables. */
  literalOnly?: boolean;
  /** Levels at which the probe itself is not allowed. */
  notOn?: Level[];
  /** Not tried as `omit`: its absence would show by chance. */
  noOmit?: boolean;
  /** The tasks that show it; the keyword is put on the first of them. */
  tasks?: Dict[];
  /** Further keywords and variables of the play. */
  play?: Dict;
  vars?: Dict;
  /** What is tried where the keyword itself is written, in place of the levels. */
  whole?: (value: unknown) => Dict;
  case?: Partial<Case>;
}

const say = (text: string): Dict => ({ name: `say`, debug: { msg: text } });
const fail = (when = 'true'): Dict => ({ name: 'fails', command: 'false', when });
const LOST = 'h1 ansible_host=127.0.0.1 ansible_port=1 ansible_connection=ssh\nh2 ansible_connection=local\n';
/** Writes down which port and user an SSH client was given, and ends. */
const ASKED = `ansible_ssh_common_args='-o ProxyCommand="sh {{ playbook_dir }}/asked.sh %p %r"'`;
const asked: Partial<Case> = {
  hosts: `h1 ansible_host=127.0.0.1 ansible_connection=ssh ${ASKED}\n`,
  files: { 'asked.sh': '#!/bin/sh\necho "$1 $2" > "${0%/*}/out/asked"\nexit 1\n' },
};
/** Becomes a user by `su`, which is everywhere, and notes that it was called. */
const becoming: Dict = { ansible_become_method: 'su', ansible_become_flags: '-s /bin/sh' };
const whoami: Dict[] = [
  { name: 'who', raw: 'id -un', register: 'r' },
  { name: 'is', debug: { msg: '{{ r.stdout | trim }}' } },
];
const oneHost: Partial<Case> = { hosts: 'h1 ansible_connection=local\n' };
const asRoot: Partial<Case> = { ...oneHost, asRoot: true };

const samples: { [name in KeywordName]: Sample } = {
  name: { value: 'called so', tasks: [{ debug: { msg: 'x' } }], case: oneHost },
  vars: {
    value: { x: 'inner' },
    template: { x: '{{ w }}' },
    vars: { w: 'of the play' },
    noOmit: true,
    tasks: [say("{{ x | default('unknown') }}")],
    case: oneHost,
  },
  tags: { value: ['one'], noOmit: true, tasks: [say('chosen')], case: { ...oneHost, args: ['--tags', 'one'] } },
  become: { value: true, vars: { ...becoming, ansible_become_user: 'daemon' }, tasks: whoami, case: asRoot },
  become_user: { value: 'daemon', play: { become: true }, vars: becoming, tasks: whoami, case: asRoot },
  become_method: {
    value: 'su',
    play: { become: true, become_user: 'daemon' },
    vars: {
      ansible_su_exe: '{{ playbook_dir }}/mysu',
      ansible_su_flags: '-s /bin/sh',
      ansible_sudo_exe: '{{ playbook_dir }}/mysudo',
    },
    tasks: whoami,
    case: {
      ...asRoot,
      files: {
        mysu: '#!/bin/sh\necho su > "${0%/*}/out/used"\nexec su "$@"\n',
        mysudo: '#!/bin/sh\necho sudo > "${0%/*}/out/used"\nexit 3\n',
      },
    },
  },
  become_flags: {
    value: '-s /bin/sh',
    play: { become: true, become_user: 'daemon' },
    vars: { ansible_become_method: 'su' },
    tasks: whoami,
    case: asRoot,
  },
  become_exe: {
    value: './mysu',
    template: '{{ playbook_dir }}/mysu',
    play: { become: true, become_user: 'daemon' },
    vars: becoming,
    tasks: whoami,
    case: { ...asRoot, files: { mysu: '#!/bin/sh\necho su > "${0%/*}/out/used"\nexec su "$@"\n' } },
  },
  connection: {
    value: 'local',
    tasks: [{ name: 'reached', command: 'true' }],
    case: { hosts: 'h1 ansible_host=127.0.0.1 ansible_port=1\n' },
  },
  port: { value: 7, tasks: [{ name: 'asks', command: 'true' }], play: { remote_user: 'somebody' }, case: asked },
  remote_user: { value: 'anna', tasks: [{ name: 'asks', command: 'true' }], play: { port: 9 }, case: asked },
  environment: {
    value: { A: 'here' },
    tasks: [
      { name: 'sees', shell: 'echo "$A"', register: 'r' },
      { name: 'seen', debug: { msg: '{{ r.stdout }}' } },
    ],
    case: oneHost,
  },
  check_mode: {
    value: true,
    tasks: [{ name: 'writes', copy: { content: 'x', dest: '{{ playbook_dir }}/out/written' } }],
    case: oneHost,
  },
  diff: {
    value: true,
    tasks: [
      { name: 'writes', copy: { content: 'x\n', dest: '{{ playbook_dir }}/out/written' }, register: 'r' },
      { name: 'shown', debug: { msg: '{{ (r.diff | default([], true)) | length > 0 }}' } },
    ],
    case: oneHost,
  },
  no_log: { value: true, tasks: [say('a secret')], case: oneHost },
  ignore_errors: { value: true, tasks: [fail(), say('on')], case: oneHost },
  ignore_unreachable: { value: true, tasks: [{ name: 'lost', ping: null }, say('on')], case: { hosts: LOST } },
  any_errors_fatal: { value: true, tasks: [fail("inventory_hostname == 'h1'"), say('on')] },
  // stock Ansible fails at `omit` here
  run_once: { value: true, noOmit: true, tasks: [say('{{ inventory_hostname }}'), say('all')] },
  throttle: {
    value: 1,
    noOmit: true,
    tasks: [
      { name: 'alone', shell: 'mkdir out/lock && sleep 0.3 && rmdir out/lock', args: { chdir: '{{ playbook_dir }}' } },
    ],
  },
  timeout: { value: 1, noOmit: true, tasks: [{ name: 'slow', command: 'sleep 4' }], case: oneHost },
  module_defaults: {
    value: { debug: { msg: 'the default' } },
    template: { debug: '{{ w }}' },
    vars: { w: { msg: 'the default' } },
    noOmit: true,
    tasks: [{ name: 'says', debug: {} }],
    case: oneHost,
  },
  collections: {
    value: ['our.own'],
    literalOnly: true,
    // An include_role is no handler, and a role that is not there is refused before the run (inside of `role` they count no more).
    notOn: ['handler', 'role'],
    tasks: [{ name: 'found', include_role: { name: 'r1' } }],
    case: {
      ...oneHost,
      environment: { ANSIBLE_COLLECTIONS_PATH: 'collections' },
      files: {
        'collections/ansible_collections/our/own/roles/r1/tasks/main.yml': '- {name: within, debug: {msg: found}}\n',
      },
    },
  },
  debugger: {
    value: 'always',
    tasks: [say('plain')],
    case: { ...oneHost, input: "task.args['msg'] = 'changed'\nr\nc\nc\n" },
  },

  hosts: { value: 'h1,h3', whole: (value) => ({ hosts: value, tasks: [say('here')] }) },
  gather_facts: {
    value: true,
    whole: (value) => ({ hosts: 'h1', gather_facts: value, tasks: [say('{{ ansible_system is defined }}')] }),
  },
  gather_subset: {
    value: ['!all', '!min', 'env'],
    whole: (value) => ({
      hosts: 'h1',
      gather_facts: true,
      gather_subset: value,
      tasks: [say('{{ ansible_env is defined }} {{ ansible_system is defined }}')],
    }),
  },
  gather_timeout: {
    value: 20,
    whole: (value) => ({
      hosts: 'h1',
      gather_facts: true,
      gather_subset: ['!all'],
      gather_timeout: value,
      tasks: [say('{{ ansible_system is defined }}')],
    }),
  },
  fact_path: {
    value: './facts',
    template: '{{ playbook_dir }}/facts',
    whole: (value) => ({
      hosts: 'h1',
      gather_facts: true,
      gather_subset: ['!all', 'local'],
      fact_path: value,
      tasks: [say('{{ ansible_local.here.a | default(false) }}')],
    }),
    case: { files: { 'facts/here.fact': '{"a": "fact"}\n' } },
  },
  serial: { value: 1, whole: (value) => ({ hosts: 'all', serial: value, tasks: [say('{{ ansible_play_batch }}')] }) },
  strategy: {
    value: 'free',
    whole: (value) => ({
      hosts: 'all',
      strategy: value,
      tasks: [say('x'), { name: 'met', set_fact: { seen: 1 }, run_once: true }, { debug: { msg: '{{ seen }}' } }],
    }),
    case: oneHost,
  },
  order: {
    value: 'reverse_inventory',
    whole: (value) => ({ hosts: 'all', order: value, serial: 1, tasks: [say('{{ inventory_hostname }}')] }),
  },
  max_fail_percentage: {
    value: 30,
    whole: (value) => ({
      hosts: 'all',
      max_fail_percentage: value,
      tasks: [fail("inventory_hostname == 'h1'"), say('on')],
    }),
  },
  force_handlers: {
    value: true,
    whole: (value) => ({
      hosts: 'h1,h2',
      force_handlers: value,
      tasks: [{ name: 'changes', command: 'true', notify: 'h' }, fail("inventory_hostname == 'h1'"), say('on')],
      handlers: [{ name: 'h', debug: { msg: 'handled' } }],
    }),
  },
  vars_files: {
    value: ['more.yml'],
    template: ['{{ w }}.yml'],
    vars: { w: 'more' },
    noOmit: true,
    whole: (value) => ({ hosts: 'h1', vars_files: value, tasks: [say('{{ m }}')] }),
    case: { files: { 'more.yml': 'm: from the file\n' } },
  },
  vars_prompt: {
    value: [{ name: 'p', default: 'given', prompt: 'P' }],
    template: [{ name: 'p', default: '{{ w }}', prompt: 'P' }],
    vars: { w: 'rendered' },
    noOmit: true,
    whole: (value) => ({ hosts: 'h1', vars_prompt: value, tasks: [say('{{ p }}')] }),
    case: { input: '\n' },
  },
  roles: {
    value: ['r2'],
    literalOnly: true,
    whole: (value) => ({ hosts: 'h1', roles: value }),
    case: { files: { 'roles/r2/tasks/main.yml': '- {name: of the role, debug: {msg: r2}}\n' } },
  },
  pre_tasks: { value: [say('first')], literalOnly: true, whole: (value) => ({ hosts: 'h1', pre_tasks: value }) },
  tasks: { value: [say('second')], literalOnly: true, whole: (value) => ({ hosts: 'h1', tasks: value }) },
  post_tasks: { value: [say('third')], literalOnly: true, whole: (value) => ({ hosts: 'h1', post_tasks: value }) },
  handlers: {
    value: [{ name: 'h', debug: { msg: 'handled' } }],
    literalOnly: true,
    whole: (value) => ({ hosts: 'h1', tasks: [{ command: 'true', notify: 'h' }], handlers: value }),
  },

  when: {
    value: 'v2 is defined',
    template: '{{ not v }}',
    vars: { v: true },
    noOmit: true,
    tasks: [say('not here')],
    case: oneHost,
  },
  delegate_to: {
    value: 'bad',
    tasks: [{ name: 'there', command: 'true' }],
    play: { hosts: 'h1' },
    case: { hosts: 'h1 ansible_connection=local\nbad ansible_host=127.0.0.1 ansible_port=1 ansible_connection=ssh\n' },
  },
  delegate_facts: {
    value: true,
    play: { hosts: 'h1' },
    tasks: [
      { name: 'set', set_fact: { f: 'given' }, delegate_to: 'h2' },
      say("{{ f | default('none') }} {{ hostvars['h2'].f | default('none') }}"),
    ],
  },
  notify: {
    value: ['h'],
    tasks: [{ name: 'changes', command: 'true' }],
    play: {
      handlers: [
        { name: 'h', debug: { msg: 'handled' } },
        { name: 'outer', debug: { msg: 'outer' } },
      ],
    },
    case: oneHost,
  },

  block: { value: [say('b')], literalOnly: true, whole: (value) => ({ hosts: 'h1', tasks: [{ block: value }] }) },
  rescue: {
    value: [say('r')],
    literalOnly: true,
    whole: (value) => ({ hosts: 'h1', tasks: [{ block: [fail()], rescue: value }] }),
  },
  always: {
    value: [say('a')],
    literalOnly: true,
    whole: (value) => ({ hosts: 'h1', tasks: [{ block: [say('b')], always: value }] }),
  },

  action: {
    value: 'debug msg=hello',
    template: '{{ m }} msg=hello',
    vars: { m: 'debug' },
    noOmit: true,
    tasks: [{ name: 'acts' }],
    case: oneHost,
  },
  local_action: {
    value: { module: 'debug', msg: 'hello' },
    template: { module: '{{ m }}', msg: 'hello' },
    vars: { m: 'debug' },
    noOmit: true,
    tasks: [{ name: 'acts' }],
    case: oneHost,
  },
  args: { value: { msg: 'given' }, noOmit: true, tasks: [{ name: 'says', debug: null }], case: oneHost },
  register: {
    value: 'kept',
    literalOnly: true,
    tasks: [{ name: 'runs', command: 'echo x' }, say('{{ kept.stdout | default("none") }}')],
    case: oneHost,
  },
  until: {
    value: 'r.attempts | default(1) >= 1',
    template: '{{ v }}',
    vars: { v: true },
    noOmit: true,
    tasks: [{ name: 'tries', command: 'true', register: 'r', retries: 2, delay: 0 }, say('{{ r.attempts }}')],
    case: oneHost,
  },
  retries: {
    value: 2,
    tasks: [
      { name: 'tries', command: 'true', register: 'r', until: 'false', delay: 0, ignore_errors: true },
      say('{{ r.attempts }}'),
    ],
    case: { ...oneHost },
  },
  delay: {
    value: 0,
    noOmit: true,
    tasks: [{ name: 'tries', command: 'true', register: 'r', until: 'false', retries: 1, ignore_errors: true }],
    case: oneHost,
  },
  changed_when: {
    value: ['v2 is defined'],
    template: ['{{ v }}'],
    vars: { v: false },
    noOmit: true,
    tasks: [{ name: 'runs', command: 'true' }],
    case: oneHost,
  },
  failed_when: {
    value: ['v2 is not defined'],
    template: ['{{ v }}'],
    vars: { v: true },
    noOmit: true,
    tasks: [{ name: 'runs', command: 'true' }],
    case: oneHost,
  },
  loop: {
    value: ['a', 'b'],
    tasks: [{ name: 'each', debug: { msg: "{{ item | default('none') }}" } }],
    noOmit: true,
    case: oneHost,
  },
  loop_control: {
    value: { loop_var: 'it', extended: true },
    template: { loop_var: '{{ w }}', extended: '{{ yes_ }}' },
    vars: { w: 'it', yes_: true },
    noOmit: true,
    tasks: [{ name: 'each', debug: { msg: '{{ it }} {{ ansible_loop.index }}' }, loop: ['a', 'b'] }],
    case: oneHost,
  },
  async: {
    value: 20,
    tasks: [{ name: 'begins', command: 'true', poll: 0, register: 'r' }, say('{{ r.ansible_job_id is defined }}')],
    case: oneHost,
  },
  poll: {
    value: 0,
    noOmit: true,
    tasks: [{ name: 'begins', command: 'true', async: 20, register: 'r' }, say('{{ r.finished }}')],
    case: oneHost,
  },
  listen: {
    value: ['topic'],
    literalOnly: true,
    tasks: [{ name: 'h', debug: { msg: 'heard' } }],
    play: { tasks: [{ name: 'changes', command: 'true', notify: 'topic' }] },
    case: oneHost,
  },
};

type Level = Owner | 'import' | 'apply' | 'include';

const LEVELS: readonly Level[] = ['play', 'role', 'block', 'task', 'handler', 'import', 'apply', 'include'];
/** What an include takes itself; `with_*` aside. */
const OF_INCLUDES = 'collections debugger ignore_errors name no_log register run_once tags timeout vars when'.split(
  ' ',
);

function levelsOf(name: KeywordName): Level[] {
  const { on } = keywords.get(name)!;
  return LEVELS.filter((level) => {
    if (samples[name].notOn?.includes(level)) return false;
    if (level === 'import') return on.includes('block') && on.includes('task');
    if (level === 'apply') return on.includes('block') && on.includes('task') && name !== 'name';
    if (level === 'include') return OF_INCLUDES.includes(name);
    return on.includes(level);
  });
}

/** A playbook with the keyword at a level; `outer` puts a value on the play, for what an `omit` falls back to. */
function playAt(level: Level, name: string, written: unknown, sample: Sample): { plays: Dict[]; files: Case['files'] } {
  const own = { [name]: written };
  const tasks = sample.tasks!;
  const files: NonNullable<Case['files']> = {};
  const play: Dict = { hosts: 'all', ...sample.play };
  if (sample.vars) play['vars'] = sample.vars;
  const before = (sample.play?.['tasks'] as Dict[] | undefined) ?? [];
  if (level === 'play') Object.assign(play, own, { tasks: [...before, ...tasks] });
  else if (level === 'role') {
    files['roles/probe/tasks/main.yml'] = JSON.stringify(tasks);
    play['roles'] = [{ role: 'probe', ...own }];
  } else if (level === 'block') play['tasks'] = [{ block: tasks, ...own }];
  else if (level === 'task') play['tasks'] = [{ ...tasks[0], ...own }, ...tasks.slice(1)];
  else if (level === 'handler') {
    const changes = before.length > 0 ? before : [{ name: 'begins', command: 'true', notify: 'handle' }];
    const first = { ...tasks[0], ...own };
    if (before.length === 0 && name !== 'name') first['name'] = 'handle';
    if (name === 'name') Object.assign(first, { listen: 'handle' });
    play['tasks'] = changes;
    const more = tasks.slice(1).map((task) => ({ ...task, listen: 'handle' }));
    play['handlers'] = [...((sample.play?.['handlers'] as Dict[] | undefined) ?? []), first, ...more];
  } else {
    files['probe.yml'] = JSON.stringify(tasks);
    if (level === 'import') play['tasks'] = [{ import_tasks: 'probe.yml', ...own }];
    else if (level === 'include') play['tasks'] = [{ include_tasks: 'probe.yml', ...own }];
    else play['tasks'] = [{ name: 'takes in', include_tasks: { file: 'probe.yml', apply: own } }];
  }
  return { plays: [play], files };
}

/** An include has no argument to change in the debugger. */
const atInclude: { [name: string]: Partial<Case> } = { debugger: { input: 'c\n' } };

function caseOf(name: KeywordName, how: string, made: { plays: Dict[]; files: Case['files'] }, sample: Sample): Case {
  return {
    ...sample.case,
    ...(how.startsWith('on include') && atInclude[name]),
    topic: 'keywords',
    name: `${name} ${how}`,
    play: JSON.stringify(made.plays),
    files: { ...sample.case?.files, ...made.files },
  };
}

function withVariable(sample: Sample, value: unknown): Sample {
  return sample.template === undefined ? { ...sample, vars: { ...sample.vars, v: value } } : sample;
}

const whole = (sample: Sample, value: unknown) => ({
  plays: [{ ...sample.whole!(value), ...(sample.vars && { vars: sample.vars }) }],
  files: {},
});

/** All of them, row by row of the table. */
export function keywordCases(): Case[] {
  const cases: Case[] = [];
  for (const name of keywords.keys() as MapIterator<KeywordName>) {
    const sample = samples[name];
    const templated = withVariable(sample, sample.value);
    const template = sample.template ?? '{{ v }}';
    const omitted = '{{ nothing | default(omit) }}';
    if (sample.whole) {
      cases.push(caseOf(name, 'on a play', whole(sample, sample.value), sample));
      if (sample.literalOnly) continue;
      cases.push(caseOf(name, 'on a play, as a template', whole(templated, template), sample));
      if (!sample.noOmit && name !== 'hosts')
        cases.push(caseOf(name, 'on a play, as omit', whole(sample, omitted), sample));
      continue;
    }
    for (const level of levelsOf(name)) {
      cases.push(caseOf(name, `on ${level}`, playAt(level, name, sample.value, sample), sample));
      if (!sample.literalOnly)
        cases.push(caseOf(name, `on ${level}, as a template`, playAt(level, name, template, templated), sample));
    }
    if (sample.literalOnly || sample.noOmit) continue;
    const { on } = keywords.get(name)!;
    const outer = on.includes('play') ? { play: { ...sample.play, [name]: sample.value } } : {};
    const inner: Sample = { ...sample, ...outer };
    cases.push(caseOf(name, 'on task, as omit', playAt('task', name, omitted, inner), sample));
  }
  return cases;
}

/** Names of keywords with a sample: every row must have one. */
export const sampled: readonly string[] = Object.keys(samples);
