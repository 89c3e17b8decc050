import { ModuleFailure } from '../../errors.ts';
import { atLeastOneOf, bool, list, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { splitWords } from '../parts/output.ts';
import { change, failure, type Program, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'lvol',
  doc: 'Logical volumes of LVM: made, grown, shrunk, removed; snapshots and thin pools.',
  reference: 'community.general.lvol',
  args: {
    vg: str({ doc: 'The volume group.', required: true }),
    lv: str({ doc: 'The logical volume.' }),
    size: str({ doc: '512 (MiB), 10G, 80%VG, 100%FREE, +1G ...' }),
    state: str({ doc: 'Whether it should be there.', default: 'present', choices: ['absent', 'present'] }),
    active: bool({ doc: 'Whether it is active.', default: true }),
    force: bool({ doc: 'Allow shrinking and removing.', default: false }),
    opts: str({ doc: 'Further options of lvcreate.' }),
    snapshot: str({ doc: 'Name of a snapshot of it.' }),
    pvs: list(str(), { doc: 'Devices to put it on.' }),
    thinpool: str({ doc: 'A thin pool, to make or to take it from.' }),
    shrink: bool({ doc: 'Shrink it if it is larger than `size`.', default: true }),
    resizefs: bool({ doc: 'Change the file system in it too.', default: false }),
  },
  rules: [atLeastOneOf('lv', 'thinpool')],
  check: 'full',
  examples: `- lvol:
    vg: data
    lv: postgres
    size: 20g
`,
  async run(args, { remote, check }) {
    for (const name of [args.vg, args.lv, args.thinpool, args.snapshot, args.size]) {
      if (name?.startsWith('-') && name !== args.size)
        throw new ModuleFailure(`lvol: a name may not begin with '-': ${name}`);
    }
    const report = (tool: string, fields: string) => ({
      words: [tool, '--noheadings', '--nosuffix', '--units', 'b', '--separator', ';', '-o', fields, '--', args.vg],
    });
    const [vgs, lvs] = await programs(remote, [
      report('vgs', 'vg_name,vg_size,vg_free,vg_extent_size'),
      {
        ...report('lvs', 'lv_name,lv_size,lv_attr'),
        words: ['lvs', '-a', ...report('lvs', 'lv_name,lv_size,lv_attr').words.slice(1)],
      },
    ]);
    if (required(vgs!).rc !== 0) {
      if (args.state === 'absent')
        return changed(false, { msg: `Volume group ${args.vg} does not exist.`, volume_group: args.vg });
      throw failure(vgs!, `Volume group ${args.vg} does not exist.`);
    }
    const [, vgSize, vgFree, extent] = vgs!.stdout.trim().split(';').map(Number) as [number, number, number, number];
    const volumes = new Map(
      lvs!.stdout
        .split('\n')
        .map((row) => row.trim().split(';'))
        .filter((row) => row.length >= 3)
        .map((row) => [row[0]!.replace(/^\[|\]$/g, ''), { size: Number(row[1]), active: row[2]![4] === 'a' }]),
    );
    const name = args.snapshot ?? args.lv ?? args.thinpool!;
    const found = volumes.get(name);
    const steps: Program[] = [];
    if (args.state === 'absent') {
      if (found) {
        if (!args.force) throw new ModuleFailure(`Sorry, no removal of logical volume ${name} without force=true.`);
        steps.push({ words: ['lvremove', '--force', '--', `${args.vg}/${name}`] });
      }
    } else if (!found) steps.push({ words: create(args, volumes) });
    else if (args.size !== undefined && args.snapshot === undefined) {
      const resize = resizing(args, found.size, { vgSize, vgFree, extent });
      if (resize)
        steps.push({
          words: [
            resize,
            ...(args.resizefs ? ['--resizefs'] : []),
            ...(resize === 'lvreduce' ? ['--force'] : []),
            ...sizeOption(args.size),
            '--',
            `${args.vg}/${name}`,
            ...(args.pvs ?? []),
          ],
        });
    }
    const active = found?.active ?? true;
    if (args.state === 'present' && active !== args.active && args.snapshot === undefined) {
      steps.push({ words: ['lvchange', args.active ? '-ay' : '-an', '--', `${args.vg}/${name}`] });
    }
    if (!check) await change(remote, steps);
    return changed(steps.length > 0, { vg: args.vg, lv: name, size: args.size ?? null });
  },
});

interface Wanted {
  vg: string;
  lv?: string | undefined;
  size?: string | undefined;
  force: boolean;
  shrink: boolean;
  opts?: string | undefined;
  snapshot?: string | undefined;
  pvs?: string[] | undefined;
  thinpool?: string | undefined;
}

/** `-l 80%VG`, or `-L 10g`; a bare number is MiB. */
function sizeOption(size: string, flag?: string): string[] {
  if (size.includes('%')) return [flag ?? '-l', size.toUpperCase()];
  return [flag ?? '-L', /[a-zA-Z]$/.test(size) ? size : `${size}m`];
}

function create(args: Wanted, volumes: Map<string, unknown>): string[] {
  const options = splitWords(args.opts ?? '');
  if (args.snapshot !== undefined) {
    if (!volumes.has(args.lv ?? ''))
      throw new ModuleFailure(`Snapshot origin LV ${args.lv} does not exist in volume group ${args.vg}.`);
    const size = args.size === undefined ? [] : sizeOption(args.size);
    return ['lvcreate', ...size, '-s', '-n', args.snapshot, ...options, '--', `${args.vg}/${args.lv}`];
  }
  if (args.size === undefined) throw new ModuleFailure('No size given.');
  if (args.thinpool !== undefined && args.lv !== undefined) {
    if (args.size.includes('%')) throw new ModuleFailure('Thin volume sizing with percentage not supported.');
    return [
      'lvcreate',
      '-y',
      '-n',
      args.lv,
      ...sizeOption(args.size, '-V'),
      ...options,
      '-T',
      '--',
      `${args.vg}/${args.thinpool}`,
    ];
  }
  if (args.thinpool !== undefined)
    return ['lvcreate', '-y', ...sizeOption(args.size), ...options, '-T', '--', `${args.vg}/${args.thinpool}`];
  return [
    'lvcreate',
    '-Wy',
    '-y',
    '-n',
    args.lv!,
    ...sizeOption(args.size),
    ...options,
    '--',
    args.vg,
    ...(args.pvs ?? []),
  ];
}

const UNITS: Record<string, number> = {
  b: 1,
  s: 512,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
  e: 2 ** 60,
};

/** lvextend, lvreduce, or nothing where the size is right to the extent. */
function resizing(
  args: Wanted,
  now: number,
  vg: { vgSize: number; vgFree: number; extent: number },
): string | undefined {
  const match = /^([+-]?)(\d+(?:\.\d+)?)(?:%(VG|PVS|FREE|ORIGIN)|([bskmgtpe]))?i?b?$/i.exec(args.size!);
  if (!match) throw new ModuleFailure(`Bad size specification of '${args.size}'`);
  const [, sign, number, share, unit] = match;
  if (share === undefined && sign === '') {
    const wanted = Math.ceil((Number(number) * UNITS[(unit ?? 'm').toLowerCase()]!) / vg.extent) * vg.extent;
    if (wanted > now) return 'lvextend';
    return wanted < now && args.shrink ? reduce(args) : undefined;
  }
  if (sign === '+') return 'lvextend';
  if (sign === '-') return reduce(args);
  const whole = share!.toUpperCase() === 'FREE' ? vg.vgFree : vg.vgSize;
  const wanted =
    Math.floor((whole * Number(number)) / 100 / vg.extent) * vg.extent + (share!.toUpperCase() === 'FREE' ? now : 0);
  if (wanted > now) return 'lvextend';
  return wanted < now && args.shrink && share!.toUpperCase() !== 'FREE' ? reduce(args) : undefined;
}

function reduce(args: Wanted): string {
  if (!args.force) throw new ModuleFailure(`Sorry, no shrinking of ${args.lv ?? args.thinpool} without force=true.`);
  return 'lvreduce';
}
