import { expect } from 'chai';
import { play } from '../../support/play.ts';

const results = async (tasks: string) => (await play(`- hosts: h1\n  tasks:\n${tasks}`)).lines;

describe('what the author says of a result', () => {
  it('is asked with what the task has set and registered', async () => {
    expect(
      await results(`    - {name: a, set_fact: {z: 1}, failed_when: z != 1}
    - {name: b, command: echo x, register: r, changed_when: r.stdout == 'y'}
    - {name: c, command: "false", failed_when: false}
`),
    ).to.deep.equal(['a | h1 | ok', 'b | h1 | ok', 'c | h1 | changed | non-zero return code']);
  });

  it('that can not be understood is the failure of the task', async () => {
    expect(
      await results(`    - {name: a, command: "true", changed_when: nothing.there, ignore_errors: true}
    - {name: b, command: "true", become: "{{ 'perhaps' }}", ignore_errors: true}
    - {name: c, debug: {msg: secret}, no_log: "{{ 'perhaps' }}"}
`),
    ).to.satisfy((lines: string[]) => {
      expect(lines[0]).to.match(/^a .*failed \(ignored\).*nothing/);
      expect(lines[1]).to.equal('b | h1 | failed (ignored) | `become` is `perhaps`, not yes or no');
      // Not understood, it hides even so.
      expect(lines[2]).to.equal('c | h1 | failed');
      return true;
    });
  });

  it('ignores what it says, and falls back to what is around it', async () => {
    const { lines } = await play(`
- hosts: h1
  ignore_errors: true
  tasks:
    - {name: a, command: "false", ignore_errors: "{{ nothing | default(omit) }}"}
    - {name: b, command: "false", ignore_errors: }
`);
    expect(lines.map((line) => line.split(' | ')[2])).to.deep.equal(['failed (ignored)', 'failed']);
  });
});
