import { ModuleFailure } from '../../errors.ts';
import { str } from '../args.ts';
import { defineModule } from '../define.ts';

export default defineModule({
  name: 'async_status',
  doc: `Tells how a task that was started with \`async\` and \`poll: 0\` is getting on.

Jobs are known to the run that started them.`,
  reference: 'ansible.builtin.async_status',
  args: {
    jid: str({ doc: 'The job: `ansible_job_id` of the result that started it.', required: true }),
    mode: str({ doc: '`cleanup` forgets the job.', choices: ['status', 'cleanup'], default: 'status' }),
  },
  controllerOnly: true,
  check: 'full',
  returns: { finished: 'Whether the job has ended.', started: 'true.', ansible_job_id: 'The job.' },
  examples: `- async_status:
    jid: "{{ job.ansible_job_id }}"
  register: result
  until: result.finished
  retries: 30
`,
  async run({ jid, mode }, env) {
    const about = { ansible_job_id: jid, results_file: `~/.ansible_async/${jid}`, started: true };
    if (mode === 'cleanup') {
      env.jobs?.forget(jid);
      return { changed: false, values: { ...about, erased: about.results_file } };
    }
    const job = env.jobs?.look(jid);
    const silent = { stdout: '', stdout_lines: [], stderr: '', stderr_lines: [] };
    if (!job) throw new ModuleFailure('could not find job', { ...silent, ...about, finished: true });
    if (!job.finished) return { changed: false, values: { ...silent, ...about, finished: false } };
    const { changed = false, failed = false, msg, ...values } = job.values;
    if (failed)
      throw new ModuleFailure(String(msg ?? 'the job failed'), { ...values, ...about, changed, finished: true });
    return {
      changed: changed === true,
      values: { ...values, ...(msg === undefined ? {} : { msg }), ...about, finished: true },
    };
  },
});
