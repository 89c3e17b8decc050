/** Troupe's public API: run playbooks, load them, write modules; the events and results that come of it. */

export { TaskFailed } from './author/failure.ts';
export type { Awaited, CommonResult, ImperativePlay, ModuleCalls, PlayHost } from './author/host.ts';
export {
  block,
  import_playbook,
  type PlaySections,
  play,
  playbook,
  role,
  task,
  tasks,
  type Variables,
  vars,
} from './author/make.ts';
export type { AnyTask, BlockNode, PlayNode, RoleEntry, TaskNode, TaskOrBlock } from './author/nodes.ts';
export { type Expression, expr, type Reference, type TemplateText, tpl } from './author/templates.ts';
export type {
  BlockKeywords,
  Condition,
  Data,
  HostKeywords,
  ImportKeywords,
  Later,
  PlayKeywords,
  RoleKeywords,
  TaskKeywords,
  Vars,
} from './author/types.ts';
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
export type { Diff, Drift, HostRecap, Recap, RunEvent, Status, TaskInfo, TaskResult } from './events.ts';
export type { Group, Host, Inventory, InventoryOptions } from './inventory/index.ts';
export * as args from './modules/args.ts';
export {
  type Ask,
  type ControllerFiles,
  changed,
  defineModule,
  type Effect,
  type ModuleDefinition,
  type ModuleEnv,
  type ModuleResult,
  type Question,
  type ReturnSpec,
  type Returns,
  shell,
  skipped,
  type Traits,
  unchanged,
} from './modules/define.ts';
export { remotePath } from './remote/quote.ts';
export type { CallOptions, Remote, Reply, ShellScript } from './remote/remote.ts';
export type { Output, Reporter, ReportSettings } from './reporters/reporter.ts';
export { type ListedPlay, type LoadedPlaybook, loadPlaybook } from './run/list.ts';
export type { PlanOptions, RecordOptions, ResumeOptions, RunOptions, VaultSecretOption } from './run/options.ts';
export { type Run, runPlaybook } from './run/run.ts';
export { type Dict, Float, fromPlain, type Json, Source, Template, toPlain, type Value } from './values.ts';
export { loadProjectInventory as loadInventory } from './vars/constructed.ts';
