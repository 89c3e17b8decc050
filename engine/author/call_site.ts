/** Where a playbook in TypeScript calls what makes its plays and tasks: the places that YAML would have for them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Place, Source, shownPath } from '../values.ts';
import { type Layout, layoutOfCall } from './layout.ts';

/** A call, not yet looked up: the stack is read when the place is needed. */
export interface CallSite {
  readonly stack: { stack?: string };
}

const FRAMES = 40;
const own = new URL('..', import.meta.url).href;

/** The call of `called`, a function of ours, by the user's code. */
export function callSite(called: (...args: never[]) => unknown): CallSite {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const stack = {};
  Error.captureStackTrace(stack, called);
  Error.stackTraceLimit = before;
  return { stack };
}

interface Frame {
  file: string;
  line: number;
  column: number;
}

/** The frames of a stack that are the user's own, innermost first: up to who loaded their file. */
function framesOf(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const text of stack.split('\n')) {
    const [, where = '', line, column] =
      /^\s+at (?:.*\()?((?:file:\/\/|node:)?[\w/][^()]*?):(\d+):(\d+)\)?$/.exec(text) ?? [];
    if (line === undefined) continue;
    const url = where.startsWith('/') ? new URL(`file://${where}`).href : where;
    if (url.startsWith(own) || !url.startsWith('file:')) {
      if (frames.length > 0) break;
      continue;
    }
    frames.push({ file: fileURLToPath(url.replace(/[?#].*$/, '')), line: Number(line), column: Number(column) });
  }
  return frames;
}

/** Finds places of calls in the files of a project; paths are shown relative to `cwd`. */
export class CallPlaces {
  readonly #sources = new Map<string, Source | undefined>();
  readonly #found = new WeakMap<CallSite, Place | false>();
  readonly #layouts = new WeakMap<Place, readonly Layout[]>();

  constructor(private readonly cwd: string) {}

  /** Of the user's innermost call, which knows the calls around it. */
  of(site: CallSite): Place | undefined {
    let place = this.#found.get(site);
    if (place === undefined) {
      place = this.placeOfStack(site.stack.stack ?? '') ?? false;
      this.#found.set(site, place);
    }
    return place || undefined;
  }

  placeOfStack(stack: string): Place | undefined {
    let outer: Place | undefined;
    for (const frame of framesOf(stack).toReversed()) {
      const source = this.#source(frame.file);
      if (!source) continue;
      const offset = offsetOf(source, frame.line, frame.column);
      outer = outer ? { source, offset, from: outer } : { source, offset };
    }
    return outer;
  }

  /** Where the arguments of the call are written, and what is in them. */
  layouts(place: Place): readonly Layout[] {
    let layouts = this.#layouts.get(place);
    if (!layouts) {
      layouts = layoutOfCall(place.source.text, place.offset);
      this.#layouts.set(place, layouts);
    }
    return layouts;
  }

  #source(file: string): Source | undefined {
    if (!this.#sources.has(file)) {
      let source: Source | undefined;
      try {
        source = new Source(shownPath(file, this.cwd), readFileSync(file, 'utf8'));
      } catch {
        // A frame of something that is no file: nothing can be shown of it.
      }
      this.#sources.set(file, source);
    }
    return this.#sources.get(file);
  }
}

function offsetOf(source: Source, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const end = source.text.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(start + column - 1, source.text.length);
}
