import { ModuleFailure } from '../../errors.ts';
import { INTERRUPT } from '../../events.ts';
import { atMostOneOf, bool, float, str } from '../args.ts';
import { type Ask, defineModule, type ModuleEnv, unchanged } from '../define.ts';

export default defineModule({
  name: 'pause',
  doc: `Waits for a time, or until the user presses Enter.

It runs once, whatever the number of hosts. Where nobody can answer, it warns and goes on. Ctrl-C asks whether to continue early or to abort.`,
  reference: 'ansible.builtin.pause',
  args: {
    seconds: float({ doc: 'Seconds to wait; of a fraction the whole ones.' }),
    minutes: float({ doc: 'Minutes to wait.' }),
    prompt: str({ doc: 'What to say.' }),
    echo: bool({ doc: 'Show what the user types.', default: true }),
  },
  rules: [atMostOneOf('minutes', 'seconds')],
  refusal: (_, value) => {
    const odd = ['minutes', 'seconds'].find((name) => Number.isNaN(Number(value(name) ?? 0)));
    const why = `invalid literal for int() with base 10: '${String(value(odd ?? ''))}'`;
    return odd && `argument '${odd}' is of type str and we were unable to convert to int: ${why}`;
  },
  controllerOnly: true,
  once: true,
  check: 'full',
  returns: {
    user_input: 'What the user typed.',
    start: 'When it began.',
    stop: 'When it ended.',
    delta: 'Whole seconds it took.',
    stdout: 'The time it took, as text.',
    echo: 'Whether the input was shown.',
  },
  examples: `- pause:
    prompt: Press Enter when the load balancer is drained
- pause:
    seconds: 30
`,
  async run(args, env) {
    const start = new Date();
    const wanted =
      args.minutes !== undefined ? Math.trunc(args.minutes) * 60 : args.seconds && Math.trunc(args.seconds);
    let input = '';
    if (wanted !== undefined) {
      const seconds = Math.max(1, wanted);
      const hidden = args.echo ? '' : ' (output is hidden)';
      if (env.ask) {
        env.tell?.(`Pausing for ${seconds} seconds${hidden}`);
        env.tell?.("(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)");
        if (args.prompt !== undefined) env.tell?.(`${args.prompt}${hidden}:`);
        await waitFor(seconds * 1000, env.ask);
      } else {
        env.tell?.(`Pausing for ${seconds} seconds${args.prompt === undefined ? '' : `: ${args.prompt}`}`);
        await sleep(seconds * 1000, env.signal);
      }
    } else input = await answer(args.prompt, args.echo, env);
    const stop = new Date();
    const elapsed = (stop.getTime() - start.getTime()) / 1000;
    const inSeconds = args.seconds !== undefined;
    return unchanged({
      rc: 0,
      stderr: '',
      stdout: `Paused for ${twoPlaces(inSeconds ? elapsed : elapsed / 60)} ${inSeconds ? 'seconds' : 'minutes'}`,
      start: stamp(start),
      stop: stamp(stop),
      delta: Math.floor(elapsed),
      echo: args.echo,
      user_input: input,
    });
  },
});

async function answer(prompt: string | undefined, echo: boolean, env: ModuleEnv): Promise<string> {
  if (!env.ask) {
    env.warn('Not waiting for response to prompt as stdin is not interactive');
    return '';
  }
  const text = prompt ?? 'Press enter to continue, Ctrl+C to interrupt';
  const question = { text: `${text}${echo ? '' : ' (output is hidden)'}:`, secret: !echo, interruptible: true };
  const typed = await env.ask(question);
  if (typed !== INTERRUPT) return typed;
  await goOn(env.ask);
  return '';
}

/** Waits where somebody may press Ctrl-C; what else is typed meanwhile counts for nothing. */
async function waitFor(milliseconds: number, ask: Ask): Promise<void> {
  const typed = await ask({ text: '', secret: true, timeout: milliseconds, interruptible: true, keys: [] });
  if (typed === INTERRUPT) await goOn(ask);
}

async function goOn(ask: Ask): Promise<void> {
  const text = "Press 'C' to continue the play or 'A' to abort ";
  const key = await ask({ text, secret: true, interruptible: true, keys: ['c', 'a'] });
  if (key !== 'c') throw new ModuleFailure('user requested abort!');
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new ModuleFailure('the pause was interrupted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** As Python shows `round(n, 2)`: 1.0, 0.03, 12.5. */
function twoPlaces(n: number): string {
  const rounded = Math.round(n * 100) / 100;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** Local time as Python's str(datetime): `2026-11-21 07:54:17.160000`. */
function stamp(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return `${local.toISOString().slice(0, -1).replace('T', ' ')}000`;
}
