/** What an imperative play is given: a host, on which each awaited call is a task. Types only. */
import type { Json } from '../values.ts';
import type { HostKeywords } from './types.ts';

/** What every task returns. */
export interface CommonResult {
  readonly changed: boolean;
  readonly failed: boolean;
  readonly skipped?: boolean;
  readonly msg?: string;
  /** Of `until`: how many attempts it took. */
  readonly attempts?: number;
}

/**
 * A result in an imperative play. Where `known` is false (check mode skipped the task, or the tags did), its keys are not known: reading
 * one ends the play for this host, with a warning that says which.
 */
export type Awaited<Result> = Result & { readonly known: boolean };

/** A method for each module; `troupe/modules` adds them, with their types. */
// biome-ignore lint/suspicious/noEmptyInterface: the declarations that the build writes add to it
export interface ModuleCalls {}

/** One host of a play. Each call of a module is a task, at the same gate as those of other hosts: await it. */
export interface PlayHost extends ModuleCalls {
  /** Its name in the inventory. */
  readonly name: string;
  /** Whether this is check mode. */
  readonly check: boolean;
  /** A variable of the host, rendered; undefined where there is none. */
  variable(name: string): Json | undefined;
  /** A module by its name, such as one of the project's own. */
  task(
    module: string,
    args?: unknown,
    keywords?: HostKeywords,
  ): Promise<Awaited<CommonResult & { readonly [key: string]: unknown }>>;
}

/** A play as an async function of one host. */
export type ImperativePlay = (host: PlayHost) => Promise<unknown>;
