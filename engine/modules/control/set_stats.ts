import { type Dict, isDict, Template, type Value } from '../../values.ts';
import { dict, raw } from '../args.ts';
import { defineModule } from '../define.ts';
import { variableName } from './variable-name.ts';

export default defineModule({
  name: 'set_stats',
  doc: 'Sets values that the recap of the run shows and returns.',
  reference: 'ansible.builtin.set_stats',
  args: {
    data: dict({ doc: 'The values, by name.', default: new Map() }),
    per_host: raw({ doc: 'Keep them for each host apart.', default: false }),
    aggregate: raw({ doc: 'Add to values that were set before: numbers, lists, dicts.', default: true }),
  },
  refusal: (_, value) => (isDict(value('data')) ? undefined : "The 'data' option needs to be a dictionary/hash"),
  controllerOnly: true,
  check: 'full',
  returns: { ansible_stats: 'data, per_host and aggregate as they were applied.' },
  examples: `- set_stats:
    data:
      deployed: "{{ version }}"
`,
  async run(args, env) {
    const { data } = args;
    const [perHost, aggregate] = [leniently(args.per_host), leniently(args.aggregate)];
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

/** As Ansible's action reads them: what is not one of the words for yes means no. */
const leniently = (value: Value | undefined): boolean => /^(y|yes|on|1|true|t|1\.0)$/i.test(String(value));
