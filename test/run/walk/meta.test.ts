import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('meta', () => {
  it('is neither shown nor counted; a module whose name ends in it is', async () => {
    const { order, recap } = await play({
      'play.yml': '- hosts: h1\n  tasks: [{meta: noop}, {name: m, our_meta: }, {name: d, debug: }]\n',
      'library/our_meta.mjs':
        "export default { name: 'our_meta', doc: 'x', args: {}, check: 'full', returns: {}, controllerOnly: true, async run() { return { changed: false, values: {} }; } };\n",
    });
    expect(order).to.deep.equal(['m', 'd']);
    expect(recap.hosts['h1']).to.include({ ok: 2 });
  });

  it('ends a host, a batch, a play or a role', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1,h2
  roles: [r]
  tasks:
    - {meta: end_host, when: inventory_hostname == 'h1'}
    - {name: b, debug: {msg: b}}
    - meta: end_play
    - {name: never, debug: }
`,
      'roles/r/tasks/main.yml': '- {name: a, debug: {msg: a}}\n- meta: end_role\n- {name: never, debug: }\n',
    });
    expect(lines).to.deep.equal(['a | h1 | ok | a', 'a | h2 | ok | a', 'b | h2 | ok | b']);
  });

  it('clears facts, and errors for the next play', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: g, getent: {database: passwd, key: root}}
    - meta: clear_facts
    - {name: see, debug: {msg: "facts: {{ getent_passwd is defined }}"}}
- hosts: h1,h2
  tasks:
    - {name: f, fail: {msg: no}, when: inventory_hostname == 'h1'}
    - meta: clear_host_errors
- hosts: all
  tasks: [{name: last, debug: {msg: here}}]
`);
    expect(lines[1]).to.equal('see | h1 | ok | facts: False');
    expect(lines.filter((line) => line.startsWith('last'))).to.have.length(3);
  });
});
