/** What an imperative play is given: a host, on which each awaited call is a task. Types only. */

/** What every task returns. */
export interface CommonResult {
  readonly changed: boolean;
  readonly failed: boolean;
  readonly skipped?: boolean;
  readonly msg?: string;
  /** Of `until`: how many attempts it took. */
  readonly attempts?: number;
}

/** A method for each module; `troupe/modules` adds them, with their types. */
// biome-ignore lint/suspicious/noEmptyInterface: the declarations that the build writes add to it
export interface ModuleCalls {}

/** One host of a play. */
export interface PlayHost extends ModuleCalls {
  /** Its name in the inventory. */
  readonly name: string;
}

/** A play as an async function of one host. */
export type ImperativePlay = (host: PlayHost) => Promise<unknown>;
