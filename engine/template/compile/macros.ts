/** Macros and the bodies of `{% call %}`: how their arguments are bound. */

import { UndefinedError } from '../../errors.ts';
import { Callable, type Kwargs, Tuple } from '../../python/objects.ts';
import type { Py } from '../../python/py.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import type { Runner } from './linking.ts';
import type { LocalNames } from './local_names.ts';
import type { Evaluator } from './operations.ts';
import type { Frame } from './rendering.ts';

interface MacroParts {
  name: string;
  params: string[];
  defaults: Evaluator[];
  /** Names the body reads: `varargs`, `kwargs` and `caller` are accepted only where they are used. */
  used: ReadonlySet<string>;
  names: LocalNames;
  run: Runner;
}

/** Makes, for a frame, the callable that a macro's name stands for. */
export function macroOf(parts: MacroParts): (f: Frame) => Callable {
  const { name, params, used, names, run } = parts;
  const slot = (of: string) => names.slots.get(of)!;
  const firstDefault = params.length - parts.defaults.length;
  const reads = (special: string) => used.has(special) && !params.includes(special);
  const extra = { varargs: reads('varargs'), kwargs: reads('kwargs'), caller: reads('caller') };
  return (outer) =>
    new Callable(
      name,
      (args: Py[], kwargs: Kwargs) => {
        const frame: Frame = { c: outer.c, up: outer, v: new Array(names.slots.size) };
        const left = new Map(kwargs);
        const given = params.map((param, i) => take(name, param, i, args, left));
        if (extra.caller) {
          const caller = left.get('caller') ?? missingParameter('caller', 'No caller defined');
          left.delete('caller');
          frame.v[slot('caller')] = caller;
        }
        if (extra.varargs) frame.v[slot('varargs')] = Tuple.make(args.slice(params.length));
        else if (args.length > params.length) {
          fail(`macro '${name}' takes not more than ${params.length} argument(s)`);
        }
        if (extra.kwargs) frame.v[slot('kwargs')] = new Map(left);
        else if (left.size) {
          const [unknown] = left.keys();
          if (unknown === 'caller')
            fail(`macro '${name}' does not use \`caller()\`, so it can't be used with \`{% call %}\``);
          fail(`macro '${name}' takes no keyword argument '${unknown}'`);
        }
        params.forEach((param, i) => {
          const at = slot(param);
          if (given[i] !== undefined) frame.v[at] = given[i];
          else if (i >= firstDefault) frame.v[at] = parts.defaults[i - firstDefault]!(frame);
          else frame.v[at] = missingParameter(param, `parameter '${param}' was not provided`);
        });
        return outer.c.collected((out) => run(frame, out));
      },
      true,
      (attribute) => {
        if (attribute === 'arguments') return Tuple.make(params);
        const reading: Record<string, boolean> = {
          catch_varargs: extra.varargs,
          catch_kwargs: extra.kwargs,
          caller: extra.caller,
        };
        return Object.hasOwn(reading, attribute) ? reading[attribute] : undefined;
      },
    );
}

function take(macro: string, param: string, index: number, args: Py[], left: Kwargs): Py {
  if (!left.has(param)) return args[index];
  if (index < args.length) fail(`macro '${macro}' got its argument '${param}' twice`);
  const value = left.get(param);
  left.delete(param);
  return value;
}

function missingParameter(name: string, message: string): Undefined {
  return new Undefined(name, () => new UndefinedError(message, name));
}
