/** Makes the plan of a run in check mode, and compares it with an earlier one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Drift } from '../events.ts';
import {
  changedFiles,
  digestOfFile,
  driftOf,
  filesBelow,
  isDirectory,
  type PlanFile,
  type Prediction,
  readPlan,
  sha256,
  slowDigest,
  writePlan,
} from '../record/plan.ts';
import { shownPath, toPlain } from '../values.ts';
import type { Session } from './session.ts';
import type { Outcome, TaskPlace, TaskRun } from './types.ts';

/** What each task would do, as the run comes to it. */
export class Planner {
  readonly #tasks = new Map<string, { number: number; name: string; path: string }>();
  readonly #hosts: PlanFile['hosts'] = {};
  readonly #roles = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #earlier: PlanFile | undefined;

  constructor(private readonly session: Session) {
    const { plan, cwd } = session.options;
    const file = plan?.compare;
    this.#earlier = file === undefined ? undefined : readPlan(resolve(cwd, file));
    if (this.#earlier) requireSameInputs(session, this.#earlier);
  }

  item(run: TaskRun, index: number, outcome: Outcome): void {
    this.#note(run, `.${index}`, predictionOf(run, outcome));
  }

  outcome(run: TaskRun, outcome: Outcome): void {
    if (run.task.role) this.#roles.add(run.task.role.role.path);
    // Which file it will be is not known: any beside it.
    else if (outcome.unknown && !run.definition) this.session.used.add(run.task.directory);
    // A loop is its items.
    if (outcome.items === undefined) this.#note(run, '', predictionOf(run, outcome));
  }

  /** Whether something would have changed on a host by now, or may have: what fails after it may do so for lack of it. */
  hasChanged(host: string): boolean {
    return this.#changed.has(host);
  }

  #note({ place, state, session, task, name }: TaskRun, item: string, what: Prediction): void {
    if (!place) return;
    if (what !== 'same' && what !== 'fails') this.#changed.add(state.name);
    this.#hosts[state.name] ??= {};
    this.#hosts[state.name]![`${this.#numberOf(place, session.info(task, name))}.${place.time}${item}`] = what;
  }

  #numberOf({ key }: TaskPlace, { name, path }: { name: string; path: string }): number {
    let known = this.#tasks.get(key);
    if (!known) {
      known = { number: this.#tasks.size, name, path };
      this.#tasks.set(key, known);
    }
    return known.number;
  }

  /** The run has ended: the plan is written, or compared; returns what is another one now. */
  end(): Drift[] | undefined {
    const { plan, cwd } = this.session.options;
    if (plan?.write) writePlan(resolve(cwd, plan.write.file), this.#file(plan.write.words));
    return this.#earlier && driftOf(this.#earlier, this.#file([]));
  }

  #file(words: readonly string[]): PlanFile {
    const { session } = this;
    const { record, cwd, playbook } = session.options;
    const salt = randomBytes(16).toString('hex');
    return {
      format: 1,
      version: record?.version ?? '',
      made: new Date(session.startTime).toISOString(),
      by: session.recording?.journal?.run.by ?? '',
      cwd,
      words: words.map((word) => session.redactor.text(word)),
      playbook: [playbook].flat().map((file) => relative(cwd, resolve(cwd, file as string))),
      ...filesOf(session, this.#roles),
      salt,
      ...inputsOf(session, salt),
      tasks: [...this.#tasks].map(([key, { name, path }]) => ({ key, name, path })),
      hosts: this.#hosts,
    };
  }
}

function predictionOf({ session }: TaskRun, { result, registered }: Outcome): Prediction {
  if (result.mayChange !== undefined) return 'may';
  if ((result.status === 'failed' || result.status === 'unreachable') && !result.ignored) return 'fails';
  if (registered.get('changed') !== true) return 'same';
  // Of a text with a secret in it not even a digest leaves this machine.
  const text = JSON.stringify(result.diff ?? []);
  if (result.censored || session.redactor.text(text) !== text) return 'change ';
  return `change ${sha256(text)}`;
}

/** All that the run read, or would have looked through. */
function filesOf(session: Session, roles: ReadonlySet<string>): Pick<PlanFile, 'files' | 'folders'> {
  const { cwd, inventory = [], playbook } = session.options;
  const files: PlanFile['files'] = Object.fromEntries(session.files);
  const folders: PlanFile['folders'] = {};
  const sources = [inventory].flat().map((source) => resolve(cwd, source as string));
  const besides = [cwd, ...[playbook].flat().map((file) => dirname(resolve(cwd, file as string)))];
  for (const source of sources) if (existsSync(source)) besides.push(isDirectory(source) ? source : dirname(source));
  const vars = [...new Set(besides)].flatMap((folder) => ['group_vars', 'host_vars'].map((name) => join(folder, name)));
  // Of these it counts too that they are not there.
  for (const path of vars) folders[path] = [];
  for (const path of [...sources, ...vars, ...roles, ...session.used]) {
    if (!existsSync(path)) continue;
    if (!isDirectory(path)) files[path] = digestOfFile(path);
    else {
      folders[path] = filesBelow(path);
      for (const name of folders[path]) files[join(path, name)] ??= digestOfFile(join(path, name));
    }
  }
  return { files, folders };
}

function inputsOf({ inventory, extraVars }: Session, salt: string): Pick<PlanFile, 'inventory' | 'extraVars'> {
  const hosts = [...inventory.hosts]
    .filter(([, host]) => !host.implicit)
    .map(([name, { vars }]) => [name, toPlain(vars)]);
  const members = new Map(inventory.groupsDict());
  const groups = [...inventory.groups].map(([name, { vars }]) => [name, members.get(name) ?? [], toPlain(vars)]);
  return {
    inventory: slowDigest(JSON.stringify([hosts.sort(), groups.sort()]), salt),
    extraVars: slowDigest(JSON.stringify(toPlain(extraVars)), salt),
  };
}

/** Refuses a plan whose files, inventory or variables are not those that are here. */
function requireSameInputs(session: Session, plan: PlanFile): void {
  const files = changedFiles(plan).map((path) => shownPath(path, session.options.cwd));
  const now = inputsOf(session, plan.salt);
  const what = [
    ...files,
    ...(files.length === 0 && now.inventory !== plan.inventory ? ['the inventory'] : []),
    ...(now.extraVars !== plan.extraVars ? ['the variables of `-e`'] : []),
  ];
  if (what.length > 0)
    throw new UsageError(
      `not as it was when the plan was made: ${what.join(', ')}`,
      'make a new plan and have it approved',
    );
}
