/** What a module is: one object from which validation, types, `run doc`, the editor's schema and no_log all come. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Diff } from '../events.ts';
import type { Remote, ShellScript } from '../remote/remote.ts';
import type { Dict, Template, Value } from '../values.ts';
import type { ArgSpecs, ArgTypes, Refusal, Rule } from './args.ts';

/** Files of the controller, looked for as Ansible does: in the role's files/ or templates/, then beside the playbook. */
export interface ControllerFiles {
  /** Absolute path of an existing file or folder; throws ModuleFailure that lists the places searched. */
  find(name: string, kind: 'files' | 'templates' | 'vars' | 'tasks'): string;
  /** Content of a file, decrypted if it is a vault. */
  read(path: string): Promise<Buffer>;
  /** Absolute path of a destination on the controller, relative to the playbook (fetch). */
  resolve(path: string): string;
}

/** A question to the person at the terminal. */
export interface Question {
  text: string;
  /** Not echoed. */
  secret?: boolean;
  /** Asked twice. */
  confirm?: boolean;
  default?: string;
  /** Ends the question after this many milliseconds with what was typed so far. */
  timeout?: number;
  /** Ctrl-C is an answer, `INTERRUPT`, and does not end the run. */
  interruptible?: boolean;
  /** One of these keys is the answer, without Enter; of none only time and Ctrl-C end the question. */
  keys?: readonly string[];
}

/** Asks the person at the terminal; resolves to the answer, '' where only Enter was pressed. */
export type Ask = (question: Question) => Promise<string>;

/** A task in the background: whether it has ended, and then with what. */
export interface JobState {
  finished: boolean;
  values: Record<string, unknown>;
  /** Facts that it found, which whoever asks after it brings to the host. */
  facts?: Dict;
}

/** What may differ from the task's own way to its host. */
export interface OtherWay {
  become: boolean;
  port?: number;
  privateKeyFile?: string;
  user?: string | undefined;
  hostKeyChecking?: 'yes';
}

/** Both ends of a transfer, whoever the task is delegated to (synchronize). */
export interface Ends {
  readonly delegatedTo: string | undefined;
  /** Whether a name is the task's own host: its name or its address. */
  isOwn(name: string): boolean;
  /** The task's own host. */
  host(way: OtherWay): Remote;
  /** The controller, as who runs Troupe. */
  controller(): Remote;
}

/** What the run gives to a module for one task on one host. */
export interface ModuleEnv {
  readonly remote: Remote;
  readonly ends?: Ends;
  readonly files: ControllerFiles;
  readonly check: boolean;
  readonly diff: boolean;
  /** 0 without -v. */
  readonly verbosity: number;
  /** A variable of the host, rendered. */
  variable(name: string): Value | undefined;
  /** What module_defaults say of another module, to which this one hands on its work. */
  defaultsOf?(module: string): Dict;
  /** Which facts that are costly the files of the project name. */
  readonly named?: { readonly python: boolean };
  /** Of a template that is about to be rendered: what only it names is asked of the host now. */
  naming?(text: string): Promise<void>;
  /** All arguments as rendered values with their own names (modules with free keys: set_fact, add_host ...). */
  readonly rawArgs: Dict;
  /** Renders the text of a template file (module `template`): Jinja2, or Handlebars for `.hbs`. */
  renderFile(text: string, path: string, options: { [setting: string]: Value }, extra?: Dict): string;
  /** Renders an expression or a template that came with the task (assert's `that`, debug's `var`). */
  evaluate(expression: string | Template | boolean): Value;
  /** The variables that an expression reads, as they are written in it, with their values. */
  valuesIn?(expression: string | Template): [string, Value][];
  /** YAML or JSON text as data: plain values, never templates. */
  parseData(text: string, path: string): Value;
  /** A YAML file of the project, decrypted if needed, its strings trusted as templates (include_vars). */
  readVariables(path: string): Dict;
  /** Marks a text as secret: it is redacted in everything that is reported. */
  secret(text: string): void;
  /** Whether a text holds a secret of the run. */
  holdsSecret?(text: string): boolean;
  warn(text: string): void;
  /** A line for the user now, whatever comes of the task (pause). */
  tell?(text: string): void;
  /** Live output of a long command. */
  output(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Asks the person at the terminal, if there is one. */
  readonly ask?: Ask;
  /** The background jobs of this host (async_status). */
  readonly jobs?: { look(id: string): JobState | undefined; forget(id: string): void };
  /** Ends when the run is interrupted or the task's time is up. */
  readonly signal: AbortSignal;
}

/** What a module returns; `values` are Ansible's return keys. */
export interface ModuleResult {
  changed: boolean;
  skipped?: boolean;
  /** Check mode cannot say what would come of it: the values are known only in a real run. */
  unpredicted?: boolean;
  values: Record<string, unknown>;
  /** What --diff shows; registered too, unless `values` has a `diff` of its own (some modules register one at any time). */
  diff?: Diff[];
  /** Of a module whose result is shown: this one says nothing new. */
  quiet?: boolean;
  /** New facts of the host (setup, set_fact, package_facts ...): `run/` applies them. */
  facts?: Dict;
  /** Asks of the engine what only run/ may do. */
  effects?: Effect[];
}

/** What a module asks the run to do after it; the run owns the state, so a module only says it. */
export type Effect =
  | { type: 'set_fact'; values: Dict; cacheable: boolean }
  | { type: 'include_vars'; values: Dict }
  | { type: 'add_host'; name: string; groups: string[]; vars: Dict }
  | { type: 'group_by'; key: string; parents: string[] }
  | { type: 'set_stats'; values: Dict; perHost: boolean; aggregate: boolean };

/** What is particular to a module, declared so that nobody else has to know its name. */
export interface Traits {
  /** The argument that names a file of the controller, and the subdirectory in which it is looked for. */
  controllerFile?: {
    arg: string;
    in: 'files' | 'templates' | 'vars';
    /** The first word is the name, arguments of its own follow. */
    firstWord?: boolean;
    /** The file's text is a template. */
    template?: boolean;
    /** Where it is looked for comes out only in the run. */
    inRun?: boolean;
  };
  /** Arguments that are expressions, or lists of them, as `when` is. */
  expressions?: readonly string[];
  /** Its arguments are the names of the variables that it defines. */
  definesVariables?: boolean;
  /** It makes files on the controller, which later tasks may need. */
  makesControllerFiles?: boolean;
  /** What the text reporters show of a success: all values, or a message of its own. */
  shows?: 'values' | 'message';
  /** Called again it does its work again (command): unless one of these arguments says what it is not done without. */
  unrepeatable?: { unless: readonly string[] };
  /** Never says that it changed something. */
  observes?: boolean;
  /** It cannot be left to itself: `async` is refused, as Ansible does. */
  noAsync?: boolean;
  /** Arguments whose values are not repeated in `invocation`. */
  notRepeated?: readonly string[];
}

/** What is under a key of a result. */
export interface ReturnSpec {
  type: 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'any';
  doc?: string;
  /** Type of a list's elements. */
  of?: ReturnSpec;
  /** Keys of a dict that has a fixed shape. */
  keys?: Returns;
  /** Not in every result. */
  optional?: true;
}

/** What a module returns, by key; a sentence alone leaves the type to what the key usually means. */
export type Returns = Readonly<Record<string, string | ReturnSpec>>;

export interface ModuleDefinition<Specs extends ArgSpecs = ArgSpecs> {
  name: string;
  /** One sentence for people, then, after a blank line, details. */
  doc: string;
  /** Page of the reference: `ansible.builtin.copy`. */
  reference?: string;
  aliases?: string[];
  args: Specs;
  rules?: Rule[];
  /** Ansible's words for arguments that are refused, where they are not those of its schema; they are registered. */
  refusal?: Refusal;
  /** The argument that takes a text written straight after the module's name (`command: ls -l`). */
  freeForm?: string;
  /** Takes any further keys (set_fact, add_host). */
  openArgs?: boolean;
  /** Never touches the host: needs no connection (debug, set_fact, assert ...). */
  controllerOnly?: boolean;
  /** Runs on the first host of the batch only; its result is that of all (pause, add_host). */
  once?: boolean;
  /** Arguments not rendered before the module sees them: it evaluates them itself (assert's that, debug's var). */
  unrendered?: string[];
  /** `full`: predicts changes; `skip`: skipped in check mode, as Ansible's command; `none` needed where nothing changes. */
  check: 'full' | 'skip' | 'none';
  /** What checks, runs and reports must know of this module beyond its schema. */
  traits?: Traits;
  returns?: Returns;
  examples?: string;
  run(args: ArgTypes<Specs>, env: ModuleEnv): Promise<ModuleResult>;
  /** Starts the work on the host and leaves it there, to outlive the run; the job's file, or undefined if `run` must do it. */
  background?(args: ArgTypes<Specs>, env: ModuleEnv, job: { id: string; seconds: number }): Promise<string | undefined>;
}

/** Declares a module; the types of `args` in `run` come from the schema. */
export function defineModule<const Specs extends ArgSpecs>(definition: ModuleDefinition<Specs>): ModuleDefinition {
  return definition as unknown as ModuleDefinition;
}

const scripts = new Map<string, ShellScript>();

/**
 * The shell half beside a module: `shell('copy', import.meta.url)` is copy.sh. Its first lines may name others it builds on:
 * `#: needs files attributes`, found in modules/parts/.
 */
export function shell(name: string, moduleUrl: string): ShellScript {
  const path = fileURLToPath(new URL(`./${name}.sh`, moduleUrl));
  let script = scripts.get(path);
  if (!script) {
    const text = readFileSync(path, 'utf8');
    const needs = /^#: needs (.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
    script = { name, text, needs: needs.map((other) => shell(other, new URL('./parts/', import.meta.url).href)) };
    scripts.set(path, script);
  }
  return script;
}

/** Result of a module that changed something, or would in check mode. */
export function changed(isChanged: boolean, values: Record<string, unknown> = {}, diff?: Diff[]): ModuleResult {
  return diff && diff.length > 0 ? { changed: isChanged, values, diff } : { changed: isChanged, values };
}

/** Result of a module that changed nothing. */
export function unchanged(values: Record<string, unknown> = {}): ModuleResult {
  return { changed: false, values };
}

/** Result of a module that does not run in check mode: what would come of it is not known. */
export function unpredicted(msg: string, values: Record<string, unknown> = {}): ModuleResult {
  return { changed: false, skipped: true, unpredicted: true, values: { msg, ...values } };
}

/** Result of a module that had nothing to do (`creates` exists, ...). */
export function skipped(msg: string, values: Record<string, unknown> = {}): ModuleResult {
  return { changed: false, skipped: true, values: { msg, ...values } };
}
