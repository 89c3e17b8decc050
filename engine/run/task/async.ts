/** `async` and `poll`: with poll the task is waited for, as any other; without, it goes on while the host walks on. */
import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { ModuleFailure } from '../../errors.ts';
import type { JobState } from '../../modules/define.ts';
import { type Dict, toPlain, type Value } from '../../values.ts';
import type { Limit } from '../forks.ts';
import type { Outcome } from '../types.ts';

/** Shells of one host that jobs may hold; the tasks that follow need one too. */
const AT_ONCE = 4;

/** Jobs of one run. A job lives as long as the run: its command goes on after, its result is then lost. */
export class Jobs {
  #jobs = new Map<string, { host: string; outcome: Outcome | undefined }>();
  #limits = new Map<string, Limit>();

  /** Starts a job and returns its id. */
  start(host: string, work: () => Promise<Outcome>): string {
    const id = newId();
    const job: { host: string; outcome: Outcome | undefined } = { host, outcome: undefined };
    this.#jobs.set(id, job);
    let limit = this.#limits.get(host);
    if (!limit) {
      limit = pLimit(AT_ONCE);
      this.#limits.set(host, limit);
    }
    // A failure is the job's result; only an interrupted run rejects, and nobody asks then.
    limit(work).then(
      (outcome) => {
        job.outcome = outcome;
      },
      () => {},
    );
    return id;
  }

  /** What is known of a job; undefined if there is none of this id on this host. */
  look(host: string, id: string): JobState | undefined {
    const job = this.#jobs.get(id);
    if (job?.host !== host) return undefined;
    if (!job.outcome) return { finished: false, values: {} };
    const values = toPlain(job.outcome.registered) as Record<string, unknown>;
    const facts = job.outcome.effects.flatMap((effect) => (effect.type === 'facts' ? [...effect.values] : []));
    return facts.length > 0 ? { finished: true, values, facts: new Map(facts) } : { finished: true, values };
  }

  /** A job of an earlier run that had come to its end. */
  restore(host: string, id: string, outcome: Outcome): void {
    this.#jobs.set(id, { host, outcome });
  }

  /** Whether a job is the run's own, and ends with it: others the host carries. */
  carries(id: string): boolean {
    return this.#jobs.has(id);
  }

  forget(id: string): void {
    this.#jobs.delete(id);
  }
}

/** An id in the form of Ansible's: roles match on it. */
export function newId(): string {
  return `j${randomBytes(6).readUIntBE(0, 6)}.${process.pid}`;
}

/** What `register` stores of a job that was started; `file` is where the host keeps it. */
export function startedOutcome(id: string, file = `~/.ansible_async/${id}`): Outcome {
  const registered: Dict = new Map<Value, Value>([
    ['ansible_job_id', id],
    ['started', true],
    ['finished', false],
    ['results_file', file],
    ['changed', true],
    ['failed', false],
  ]);
  const values = toPlain(registered) as Outcome['result']['values'];
  return { result: { status: 'changed', values, duration: 0 }, registered, effects: [], includes: [] };
}

/** A task that was waited for, with the keys that a job's result has. */
export function waitedOutcome(outcome: Outcome, seconds: number, timedOut: boolean): Outcome {
  const id = newId();
  if (timedOut) {
    const look = {
      ansible_job_id: id,
      started: true,
      finished: false,
      stdout: '',
      stderr: '',
      stdout_lines: [],
      stderr_lines: [],
    };
    throw new ModuleFailure(`async task did not complete within the requested time - ${seconds}s`, {
      async_result: look,
    });
  }
  const { registered, result } = outcome;
  const about = { ansible_job_id: id, results_file: `~/.ansible_async/${id}`, started: true, finished: true };
  for (const [key, value] of Object.entries(about)) registered.set(key, value);
  Object.assign(result.values, about);
  return outcome;
}
