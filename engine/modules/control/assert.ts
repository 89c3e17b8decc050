import { ModuleFailure, UndefinedError } from '../../errors.ts';
import { Template, toPlain, type Value } from '../../values.ts';
import { bool, raw } from '../args.ts';
import { defineModule } from '../define.ts';

/** Letters of a value that are shown. */
const MOST = 200;

export default defineModule({
  name: 'assert',
  doc: 'Fails unless every condition holds.',
  reference: 'ansible.builtin.assert',
  args: {
    that: raw({ doc: 'A condition, or a list of conditions, as in `when`.', required: true }),
    fail_msg: raw({ doc: 'What to say on failure: a text or a list of texts.', aliases: ['msg'] }),
    success_msg: raw({ doc: 'What to say on success: a text or a list of texts.' }),
    quiet: bool({ doc: 'Say nothing on success.', default: false }),
  },
  unrendered: ['that'],
  controllerOnly: true,
  check: 'full',
  traits: { expressions: ['that'], shows: 'message' },
  returns: { assertion: 'The condition that does not hold.', evaluated_to: 'False.', msg: 'fail_msg or success_msg.' },
  examples: `- assert:
    that:
      - ansible_memtotal_mb >= 2000
      - data_dir is not search('^/tmp')
    fail_msg: "{{ inventory_hostname }} is not fit for etcd"
`,
  async run(args, env) {
    const conditions: Value[] = Array.isArray(args.that) ? args.that : [args.that];
    for (const condition of conditions) {
      if (holds(condition, env.evaluate)) continue;
      const assertion = condition instanceof Template ? condition.text : toPlain(condition);
      const result = {
        assertion,
        evaluated_to: false,
        ...(args.fail_msg === undefined ? {} : { msg: toPlain(args.fail_msg) }),
      };
      const values = typeof condition === 'boolean' ? [] : (env.valuesIn?.(condition as string | Template) ?? []);
      throw new ModuleFailure(
        message(args.fail_msg, `Assertion failed: ${String(assertion)}`),
        result,
        values.length === 0 ? undefined : values.map(([path, value]) => `${path} is ${shown(value)}`).join('\n'),
      );
    }
    const msg = args.success_msg === undefined ? 'All assertions passed' : toPlain(args.success_msg);
    return { changed: false, values: { msg }, quiet: args.quiet };
  },
});

/** A value in a line: of a long one its beginning. */
function shown(value: Value): string {
  const text = JSON.stringify(toPlain(value)) ?? String(value);
  return text.length <= MOST ? text : `${text.slice(0, MOST)}… ${text.length - MOST} letters more`;
}

function message(given: Value | undefined, otherwise: string): string {
  if (given === undefined || given === null) return otherwise;
  return Array.isArray(given) ? given.map(String).join('\n') : String(given);
}

/** A condition must be true or false: ansible-core 2.19 takes nothing else for either. */
function holds(condition: Value, evaluate: (expression: string | Template | boolean) => Value): boolean {
  if (typeof condition !== 'string' && typeof condition !== 'boolean' && !(condition instanceof Template))
    throw new ModuleFailure(`a condition must be an expression, not ${JSON.stringify(toPlain(condition))}`);
  const text = condition instanceof Template ? condition.text : String(condition);
  let value: Value;
  try {
    value = evaluate(condition);
  } catch (error) {
    if (!(error instanceof UndefinedError)) throw error;
    throw new ModuleFailure(`Error while evaluating conditional: ${error.message} (in: ${text})`, { assertion: text });
  }
  if (typeof value === 'boolean') return value;
  throw new ModuleFailure(
    `the condition \`${text}\` gives ${JSON.stringify(toPlain(value))}, which is neither true nor false; ` +
      'compare it with something, or write `| bool`, `| length > 0`, `is defined`',
    { assertion: text },
  );
}
