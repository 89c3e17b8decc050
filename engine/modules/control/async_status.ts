import { ModuleFailure } from '../../errors.ts';
import { str } from '../args.ts';
import { jobStatus } from '../commands/command/background-job.ts';
import { defineModule, type ModuleEnv, type ModuleResult } from '../define.ts';

export default defineModule({
  name: 'async_status',
  doc: `Tells how a task that was started with \`async\` and \`poll: 0\` is getting on.

Jobs of command and shell are known to later runs too; jobs of other modules to the run that started them.`,
  reference: 'ansible.builtin.async_status',
  args: {
    jid: str({ doc: 'The job: `ansible_job_id` of the result that started it.', required: true }),
    mode: str({ doc: '`cleanup` forgets the job.', choices: ['status', 'cleanup'], default: 'status' }),
  },
  check: 'full',
  traits: { observes: true },
  returns: {
    finished: { type: 'int', doc: 'Whether the job has ended: 1 or 0.' },
    started: 'true.',
    ansible_job_id: { type: 'str', doc: 'The job.' },
  },
  examples: `- async_status:
    jid: "{{ job.ansible_job_id }}"
  register: result
  until: result.finished
  retries: 30
`,
  async run({ jid, mode }, env) {
    const job = env.jobs?.look(jid);
    if (!job) return onHost(jid, mode === 'cleanup', env);
    const about = { ansible_job_id: jid, results_file: `~/.ansible_async/${jid}`, started: true };
    if (mode === 'cleanup') {
      env.jobs?.forget(jid);
      return { changed: false, values: { ...about, erased: about.results_file } };
    }
    if (!job.finished) return { changed: false, values: { ...silent, ...about, finished: false } };
    return job.facts ? { ...ended(job.values, about), facts: job.facts } : ended(job.values, about);
  },
});

const silent = { stdout: '', stdout_lines: [], stderr: '', stderr_lines: [] };

/** A job that the host keeps, of this run or an earlier one. */
async function onHost(jid: string, cleanup: boolean, env: ModuleEnv): Promise<ModuleResult> {
  if (!/^[\w.-]+$/.test(jid) || jid.startsWith('.'))
    throw new ModuleFailure('could not find job', { ansible_job_id: jid });
  const { file, state, values } = await jobStatus(jid, cleanup, env);
  const about = { ansible_job_id: jid, results_file: file, started: true };
  if (state === 'none') throw new ModuleFailure('could not find job', { ...silent, ...about, finished: true });
  if (state === 'erased') return { changed: false, values: { ...about, erased: file } };
  if (state === 'running') return { changed: false, values: { ...silent, ...about, finished: false } };
  return ended(values, about);
}

function ended(result: Record<string, unknown>, about: Record<string, unknown>): ModuleResult {
  const { changed = false, failed = false, msg, ...values } = result;
  if (failed)
    throw new ModuleFailure(String(msg ?? 'the job failed'), { ...values, ...about, changed, finished: true });
  return {
    changed: changed === true,
    values: { ...values, ...(msg === undefined ? {} : { msg }), ...about, finished: true },
  };
}
