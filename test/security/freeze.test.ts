/** S-37: what one host says stops the run for no other. An expression without a bound would hang each of these tests. */
import { expect } from 'chai';
import { play } from '../support/play.ts';

const evil = `${'a'.repeat(44)}!`;

describe('an expression that takes exponential time with a text of a host (S-37)', () => {
  it('ends in lineinfile, replace, blockinfile, find and assemble', async () => {
    const { recap, lines } = await play(`
- hosts: h1
  vars: {d: "{{ playbook_dir }}/d"}
  tasks:
    - file: {path: "{{ d }}", state: directory}
    - copy: {content: "${evil}\\n", dest: "{{ d }}/f"}
    - lineinfile: {path: "{{ d }}/f", regexp: "^(a+)+$", line: here}
    - lineinfile: {path: "{{ d }}/f", insertafter: "^(a|a)*$", line: there}
    - replace: {path: "{{ d }}/f", regexp: "^(a+)+$", replace: b}
    - replace: {path: "{{ d }}/f", after: "(a+)+$", regexp: x, replace: y}
    - blockinfile: {path: "{{ d }}/f", insertbefore: "^(a+)+$", block: z}
    - find: {paths: "{{ d }}", contains: "^(a+)+$"}
    - find: {paths: "{{ d }}", patterns: "^(a+)+$", use_regex: true}
    - assemble: {src: "{{ d }}", dest: "{{ playbook_dir }}/all", regexp: "^(a+)+$"}
`);
    expect(recap.exitCode, lines.join('\n')).to.equal(0);
  });

  it('ends in templates: tests, filters and lookups', async () => {
    const { recap, lines } = await play(`
- hosts: h1
  tasks:
    - command: echo ${evil}
      register: r
    - assert:
        that:
          - r.stdout is not match('^(a+)+$')
          - r.stdout is not search('^(a|a)+$')
          - r.stdout is not regex('^(a*)*$')
          - r.stdout | regex_search('^(a+)+$') is none
          - r.stdout | regex_findall('^(a+)+$') == []
          - r.stdout | regex_replace('^(a+)+$', 'b') == r.stdout
          - "[r.stdout] | select('match', '^(a+)+$') | list == []"
`);
    expect(recap.exitCode, lines.join('\n')).to.equal(0);
  });

  it('fails with its name where nothing bounds it: a back reference', async () => {
    const { recap, events } = await play(`
- hosts: h1
  tasks:
    - command: echo ${evil}
      register: r
    - debug: {msg: "{{ r.stdout is match('^(a+)+\\\\1b$') }}"}
`);
    expect(recap.exitCode).to.equal(2);
    const failed = events.find((event) => event.type === 'task:result' && event.result.status === 'failed');
    expect(JSON.stringify(failed)).to.include('takes too long on this text').and.include('"host":"h1"');
  });
});
