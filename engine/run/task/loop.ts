/** `loop`, `with_*` and `loop_control` to a list of items with the variables each brings. */
import { mistake, TemplateError, UndefinedError } from '../../errors.ts';
import { keyword, placeOfKeyword } from '../../playbook/keyword.ts';
import { type Dict, isDict, isList, type Place, setPlaces, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { TaskRun } from '../types.ts';
import { runLookup } from '../view/rendering.ts';
import { asBoolean, conditionsHold } from './conditions.ts';

export interface LoopPlan {
  items: Value[];
  /** Variables of each item: the item, its index, `ansible_loop`. */
  vars: Dict[];
  /** Template of the label. */
  label: Value | undefined;
  /** Seconds between items. */
  pause: number;
  breakWhen: Value | undefined;
  /** Lets what an item is known with beside others keep the place where it is written. */
  keepPlace(vars: Dict, among: Dict): void;
}

/** The items of a task's loop; undefined where it has none, or where its conditions fail before the items can be known. */
export function loopItems(run: TaskRun, scope: VarScope): LoopPlan | undefined {
  const { loop } = run.task;
  if (!loop) return undefined;
  let items: Value;
  try {
    items = loop.kind === 'loop' ? scope.resolve(loop.value) : lookupItems(run, loop.kind, loop.value, scope);
  } catch (error) {
    // A loop over something undefined is no error where the task would be skipped anyway.
    if (!(error instanceof UndefinedError || error instanceof TemplateError)) throw error;
    if (skippedAnyway(run, scope)) return undefined;
    throw error;
  }
  if (!isList(items)) {
    const kind = isDict(items) ? 'a dict' : `\`${String(items)}\``;
    const help = isDict(items) ? 'use `| dict2items`' : 'give a list; a single value goes into [brackets]';
    throw mistake(
      `\`${loop.kind === 'loop' ? 'loop' : `with_${loop.kind}`}\` needs a list, but this is ${kind}`,
      loop.place,
      help,
    );
  }
  return planOf(run, scope, items);
}

/** Where an item stands that is written in the loop itself: `loop: [a == 1]` holds texts of the project. */
function placeOfItem({ task }: TaskRun, items: readonly Value[], i: number): Place | undefined {
  const written = task.loop?.value;
  if (!isList(written) || !['loop', 'items', 'list'].includes(task.loop!.kind)) return undefined;
  return written.length === items.length && written[i] === items[i] ? task.loop!.place : undefined;
}

function skippedAnyway(run: TaskRun, scope: VarScope): boolean {
  try {
    return keyword(run.task, 'when').some(
      ({ value, owner }) => !conditionsHold(value, scope, placeOfKeyword(owner, 'when')).holds,
    );
  } catch {
    return false;
  }
}

/** `with_NAME` is the lookup NAME over its terms, flattened by one level where Ansible does so. */
function lookupItems(run: TaskRun, kind: string, value: Value, scope: VarScope): Value {
  const found = kind === 'first_found';
  const terms = found ? definedOnly(value, scope) : scope.resolve(value);
  const options = found ? new Map([['_kind', run.definition?.traits?.controllerFile?.in ?? 'files']]) : undefined;
  return runLookup(scope, kind, isList(terms) || kind === 'dict' ? terms : [terms], options);
}

/** The terms of first_found: names that need what is undefined are passed over. */
function definedOnly(value: Value, scope: VarScope): Value {
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, definedOnly(item, scope)]));
  if (!isList(value)) return scope.resolve(value);
  return value.flatMap((item) => {
    try {
      return [definedOnly(item, scope)];
    } catch (error) {
      if (error instanceof UndefinedError) return [];
      throw error;
    }
  });
}

function planOf(run: TaskRun, scope: VarScope, items: Value[]): LoopPlan {
  const control = keyword(run.task, 'loop_control');
  const option = (name: string) => control?.get(name);
  const rendered = (name: string) => {
    const value = option(name);
    return value === undefined || value === null ? undefined : scope.resolve(value);
  };
  const loopVar = String(rendered('loop_var') ?? 'item');
  const index = rendered('index_var');
  const indexVar = index === undefined ? undefined : String(index);
  const extended = asBoolean(rendered('extended'));
  const allItems = rendered('extended_allitems') === undefined || asBoolean(rendered('extended_allitems'));
  const places = new Map<Dict, Place>();
  const vars = items.map((item, i) => {
    const dict: Dict = new Map<Value, Value>([
      [loopVar, item],
      ['ansible_loop_var', loopVar],
    ]);
    const place = placeOfItem(run, items, i);
    if (place) places.set(dict, place);
    if (indexVar !== undefined) dict.set(indexVar, i).set('ansible_index_var', indexVar);
    if (extended) dict.set('ansible_loop', extendedLoop(items, i, allItems));
    return dict;
  });
  return {
    items,
    vars,
    label: option('label'),
    pause: Number(rendered('pause') ?? 0),
    breakWhen: option('break_when'),
    keepPlace: (own, among) => {
      const place = places.get(own);
      if (place) setPlaces(among, { self: place, keys: new Map(), values: new Map([[loopVar, place]]) });
    },
  };
}

function extendedLoop(items: Value[], i: number, allItems: boolean): Dict {
  const length = items.length;
  const loop: Dict = new Map<Value, Value>([
    ['index', i + 1],
    ['index0', i],
    ['first', i === 0],
    ['last', i === length - 1],
    ['length', length],
    ['revindex', length - i],
    ['revindex0', length - i - 1],
  ]);
  if (allItems) loop.set('allitems', items);
  if (i > 0) loop.set('previtem', items[i - 1]!);
  if (i < length - 1) loop.set('nextitem', items[i + 1]!);
  return loop;
}
