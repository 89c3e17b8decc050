export interface Entry {
  type?: 'file' | 'directory' | 'link' | 'hard';
  content?: string;
  base64?: string;
  mode?: string;
  uid?: number;
  gid?: number;
  to?: string;
  mtime?: number;
}
export type State = Record<string, string | Entry>;
export interface Case {
  name: string;
  module: string;
  args: Record<string, unknown>;
  /** Files on the host before. */
  before?: State;
  /** Files on the controller. */
  source?: State;
  /** Only run, neither predicted nor repeated. */
  once?: boolean;
  /** Keys of the result that cannot be alike. */
  ignore?: string[];
  /** Keys of the result that are compared though they are usually left out (ansible_facts). */
  keep?: string[];
  /** Why ours differs on purpose; the case is then only run, not compared in the named parts. */
  differs?: { why: string; parts: string[] };
  environment?: Record<string, string>;
  /** Programs that the host must have; a shell without them leaves the case out. */
  tools?: string[];
  /** Requests of the run that changes nothing, if not 1. */
  requests?: number;
}
export interface Outcome {
  changed: boolean;
  failed: boolean;
  skipped: boolean;
  msg: string;
  values: Record<string, unknown>;
  diff?: Array<Record<string, unknown>>;
}
export interface Recorded {
  hash: string;
  name: string;
  steps: Record<string, Outcome>;
  after: Record<string, unknown>;
}
export function place<T>(value: T, folders: { d: string; s: string; u?: string }): T;
export function build(folder: string, state?: State): void;
export function scan(folder: string): Record<string, unknown>;
export function comparable(result: Record<string, unknown>, folders: { d: string; s: string; u?: string }, one: Case): Outcome;
export function hashOf(one: Case): string;
export function steps(one: Case): string[];
export function undated(text: string): string;
