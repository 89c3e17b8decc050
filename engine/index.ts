/** Troupe's public API: run playbooks, load them, write modules; the events and results that come of it. */

export { type LoadedPlaybook, loadPlaybook } from './check/list.ts';
export {
  AuthorError,
  describe,
  type Finding,
  ModuleFailure,
  placeText,
  TemplateError,
  UndefinedError,
  UnreachableError,
  UsageError,
} from './errors.ts';
export type { Diff, HostRecap, Recap, RunEvent, Status, TaskInfo, TaskResult } from './events.ts';
export * as args from './modules/args.ts';
export {
  changed,
  defineModule,
  type ModuleDefinition,
  type ModuleEnv,
  type ModuleResult,
  shell,
  skipped,
  unchanged,
} from './modules/define.ts';
export { remotePath } from './remote/quote.ts';
export type { RunOptions } from './run/options.ts';
export { type Run, runPlaybook } from './run/run.ts';
export { type Dict, Float, fromPlain, type Json, Source, Template, toPlain, type Value } from './values.ts';
export { loadProjectInventory as loadInventory } from './vars/constructed.ts';
