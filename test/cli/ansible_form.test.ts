import { expect } from 'chai';
import { command, project } from './console.ts';

const play = `- hosts: h1
  gather_facts: false
  tasks:
    - debug: {msg: x}
      loop: [{a: 1, b: "it's"}, [1, x], 1.5, null, true, "s"]
    - command: "echo {{ item }}"
      no_log: true
      loop: [a]
    - debug: {msg: y}
      changed_when: true
    - include_tasks: inc.yml
      loop: [a, {b: 1}]
    - copy: {content: "a\\n", dest: "{{ playbook_dir }}/out"}
`;

// As ansible-core 2.19 printed it, the lines of stars cut.
const shown = `
PLAY [h1]

TASK [debug]
ok: [h1] => (item={'a': 1, 'b': "it's"}) => {
    "msg": "x"
}
ok: [h1] => (item=[1, 'x']) => {
    "msg": "x"
}
ok: [h1] => (item=1.5) => {
    "msg": "x"
}
ok: [h1] => (item=None) => {
    "msg": "x"
}
ok: [h1] => (item=True) => {
    "msg": "x"
}
ok: [h1] => (item=s) => {
    "msg": "x"
}

TASK [command]
changed: [h1] => (item=(censored due to no_log))

TASK [debug]
changed: [h1] => {
    "msg": "y"
}

TASK [include_tasks]
included: HERE/inc.yml for h1 => (item=a)
included: HERE/inc.yml for h1 => (item={'b': 1})

TASK [debug]
ok: [h1] => {
    "msg": "z"
}

TASK [debug]
ok: [h1] => {
    "msg": "z"
}

TASK [copy]
--- before
+++ after: HERE/out
@@ -0,0 +1 @@
+a

changed: [h1]

PLAY RECAP
h1                         : ok=8    changed=3    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
`;

describe('what is printed', () => {
  it("is ansible-playbook's: items, loops with no_log, includes in a loop, changed debug, the diff of a new file", async () => {
    const here = project({
      'play.yml': play,
      'inc.yml': '- debug: {msg: z}\n',
      hosts: 'h1 ansible_connection=local\n',
    });
    try {
      const { out } = await command(['-i', 'hosts', 'play.yml', '-D'], { cwd: here.path });
      const lines = out.replaceAll(here.path, 'HERE').replace(/ \*{3,}$/gm, '');
      expect(`${lines.replace(/ +$/gm, '').trimEnd()}\n`).to.equal(shown);
    } finally {
      here.remove();
    }
  });
});
