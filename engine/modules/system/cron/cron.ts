import { ModuleFailure } from '../../../errors.ts';
import { type RemotePath, remotePath } from '../../../remote/quote.ts';
import { atMostOneOf, bool, path, str } from '../../args.ts';
import { changed, defineModule, type ModuleEnv, shell } from '../../define.ts';
import { Crontab } from './cron-table.ts';

const SPECIAL = ['annually', 'daily', 'hourly', 'monthly', 'reboot', 'weekly', 'yearly'] as const;

export default defineModule({
  name: 'cron',
  doc: 'Jobs and variables in a crontab of a user, or in a file of /etc/cron.d.',
  reference: 'ansible.builtin.cron',
  args: {
    name: str({ doc: 'Name of the job, kept in a comment above it; or the variable.', required: true }),
    user: str({ doc: 'Whose crontab; with `cron_file`, who runs the job.' }),
    job: str({ doc: 'The command; or the value.', aliases: ['value'] }),
    state: str({ doc: 'Whether it should be there.', default: 'present', choices: ['absent', 'present'] }),
    cron_file: path({ doc: 'A file in /etc/cron.d, or its path, instead of a crontab.' }),
    backup: bool({ doc: 'Keep a copy of what was there.', default: false }),
    minute: str({ doc: '0-59, *, */2 ...', default: '*' }),
    hour: str({ doc: '0-23 ...', default: '*' }),
    day: str({ doc: 'Day of the month, 1-31 ...', default: '*', aliases: ['dom'] }),
    month: str({ doc: '1-12 ...', default: '*' }),
    weekday: str({ doc: '0-6, Sunday first ...', default: '*', aliases: ['dow'] }),
    special_time: str({ doc: 'A name instead of the five times.', choices: SPECIAL }),
    disabled: bool({ doc: 'Leave the job there as a comment.', default: false }),
    env: bool({ doc: 'It is a variable, not a job.', default: false }),
    insertafter: str({ doc: 'Put a new variable after this one.' }),
    insertbefore: str({ doc: 'Put a new variable before this one.' }),
  },
  rules: [atMostOneOf('insertafter', 'insertbefore')],
  check: 'full',
  returns: { jobs: 'Names of the jobs.', envs: 'Names of the variables.', backup_file: 'Where the copy is.' },
  examples: `- cron:
    name: nightly backup
    minute: "0"
    hour: "3"
    job: /usr/local/bin/backup
`,
  async run(args, env) {
    complain(args, env);
    const file = args.cron_file?.includes('/') ? args.cron_file : args.cron_file && `/etc/cron.d/${args.cron_file}`;
    const where = { k_file: remotePath(file), k_user: args.user };
    const script = shell('cron', import.meta.url);
    const reply = await env.remote.call(script, where);
    const before = reply.bytes('content').toString('utf8');
    const table = new Crontab(before);
    let isChanged = edit(table, args);
    const empties = args.state === 'absent' && !args.env && isChanged && file !== undefined && table.isEmpty;
    if (!isChanged && before !== '' && !/[\r\n]$/.test(before)) isChanged = true;
    const after = empties ? '' : table.render();
    const title = file ?? (args.user === undefined ? 'crontab' : `crontab for user "${args.user}"`);
    const diff = { before, after, before_header: title, after_header: empties ? '/dev/null' : title };
    const shownDiff = isChanged && env.diff ? [diff] : undefined;
    const values: Record<string, unknown> = empties
      ? { cron_file: args.cron_file, state: args.state, diff: env.diff ? diff : {} }
      : {
          jobs: table.jobNames,
          envs: table.envNames,
          ...(args.cron_file === undefined ? {} : { cron_file: args.cron_file }),
        };
    if (isChanged && !env.check) {
      const how = empties ? { k_remove: true } : { k_write: true, k_content: after };
      const done = await env.remote.call(script, { ...where, ...how, k_backup: args.backup });
      if (args.backup) values['backup_file'] = done.get('backup_file');
    }
    return changed(isChanged, values, shownDiff);
  },
});

interface Given {
  name: string;
  user?: string | undefined;
  job?: string | undefined;
  state: string;
  cron_file?: string | RemotePath | undefined;
  minute: string;
  hour: string;
  day: string;
  month: string;
  weekday: string;
  special_time?: string | undefined;
  disabled: boolean;
  env: boolean;
  insertafter?: string | undefined;
  insertbefore?: string | undefined;
}

function complain(args: Given, env: ModuleEnv): void {
  const fail = (msg: string): never => {
    throw new ModuleFailure(msg);
  };
  if (args.cron_file === '/etc/crontab') fail('Will not manage /etc/crontab via cron_file, see documentation.');
  const base = String(args.cron_file ?? 'x').replace(/.*\//, '');
  if (!/^[A-Z0-9_-]+$/i.test(base)) {
    env.warn(
      `Filename portion of cron_file ("${base}") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`,
    );
  }
  const times = [args.minute, args.hour, args.day, args.month, args.weekday];
  if (args.special_time && times.some((t) => t !== '*')) {
    fail('You cannot combine special_time with any of the time or day/date parameters.');
  }
  if (args.env && args.name.includes(' ')) fail('Invalid name for environment variable');
  if (args.state !== 'present') return;
  if (args.cron_file && !args.user) fail('To use cron_file=... parameter you must specify user=... as well');
  if (args.job === undefined) fail("You must specify 'job' to install a new cron job or variable");
  if ((args.insertafter || args.insertbefore) && !args.env) {
    fail('Insertafter and insertbefore parameters are valid only with env=yes');
  }
  if (/[\r\n]/.test((args.job ?? '').replace(/^[\r\n]+|[\r\n]+$/g, ''))) env.warn('Job should not contain line breaks');
}

function edit(table: Crontab, args: Given): boolean {
  if (args.env) {
    return args.state === 'present'
      ? table.setEnv(args.name, `${args.name}="${args.job}"`, args.insertafter, args.insertbefore)
      : table.removeEnv(args.name);
  }
  if (args.state !== 'present') return table.removeJob(args.name);
  const times = args.special_time
    ? `@${args.special_time}`
    : [args.minute, args.hour, args.day, args.month, args.weekday].join(' ');
  const command = (args.job ?? '').replace(/^[\r\n]+|[\r\n]+$/g, '');
  const who = args.cron_file === undefined ? '' : `${args.user} `;
  return table.setJob(args.name, `${args.disabled ? '#' : ''}${times} ${who}${command}`);
}
