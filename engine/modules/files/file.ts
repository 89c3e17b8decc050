import { ModuleFailure } from '../../errors.ts';
import { strptime, TimeError } from '../../python/strptime.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, shell, unchanged } from '../define.ts';
import { attributeArgs, attributeVariables, pathInfo, stateDiff } from '../parts/attributes.ts';

export default defineModule({
  name: 'file',
  doc: 'Makes, changes or removes files, folders and links: owner, mode, times.',
  reference: 'ansible.builtin.file',
  args: {
    path: path({ doc: 'What to manage.', required: true, aliases: ['dest', 'name'] }),
    state: str({
      doc: 'What it shall be; by default what it is.',
      choices: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
    }),
    src: path({ doc: 'What a link points at.' }),
    recurse: bool({ doc: 'Owner, group and mode for everything in a folder too.', default: false }),
    force: bool({ doc: 'Make links although src is missing, or a file is in the way.', default: false }),
    follow: bool({ doc: 'Work on what a link points at.', default: true }),
    modification_time: str({ doc: '`preserve`, `now` or a time in modification_time_format.' }),
    modification_time_format: str({ doc: 'Format as for strftime.', default: '%Y%m%d%H%M.%S' }),
    access_time: str({ doc: '`preserve`, `now` or a time in access_time_format.' }),
    access_time_format: str({ doc: 'Format as for strftime.', default: '%Y%m%d%H%M.%S' }),
    _diff_peek: bool({ doc: 'Only looks: Ansible’s own actions ask so whether a diff can be shown.' }),
    ...attributeArgs,
  },
  check: 'full',
  returns: {
    path: 'The path, for files, folders and what was removed.',
    dest: 'The path, for links and touch.',
    state: 'What it is afterwards.',
  },
  examples: `- file:
    path: /var/lib/app
    state: directory
    owner: app
    mode: "0750"
- file:
    src: /opt/app-2.1
    dest: /opt/app
    state: link
- file:
    path: /etc/app/old.conf
    state: absent
`,
  async run(args, { remote, diff }) {
    if (args._diff_peek) return unchanged({ path: args.path });
    const reply = await remote.call(shell('file', import.meta.url), {
      path: remotePath(args.path),
      state: args.state,
      src: remotePath(args.src),
      recurse: args.recurse,
      force: args.force,
      follow: args.follow,
      mtime: timeOf(args.modification_time, args.modification_time_format),
      atime: timeOf(args.access_time, args.access_time_format),
      ...attributeVariables(args),
    });
    const [state, found] = [reply.get('state'), reply.get('path')];
    const isChanged = reply.changes.length > 0;
    const values: Record<string, unknown> = ['link', 'hard', 'touch'].includes(state)
      ? { dest: found }
      : { path: found };
    if (state === 'link' || state === 'hard') values['src'] = reply.get('src') || null;
    if (state === 'absent') values['state'] = 'absent';
    Object.assign(values, pathInfo(reply));
    if (!diff || reply.has('bare') || (state === 'absent' && !isChanged)) return changed(isChanged, values);
    return changed(isChanged, values, [stateDiff(reply, found, removed(reply.bytes('content')))]);
  },
});

function timeOf(time: string | undefined, format: string): string | undefined {
  if (time === undefined || time === 'now' || time === 'preserve') return time;
  try {
    return new Date(strptime(time, format)).toISOString().slice(0, 19).replace('T', ' ');
  } catch (error) {
    if (!(error instanceof TimeError)) throw error;
    throw new ModuleFailure(
      `Error while obtaining timestamp for time ${time} using format ${format}: time data '${time}' does not match format '${format}'`,
    );
  }
}

/** What a removed folder held: its folders, an empty name, its other files, all ended by NUL. */
function removed(content: Buffer): { before?: object } {
  if (content.length === 0) return {};
  const names = content.toString('utf8').split('\0');
  const middle = names.indexOf('');
  const clean = (list: string[]) => list.filter((name) => name !== '').map((name) => name.replace(/\/\/+/g, '/'));
  return {
    before: { path_content: { directories: clean(names.slice(0, middle)), files: clean(names.slice(middle)) } },
  };
}
