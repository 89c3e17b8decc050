/** Files of the controller that tasks name. */
import { expect } from 'chai';
import { found, onH1 } from './found.ts';

describe('files that tasks name', () => {
  it('must be there where the task is sure to be reached', async () => {
    expect(await found('- copy: {src: gone, dest: /x}')).to.deep.equal([
      'error: there is no file `gone` @play.yml:3:19',
    ]);
    expect(await found('- template: {src: gone.j2, dest: /x}')).to.match(/^error: there is no template `gone.j2`/);
    expect(await found('- script: gone.sh -a b')).to.deep.equal([]);
    expect(await found('- script: {cmd: gone.sh -a b}')).to.match(/^error: there is no file `gone.sh`/);
    expect(await found('- {copy: {src: gone, dest: /x}, when: x}')).to.match(/^later: there is no file/);
  });

  it('are found in the directories that their module looks in', async () => {
    const files = {
      'play.yml': onH1('- copy: {src: a, dest: /x}\n- template: {src: b, dest: /y}'),
      'files/a': '',
      'templates/b': '',
    };
    expect(await found(files)).to.deep.equal([]);
  });

  it('are not looked for on the controller with remote_src, in addresses, and in templates', async () => {
    for (const args of ['src: /gone, remote_src: true', 'src: "{{ x }}"', 'src: "https://x/y"'])
      expect(await found(`- unarchive: {dest: /x, ${args}}`), args).to.deep.equal([]);
  });

  it('may be made by an earlier task: one that fetches, or works on this machine', async () => {
    expect(await found('- fetch: {src: /a, dest: made}\n- copy: {src: made/h1/a, dest: /x}')).to.match(/^warning: /);
    expect(await found('- {command: make, delegate_to: localhost}\n- copy: {src: made, dest: /x}')).to.match(
      /^warning: /,
    );
  });
});
