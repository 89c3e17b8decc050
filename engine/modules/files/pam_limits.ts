import { ModuleFailure } from '../../errors.ts';
import { atMostOneOf, bool, path, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { readFile, writeFile } from '../parts/edit.ts';

const items = [
  ...([
    'core',
    'data',
    'fsize',
    'memlock',
    'nofile',
    'rss',
    'stack',
    'cpu',
    'nproc',
    'as',
    'maxlogins',
    'maxsyslogins',
  ] as const),
  ...(['priority', 'locks', 'sigpending', 'msgqueue', 'nice', 'rtprio', 'chroot'] as const),
] as const;

export default defineModule({
  name: 'pam_limits',
  doc: 'Sets a limit in limits.conf.',
  reference: 'community.general.pam_limits',
  args: {
    domain: str({ doc: 'User, @group or *.', required: true }),
    limit_type: str({ doc: 'Kind of the limit.', required: true, choices: ['soft', 'hard', '-'] }),
    limit_item: str({ doc: 'What is limited.', required: true, choices: items }),
    value: str({ doc: 'A number, `unlimited`, `infinity` or -1.', required: true }),
    use_max: bool({ doc: 'Keep the larger of both values.', default: false }),
    use_min: bool({ doc: 'Keep the smaller of both values.', default: false }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    dest: path({ doc: 'The file.', default: '/etc/security/limits.conf' }),
    comment: str({ doc: 'Comment behind the line.', default: '' }),
  },
  rules: [atMostOneOf('use_max', 'use_min')],
  check: 'full',
  returns: { msg: 'The line.' },
  examples: `- pam_limits:
    domain: postgres
    limit_type: soft
    limit_item: nofile
    value: '65536'
`,
  async run(args, env) {
    checkValue(args.limit_item, args.value, '');
    const edit = { path: args.dest, backup: args.backup };
    const file = await readFile(edit, env.remote);
    const before = file.content.toString('utf8');
    const result = setLimit(before.match(/[^\n]*\n|[^\n]+$/g) ?? [], args as Limit, file.path);
    const isChanged = result.changed || !file.exists;
    const after = result.lines.join('');
    const written = await writeFile(file, isChanged ? Buffer.from(after) : undefined, edit, env);
    const diff = { before, after };
    const values: Record<string, unknown> = { msg: result.msg, diff };
    if (written.backup) values['backup_file'] = written.backup;
    return changed(isChanged, values, env.diff ? [diff] : undefined);
  },
});

interface Limit {
  domain: string;
  limit_type: string;
  limit_item: string;
  value: string;
  use_max: boolean;
  use_min: boolean;
  comment: string;
}

const endless = (value: string) => ['unlimited', 'infinity', '-1'].includes(value);

function checkValue(item: string, value: string, prefix: string): void {
  if (item === 'nice' || item === 'priority') {
    if (/^[-+]?\d+$/.test(value) && Number(value) >= -20 && Number(value) <= 19) return;
    throw new ModuleFailure(
      `${prefix} Value of '${value}' for item '${item}' is invalid. Value must be a number in the range -20 to 19 inclusive. Refer to the limits.conf(5) manual pages for more details.`,
    );
  }
  if (endless(value) || /^\d+$/.test(value)) return;
  throw new ModuleFailure(
    `${prefix} Value of '${value}' for item '${item}' is invalid. Value must either be 'unlimited', 'infinity' or -1, all of which indicate no limit, or a limit of 0 or larger. Refer to the limits.conf(5) manual pages for more details.`,
  );
}

function setLimit(lines: string[], wish: Limit, file: string): { lines: string[]; changed: boolean; msg: string } {
  let { comment } = wish;
  let msg = '';
  let isChanged = false;
  let found = false;
  const made = (value: string) => {
    const note = comment === '' ? '' : `\t#${comment}`;
    return `${wish.domain}\t${wish.limit_type}\t${wish.limit_item}\t${value}${note.replace(/\n$/, '')}\n`;
  };
  const out = lines.map((line) => {
    if (line.startsWith('#') || line.trim() === '') return line;
    const hash = line.indexOf('#');
    const fields = (hash < 0 ? line : line.slice(0, hash)).trim().split(/\s+/);
    if (comment === '' && hash >= 0) comment = line.slice(hash + 1);
    if (fields.length !== 4) return line;
    const [domain, type, item, actual] = fields as [string, string, string, string];
    checkValue(item, actual, `Invalid configuration found in '${file}'.`);
    if (domain !== wish.domain || type !== wish.limit_type || item !== wish.limit_item) return line;
    found = true;
    const value = chosen(wish, actual);
    msg = line;
    if (value === actual) return line;
    isChanged = true;
    msg = made(value);
    return msg;
  });
  if (found) return { lines: out, changed: isChanged, msg };
  msg = made(wish.value);
  return { lines: [...out, msg], changed: true, msg };
}

function chosen(wish: Limit, actual: string): string {
  const { value } = wish;
  if (value === actual || (!wish.use_max && !wish.use_min)) return value;
  const [a, b] = [endless(value), endless(actual)];
  if (wish.use_max) return b ? actual : a ? value : String(Math.max(Number(value), Number(actual)));
  if (a && b) return actual;
  if (b) return value;
  return a ? actual : String(Math.min(Number(value), Number(actual)));
}
