import { ModuleFailure } from '../../errors.ts';
import { bool, list, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, type Program, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'snap',
  doc: 'Installs, enables, disables and removes snaps, and sets their options.',
  reference: 'community.general.snap',
  args: {
    name: list(str(), { doc: 'Snaps.', required: true }),
    state: str({
      doc: 'What they should be.',
      default: 'present',
      choices: ['present', 'absent', 'enabled', 'disabled'],
    }),
    classic: bool({ doc: 'Without confinement.', default: false }),
    channel: str({ doc: 'The channel.' }),
    options: list(str(), { doc: 'Options as `key=value`, or `snap:key=value`.' }),
    dangerous: bool({ doc: 'Accept an unsigned file.', default: false }),
  },
  check: 'full',
  returns: {
    snaps_installed: 'Those installed.',
    snaps_removed: 'Those removed.',
    options_changed: 'Options that were set.',
  },
  examples: `- snap:
    name: core
    channel: stable
`,
  async run(args, { remote, check }) {
    const wrong = args.name.find((name) => name.startsWith('-'));
    if (wrong !== undefined) throw new ModuleFailure(`snap: a snap can't be called ${wrong}`);
    const nameOf = (name: string) =>
      name.endsWith('.snap') ? name.replace(/^.*\//, '').replace(/_.*$|\.snap$/, '') : name;
    const [listed, ...options] = await programs(remote, [
      { words: ['snap', 'list'] },
      ...(args.options === undefined
        ? []
        : args.name.map((name): Program => ({ words: ['snap', 'get', '-d', nameOf(name)] }))),
    ]);
    const table = new Map(
      required(listed!)
        .stdout.split('\n')
        .slice(1)
        .map((row) => row.trim().split(/\s+/))
        .filter((row) => row.length >= 4)
        .map((row) => [row[0]!, { channel: row[3]!, notes: row.at(-1)! }]),
    );
    const steps: Program[] = [];
    const installed: string[] = [];
    const removed: string[] = [];
    const flags = [
      ...(args.classic ? ['--classic'] : []),
      ...(args.dangerous ? ['--dangerous'] : []),
      ...(args.channel ? ['--channel', channelOf(args.channel)] : []),
    ];
    for (const name of args.name) {
      const found = table.get(nameOf(name));
      if (args.state === 'present') {
        if (!found) {
          installed.push(name);
          steps.push({ words: ['snap', 'install', ...flags, name] });
        } else if (args.channel !== undefined && !sameChannel(found.channel, args.channel)) {
          installed.push(name);
          steps.push({ words: ['snap', 'refresh', ...flags, name] });
        }
      } else if (args.state === 'absent') {
        if (!found) continue;
        removed.push(name);
        steps.push({ words: ['snap', 'remove', name] });
      } else {
        if (!found) throw new ModuleFailure(`snap ${name} is not installed`);
        const off = found.notes.split(',').includes('disabled');
        if (off === (args.state === 'enabled'))
          steps.push({ words: ['snap', args.state === 'enabled' ? 'enable' : 'disable', name] });
      }
    }
    const set =
      args.state === 'present'
        ? differing(
            args.options ?? [],
            args.name.map(nameOf),
            options.map((o) => o.stdout),
          )
        : [];
    for (const [snap, pairs] of new Map(
      set.map((s) => [s.snap, set.filter((o) => o.snap === s.snap).map((o) => o.pair)]),
    )) {
      steps.push({ words: ['snap', 'set', snap, ...pairs] });
    }
    if (!check) await change(remote, steps);
    return changed(steps.length > 0, {
      classic: args.classic,
      channel: args.channel ?? null,
      ...(installed.length > 0 ? { snaps_installed: installed } : {}),
      ...(removed.length > 0 ? { snaps_removed: removed } : {}),
      ...(set.length > 0 ? { options_changed: set.map((o) => `${o.snap}:${o.pair}`) } : {}),
    });
  },
});

const channelOf = (channel: string) =>
  channel.includes('/')
    ? channel
    : channel.match(/^(stable|candidate|beta|edge)$/)
      ? `latest/${channel}`
      : `${channel}/stable`;
const sameChannel = (has: string, wanted: string) =>
  has.replace('…', '') === channelOf(wanted) || channelOf(wanted).startsWith(has.replace('…', ''));

function differing(options: string[], names: string[], current: string[]): { snap: string; pair: string }[] {
  const found: { snap: string; pair: string }[] = [];
  for (const option of options) {
    const match = /^(?:([\w-]+):)?([\w.-]+)=(.*)$/s.exec(option);
    if (!match) throw new ModuleFailure(`Cannot parse option '${option}'`);
    for (const [i, snap] of names.entries()) {
      if (match[1] !== undefined && match[1] !== snap) continue;
      let value: unknown;
      try {
        value = JSON.parse(current[i] || '{}');
        for (const part of match[2]!.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
      } catch {
        value = undefined;
      }
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (text !== match[3]) found.push({ snap, pair: `${match[2]}=${match[3]}` });
    }
  }
  return found;
}
