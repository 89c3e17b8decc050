/** What may be written in a playbook in TypeScript, from the table of keywords. Types only. */
import type { KeywordName, Owner, RowOf } from '../playbook/keywords.ts';
import type { Float } from '../values.ts';
import type { AnyTask, RoleEntry, TaskOrBlock } from './nodes.ts';
import type { Expression, TemplateText } from './templates.ts';

/** A value: plain, with templates and expressions where they are wanted. */
export type Data =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | TemplateText
  | Expression
  | readonly Data[]
  | Float
  | ReadonlyMap<Data, Data>
  | { readonly [key: string]: Data };

/** What is only known when the task runs. */
export type Later = TemplateText | Expression;

/** A condition. A string is data, so it is none: write expr`port > 1024`. */
export type Condition = boolean | Later | readonly (boolean | Later)[];

export type Vars = { readonly [name: string]: Data };

type OfType<Type> = Type extends 'bool'
  ? boolean | Later
  : Type extends 'int'
    ? number | Later
    : Type extends 'number' | 'percent'
      ? number | string | Later
      : Type extends 'str'
        ? string | Later
        : Type extends 'list'
          ? string | Later | readonly (string | Later)[]
          : Type extends 'dict'
            ? Vars | ReadonlyMap<Data, Data>
            : Type extends 'dicts'
              ? Vars | Later | readonly (Vars | Later)[]
              : Type extends 'expressions'
                ? Condition
                : Type extends 'tasks'
                  ? readonly TaskOrBlock[]
                  : Data;

interface Loop {
  loop_var?: string;
  index_var?: string;
  label?: string | Later;
  pause?: number | Later;
  extended?: boolean;
  extended_allitems?: boolean;
  break_when?: Condition;
}

interface Prompt {
  name: string;
  prompt?: string;
  default?: Data;
  private?: boolean;
  confirm?: boolean;
  encrypt?: string;
  salt?: string;
  salt_size?: number;
  unsafe?: boolean;
}

type Name = string | Later | AnyTask;

/** Keywords whose type says more than their row of the table does. */
interface Particular {
  notify: Name | readonly Name[];
  vars: Vars | ReadonlyMap<Data, Data>;
  register: string;
  loop: readonly Data[] | Later;
  loop_control: Loop;
  debugger: 'always' | 'never' | 'on_failed' | 'on_unreachable' | 'on_skipped';
  strategy: 'linear' | 'free' | 'host_pinned' | 'debug';
  order: 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | 'shuffle';
  serial: number | string | Later | readonly (number | string)[];
  connection: string | Later;
  roles: readonly (string | RoleEntry)[];
  vars_files: string | readonly (string | Later | readonly (string | Later)[])[];
  vars_prompt: readonly Prompt[];
  gather_subset: string | readonly string[];
}

type Row<Name extends KeywordName> = RowOf<Name>;
type On<Which extends Owner> = {
  [Name in KeywordName]: Which extends Row<Name>[1][number] ? Name : never;
}[KeywordName];

/** What is written as a call, not as a keyword. */
type Called = 'action' | 'local_action' | 'args' | 'block' | 'hosts' | 'tasks';

type Keywords<Which extends Owner> = {
  readonly [Name in Exclude<On<Which>, Called>]?:
    | (Name extends keyof Particular ? Particular[Name] : OfType<Row<Name>[2]>)
    | undefined;
};

/** `with_items` and its like. */
interface OldLoops {
  readonly [name: `with_${string}`]: Data;
}

export interface PlayKeywords extends Keywords<'play'> {}
export interface BlockKeywords extends Keywords<'block'> {}
export interface RoleKeywords extends Keywords<'role'> {}
export interface TaskKeywords extends Keywords<'task'>, OldLoops {
  /** Of a handler: topics that notify it. */
  readonly listen?: string | readonly string[];
  /** Further arguments that come to a mapping when the task runs. */
  readonly args?: Later;
}

/** Keywords of a task of an imperative play, where the language itself has conditions, loops and results. */
export interface HostKeywords extends Omit<Keywords<'task'>, 'when' | 'loop' | 'loop_control' | 'register'> {}

export interface ImportKeywords {
  readonly name?: string;
  readonly vars?: Vars;
  readonly tags?: string | readonly string[];
  readonly when?: Condition;
}
