import { ModuleFailure } from '../../errors.ts';
import { bool, list, requiredIf, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { splitWords } from '../parts/output.ts';
import { change, type Program, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'lvg',
  doc: 'Volume groups of LVM and the disks they are made of.',
  reference: 'community.general.lvg',
  args: {
    vg: str({ doc: 'The volume group.', required: true }),
    pvs: list(str(), { doc: 'Its devices.' }),
    pesize: str({ doc: 'Size of extents.', default: '4' }),
    pv_options: str({ doc: 'Further options of pvcreate.', default: '' }),
    pvresize: bool({ doc: 'Let physical volumes grow with their devices.', default: false }),
    vg_options: str({ doc: 'Further options of vgcreate.', default: '' }),
    state: str({ doc: 'What it should be.', default: 'present', choices: ['absent', 'present', 'active', 'inactive'] }),
    force: bool({ doc: 'Remove it with its logical volumes.', default: false }),
    reset_vg_uuid: bool({ doc: 'Give it a new UUID.', default: false }),
    reset_pv_uuid: bool({ doc: 'Give its devices new UUIDs.', default: false }),
    remove_extra_pvs: bool({ doc: 'Take devices out that are not named.', default: true }),
  },
  rules: [requiredIf('reset_pv_uuid', true, ['pvs'])],
  check: 'full',
  examples: `- lvg:
    vg: data
    pvs: [/dev/vdb]
`,
  async run(args, { remote, check }) {
    for (const name of [args.vg, ...(args.pvs ?? [])])
      if (name.startsWith('-')) throw new ModuleFailure(`lvg: a name may not begin with '-': ${name}`);
    const pvs = args.pvs ?? [];
    const report = (tool: string, fields: string) => ({
      words: [tool, '--noheadings', '--separator', ';', '-o', fields],
    });
    const [groups, volumes, links, sizes] = await programs(remote, [
      report('vgs', 'vg_name,pv_count,lv_count,vg_attr'),
      report('pvs', 'pv_name,vg_name,pv_uuid'),
      { words: ['sh', '-c', 'for f; do readlink -f -- "$f" || printf "%s\\n" "$f"; done', 'sh', ...pvs] },
      {
        words: [
          'pvs',
          '--noheadings',
          '--nosuffix',
          '--units',
          'b',
          '--separator',
          ';',
          '-o',
          'pv_name,dev_size,pv_size,pe_start,vg_extent_size',
        ],
      },
    ]);
    const rows = (text: string) =>
      text
        .split('\n')
        .map((row) => row.trim().split(';'))
        .filter((row) => row[0] !== '');
    const group = rows(required(groups!).stdout).find((row) => row[0] === args.vg);
    const devices = links!.stdout.split('\n').filter((line) => line !== '');
    const owners = new Map(rows(volumes!.stdout).map((row) => [row[0]!, row[1] ?? '']));
    const taken = devices.find((device) => !['', undefined, args.vg].includes(owners.get(device)));
    if (taken !== undefined && args.state === 'present')
      throw new ModuleFailure(`Device ${taken} is already in ${owners.get(taken)} volume group.`);
    const steps: Program[] = [];
    const create = (device: string) => {
      if (!owners.has(device)) steps.push({ words: ['pvcreate', ...splitWords(args.pv_options), '-f', '--', device] });
    };
    if (!group) {
      if (args.state === 'absent') return changed(false);
      if (devices.length === 0) throw new ModuleFailure('No physical volumes given.');
      for (const device of devices) create(device);
      const size = /[a-zA-Z]$/.test(args.pesize) ? args.pesize : `${args.pesize}M`;
      steps.push({ words: ['vgcreate', ...splitWords(args.vg_options), '-s', size, '--', args.vg, ...devices] });
    } else if (args.state === 'absent') {
      if (Number(group[2]) > 0 && !args.force)
        throw new ModuleFailure(`Refuse to remove non-empty volume group ${args.vg} without force=true`);
      steps.push({ words: ['vgremove', '--force', '--', args.vg] });
    } else {
      const own = [...owners].filter(([, vg]) => vg === args.vg).map(([device]) => device);
      if (devices.length > 0) {
        const added = devices.filter((device) => !own.includes(device));
        const extra = args.remove_extra_pvs ? own.filter((device) => !devices.includes(device)) : [];
        for (const device of added) create(device);
        if (added.length > 0) steps.push({ words: ['vgextend', '--', args.vg, ...added] });
        if (extra.length > 0) steps.push({ words: ['vgreduce', '--force', '--', args.vg, ...extra] });
      }
      if (args.pvresize) {
        for (const [device, dev, size, start, extent] of rows(sizes!.stdout)) {
          // What is left over must be worth at least one extent.
          if (owners.get(device!) === args.vg && Number(dev) - Number(size) - Number(start) > Number(extent))
            steps.push({ words: ['pvresize', '--', device!] });
        }
      }
      if (args.state === 'inactive') steps.push({ words: ['vgchange', '-a', 'n', '--', args.vg] });
      if (args.state === 'active') steps.push({ words: ['vgchange', '-a', 'y', '--', args.vg] });
      if (args.reset_pv_uuid) for (const device of devices) steps.push({ words: ['pvchange', '-u', '--', device] });
      if (args.reset_vg_uuid) steps.push({ words: ['vgchange', '-u', '--', args.vg] });
    }
    const isChanged = steps.length > 0 && !(await activation(args.state, args.vg, remote, steps));
    if (isChanged && !check) await change(remote, steps);
    return changed(isChanged);
  },
});

/** Whether active or inactive is all that was asked for, and is so. */
async function activation(
  state: string,
  vg: string,
  remote: Parameters<typeof programs>[0],
  steps: Program[],
): Promise<boolean> {
  if (!['active', 'inactive'].includes(state) || steps.length !== 1) return false;
  const [ran] = await programs(remote, [{ words: ['lvs', '--noheadings', '-o', 'lv_active', '--', vg] }]);
  const states = ran!.stdout
    .split('\n')
    .map((s) => s.trim())
    .filter((s) => s !== '');
  return (
    states.every((s) => (s === 'active') === (state === 'active')) ||
    (state === 'inactive' && ran!.stdout.trim() === '')
  );
}
