import { ModuleFailure } from '../../errors.ts';
import { RemotePath } from '../../remote/quote.ts';
import { bool, path, requiredIf, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { asField, fieldText } from '../parts/mount-table.ts';
import { failure, programs, putFile } from '../parts/programs.ts';

export default defineModule({
  name: 'mount',
  doc: 'File systems in /etc/fstab and in the running system.',
  reference: 'ansible.posix.mount',
  args: {
    path: path({ doc: 'The mount point.', required: true, aliases: ['name'] }),
    src: path({ doc: 'The device, or what else is mounted.' }),
    fstype: str({ doc: 'Type of the file system.' }),
    opts: str({ doc: 'Options of the mount.' }),
    opts_no_log: bool({ doc: 'The options are a secret.', default: false }),
    dump: str({ doc: 'Field of /etc/fstab.', default: '0' }),
    passno: str({ doc: 'Field of /etc/fstab.', default: '0' }),
    state: str({
      doc: '`mounted`: in fstab and mounted; `present`: in fstab; `unmounted`; `absent`: neither, and its folder removed.',
      required: true,
      choices: ['absent', 'absent_from_fstab', 'mounted', 'present', 'unmounted', 'remounted', 'ephemeral'],
    }),
    fstab: str({ doc: 'The file.', default: '/etc/fstab' }),
    boot: bool({ doc: 'Mount at boot.', default: true }),
    backup: bool({ doc: 'Keep a dated copy of fstab.', default: false }),
  },
  rules: [
    requiredIf('state', 'mounted', ['src', 'fstype']),
    requiredIf('state', 'present', ['src', 'fstype']),
    requiredIf('state', 'ephemeral', ['src', 'fstype']),
  ],
  check: 'full',
  returns: { name: 'The mount point.', fstab: 'The file.', backup_file: 'Name of the copy.' },
  examples: `- mount:
    path: /srv/data
    src: UUID=b3e48f45-f933-4c8e-a700-22a159ec9077
    fstype: ext4
    state: mounted
`,
  async run(args, { remote, check, warn, secret }) {
    const point = args.path.replace(/(?<=.)\/+$/, '');
    if (args.opts_no_log && args.opts) secret(args.opts);
    let opts = args.opts ?? 'defaults';
    if (args.boot && opts.split(',').includes('noauto')) warn("Ignore the 'boot' due to 'opts' contains 'noauto'.");
    else if (!args.boot) opts += ',noauto';
    const [file, table, folder] = await programs(remote, [
      { words: ['cat', args.fstab] },
      { words: ['cat', '/proc/self/mountinfo'] },
      { words: ['test', '-d', new RemotePath(point)] },
    ]);
    const before = file!.rc === 0 ? file!.stdout : '';
    const mounted = mountedAt(table!.stdout, point);
    const entry = [args.src ?? '', point, args.fstype ?? '', opts, args.dump, args.passno];
    const wanted = args.state === 'mounted' || args.state === 'present';
    const gone = args.state === 'absent' || args.state === 'absent_from_fstab';
    const after = wanted ? withEntry(before, entry) : gone ? withoutEntry(before, point, args.src) : before;
    const values: Record<string, unknown> = {
      name: point,
      opts,
      dump: args.dump,
      passno: args.passno,
      fstab: args.fstab,
      boot: args.boot ? 'yes' : 'no',
      backup_file: '',
      ...(args.src === undefined ? {} : { src: args.src }),
      ...(args.fstype === undefined ? {} : { fstype: args.fstype }),
    };
    const plan = planOf({ ...args, opts, point, mounted, edited: after !== before, table: table!.stdout });
    if (plan.refuse) throw new ModuleFailure(plan.refuse, values);
    const isChanged = after !== before || plan.commands.length > 0;
    if (!isChanged || check) return changed(isChanged, values);
    if (after !== before)
      values['backup_file'] = (await putFile(remote, args.fstab, after, { backup: args.backup })) ?? '';
    const commands = [...plan.commands];
    if (plan.makes && folder!.rc !== 0) commands.unshift(['mkdir', '-p', '--', point]);
    if (commands.length > 0) {
      const ran = await programs(
        remote,
        commands.map((words) => ({ words })),
        { stop: true },
      );
      const bad = ran.find((one) => one.rc !== 0);
      if (bad) {
        // An entry that cannot be mounted would stop the next boot.
        if (wanted && after !== before) await putFile(remote, args.fstab, before);
        throw new ModuleFailure(failure(bad, `Error ${plan.verb} ${point}`).message);
      }
    }
    return changed(true, values);
  },
});

interface Situation {
  state: string;
  src?: string | undefined;
  fstype?: string | undefined;
  fstab: string;
  opts: string;
  point: string;
  mounted: string | undefined;
  edited: boolean;
  table: string;
}

interface Plan {
  commands: string[][];
  makes?: boolean;
  verb: string;
  refuse?: string;
}

function planOf(at: Situation): Plan {
  const table = at.fstab === '/etc/fstab' ? [] : ['-T', at.fstab];
  const options = at.opts === 'defaults' ? [] : ['-o', at.opts];
  const direct = ['mount', '-t', at.fstype ?? 'auto', ...options, '--', at.src ?? '', at.point];
  const remount = ['mount', '-o', ['remount', ...(at.opts === 'defaults' ? [] : [at.opts])].join(','), '--', at.point];
  const none: Plan = { commands: [], verb: 'mounting' };
  switch (at.state) {
    case 'mounted':
      if (at.mounted === undefined)
        return { commands: [['mount', ...table, '--', at.point]], makes: true, verb: 'mounting' };
      return at.edited ? { commands: [remount], verb: 'mounting' } : none;
    case 'ephemeral':
      if (at.mounted === undefined) return { commands: [direct], makes: true, verb: 'mounting' };
      if (at.mounted === at.src) return { commands: [remount], verb: 'mounting' };
      return {
        ...none,
        refuse: `Ephemeral mount point is already mounted with a different source (${at.mounted}) than the specified one; unmount it first`,
      };
    case 'unmounted':
      return at.mounted === undefined ? none : { commands: [['umount', '--', at.point]], verb: 'unmounting' };
    case 'absent': {
      if (!at.edited) return none;
      const off = at.mounted === undefined ? [] : [['umount', '--', at.point]];
      return { commands: [...off, ['sh', '-c', '[ ! -d "$0" ] || rmdir -- "$0"', at.point]], verb: 'unmounting' };
    }
    case 'remounted':
      return { commands: [remount], verb: 'remounting' };
    default:
      return none;
  }
}

/** What is mounted there last, by /proc/self/mountinfo; a bind mount gives its folder. */
function mountedAt(table: string, point: string): string | undefined {
  let source: string | undefined;
  for (const line of table.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const fields = left.split(' ');
    if (fieldText(fields[4] ?? '') === point) source = fieldText(right.split(' ')[1] ?? '');
  }
  return source;
}

const fieldsOf = (line: string) => (/^\s*(#|$)/.test(line) ? undefined : line.trim().split(/\s+/));

/** fstab with this entry in the place of the one of the same mount point, or at its end. */
function withEntry(text: string, entry: string[]): string {
  const line = entry.map(asField).join(' ');
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const swap = entry[2] === 'swap';
  let found = false;
  const after = lines.map((old) => {
    const fields = fieldsOf(old);
    const same =
      fields && fieldText(fields[1] ?? '') === entry[1] && (!swap || fieldText(fields[0] ?? '') === entry[0]);
    if (!same) return old;
    found = true;
    const now = [fields[0]!, fields[1]!, fields[2] ?? '', fields[3] ?? '', fields[4] ?? '0', fields[5] ?? '0'];
    return now.join(' ') === line ? old : line;
  });
  if (found) return after.join('\n') === lines.join('\n') ? text : `${after.join('\n')}\n`;
  return `${[...lines, line].join('\n')}\n`;
}

function withoutEntry(text: string, point: string, src: string | undefined): string {
  const lines = text.split('\n');
  const kept = lines.filter((line) => {
    const fields = fieldsOf(line);
    if (!fields || fieldText(fields[1] ?? '') !== point) return true;
    return src !== undefined && fieldText(fields[0] ?? '') !== src;
  });
  return kept.length === lines.length ? text : kept.join('\n');
}
