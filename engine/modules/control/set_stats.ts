import { type Dict, Template } from '../../values.ts';
import { bool, dict } from '../args.ts';
import { defineModule } from '../define.ts';
import { variableName } from './variable-name.ts';

export default defineModule({
  name: 'set_stats',
  doc: 'Sets values that the recap of the run shows and returns.',
  reference: 'ansible.builtin.set_stats',
  args: {
    data: dict({ doc: 'The values, by name.', required: true }),
    per_host: bool({ doc: 'Keep them for each host apart.', default: false }),
    aggregate: bool({ doc: 'Add to values that were set before: numbers, lists, dicts.', default: true }),
  },
  controllerOnly: true,
  check: 'full',
  returns: { ansible_stats: 'data, per_host and aggregate as they were applied.' },
  examples: `- set_stats:
    data:
      deployed: "{{ version }}"
`,
  async run({ data, per_host: perHost, aggregate }, env) {
    const values: Dict = new Map();
    for (const [key, value] of data) {
      const name = key instanceof Template ? env.evaluate(key) : key;
      values.set(variableName(String(name)), value);
    }
    return {
      changed: false,
      values: { ansible_stats: { data: values, per_host: perHost, aggregate } },
      effects: [{ type: 'set_stats', values, perHost, aggregate }],
    };
  },
});
