import { ModuleFailure, UndefinedError } from '../../errors.ts';
import { isDict, Template, toPlain, type Value } from '../../values.ts';
import { atMostOneOf, int, raw } from '../args.ts';
import { defineModule, type ModuleEnv, unchanged } from '../define.ts';

/** A variable's name or a path into it: all that text which came from a variable may name. */
const REFERENCE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[\d+\]|\['[^'\\]*'\]|\["[^"\\]*"\])*$/;

export default defineModule({
  name: 'debug',
  doc: 'Shows a message, or the value of a variable or expression.',
  reference: 'ansible.builtin.debug',
  args: {
    msg: raw({ doc: 'What to show: a text, or any value.', default: 'Hello world!' }),
    var: raw({ doc: 'Name of a variable, or an expression without braces.' }),
    verbosity: int({ doc: 'Show it only with at least this many -v.', default: 0 }),
  },
  rules: [atMostOneOf('msg', 'var')],
  unrendered: ['var'],
  controllerOnly: true,
  check: 'full',
  traits: { shows: 'values' },
  returns: { msg: 'The message; or, under the name given as `var`, its value.' },
  examples: `- debug:
    msg: "{{ inventory_hostname }} has {{ ansible_processor_vcpus }} CPUs"
- debug:
    var: result.stdout_lines
    verbosity: 1
`,
  async run(args, env) {
    if (args.verbosity > env.verbosity)
      return { changed: false, skipped: true, values: { skipped_reason: 'Verbosity threshold not met.' } };
    if (args.var === undefined || args.var === null) return unchanged({ msg: args.msg });
    const [name, value] = shown(args.var, env);
    return unchanged({ [name]: value });
  },
});

/** The expression's text and its value; a text that a template gave names a variable and nothing else. */
function shown(written: Value, env: ModuleEnv): [string, Value] {
  if (typeof written === 'string') return [written, evaluated(written, env)];
  if (!(written instanceof Template)) {
    const kind = Array.isArray(written) ? 'a list' : isDict(written) ? 'a dict' : `\`${String(toPlain(written))}\``;
    throw new ModuleFailure(
      `\`var\` is the name of a variable or an expression, not ${kind}; values are shown with \`msg\``,
    );
  }
  const rendered = evaluated(written, env);
  if (typeof rendered === 'string' && REFERENCE.test(rendered)) return [rendered, evaluated(rendered, env)];
  return [written.text.replace(/^\{\{\s*|\s*\}\}$/g, ''), rendered];
}

/** As ansible-core: an undefined variable is shown as such with a warning, and fails nothing. */
function evaluated(expression: string | Template, env: ModuleEnv): Value {
  try {
    return env.evaluate(expression);
  } catch (error) {
    if (!(error instanceof UndefinedError)) throw error;
    env.warn(error.message);
    return `<< error 1 - ${error.message} >>`;
  }
}
