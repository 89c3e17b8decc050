import { basename } from 'node:path';
import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, shell, skipped, unpredicted } from '../define.ts';
import { outputs, splitWords } from '../parts/output.ts';
import { globWord } from './command/run-command.ts';

/** As remote's INLINE_LIMIT, which is a value this layer may not import. */
const INLINE = 32 * 1024;

export default defineModule({
  name: 'script',
  doc: 'Runs a script of the controller on the host, with arguments; the line `#!` of the script names its interpreter.',
  reference: 'ansible.builtin.script',
  args: {
    cmd: str({ doc: 'The path of the script and its arguments.', aliases: ['_raw_params'], required: true }),
    creates: path({ doc: 'A path or pattern on the host: if it exists, nothing is run.' }),
    removes: path({ doc: 'A path or pattern on the host: if it does not exist, nothing is run.' }),
    chdir: path({ doc: 'Change into this directory first; absolute.' }),
    executable: str({ doc: 'Program to run the script with.' }),
    decrypt: bool({ doc: 'A script in a vault is decrypted.', default: true }),
  },
  refusal: (given) => (given('cmd') ? undefined : 'one of the following is required: _raw_params, cmd'),
  freeForm: 'cmd',
  // Skipped by the script itself, unless `creates` or `removes` tells what would be.
  check: 'full',
  traits: {
    unrepeatable: { unless: ['creates', 'removes'] },
    controllerFile: { arg: 'cmd', in: 'files', firstWord: true },
    noAsync: true,
  },
  returns: { rc: 'Exit code.', stdout: 'Standard output.', stderr: 'Standard error.' },
  examples: `- script:
    cmd: setup.sh --fast     # files/setup.sh of the role or the playbook
    creates: /etc/app/done
`,
  async run(args, env) {
    const line = args.cmd.trim();
    const source = wordsOf(line)[0];
    if (source === undefined) throw new ModuleFailure('no script given');
    if (args.chdir !== undefined && !/^[/~$]/.test(args.chdir)) {
      throw new ModuleFailure(`chdir ${args.chdir} must be an absolute path for a Unix-aware remote node`);
    }
    const content = await env.files.read(env.files.find(source, 'files'));
    const here = content.length <= INLINE && !content.includes(0);
    const variables = {
      s_creates: globWord(args.creates),
      s_removes: globWord(args.removes),
      s_chdir: remotePath(args.chdir),
      s_executable: args.executable,
      s_args: afterFirstWord(line),
    };
    const options = {
      anyExit: true,
      onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => env.output(stream, chunk),
    };
    const script = shell('script', import.meta.url);
    let reply = await env.remote.call(script, { ...variables, s_here: here, s_content: here ? content : '' }, options);
    if (reply.has('upload')) {
      const file = await env.remote.upload(content, { name: basename(source) });
      reply = await env.remote.call(script, { ...variables, s_file: file }, options);
    }
    const why = reply.get('skipped');
    if (why === 'creates') return skipped(`${args.creates} exists, matching creates option`);
    if (why === 'removes') return skipped(`${args.removes} does not exist, matching removes option`);
    if (reply.has('would_run')) {
      if (args.creates !== undefined || args.removes !== undefined) return { ...changed(true), unpredicted: true };
      return unpredicted('Check mode is not supported for this task.');
    }
    const values = { rc: reply.rc, ...outputs(reply.bytes('stdout'), reply.stderr, false) };
    if (reply.rc !== 0) throw new ModuleFailure('non-zero return code', { ...values, changed: true });
    return changed(true, values);
  },
});

function wordsOf(line: string): string[] {
  try {
    return splitWords(line);
  } catch (error) {
    throw new ModuleFailure(`the line can't be split into words: ${(error as Error).message}`);
  }
}

/** The arguments as they were written: the shell of the host reads their quotes. */
function afterFirstWord(line: string): string {
  return line.replace(/^(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+\s*/s, '');
}
