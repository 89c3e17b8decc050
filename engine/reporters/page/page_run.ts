/**
 * A run as the page shows it: what the reporter writes into the page, and what the page makes itself of the events of a run that goes
 * on. Results are columns of numbers, so that 200,000 of them load at once; what a result holds is parsed when it is looked at.
 */

/** Statuses as the page counts them; the order is the order of urgency. */
export const STATUSES = ['unreachable', 'failed', 'rescued', 'ignored', 'changed', 'ok', 'skipped'] as const;
export type Shown = (typeof STATUSES)[number];

interface PageTask {
  id: string;
  name: string;
  action: string;
  role?: string;
  /** `file:line`. */
  path: string;
  tags: string[];
  handler?: boolean;
  /** Index of its play. */
  play: number;
  /** Milliseconds since the run began. */
  start: number;
  /** Its lines in the file. */
  source?: string;
}

interface PagePlay {
  name: string;
  hosts: number;
  start: number;
}

/** One loop item: the index of its result, its label, its status, its detail. */
type PageItem = [result: number, label: string, status: number, detail: number];

export interface PageRun {
  playbook: string;
  check: boolean;
  /** When it began, milliseconds since 1970. */
  began: number;
  /** Seconds; undefined while it goes on. */
  duration?: number;
  exitCode?: number;
  interrupted?: boolean;
  hosts: string[];
  /** Groups and the indexes of their hosts. */
  groups: Record<string, number[]>;
  plays: PagePlay[];
  tasks: PageTask[];
  /** Columns of the results, all of one length. */
  task: number[];
  host: number[];
  status: number[];
  /** Milliseconds since the run began at which the result came. */
  end: number[];
  /** Milliseconds that the task took. */
  took: number[];
  /** Index into `details`. */
  detail: number[];
  items: PageItem[];
  /** What results hold, as JSON; equal ones are kept once. */
  details: string[];
  warnings: string[];
  stats?: unknown;
}

/** What is kept of a result to be looked at. */
export interface Detail {
  values: Record<string, unknown>;
  msg?: string;
  explanation?: string;
  diff?: { before?: string; after?: string; before_header?: string; after_header?: string; prepared?: string }[];
  delegatedTo?: string;
  censored?: boolean;
}
