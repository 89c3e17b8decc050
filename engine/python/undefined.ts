/** What a name without a value evaluates to: an object that carries its error until something needs the value. */
import { TemplateError, UndefinedError } from '../errors.ts';

/**
 * An undefined value, or a value whose computation failed. It may be passed on, tested with `is defined` and replaced with
 * `default`; anything else trips it, which throws its error.
 */
export class Undefined {
  #error: Error | (() => Error);
  /** The value that was undefined first, of which this is a part. */
  #first: Undefined | undefined;
  constructor(
    /** The reference as it was written, such as `tls.cert_dir`. */
    readonly path: string,
    error: Error | (() => Error),
    /** A computation failed, rather than a name being undefined: `default` and `is defined` do not hide that. */
    readonly failed = false,
    /** An inline if without else: empty text inside a text, yet no value by itself. */
    readonly lenient = false,
  ) {
    this.#error = error;
  }

  get error(): Error {
    if (typeof this.#error === 'function') this.#error = this.#error();
    return this.#error;
  }

  /** Throws the error of this value. */
  trip(): never {
    throw this.error;
  }

  /** What an attribute or item of an undefined value is: undefined for the same reason. */
  extended(path: string): Undefined {
    const first = this.#first ?? this;
    const made = new Undefined(path, () => neededFor(first.error, path), this.failed);
    made.#first = first;
    return made;
  }
}

function neededFor(error: Error, path: string): Error {
  if (!(error instanceof UndefinedError)) return error;
  return new UndefinedError(error.message, path, error.place, error.help ?? `it is needed for \`${path}\``);
}

/** What `omit` is: an argument or entry with this value is left out. */
class Omit {
  toString(): string {
    return '<<Omit>>';
  }
}
export const OMIT = new Omit();

/** Throws a TemplateError; the place is added by the operation that failed. */
export function fail(message: string, help?: string): never {
  throw new TemplateError(message, undefined, help);
}
