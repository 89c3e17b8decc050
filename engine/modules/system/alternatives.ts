import { ModuleFailure } from '../../errors.ts';
import type { Dict } from '../../values.ts';
import { atLeastOneOf, dict, int, list, path, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, type Program, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'alternatives',
  doc: 'Which of several programs a common name stands for (update-alternatives).',
  reference: 'community.general.alternatives',
  args: {
    name: str({ doc: 'The common name.', required: true }),
    path: path({ doc: 'The program it should stand for.' }),
    family: str({ doc: 'Family of alternatives (Red Hat).' }),
    link: path({ doc: 'The link, for a name that is not known yet.' }),
    priority: int({ doc: 'Priority of the program.' }),
    state: str({
      doc: '`selected`: it is the choice; `present`: it is known; `auto`: by priority; `absent`.',
      default: 'selected',
      choices: ['present', 'selected', 'auto', 'absent'],
    }),
    subcommands: list(
      dict({
        keys: {
          name: str({ required: true }),
          path: path({ required: true }),
          link: path({ required: true }),
        },
      }),
      { doc: 'Further links that follow.', aliases: ['slaves'] },
    ),
  },
  rules: [atLeastOneOf('path', 'family')],
  check: 'full',
  examples: `- alternatives:
    name: editor
    path: /usr/bin/vim.basic
`,
  async run(args, { remote, check, diff }) {
    if (args.name.startsWith('-')) throw new ModuleFailure(`alternatives: a name may not begin with '-': ${args.name}`);
    const tool = 'update-alternatives';
    const [ran, there] = await programs(remote, [
      { words: [tool, '--query', args.name] },
      { words: ['test', '-e', args.path ?? '/'] },
    ]);
    const known = parse(required(ran!).stdout);
    const target = args.path ?? args.family!;
    const choice = known.choices.get(target);
    const priority = args.priority ?? choice?.priority ?? 50;
    const subcommands = (args.subcommands as Dict[] | undefined)?.map(
      (d) => Object.fromEntries(d) as Record<string, string>,
    );
    const steps: Program[] = [];
    const told: string[] = [];
    const differs =
      !choice ||
      (args.priority !== undefined && choice.priority !== args.priority) ||
      (subcommands?.some((s) => choice.slaves.get(s['name']!) !== s['path']) ?? false) ||
      (subcommands !== undefined && choice.slaves.size !== subcommands.length);
    if (args.state === 'absent') {
      if (choice) {
        steps.push({ words: [tool, '--remove', args.name, target] });
        told.push(`Remove alternative '${target}' from '${args.name}'.`);
      }
    } else {
      if (differs) {
        if (there!.rc !== 0) throw new ModuleFailure(`Specified path ${target} does not exist`);
        const link = args.link ?? known.link;
        if (link === undefined)
          throw new ModuleFailure('Needed to install the alternative, but unable to do so as we are missing the link');
        const slaves = (subcommands ?? []).flatMap((s) => ['--slave', s['link']!, s['name']!, s['path']!]);
        steps.push({ words: [tool, '--install', link, args.name, target, String(priority), ...slaves] });
        told.push(`Install alternative '${target}' for '${args.name}'.`);
      }
      if (args.state === 'selected' && known.value !== target) {
        steps.push({ words: [tool, '--set', args.name, target] });
        told.push(`Set alternative '${target}' for '${args.name}'.`);
      }
      if (args.state === 'auto' && known.status !== 'auto') {
        steps.push({ words: [tool, '--auto', args.name] });
        told.push(`Set alternative to auto for '${args.name}'.`);
      }
    }
    if (steps.length > 0 && !check) await change(remote, steps);
    const show = (state: string, path: string | undefined) => `state: ${state}\npath: ${path ?? ''}\n`;
    const before = show(choice ? (known.value === target ? 'selected' : 'present') : 'absent', known.value);
    const after = show(args.state, args.state === 'selected' ? target : known.value);
    return changed(
      steps.length > 0,
      { msg: told.join(' '), ...(diff ? {} : { diff: { before: {}, after: {} } }) },
      diff && steps.length > 0 ? [{ before, after }] : undefined,
    );
  },
});

interface Known {
  link?: string;
  status?: string;
  value?: string;
  choices: Map<string, { priority: number; slaves: Map<string, string> }>;
}

/** What `update-alternatives --query` prints. */
function parse(text: string): Known {
  const known: Known = { choices: new Map() };
  let current: { priority: number; slaves: Map<string, string> } | undefined;
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (key === 'Link' && !known.link) known.link = value;
    else if (key === 'Status') known.status = value;
    else if (key === 'Value') known.value = value;
    else if (key === 'Alternative') {
      current = { priority: 0, slaves: new Map() };
      known.choices.set(value, current);
    } else if (key === 'Priority' && current) current.priority = Number(value);
    else if (current && /^ \S+ \//.test(line))
      current.slaves.set(line.trim().split(' ')[0]!, line.trim().split(' ')[1]!);
  }
  return known;
}
