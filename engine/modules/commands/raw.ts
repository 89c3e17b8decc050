import { ModuleFailure } from '../../errors.ts';
import { quoteWords } from '../../remote/quote.ts';
import { path, str } from '../args.ts';
import { changed, defineModule, unpredicted } from '../define.ts';
import { outputs } from '../parts/output.ts';

export default defineModule({
  name: 'raw',
  doc: 'Sends a command line as it is to the login shell of the host: for hosts whose shell is not POSIX.',
  reference: 'ansible.builtin.raw',
  args: {
    cmd: str({ doc: 'The command line.', aliases: ['_raw_params', 'free_form'], required: true }),
    executable: path({ doc: 'A shell to run it with, by its absolute path.' }),
  },
  freeForm: 'cmd',
  check: 'skip',
  traits: { unrepeatable: { unless: [] } },
  returns: { rc: 'Exit code.', stdout: 'Standard output.', stderr: 'Standard error.' },
  examples: `- raw: test -e /usr/bin/python3 || apt-get install -y python3
`,
  async run({ cmd, executable }, env) {
    if (env.check) return unpredicted('raw is not run in check mode');
    const line = executable === undefined ? cmd : quoteWords([executable, '-c', cmd]);
    const { rc, stdout, stderr } = await env.remote.raw(line, {
      onOutput: (stream, chunk) => env.output(stream, chunk),
    });
    const values = { rc, ...outputs(stdout, stderr, false) };
    if (rc !== 0) throw new ModuleFailure('non-zero return code', { ...values, changed: true });
    return changed(true, values);
  },
});
