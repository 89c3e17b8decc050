/** The names that a template assigns, as slots of frames. */
import type { Frame, Rendering } from './rendering.ts';

/** The names one frame holds, by slot. */
export class LocalNames {
  readonly slots = new Map<string, number>();
  constructor(
    readonly up: LocalNames | undefined,
    names: Iterable<string>,
  ) {
    for (const name of names) this.add(name);
  }
  add(name: string): number {
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    this.slots.set(name, this.slots.size);
    return this.slots.size - 1;
  }
  /** Where a name may be found, nearest first. */
  places(name: string): { depth: number; slot: number }[] {
    const found: { depth: number; slot: number }[] = [];
    let depth = 0;
    for (let names: LocalNames | undefined = this; names; names = names.up) {
      const slot = names.slots.get(name);
      if (slot !== undefined) found.push({ depth, slot });
      depth++;
    }
    return found;
  }
}

/** The rendering's own top frame. */
export function topFrame(c: Rendering, slots: number): Frame {
  return { c, up: undefined, v: slots === 0 ? [] : new Array(slots) };
}
