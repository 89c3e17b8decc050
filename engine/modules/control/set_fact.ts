import { ModuleFailure } from '../../errors.ts';
import { type Dict, Template } from '../../values.ts';
import { bool } from '../args.ts';
import { defineModule } from '../define.ts';
import { variableName } from './variable-name.ts';

export default defineModule({
  name: 'set_fact',
  doc: `Sets variables of the host for the rest of the run.

Every key but \`cacheable\` is the name of a variable.`,
  reference: 'ansible.builtin.set_fact',
  args: { cacheable: bool({ doc: 'Keep them in the fact cache too.', default: false }) },
  openArgs: true,
  controllerOnly: true,
  check: 'full',
  traits: { definesVariables: true },
  returns: { ansible_facts: { type: 'dict', doc: 'The variables that were set.' } },
  examples: `- set_fact:
    leader: "{{ status.stdout | from_json }}"
`,
  async run(args, env) {
    const values: Dict = new Map();
    for (const [key, value] of env.rawArgs) {
      if (key === 'cacheable') continue;
      const name = key instanceof Template ? env.evaluate(key) : key;
      values.set(variableName(String(name)), value);
    }
    if (values.size === 0)
      throw new ModuleFailure('No key/value pairs provided, at least one is required for this action to succeed');
    return {
      changed: false,
      values: { ansible_facts: values },
      effects: [{ type: 'set_fact', values, cacheable: args.cacheable }],
    };
  },
});
