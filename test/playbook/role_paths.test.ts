import { expect } from 'chai';
import { type Project, play } from '../support/play.ts';

const role = (text: string) => `- debug: {msg: ${text}}\n`;
const last = async (files: Project, options = {}) => (await play(files, options)).lines.at(-1)!.split(' | ').at(-1);

describe('where roles are found', () => {
  it('beside the playbook, then where roles_path says', async () => {
    const files = {
      'play.yml': '- hosts: h1\n  roles: [r]\n',
      'roles/r/tasks/main.yml': role('beside'),
      'elsewhere/r/tasks/main.yml': role('elsewhere'),
    };
    expect(await last(files, { rolesPath: ['elsewhere'] })).to.equal('beside');
    const { 'roles/r/tasks/main.yml': _, ...rest } = files;
    expect(await last(rest, { rolesPath: ['elsewhere'] })).to.equal('elsewhere');
  });

  it('in the collections that are named around them', async () => {
    const files = {
      'play.yml': '- hosts: h1\n  tasks: [{block: [{include_role: {name: r}}], collections: [a.b]}]\n',
      'cols/ansible_collections/a/b/roles/r/tasks/main.yml': role('collection'),
    };
    expect(await last(files, { collectionsPath: ['cols'] })).to.equal('collection');
  });

  it('and, where there is none of the name, which is nearest', async () => {
    const files = { 'play.yml': '- hosts: h1\n  roles: [wbe]\n', 'roles/web/tasks/main.yml': role('x') };
    try {
      await play(files);
      expect.fail('it ran');
    } catch (error) {
      expect((error as Error).message).to.equal('there is no role `wbe`');
      expect(String((error as { findings?: { help?: string }[] }).findings?.[0]?.help)).to.match(/web/);
    }
  });
});
