import { expect } from 'chai';
import { play } from '../../support/play.ts';

const said = async (tasks: string, vars = '') =>
  (await play(`- hosts: h1\n  vars: {v: 1${vars}}\n  tasks:\n${tasks}`)).lines;

describe('arguments', () => {
  it('may all come from one template, beside the module or as args; written ones win', async () => {
    const lines = await said(
      `    - {name: a, debug: "{{ d }}"}
    - {name: b, debug: , args: "{{ d }}"}
    - {name: c, debug: {msg: mine}, args: "{{ d }}"}
    - {name: e, debug: "{{ v }}"}
`,
      ', d: {msg: given}',
    );
    expect(lines).to.deep.equal([
      'a | h1 | ok | given',
      'b | h1 | ok | given',
      'c | h1 | ok | mine',
      'e | h1 | failed | the arguments of a module must come to a mapping',
    ]);
  });

  it('have defaults by module, which may be templates', async () => {
    const lines = await said(
      `    - {name: a, debug: , module_defaults: {debug: {msg: one}}}
    - {name: b, debug: , module_defaults: {ansible.builtin.debug: "{{ d }}"}}
    - {name: c, debug: {msg: "{{ omit }}"}, module_defaults: {debug: {msg: one}}}
`,
      ', d: {msg: two}',
    );
    expect(lines).to.deep.equal(['a | h1 | ok | one', 'b | h1 | ok | two', 'c | h1 | ok | Hello world!']);
  });

  it('of a module that a template chooses are its own', async () => {
    const lines = await said(
      `    - {name: a, action: "{{ m }} msg=hello"}
    - {name: b, action: {module: "no{{ m }}", msg: hello}}
`,
      ', m: debug',
    );
    expect(lines).to.deep.equal(['a | h1 | ok | hello', 'b | h1 | failed | there is no module `nodebug`']);
  });
});
