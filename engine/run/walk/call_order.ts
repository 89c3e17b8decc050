/**
 * The calls of an imperative play in the order in which its hosts came to them. Hosts go their own ways through the function, and meet
 * again at the gate where they make the same call for the same time.
 */
import type { Task } from '../../playbook/nodes.ts';

export interface CallPoint {
  readonly key: string;
  /** Where it is among the others; changes when another host comes to a call between two. */
  order: number;
  readonly file: string;
  readonly offset: number;
  readonly time: number;
  /** The task that all its hosts meet at: that of the first. */
  task?: Task;
}

export class CallOrder {
  readonly #points: CallPoint[] = [];
  readonly #byKey = new Map<string, CallPoint>();

  /** The point of a call that a host comes to after another one. */
  at(key: string, where: { file: string; offset: number; time: number }, after: CallPoint | undefined): CallPoint {
    const known = this.#byKey.get(key);
    if (known) return known;
    const point: CallPoint = { key, order: 0, ...where };
    let at = after ? after.order + 1 : 0;
    // What others came to from here on, and what is written before it: this host has passed it by.
    for (let next = this.#points[at]; next && isBefore(next, point); next = this.#points[at]) at++;
    this.#points.splice(at, 0, point);
    for (const [i, each] of this.#points.entries()) each.order = i;
    this.#byKey.set(key, point);
    return point;
  }
}

const isBefore = (a: CallPoint, b: CallPoint): boolean => a.file === b.file && a.time <= b.time && a.offset < b.offset;
