import { expect } from 'chai';
import type { Play, Task } from '../../../engine/playbook/nodes.ts';
import { projectFolders, searchPaths } from '../../../engine/run/view/files.ts';

const view = { play: { directory: '/project' } as Play };
const task = (more: object): Task =>
  ({ kind: 'task', role: undefined, directory: undefined, ...more }) as unknown as Task;

describe('where files of the controller are looked for', () => {
  it('beside the play, in the folder of their kind first', () => {
    expect(searchPaths('a.txt', 'files', task({}), view)).to.deep.equal(['/project/files/a.txt', '/project/a.txt']);
  });

  it('in the role, and the roles around it, before that', () => {
    const role = { role: { path: '/r/inner' }, parent: { role: { path: '/r/outer' }, parent: undefined } };
    expect(searchPaths('t', 'templates', task({ role, directory: '/r/inner/tasks' }), view)).to.deep.equal([
      '/r/inner/templates/t',
      '/r/inner/t',
      '/r/outer/templates/t',
      '/r/outer/t',
      '/r/inner/tasks/t',
      '/project/templates/t',
      '/project/t',
    ]);
  });

  it('at an absolute path, or at home, nowhere else', () => {
    expect(searchPaths('/etc/x', 'files', task({}), view)).to.deep.equal(['/etc/x']);
    expect(searchPaths('~/x', 'files', task({}), view, '/home/me')).to.deep.equal(['/home/me/x']);
  });

  it('a folder playbooks/ belongs to the one above only where that has roles', () => {
    expect(projectFolders('/nowhere/playbooks')).to.deep.equal(['/nowhere/playbooks']);
  });
});
