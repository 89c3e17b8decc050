/** An imperative play: the function of a host, each awaited call of which is a task. */

import type { CallSite } from '../../author/call_site.ts';
import { Calls, callSite, siteKey, TaskFailed } from '../../author/called.ts';
import { checkIncluded } from '../../check/check.ts';
import { Definitions } from '../../check/definitions.ts';
import { AuthorError, type Finding, placeText, reasonOf } from '../../errors.ts';
import { checkArgs } from '../../modules/parts/arguments.ts';
import { writtenName } from '../../playbook/keyword.ts';
import type { Block, Node, Task } from '../../playbook/nodes.ts';
import { type Dict, isDict, type Json, type Place, toPlain } from '../../values.ts';
import { count } from '../task/effects.ts';
import type { Outcome, Path, Standing } from '../types.ts';
import { scopeFor } from '../view/scopes.ts';
import type { CallPoint } from './call_order.ts';
import { HostFailed } from './signals.ts';
import type { Walk } from './walk.ts';

type Values = { readonly [key: string]: Json };

/** Runs the function that is a block's body, on one host. */
export async function runBody(walk: Walk, block: Block, path: Path, standing: Standing): Promise<void> {
  const { session } = walk.run;
  session.calls ??= new Calls(session.options.cwd, () => [...session.loader.libraries]);
  await new BodyRun(walk, block, path, standing, session.calls).run();
}

/** Thrown where the function reads what is not known: the rest of it depends on that. */
class Unknown extends Error {
  constructor(
    readonly task: Task,
    readonly key: string,
  ) {
    super(`\`${key}\` of the result is not known here`);
  }
}

class BodyRun {
  readonly #times = new Map<string, number>();
  #last: CallPoint | undefined;
  /** What ends the host's way, whatever the function makes of it. */
  #ended: unknown;
  /** Failures that the function may have caught. */
  #failures = new Map<TaskFailed, HostFailed>();
  #open: HostFailed | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly walk: Walk,
    private readonly block: Block,
    private readonly path: Path,
    private readonly standing: Standing,
    private readonly calls: Calls,
  ) {}

  async run(): Promise<void> {
    let thrown: unknown;
    try {
      await this.block.body!(this.#host());
    } catch (error) {
      thrown = error ?? new Error('nothing was thrown');
    }
    // A call that nobody awaited is carried out all the same.
    await this.#queue.catch(() => {});
    const ended = this.#ended ?? thrown;
    // The function ended well after a task had failed: it caught that, unless nobody waited for the task.
    if (ended === undefined) return this.#forgive();
    if (ended instanceof Unknown) return this.#stop(ended);
    if (ended instanceof TaskFailed && this.#failures.has(ended)) throw this.#failures.get(ended);
    if (ended === this.#ended) throw ended;
    await this.#fail(ended);
  }

  /** What a function caught is rescued. */
  #forgive(): void {
    const failure = this.#open;
    this.#open = undefined;
    if (!failure) return;
    const { state } = this.walk;
    count(state, failure.result, failure.result.values['changed'] === true, -1);
    failure.result.rescued = true;
    count(state, failure.result, failure.result.values['changed'] === true);
  }

  #stop({ task, key }: Unknown): void {
    const { session } = this.walk.run;
    const where = task.place ? ` (${placeText(task.place)})` : '';
    const why = session.options.check ? 'check mode does not run that task' : 'the task was not selected by the tags';
    session.warn(
      `the rest of the play depends on \`${key}\` of the task \`${writtenName(task) || task.action}\`${where}, and ${why}`,
      this.walk.state.name,
    );
  }

  /** An error of the function's own is the host's failure, at its place. */
  async #fail(error: unknown): Promise<void> {
    const findings: Finding[] =
      error instanceof AuthorError
        ? error.findings
        : [
            {
              message: `the function of the play failed: ${error instanceof Error ? `${error.name}: ${error.message}` : reasonOf(error)}`,
              place: this.calls.placeOfError(error),
            },
          ];
    await this.#failed(findings[0]!, this.block.place);
  }

  /** A task that fails, to say what is wrong. */
  async #failed(missing: Finding, place: Place | undefined): Promise<void> {
    const task: Task = {
      kind: 'task',
      id: this.walk.run.session.loader.id(),
      file: place?.source.file ?? this.walk.run.play.file,
      own: new Map([['name', 'Run the function of the play']]),
      parent: this.block,
      place: missing.place ?? place,
      role: this.block.role,
      action: 'play',
      args: null,
      actionPlace: place,
      loop: undefined,
      handler: false,
      listen: [],
      directory: this.walk.run.play.directory,
      missing,
    };
    const point = this.#point(`${siteKey(missing.place)} ${missing.message}`, missing.place);
    point.task ??= task;
    await this.walk.task(point.task, [...this.path, 0, point], this.standing);
  }

  /** What the function is given. */
  #host(): object {
    const { state, run } = this.walk;
    const own: Record<string, unknown> = {
      name: state.name,
      check: run.session.options.check === true,
      variable: (name: string) => this.#variable(name),
    };
    const generic = (module: string, args?: unknown, keywords?: object) =>
      this.#call(callSite(generic), module, args, keywords);
    own['task'] = generic;
    const modules = new Map<string, unknown>();
    return new Proxy(own, {
      get: (target, key) => {
        if (typeof key !== 'string' || Object.hasOwn(target, key) || key === 'then')
          return Reflect.get(target, key) as unknown;
        // A reserved word of JavaScript ends with an underscore.
        const name = key.replace(/_$/, '');
        if (!modules.has(name)) {
          const method = (args?: unknown, keywords?: object) => this.#call(callSite(method), name, args, keywords);
          modules.set(name, method);
        }
        return modules.get(name);
      },
    });
  }

  #variable(name: string): Json | undefined {
    const { run, state } = this.walk;
    const value = scopeFor(run.session, run.view, this.block, state, this.standing.frame).value(name);
    return value === undefined ? undefined : toPlain(value);
  }

  /** One task after the other, whatever the function does not wait for. */
  #call(site: CallSite, module: string, args: unknown, keywords: object | undefined): Promise<unknown> {
    const done = this.#queue.catch(() => {}).then(() => this.#task(site, module, args, keywords ?? {}));
    this.#queue = done;
    done.catch(() => {});
    return done;
  }

  async #task(site: CallSite, module: string, args: unknown, keywords: object): Promise<unknown> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#forgive();
    let node: Node;
    try {
      node = await this.#node(site, module, args, keywords);
    } catch (error) {
      if (!(error instanceof AuthorError)) throw error;
      return this.#observed(() => this.#failed(error.findings[0]!, this.calls.placeOf(site)));
    }
    const place = this.calls.placeOf(site);
    const name = node.kind === 'task' ? writtenName(node) : '';
    const point = this.#point(`${siteKey(place)} ${module} ${name}`, place);
    if (node.kind === 'block') {
      await this.#observed(() => this.walk.block(node, [...this.path, 0, point], this.standing));
      return { changed: false, failed: false, known: true };
    }
    point.task ??= node;
    const called: { task: Task; outcome?: Outcome } = { task: { ...node, id: point.task.id } };
    await this.#observed(() => this.walk.task(point.task!, [...this.path, 0, point], this.standing, called));
    return this.#result(called.task, called.outcome);
  }

  /** Carries a task out; its failure becomes what the function can catch, and what ends the host is kept. */
  async #observed(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HostFailed) || error.result.status === 'unreachable' || this.walk.state.ended) {
        this.#ended = error;
        throw error;
      }
      this.#open = error;
      const name = writtenName(error.task) || error.task.action;
      const failed = new TaskFailed(error.result.msg ?? `the task ${name} failed`, name, error.result.values as Values);
      this.#failures.set(failed, error);
      throw failed;
    }
  }

  #point(look: string, place: Place | undefined): CallPoint {
    const time = (this.#times.get(look) ?? 0) + 1;
    this.#times.set(look, time);
    const where = { file: place?.source.file ?? '', offset: place?.offset ?? 0, time };
    this.#last = this.walk.run.callOrder(this.block).at(`${look} ${time}`, where, this.#last);
    return this.#last;
  }

  async #node(site: CallSite, module: string, args: unknown, keywords: object): Promise<Node> {
    const { run } = this.walk;
    const dict: Dict = await this.calls.task(site, module, args, keywords as { [key: string]: unknown });
    // A resumed run must know what the function was told.
    dict.set('register', '_result');
    const where = {
      parent: this.block,
      role: this.block.role,
      directory: run.play.directory,
      play: run.play,
      vars: run.knownVars,
      handler: false,
    };
    const { loader } = run.session;
    const { value: nodes, findings } = await run.session.programs.loading(
      () => loader.apart(() => loader.tasks.nodes([dict], where)),
      () => {},
    );
    findings.push(...(await checkIncluded(run.session, nodes, new Definitions())));
    const [node] = nodes;
    if (node?.kind === 'task') findings.push(...(await this.#argumentMistakes(node)));
    if (findings.length > 0 || !node) throw new AuthorError(findings);
    return node;
  }

  /** What is wrong with arguments that are all known, since nothing in them is left to render. */
  async #argumentMistakes(task: Task): Promise<Finding[]> {
    const { definition } = await this.walk.run.session.moduleFor(task);
    return definition && isDict(task.args) ? checkArgs(definition, task.args) : [];
  }

  /** The result as the function sees it. */
  #result(task: Task, outcome: Outcome | undefined): unknown {
    const { check } = this.walk.run.session.options;
    const values = outcome ? (toPlain(outcome.registered) as Values) : { changed: false, failed: false };
    const known = outcome !== undefined && !(check === true && values['skipped'] === true);
    const result = { ...values, known };
    if (known) return result;
    return new Proxy(result, {
      get: (target, key) => {
        if (typeof key !== 'string' || ['changed', 'failed', 'skipped', 'known', 'then'].includes(key))
          return Reflect.get(target, key) as unknown;
        this.#ended = new Unknown(task, key);
        throw this.#ended;
      },
    });
  }
}
