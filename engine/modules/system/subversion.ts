import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'subversion',
  doc: 'Keeps a checkout of a subversion repository at a revision.',
  reference: 'ansible.builtin.subversion',
  args: {
    repo: str({ doc: 'Address of the repository.', required: true, aliases: ['name', 'repository'] }),
    dest: path({ doc: 'The folder on the host.' }),
    revision: str({ doc: 'The revision.', default: 'HEAD', aliases: ['rev', 'version'] }),
    force: bool({ doc: 'Throw local modifications away.', default: false }),
    in_place: bool({ doc: 'Turn a folder that is there into a checkout.', default: false }),
    username: str({ doc: 'User.' }),
    password: str({ doc: 'Password.', secret: true }),
    executable: path({ doc: 'Path of svn.' }),
    checkout: bool({ doc: 'Check out if it is not there.', default: true }),
    update: bool({ doc: 'Update what is there.', default: true }),
    export: bool({ doc: 'Export instead of a checkout.', default: false }),
    switch: bool({ doc: 'Switch to another address.', default: true }),
    validate_certs: bool({ doc: "Check the server's certificate.", default: false }),
  },
  check: 'full',
  returns: { before: 'Revision until now.', after: 'Revision now.' },
  examples: `- subversion:
    repo: https://svn.example.com/app/trunk
    dest: /srv/app
`,
  async run(args, { remote }) {
    if (args.dest === undefined && (args.checkout || args.update || args.export)) {
      throw new ModuleFailure(
        'the destination directory must be specified unless checkout=no, update=no, and export=no',
      );
    }
    for (const name of ['repo', 'revision', 'username'] as const) {
      if (args[name]?.startsWith('-'))
        throw new ModuleFailure(`subversion: ${name} may not begin with '-': ${args[name]}`);
    }
    const reply = await remote.call(shell('subversion', import.meta.url), {
      v_repo: args.repo,
      v_dest: remotePath(args.dest),
      v_revision: args.revision,
      v_force: args.force,
      v_in_place: args.in_place,
      v_username: args.username,
      v_password: args.password,
      v_has_password: args.password !== undefined,
      v_executable: remotePath(args.executable),
      v_checkout: args.checkout,
      v_update: args.update,
      v_export: args.export,
      v_switch: args.switch,
      v_insecure: !args.validate_certs,
    });
    const lines = (key: string) =>
      reply.has(key)
        ? reply
            .get(key)
            .split('\n')
            .filter((l) => l !== '')
        : null;
    return changed(reply.changes.length > 0, { before: lines('before'), after: lines('after') });
  },
});
