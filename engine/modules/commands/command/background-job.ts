/** Jobs that outlive the run: `command` and `shell` with `async` and `poll: 0`, and what `async_status` finds of them. */
import { remotePath } from '../../../remote/quote.ts';
import { type ModuleEnv, shell } from '../../define.ts';
import { outputs } from '../../parts/output.ts';
import type { CommandRequest } from './run-command.ts';

interface JobReport {
  /** Where the host keeps the job. */
  file: string;
  state: 'none' | 'running' | 'finished' | 'erased';
  /** Return keys of the command, where it has ended. */
  values: Record<string, unknown>;
}

/** Exit code of `timeout` when the time was up. */
const TIME_UP = 124;

/** Starts a command on the host and leaves it; the path of its file. Undefined where the request needs the run to decide. */
export async function startJob(
  request: CommandRequest,
  env: ModuleEnv,
  job: { id: string; seconds: number },
): Promise<string | undefined> {
  // Whether `creates` and `removes` keep it from running is told by a result, which a job has not got yet.
  if (request.creates !== undefined || request.removes !== undefined) return undefined;
  const reply = await env.remote.call(shell('job_start', import.meta.url), {
    j_id: job.id,
    j_seconds: String(job.seconds),
    j_words: request.words,
    j_shown: JSON.stringify(request.shown),
    j_chdir: remotePath(request.chdir),
    j_has_stdin: request.stdin !== undefined,
    j_stdin: !request.stdin ? '' : request.stdin + (request.stdinAddNewline ? '\n' : ''),
  });
  return reply.get('file');
}

/** What the host knows of a job, of this run or an earlier one. */
export async function jobStatus(id: string, cleanup: boolean, env: ModuleEnv): Promise<JobReport> {
  const reply = await env.remote.call(shell('job_status', import.meta.url), { j_id: id, j_cleanup: cleanup });
  const report: JobReport = { file: reply.get('file'), state: reply.get('state') as JobReport['state'], values: {} };
  if (report.state !== 'finished') return report;
  const rc = Number(reply.get('rc'));
  report.values = {
    cmd: JSON.parse(reply.get('cmd')) as unknown,
    ...outputs(reply.bytes('out'), reply.bytes('err')),
    rc,
    start: reply.get('start').slice(0, 26),
    end: reply.get('end').slice(0, 26),
    changed: true,
    msg: rc === TIME_UP ? 'Timeout exceeded' : rc === 0 ? '' : 'non-zero return code',
    ...(rc === 0 ? {} : { failed: true }),
  };
  return report;
}
