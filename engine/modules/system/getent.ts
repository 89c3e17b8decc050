import { ModuleFailure } from '../../errors.ts';
import { type Dict, fromPlain } from '../../values.ts';
import { bool, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { lines } from '../parts/output.ts';
import { programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'getent',
  doc: 'Reads an entry, or all, of a database of the system (passwd, group, hosts ...) into facts `getent_DATABASE`.',
  reference: 'ansible.builtin.getent',
  args: {
    database: str({ doc: 'The database.', required: true }),
    key: str({ doc: 'The entry; all if not given.' }),
    service: str({ doc: 'Ask this service only.' }),
    split: str({ doc: 'What separates the fields; `:` for the user databases, else blanks.' }),
    fail_key: bool({ doc: 'Fail if the entry is not there.', default: true }),
  },
  check: 'full',
  traits: { observes: true },
  returns: { ansible_facts: '`getent_DATABASE`: fields by the first one.' },
  examples: `- getent:
    database: passwd
    key: deploy
- debug:
    msg: "{{ ansible_facts.getent_passwd.deploy }}"
`,
  async run(args, { remote }) {
    const options = args.service === undefined ? [] : ['-s', args.service];
    const key = args.key === undefined ? [] : [args.key];
    const [ran] = await programs(remote, [{ words: ['getent', ...options, '--', args.database, ...key] }]);
    const { rc, stdout } = required(ran!);
    const name = `getent_${args.database}`;
    const result = (entries: Record<string, unknown>, msg?: string) => {
      const facts = { [name]: entries };
      return {
        changed: false,
        values: { ansible_facts: facts, ...(msg === undefined ? {} : { msg }) },
        facts: fromPlain(facts) as Dict,
      };
    };
    if (rc === 0) return result(entriesOf(stdout, args.split ?? defaultSplit(args.database)));
    const missing = 'One or more supplied key could not be found in the database.';
    if (rc === 2 && !args.fail_key && args.key !== undefined) return result({ [args.key]: null }, missing);
    if (rc === 2) throw new ModuleFailure(missing);
    if (rc === 3) throw new ModuleFailure('Enumeration not supported on this database.');
    throw new ModuleFailure(rc === 1 ? 'Missing arguments, or database unknown.' : 'Unexpected failure!');
  },
});

const defaultSplit = (database: string) =>
  ['passwd', 'shadow', 'group', 'gshadow'].includes(database) ? ':' : undefined;

function entriesOf(text: string, split: string | undefined): Record<string, unknown> {
  const seen = new Map<string, string[][]>();
  for (const line of lines(text)) {
    const [first = '', ...rest] = split === undefined ? line.trim().split(/\s+/) : line.split(split);
    seen.set(first, [...(seen.get(first) ?? []), rest]);
  }
  return Object.fromEntries([...seen].map(([key, all]) => [key, all.length === 1 ? all[0] : all]));
}
