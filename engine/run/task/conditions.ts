/** `when`, `until`, `changed_when`, `failed_when`: expressions that must give a boolean. */
import { UndefinedError } from '../../errors.ts';
import { asList } from '../../playbook/nodes.ts';
import { type CompiledExpression, evaluateCondition, parseExpression } from '../../template/index.ts';
import { isList, type Place, placeOfValue, Template, type Value } from '../../values.ts';
import type { LevelName } from '../../vars/precedence.ts';
import type { VarScope } from '../../vars/scope.ts';
import { quotesFor } from '../view/quotes.ts';

/** Whether a list of conditions holds, and which one did not, as Ansible names it in `false_condition`. */
interface Verdict {
  holds: boolean;
  failed?: Value;
}

/** All of a list of conditions, in order; stops at the first that doesn't hold. */
export function conditionsHold(conditions: Value, scope: VarScope, place: Place | undefined): Verdict {
  for (const [i, condition] of asList(conditions).entries()) {
    const where = Array.isArray(conditions) ? (placeOfValue(conditions, i) ?? place) : place;
    if (!holds(condition, scope, where))
      return { holds: false, failed: condition instanceof Template ? condition.text : condition };
  }
  return { holds: true };
}

const compiled = new WeakMap<Place, CompiledExpression>();

/** Levels whose values a project's own files say: a text of theirs may be an expression. What hosts return never is. */
const OWN_TEXTS: ReadonlySet<LevelName> = new Set<LevelName>([
  'task vars',
  'block vars',
  'role vars',
  'play vars_files',
  'play vars',
  'playbook host_vars',
  'inventory host_vars',
  'playbook group_vars',
  'inventory group_vars',
  'playbook group_vars/all',
  'inventory group_vars/all',
  'role defaults',
]);

/** `"{{ conditions }}"`: the expressions that a variable of the project's files holds, or an item of a loop that is written out. */
export function namedConditions(condition: Template, scope: VarScope): Value[] | undefined {
  const name = /^\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}$/.exec(condition.text.trim())?.[1];
  const origin = name === undefined ? undefined : scope.where(name);
  if (!origin || !(OWN_TEXTS.has(origin.level.name) || (origin.level.name === 'loop variables' && origin.place)))
    return undefined;
  const value = scope.raw(name!);
  const all = isList(value) ? value : [value];
  return all.length > 0 && all.every((each) => typeof each === 'string') ? all : undefined;
}

function holds(condition: Value, scope: VarScope, place: Place | undefined): boolean {
  if (typeof condition === 'boolean') return condition;
  if (condition === null || condition === '') return true;
  const named = condition instanceof Template ? namedConditions(condition, scope) : undefined;
  if (named?.length === 1) return evaluateCondition(String(named[0]), scope, scope.options);
  const text = condition instanceof Template ? condition.text : String(condition);
  const where = condition instanceof Template ? condition.place : place;
  try {
    return evaluateCondition(where ? compiledAt(text, where) : text, scope, scope.options);
  } catch (error) {
    throw error instanceof UndefinedError ? unquoted(error, text) : error;
  }
}

/** `os == debian`: a bare word beside a comparison is most often a text without its quotes. */
function unquoted(error: UndefinedError, text: string): UndefinedError {
  const help = quotesFor(error.path, text);
  return error.help || !help ? error : new UndefinedError(error.message, error.path, error.place, help);
}

/** An expression of a file is parsed once; its place tells it from all others. */
function compiledAt(text: string, place: Place): CompiledExpression {
  let found = compiled.get(place);
  if (!found) {
    found = parseExpression(text, place);
    compiled.set(place, found);
  }
  return found;
}

const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't']);

/** A keyword's value as yes or no. */
export function asBoolean(value: Value | undefined): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  return typeof value === 'string' && TRUE.has(value.toLowerCase().trim());
}
