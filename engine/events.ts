/**
 * What a run says, as plain JSON: the words shared by run/, the reporters and callers of the public API.
 * Secrets are already redacted here; a recorded stream of these replays into any reporter.
 */
import type { Json } from './values.ts';

export type Status = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable';

/** One diff of a changed thing, as Ansible's modules return it. */
export interface Diff {
  before?: string;
  after?: string;
  before_header?: string;
  after_header?: string;
  prepared?: string;
}

/** The outcome of one task (or one loop item) on one host. The same keys whatever the status. */
export interface TaskResult {
  status: Status;
  /** What `register` stores: Ansible's keys (changed, failed, skipped, unreachable, msg, rc, stdout ..., results). */
  values: { [key: string]: Json };
  msg?: string;
  diff?: Diff[];
  /** A failure that the play goes on after: ignore_errors, ignore_unreachable. */
  ignored?: boolean;
  /** The failure was taken up by a `rescue`. */
  rescued?: boolean;
  /** Censored by no_log: values and msg hold nothing but the note. */
  censored?: boolean;
  /** Of a module that says something on success (`shows`): here it has nothing to say. */
  quiet?: boolean;
  /** In a plan: check mode cannot say what the task would do, and this is why. */
  mayChange?: string;
  /** It is from the record of the run that this one resumes. */
  replayed?: boolean;
  /** Seconds. */
  duration: number;
  /** Place of the failure in the user's files, `file:line:column`, with the line and the caret, ready to print. */
  explanation?: string;
}

/** What identifies a task in the stream. */
export interface TaskInfo {
  /** Unique within the run. */
  id: string;
  name: string;
  /** The module's name, `include_tasks`, `meta` ... */
  action: string;
  /** Name of the role it came from. */
  role?: string;
  /** `file:line` of the task. */
  path: string;
  handler?: boolean;
  /** What of a success is shown even without -v: all values (debug), or a message of its own (assert). */
  shows?: 'values' | 'message';
  tags: string[];
}

export interface HostRecap {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  rescued: number;
  ignored: number;
}

/** A task for which a plan does not hold any more on a host. */
export interface Drift {
  host: string;
  task: string;
  /** `file:line`. */
  path: string;
  planned: string;
  now: string;
}

/** The answer of somebody who pressed Ctrl-C where that is an answer. */
export const INTERRUPT = '\x03';

/** Exit codes of the command, and of a run in its recap: ansible-playbook's where it has one. */
export const EXIT = {
  ok: 0,
  /** An error outside of the playbook's text: a file that is not there, a wrong password file. */
  error: 1,
  /** A task failed on a host. */
  failed: 2,
  /** `run plan`: something would change. */
  wouldChange: 3,
  /** A host could not be reached; or the playbook, inventory or a variable file has mistakes. */
  unreachable: 4,
  mistakes: 4,
  /** A wrong command line. */
  usage: 5,
  /** The user interrupted the run. */
  interrupted: 99,
  /** A bug in Troupe. */
  bug: 250,
} as const;

/** The end of the run. `exitCode` is one of EXIT: 0, 2, 4 or 99. */
export interface Recap {
  hosts: { [host: string]: HostRecap };
  exitCode: number;
  interrupted: boolean;
  /** Seconds. */
  duration: number;
  /** Where each host stood when the run was interrupted: the name of its last task. */
  reached?: { [host: string]: string };
  /** The id of the run's record; `run --resume ID` goes on from there. */
  record?: string;
  /** Of a plan that is compared with an earlier one: what is another one now. */
  drifted?: Drift[];
  /** Values of set_stats, and those that it keeps for each host. */
  stats?: { [key: string]: Json };
  hostStats?: { [host: string]: { [key: string]: Json } };
}

export type RunEvent =
  | {
      type: 'run:start';
      time: number;
      playbook: string;
      check: boolean;
      hosts: number;
      /** How many plays the playbook has. */
      plays?: number;
      /** Groups of the inventory and the hosts in each. */
      groups?: { [group: string]: string[] };
    }
  | {
      type: 'play:start';
      time: number;
      name: string;
      hosts: string[];
      serial?: { batch: number; of: number };
      /** The reporter that the play asks for by `troupe_reporter`, where the user has named none. */
      reporter?: string;
    }
  | { type: 'play:no-hosts'; time: number; name: string; pattern: string }
  | {
      type: 'task:start';
      time: number;
      task: TaskInfo;
      hosts?: string[];
      /** Its lines in the file, as they were when the playbook was read. */
      source?: string;
      /** An earlier run has done it on all of these hosts. */
      replayed?: boolean;
    }
  | {
      type: 'task:item';
      time: number;
      task: TaskInfo;
      host: string;
      delegatedTo?: string;
      item: string;
      result: TaskResult;
    }
  | {
      type: 'task:retry';
      time: number;
      task: TaskInfo;
      host: string;
      attempt: number;
      left: number;
      result: TaskResult;
    }
  | { type: 'task:output'; time: number; task: TaskInfo; host: string; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'task:result'; time: number; task: TaskInfo; host: string; delegatedTo?: string; result: TaskResult }
  | { type: 'include'; time: number; task: TaskInfo; file: string; hosts: string[]; item?: string; replayed?: boolean }
  | { type: 'notify'; time: number; host: string; handler: string; task: TaskInfo }
  | {
      type: 'message';
      time: number;
      level: 'info' | 'warning' | 'verbose';
      /** How many `-v` show a verbose one; four where it says nothing. */
      from?: number;
      text: string;
      host?: string;
    }
  | { type: 'bug'; time: number; stack: string; host?: string; task?: TaskInfo }
  | { type: 'run:end'; time: number; recap: Recap };
