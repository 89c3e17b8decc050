import { ModuleFailure } from '../../errors.ts';
import { toPlain } from '../../values.ts';
import { bool, raw, str, together } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { stateText } from '../parts/attributes.ts';
import { change, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'debconf',
  doc: 'Answers questions of packages before they are asked.',
  reference: 'ansible.builtin.debconf',
  args: {
    name: str({ doc: 'The package.', required: true, aliases: ['pkg'] }),
    question: str({ doc: 'The question.', aliases: ['selection', 'setting'] }),
    vtype: str({
      doc: 'Its type.',
      choices: ['boolean', 'error', 'multiselect', 'note', 'password', 'seen', 'select', 'string', 'text', 'title'],
    }),
    value: raw({ doc: 'The answer.', aliases: ['answer'] }),
    unseen: bool({ doc: 'Do not mark the question as seen.', default: false }),
  },
  rules: [together('question', 'vtype', 'value')],
  check: 'full',
  returns: { current: 'Answers now.', previous: 'Answers before.' },
  examples: `- debconf:
    name: tzdata
    question: tzdata/Areas
    value: Europe
    vtype: select
`,
  async run(args, { remote, check, diff, secret }) {
    if (args.vtype === 'password' && args.value !== undefined) secret(String(args.value));
    if (/\s/.test(args.name) || args.name.startsWith('-'))
      throw new ModuleFailure(`'${args.name}' can't be the name of a package`);
    const [ran] = await programs(remote, [{ words: ['debconf-show', args.name] }]);
    required(ran!);
    const previous: Record<string, string> = {};
    for (const line of ran!.stdout.split('\n')) {
      const match = /^[*\s]*([^:\s]+):\s?(.*)$/.exec(line);
      if (match) previous[match[1]!] = match[2]!.trim();
    }
    const { question, vtype } = args;
    if (question === undefined || vtype === undefined) return changed(false, { msg: '', current: previous });
    const plain = toPlain(args.value ?? null);
    if (Array.isArray(plain) && vtype !== 'multiselect')
      throw new ModuleFailure(`value: a list answers a multiselect question only`);
    let value = Array.isArray(plain)
      ? plain.join(', ')
      : plain === null
        ? ''
        : typeof plain === 'boolean'
          ? plain
            ? 'True'
            : 'False'
          : String(plain);
    if (vtype === 'boolean') value = value.toLowerCase();
    const now = vtype === 'boolean' ? previous[question]?.toLowerCase() : previous[question];
    const isChanged =
      vtype === 'multiselect'
        ? now === undefined || sorted(now) !== sorted(value)
        : vtype === 'password'
          ? await passwordDiffers(remote, args.name, question, value)
          : now !== value;
    const current = { [question]: value };
    if (isChanged && !check) {
      const words = ['debconf-set-selections', ...(args.unseen ? ['-u'] : [])];
      await change(remote, [{ words, stdin: `${args.name} ${question} ${vtype} ${value}` }]);
    }
    const shown = { before: stateText({ [question]: now ?? '' }), after: stateText(current) };
    return changed(
      isChanged,
      isChanged ? { msg: '', current, previous: { [question]: now ?? '' } } : { msg: '', current: previous },
      isChanged && diff && vtype !== 'password' ? [shown] : undefined,
    );
  },
});

const sorted = (list: string) =>
  list
    .split(',')
    .map((s) => s.trim())
    .sort()
    .join(',');

/** debconf-show hides passwords; the debconf protocol itself tells. */
async function passwordDiffers(
  remote: Parameters<typeof programs>[0],
  name: string,
  question: string,
  value: string,
): Promise<boolean> {
  const [ran] = await programs(remote, [{ words: ['debconf-communicate', name], stdin: `get ${question}\n` }]);
  if (ran!.rc === 127) return true;
  return !ran!.stdout.startsWith('0') || ran!.stdout.trim().replace(/^0 ?/, '') !== value;
}
