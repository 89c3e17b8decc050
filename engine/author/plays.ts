/** Plays and tasks that calls have made, as the lists and mappings that a YAML file would have held, each with its place. */
import { actionName, actions } from '../playbook/actions.ts';
import { setBody } from '../playbook/bodies.ts';
import { keywords } from '../playbook/keywords.ts';
import type { Dict, Place, Value } from '../values.ts';
import type { CallSite } from './call_site.ts';
import { type BlockParts, type ImportParts, type PlayParts, partsOf, type RoleParts, type TaskParts } from './nodes.ts';
import { isExpression, isTemplateText } from './templates.ts';
import { type At, type Entry, entriesOf, type ValueMaker } from './values.ts';

/** What must be known of a module to read the arguments of a call. */
export interface ModuleTraits {
  /** Arguments that are expressions. */
  readonly expressions?: readonly string[];
  readonly freeForm?: string;
}

const SECTIONS = ['pre_tasks', 'tasks', 'post_tasks', 'handlers'] as const;

export class PlayMaker {
  constructor(
    private readonly values: ValueMaker,
    private readonly traits: (module: string) => ModuleTraits,
  ) {}

  /** What a file exports: plays, tasks, or plain values. */
  exported(written: unknown, file: Place): Value {
    const at = { layout: undefined, call: file };
    if (!Array.isArray(written))
      return partsOf(written)
        ? this.values.list([written], at, (item, where) => this.#node(item, where))
        : this.values.value(written, at);
    return this.values.list(written, at, (item, where) => this.#node(item, where));
  }

  #node(written: unknown, at: At): Value {
    const parts = partsOf(written);
    const place = this.values.placeOf(at);
    switch (parts?.kind) {
      case 'task':
        return this.task(parts);
      case 'block':
        return this.#block(parts);
      case 'play':
        return this.#play(parts);
      case 'import':
        return this.#import(parts);
      case 'role':
        return this.values.report(
          'a role belongs to the `roles` of a play',
          place,
          'in a list of tasks write import_role({ name })',
        );
      default: {
        const help =
          typeof written === 'function'
            ? 'call it: apt({ name: "nginx" })'
            : Array.isArray(written)
              ? 'a list in the list: put `...` in front of it'
              : 'a list of tasks holds what the functions of `troupe/modules`, block() and task() return';
        return this.values.report(`this is not a task: ${typeof written}`, place, help);
      }
    }
  }

  task({ site, module, args, keywords: own }: TaskParts): Dict {
    const [argsAt, ownAt] = this.#argumentsOf(site, module, args);
    const entries = this.#keywords(own, ownAt);
    const place = ownAt.call;
    const dict = this.#args(module, args, argsAt);
    const named = entries.filter(({ key }) => key === 'name');
    return this.values.placed(
      [
        ...named,
        { key: module, value: dict, keyPlace: place, place: this.values.placeOf(argsAt) },
        ...entries.filter(({ key }) => key !== 'name'),
      ],
      place,
    );
  }

  /** The places of a task's arguments and keywords; task('name', ...) has its module in front of them. */
  #argumentsOf(site: CallSite, module: string, args: unknown): [At, At] {
    const call = this.values.places.of(site);
    const layouts = call ? [...this.values.places.layouts(call)] : [];
    const first = layouts[0];
    // task('name', { ... }): the name of the module comes first.
    const named =
      first &&
      !first.keys &&
      new RegExp(`^['"\`]${module.replaceAll('.', '\\.')}['"\`]`).test(
        call!.source.text.slice(first.offset, first.offset + 100),
      );
    if (named && !(typeof args === 'string' && layouts.length === 1)) layouts.shift();
    return [
      { call, layout: layouts[0] },
      { call, layout: layouts[1] },
    ];
  }

  #args(module: string, args: unknown, at: At): Value {
    const action = actionName(module);
    const { expressions = [], freeForm } =
      action === undefined ? this.traits(module) : { freeForm: actions[action]!.free };
    const free = freeForm ?? (action === undefined ? undefined : 'name');
    const isFree = typeof args !== 'object' || args === null || 'kind' in args;
    if (args === undefined || args === null) return new Map();
    const value = isFree || !isMapping(args);
    if (value) {
      if (free === undefined && (isTemplateText(args) || isExpression(args))) return this.values.template(args, at);
      if (free === undefined)
        return this.values.report(
          `the arguments of \`${module}\` are an object`,
          this.values.placeOf(at),
          `write ${module}({ ... })`,
        );
      const place = this.values.placeOf(at);
      return this.values.placed([{ key: free, value: this.values.value(args, at), keyPlace: place, place }], place);
    }
    const entries = entriesOf(args).map(([key, written]): Entry => {
      const entry = this.values.entry(key, null, at);
      if (/\{[{%#]/.test(key)) this.values.report('the name of an argument is data, not a template', entry.keyPlace);
      if (key === 'apply' && action !== undefined && typeof written === 'object' && written !== null)
        return { ...entry, value: this.values.dict(this.#keywords(written, this.values.under(at, key)), at) };
      if (!expressions.includes(key))
        return { ...entry, value: this.values.value(written, this.values.under(at, key)) };
      return { ...entry, ...this.values.condition(written, this.values.under(at, key), key) };
    });
    return this.values.dict(entries, at);
  }

  /** Keywords as entries; each in the form that its row of the table has. */
  #keywords(own: object, at: At): Entry[] {
    return entriesOf(own).map(([key, written]): Entry => {
      const entry = this.values.entry(key, null, at);
      const under = this.values.under(at, key);
      const where = under.layout ? under : { call: at.call, layout: undefined };
      if (keywords.get(key)?.type === 'expressions') {
        const { value, place } = this.values.condition(written, where, key);
        return { ...entry, value, place: place ?? entry.place };
      }
      if (key === 'notify') return { ...entry, value: this.#names(written, where) };
      if (key === 'loop_control') return { ...entry, value: this.#loopControl(written, where) };
      if (key === 'roles') return { ...entry, value: this.#roles(written, where) };
      if (keywords.get(key)?.type === 'tasks') return { ...entry, value: this.#nodes(written, where) };
      return { ...entry, value: this.values.value(written, where) };
    });
  }

  #names(written: unknown, at: At): Value {
    if (Array.isArray(written)) return this.values.list(written, at, (item, where) => this.#names(item, where));
    const parts = partsOf(written);
    if (parts?.kind !== 'task') return this.values.value(written, at);
    const name = parts.keywords['name'];
    if (name !== undefined) return this.values.value(name, at);
    return this.values.report(
      'a handler is notified by its name, and this one has none',
      this.values.placeOf(at),
      'give it a keyword `name`',
    );
  }

  #loopControl(written: unknown, at: At): Value {
    if (typeof written !== 'object' || written === null) return this.values.value(written, at);
    const entries = entriesOf(written).map(([key, item]): Entry => {
      const entry = this.values.entry(key, null, at);
      const under = this.values.under(at, key);
      return key === 'break_when'
        ? { ...entry, value: this.values.condition(item, under, key).value }
        : { ...entry, value: this.values.value(item, under) };
    });
    return this.values.dict(entries, at);
  }

  #nodes(written: unknown, at: At): Value {
    if (written === undefined || written === null) return null;
    if (!Array.isArray(written)) return this.values.report('a list of tasks is expected here', this.values.placeOf(at));
    return this.values.list(written, at, (item, where) => this.#node(item, where));
  }

  #roles(written: unknown, at: At): Value {
    if (!Array.isArray(written)) return this.values.value(written, at);
    return this.values.list(written, at, (item, where) => {
      const parts = partsOf(item);
      return parts?.kind === 'role' ? this.#role(parts) : this.values.value(item, where);
    });
  }

  #role({ site, name, params, keywords: own }: RoleParts): Dict {
    const [nameAt, paramsAt, ownAt] = this.#arguments(site, 3);
    const place = nameAt!.call;
    const named: Entry = {
      key: 'role',
      value: this.values.value(name, nameAt!),
      keyPlace: place,
      place: this.values.placeOf(nameAt!),
    };
    const given = entriesOf(params).map(([key, item]) =>
      this.values.entry(key, this.values.value(item, this.values.under(paramsAt!, key)), paramsAt!),
    );
    return this.values.placed([named, ...given, ...this.#keywords(own, ownAt!)], place);
  }

  #block({ site, nodes, keywords: own }: BlockParts): Dict {
    const [nodesAt, ownAt] = this.#arguments(site, 2);
    const place = nodesAt!.call;
    const inner: Entry = {
      key: 'block',
      value: this.#nodes(nodes, nodesAt!),
      keyPlace: place,
      place: this.values.placeOf(nodesAt!),
    };
    const entries = this.#keywords(own, ownAt!);
    return this.values.placed(
      [...entries.filter(({ key }) => key === 'name'), inner, ...entries.filter(({ key }) => key !== 'name')],
      place,
    );
  }

  #play({ site, hosts, tasks, keywords: own, sections, bare }: PlayParts): Dict {
    const written = this.#arguments(site, 4);
    const [hostsAt, ownAt, tasksAt, sectionsAt] = bare
      ? [written[0]!, written[3]!, written[1]!, written[2]!]
      : (written as [At, At, At, At]);
    const place = hostsAt.call;
    const bareAt = { call: place, layout: undefined };
    const entries = this.#keywords(own, bare ? bareAt : ownAt);
    const named = entries.filter(({ key }) => key === 'name');
    const found: Entry[] = [
      ...named,
      { key: 'hosts', value: this.values.value(hosts, hostsAt), keyPlace: place, place: this.values.placeOf(hostsAt) },
      ...entries.filter(({ key }) => key !== 'name'),
      ...this.#keywords(sections, sectionsAt),
    ];
    if (tasks !== undefined && tasks !== null)
      found.push({
        key: 'tasks',
        value: this.#tasks(tasks, tasksAt),
        keyPlace: place,
        place: this.values.placeOf(tasksAt),
      });
    for (const name of SECTIONS) {
      const [, again] = found.filter(({ key }) => key === name);
      if (again) this.values.report(`the play has its \`${name}\` twice`, again.place);
    }
    return this.values.placed(found, place);
  }

  /** A list of tasks; or a function, which stands in the play as a block that has a body in place of tasks. */
  #tasks(written: unknown, at: At): Value {
    if (typeof written !== 'function') return this.#nodes(written, at);
    const place = this.values.placeOf(at);
    const block = this.values.placed([{ key: 'block', value: [], keyPlace: place, place }], place);
    setBody(block, written as (host: unknown) => Promise<unknown>);
    return this.values.list([block], at, () => block);
  }

  #import({ site, file, keywords: own }: ImportParts): Dict {
    const [fileAt, ownAt] = this.#arguments(site, 2);
    const place = fileAt!.call;
    const named: Entry = {
      key: 'import_playbook',
      value: this.values.value(file, fileAt!),
      keyPlace: place,
      place: this.values.placeOf(fileAt!),
    };
    return this.values.placed([named, ...this.#keywords(own, ownAt!)], place);
  }

  #arguments(site: CallSite, count: number): At[] {
    const call = this.values.places.of(site);
    const layouts = call ? this.values.places.layouts(call) : [];
    return Array.from({ length: count }, (_, i) => ({ call, layout: layouts[i] }));
  }
}

const isMapping = (args: unknown): args is object =>
  typeof args === 'object' && args !== null && !Array.isArray(args) && Object.getOwnPropertySymbols(args).length === 0;

/** The modules that are called anywhere in what a file exports. */
export function modulesIn(written: unknown): Set<string> {
  const found = new Set<string>();
  const seen = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) for (const each of value) look(each);
    const parts = partsOf(value);
    if (!parts) return;
    if (parts.kind === 'task') found.add(parts.module);
    if (parts.kind === 'block') look(parts.nodes);
    if (parts.kind === 'play') look(parts.tasks);
    for (const part of [parts.keywords, parts.kind === 'play' ? parts.sections : {}])
      for (const [, inner] of entriesOf(part)) look(inner);
  };
  look(written);
  return found;
}
