import { remotePath, type ShellValue } from '../../remote/quote.ts';
import { bool, list, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { attributeArgs, attributeVariables, pathInfo } from '../parts/attributes.ts';

export default defineModule({
  name: 'archive',
  doc: 'Packs files and folders of the host into an archive there.',
  reference: 'community.general.archive',
  args: {
    path: list(path(), { doc: 'What to pack; * and ? are expanded.', required: true }),
    format: str({ doc: 'Kind of the archive.', default: 'gz', choices: ['bz2', 'gz', 'tar', 'xz', 'zip'] }),
    dest: path({ doc: 'The archive; needed for more than one file.' }),
    exclude_path: list(path(), { doc: 'What not to pack.', default: [] }),
    exclusion_patterns: list(path(), { doc: 'Patterns of names not to pack.' }),
    force_archive: bool({ doc: 'Make an archive of a single file too, instead of compressing it.', default: false }),
    remove: bool({ doc: 'Remove what was packed.', default: false }),
    ...attributeArgs,
  },
  check: 'full',
  returns: { dest: 'The archive.', archived: 'What is in it.', dest_state: 'archive, compress, incomplete or absent.' },
  examples: `- archive:
    path: /etc/app
    dest: /root/app.tgz
`,
  async run(args, { remote }) {
    const variables: Record<string, ShellValue> = { count: args.path.length, excluded: args.exclude_path.length };
    for (const [i, one] of args.path.entries()) variables[`p${i}`] = remotePath(one);
    for (const [i, one] of args.exclude_path.entries()) variables[`x${i}`] = remotePath(one);
    const reply = await remote.call(shell('archive', import.meta.url), {
      ...attributeVariables(args),
      ...variables,
      format: args.format,
      dest: remotePath(args.dest),
      patterns: args.exclusion_patterns ?? [],
      force_archive: args.force_archive,
      remove: args.remove,
    });
    return changed(reply.changes.length > 0, {
      archived: reply.all('archived'),
      dest: reply.get('dest'),
      dest_state: reply.get('state'),
      arcroot: reply.get('arcroot'),
      missing: reply.all('missing'),
      expanded_paths: reply.all('expanded'),
      expanded_exclude_paths: reply.all('excluded'),
      ...pathInfo(reply),
    });
  },
});
