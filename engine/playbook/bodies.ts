/** Plays as functions: the block of tasks that such a play has is empty, and a function is its body. */
import type { Dict } from '../values.ts';

/** An async function of one host. */
export type Body = (host: unknown) => Promise<unknown>;

const bodies = new WeakMap<Dict, Body>();

/** Makes a function the body of a block, which is a mapping of the file. */
export function setBody(block: Dict, body: Body): void {
  bodies.set(block, body);
}

export function bodyOf(block: Dict): Body | undefined {
  return bodies.get(block);
}
