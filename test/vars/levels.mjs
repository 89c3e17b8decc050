// A project in which each of the given levels of precedence sets the variable `x` to its own name.

/** What a level adds: files, parts of the play, or arguments. */
const FRAGMENTS = {
  'loop variables': { loop: true },
  'extra vars': { args: ['-e', '{"x": "extra vars"}'] },
  'include parameters': { includeVars: true },
  'role parameters': { roleParam: true },
  'set_fact and register': { tasks: '- set_fact: {x: set_fact and register}\n' },
  include_vars: {
    tasks: '- include_vars: {file: ../../../included.yml}\n',
    files: { 'included.yml': 'x: include_vars\n' },
  },
  'task vars': { taskVars: true },
  'block vars': { blockVars: true },
  'role vars': { files: { 'roles/r/vars/main.yml': 'x: role vars\n' } },
  'play vars_files': { play: '  vars_files: [file.yml]\n', files: { 'file.yml': 'x: play vars_files\n' } },
  'play vars_prompt': { play: '  vars_prompt: [{name: x, default: play vars_prompt}]\n' },
  'play vars': { play: '  vars: {x: play vars}\n' },
  'host facts': {
    tasks: '- give_fact:\n',
    files: { 'library/give_fact': '#!/bin/sh\necho \'{"changed": false, "ansible_facts": {"x": "host facts"}}\'\n' },
  },
  'playbook host_vars': { files: { 'host_vars/h1.yml': 'x: playbook host_vars\n' } },
  'inventory host_vars': { files: { 'inv/host_vars/h1.yml': 'x: inventory host_vars\n' } },
  'inventory host': { hostLine: ' x="inventory host"' },
  'playbook group_vars': { files: { 'group_vars/g.yml': 'x: playbook group_vars\n' } },
  'inventory group_vars': { files: { 'inv/group_vars/g.yml': 'x: inventory group_vars\n' } },
  'playbook group_vars/all': { files: { 'group_vars/all.yml': 'x: playbook group_vars/all\n' } },
  'inventory group_vars/all': { files: { 'inv/group_vars/all.yml': 'x: inventory group_vars/all\n' } },
  'inventory group': { groupVars: '[g:vars]\nx=inventory group\n' },
  'role defaults': { files: { 'roles/r/defaults/main.yml': 'x: role defaults\n' } },
};

export const LEVEL_NAMES = Object.keys(FRAGMENTS);

/** The files of the project, by path, and the arguments of ansible-playbook. */
export function projectOf(levels) {
  const parts = levels.map((level) => FRAGMENTS[level]);
  const has = (key) => parts.some((part) => part[key]);
  const joined = (key) => parts.map((part) => part[key] ?? '').join('');
  const indented = (text) => text.replace(/^(?=.)/gm, '  ');
  const probe = `- block:
    - debug: msg="<{{ x }}>"
${has('taskVars') ? '      vars: {x: task vars}\n' : ''}${has('loop') ? '      loop: [loop variables]\n      loop_control: {loop_var: x}\n' : ''}${has('blockVars') ? '  vars: {x: block vars}\n' : ''}`;
  const files = {
    'inv/hosts': `[g]\nh1 ansible_connection=local${joined('hostLine')}\n${joined('groupVars')}`,
    'play.yml': `- hosts: h1
  gather_facts: false
${joined('play')}  roles:
    - role: r
${has('roleParam') ? '      x: role parameters\n' : ''}`,
    'roles/r/tasks/main.yml': `${joined('tasks')}- include_tasks: probe.yml\n${has('includeVars') ? indented('vars: {x: include parameters}\n') : ''}`,
    'roles/r/tasks/probe.yml': probe,
  };
  return {
    files: Object.assign(files, ...parts.map((part) => part.files ?? {})),
    args: ['-i', 'inv/hosts', 'play.yml', ...parts.flatMap((part) => part.args ?? [])],
  };
}
