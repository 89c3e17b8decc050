/**
 * The task debugger: `debugger:` and `strategy: debug` stop after a result and take commands. Expressions are the
 * template language's, of which Python's `task.args['x']` and `task_vars['x']` are a part.
 */
import { AuthorError, TemplateError, UndefinedError } from '../../errors.ts';
import { keyword } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { evaluate, parseExpression } from '../../template/index.ts';
import { type Dict, isDict, isList, type Value, without } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Outcome, TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { shownName } from '../view/names.ts';
import { writtenArgs } from '../view/written_args.ts';
import { Interrupted } from '../walk/signals.ts';

/** Shows a prompt and takes a line; undefined at the end of the input. */
type TakeLine = (prompt: string) => Promise<string | undefined>;

const HELP = `p EXPRESSION            prints: p task.args, p task_vars['name'], p result, p host
task.args['name'] = ... changes an argument; del task.args['name'] takes it out
task_vars['name'] = ... changes a variable, for this task on this host
u, update_task          makes the arguments anew from the playbook and task_vars
r, redo                 runs the task again
c, continue             goes on with this result
q, quit                 ends the run`;

/** One at a time, whichever hosts stop together. */
export class Debugging {
  readonly #take: TakeLine | undefined;
  /** `strategy: debug` and the setting enable_task_debugger stop at every failure. */
  readonly #everywhere: boolean;
  #last: Promise<unknown> = Promise.resolve();

  constructor(take: TakeLine | undefined, everywhere: boolean) {
    this.#take = take;
    this.#everywhere = everywhere;
  }

  /** Whether this result stops here. */
  stops(run: TaskRun, outcome: Outcome, strategy: string): boolean {
    if (!this.#take) return false;
    const { status, ignored } = outcome.result;
    const word = keyword(run.task, 'debugger', rendering(run.scope));
    const failed = status === 'failed' && !ignored;
    const lost = status === 'unreachable';
    if (word === 'never') return false;
    if (word === 'always' || ((strategy === 'debug' || this.#everywhere) && (failed || lost))) return true;
    return (
      (word === 'on_failed' && failed) ||
      (word === 'on_unreachable' && lost) ||
      (word === 'on_skipped' && status === 'skipped')
    );
  }

  /** Takes commands; the task as it is to run again, or undefined to go on. Throws Interrupted at `quit`. */
  stop(run: TaskRun, outcome: Outcome): Promise<TaskRun | undefined> {
    const mine = this.#last.then(() => new Stop(run, outcome, this.#take!).commands());
    this.#last = mine.catch(() => {});
    return mine;
  }
}

/** One stop at one result. */
class Stop {
  #args: Dict;
  readonly #vars: Dict = new Map();

  constructor(
    private readonly run: TaskRun,
    private readonly outcome: Outcome,
    private readonly take: TakeLine,
  ) {
    this.#args = new Map(outcome.args ?? this.#written());
  }

  async commands(): Promise<TaskRun | undefined> {
    const { run } = this;
    const prompt = `[${run.state.name}] TASK: ${shownName(run.task, run.name)} (debug)> `;
    for (let said = ''; ; ) {
      // The reporter has this result to show first.
      await new Promise((resolve) => setImmediate(resolve));
      const line = (await this.take(run.session.redactor.text(said) + prompt))?.trim();
      const [word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(line ?? 'q')!.slice(1);
      if (['q', 'quit', 'EOF'].includes(word)) {
        run.session.quit();
        throw new Interrupted();
      }
      if (['c', 'continue'].includes(word)) return undefined;
      if (['r', 'redo'].includes(word)) return this.#again();
      said = this.#answer(word, rest, line ?? '');
    }
  }

  #answer(word: string, rest: string, line: string): string {
    if (word === '') return '';
    try {
      if (['h', 'help', '?'].includes(word)) return `${HELP}\n`;
      if (['p', 'pprint'].includes(word)) return `${this.#printed(rest)}\n`;
      if (['u', 'update_task'].includes(word)) this.#args = this.#resolved();
      else if (!this.#changed(line)) return `*** there is no command \`${word}\`; h lists them\n`;
    } catch (error) {
      if (error instanceof AuthorError || error instanceof TemplateError || error instanceof UndefinedError)
        return `*** ${error.message}\n`;
      throw error;
    }
    return '';
  }

  #printed(expression: string): string {
    if (expression === 'task') return `TASK: ${shownName(this.run.task, this.run.name)}`;
    if (expression === 'host') return this.run.state.name;
    return String(this.#evaluated(`(${expression}) | pprint`));
  }

  #evaluated(expression: string): Value {
    const { run, outcome } = this;
    const scope = this.#scope();
    const result: Dict = new Map(outcome.registered);
    const known: Dict = new Map<Value, Value>([
      ['task', new Map([...taskAbout(run.task, run.name), ['args', this.#args]])],
      ['task_vars', scope.get('vars') as Value],
      ['host', run.state.name],
      ['result', result.set('_result', outcome.registered)],
    ]);
    const inner = run.scope.with(known);
    return inner.resolve(evaluate(parseExpression(expression), inner, inner.options));
  }

  /** `task.args['a']['b'] = expression`, `task_vars['a'] = ...`, `del task.args['a']`; false if the line is none of these. */
  #changed(line: string): boolean {
    const gone = /^del\s+(task\.args|task_vars)((?:\[[^\]]+\])+)$/.exec(line);
    const set = /^(task\.args|task_vars)((?:\[[^\]]+\])+)\s*=(?!=)\s*(.+)$/s.exec(line);
    const found = set ?? gone;
    if (!found) return false;
    const keys = [...found[2]!.matchAll(/\[([^\]]+)\]/g)].map((match) => this.#evaluated(match[1]!));
    const top = found[1] === 'task_vars' ? this.#vars : this.#args;
    // A variable's own value is not changed in place: others may share it.
    if (top === this.#vars && keys.length > 1) {
      const value = this.#scope().value(String(keys[0]));
      if (isDict(value) || isList(value)) top.set(keys[0]!, structuredCopy(value));
    }
    put(top, keys, set ? this.#evaluated(set[3]!) : undefined);
    return true;
  }

  #scope(): VarScope {
    return this.run.scope.with(this.#vars);
  }

  #written(): Dict {
    const { run } = this;
    if (run.definition) return writtenArgs(run.session, run.task, run.definition);
    return isDict(run.task.args) ? run.task.args : new Map();
  }

  #resolved(): Dict {
    return new Map(this.#scope().resolve(this.#written()) as Dict);
  }

  #again(): TaskRun {
    const { run } = this;
    const task: Task = { ...run.task, args: this.#args, own: without(run.task.own, 'args') };
    return { ...run, task, scope: this.#scope() };
  }
}

function taskAbout(task: Task, name: string): Dict {
  return new Map<Value, Value>([...without(task.own, 'args'), ['name', name], ['action', task.action]]);
}

function structuredCopy(value: Value): Value {
  if (isList(value)) return value.map(structuredCopy);
  return isDict(value) ? new Map([...value].map(([key, item]) => [key, structuredCopy(item)])) : value;
}

/** Sets, or with no value removes, an entry of nested dicts and lists. */
function put(container: Dict, keys: Value[], value: Value | undefined): void {
  const last = keys.at(-1)!;
  let inner: Value = container;
  for (const key of keys.slice(0, -1)) {
    const next: Value | undefined = isDict(inner) ? inner.get(key) : isList(inner) ? inner[Number(key)] : undefined;
    if (!isDict(next) && !isList(next)) throw new TemplateError(`there is nothing at \`${String(key)}\` to change`);
    inner = next;
  }
  if (isList(inner)) {
    if (value === undefined) inner.splice(Number(last), 1);
    else inner[Number(last)] = value;
  } else if (isDict(inner)) {
    if (value !== undefined) inner.set(last, value);
    else if (!inner.delete(last)) throw new TemplateError(`there is nothing at \`${String(last)}\` to take out`);
  }
}
