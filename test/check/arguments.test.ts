/** Arguments before the run: what only the run can know is left to it. */
import { expect } from 'chai';
import { found, onH1 } from './found.ts';

describe('arguments before the run', () => {
  it('are told from those that the module does not have, and from those it needs', async () => {
    expect(await found('- copy: {dest: /x, content: a, mod: "0600"}')).to.deep.equal([
      'error: `copy` has no argument `mod` @play.yml:3:36',
    ]);
    expect(await found('- copy: {content: a}')).to.deep.equal([
      'error: `copy` needs the argument `dest` @play.yml:3:7',
    ]);
    expect(await found('- copy: some words')).to.deep.equal([
      'error: `copy` takes arguments with names, not a text @play.yml:3:7',
    ]);
  });

  it('exclude each other only where both are sure to be given', async () => {
    expect(await found('- copy: {dest: /x, content: a, src: b}')).to.match(/^error: `copy`: `src`, `content` exclude/);
    expect(await found('- copy: {dest: /x, content: a, src: "{{ b | default(omit) }}"}')).to.deep.equal([]);
    expect(await found('- copy: {dest: /x, content: "{{ c }}", src: "{{ b }}"}')).to.deep.equal([]);
    expect(await found('- pip: {executable: a, virtualenv: b, name: "{{ n }}"}')).to.match(/exclude each other/);
  });

  it('may come from module_defaults and from a template of all of them', async () => {
    expect(await found('- {copy: {content: a}, module_defaults: {copy: {dest: /x}}}')).to.deep.equal([]);
    expect(await found('- copy: "{{ all }}"')).to.deep.equal([]);
    expect(await found('- {copy: {content: a}, args: "{{ all }}"}')).to.deep.equal([]);
    expect(await found('- {systemd: {name: a}, module_defaults: {systemd: {state: started}}}')).to.deep.equal([]);
    expect(await found('- {copy: {content: a, mod: b}, args: "{{ all }}"}')).to.match(/^error: `copy` has no argument/);
  });

  it('of a rule that asks for a value are not judged before it is known', async () => {
    expect(await found('- git: {repo: a, clone: "{{ c }}"}')).to.deep.equal([]);
    expect(await found('- git: {repo: a, clone: false}')).to.deep.equal([]);
    expect(await found('- git: {repo: a}')).to.match(/`clone` is true, so `dest` is required/);
  });

  it('name the modules that there are not, and those that need Python', async () => {
    const python = '#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n';
    const files = (task: string) => ({ 'play.yml': onH1(task), 'library/pymod.py': python });
    expect(await found(files('- nosuchthing:'))).to.match(/^error: there is no module or keyword `nosuchthing`/);
    expect(await found(files('- {a.b.nosuchthing: , when: x}'))).to.match(
      /^later: there is no module `a.b.nosuchthing`/,
    );
    expect(await found(files('- pymod:'))).to.match(/^error: the module `pymod` .*Python/);
    expect(await found(files('- {pymod: , ignore_errors: true}'))).to.match(/^later: the module `pymod`/);
  });

  it('of an action that is a template are not known', async () => {
    expect(await found('- action: "{{ m }} a=b"')).to.deep.equal([]);
    expect(await found('- local_action: {module: "{{ m }}", a: b}')).to.deep.equal([]);
  });
});
