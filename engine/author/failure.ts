/** What an imperative play catches: a task that failed on its host. */

/** A task failed; `result` is what it returned. Catching it is what `rescue` is in a block. */
export class TaskFailed extends Error {
  constructor(
    message: string,
    readonly task: string,
    readonly result: { readonly [key: string]: unknown },
  ) {
    super(message);
    this.name = 'TaskFailed';
  }
}
