import { quotePath, quoteWords } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { startJob } from './command/background-job.ts';
import { type CommandRequest, commandArgs, commandReturns, runCommand } from './command/run-command.ts';

export default defineModule({
  name: 'shell',
  doc: 'Runs a command line through the shell of the host.',
  reference: 'ansible.builtin.shell',
  args: {
    cmd: str({ doc: 'The command line.', aliases: ['_raw_params'], required: true }),
    ...commandArgs,
    executable: path({ doc: 'The shell to use, by its absolute path; `/bin/sh` if not given.' }),
    expand_argument_vars: bool({ doc: 'Of `command` alone.', unsupported: 'the shell expands variables itself' }),
  },
  refusal: (given) => {
    if (given('expand_argument_vars')) return 'Unsupported parameters for (shell) module: expand_argument_vars';
    return given('cmd') ? undefined : 'one of the following is required: _raw_params, cmd, argv';
  },
  freeForm: 'cmd',
  // Skipped by the script itself, unless `creates` or `removes` tells what would be.
  check: 'full',
  traits: { unrepeatable: { unless: ['creates', 'removes'] } },
  returns: {
    cmd: { type: 'str', doc: 'The command line.' },
    ...commandReturns,
  },
  examples: `- shell: somescript.sh >> somelog.txt
  args:
    chdir: somedir/`,
  async run(args, env) {
    return runCommand(requestOf(args), env);
  },
  background: (args, env, job) => startJob(requestOf(args), env, job),
});

interface ShellArgs {
  cmd: string;
  executable?: string | undefined;
  chdir?: string | undefined;
  creates?: string | undefined;
  removes?: string | undefined;
  stdin?: string | undefined;
  stdin_add_newline: boolean;
  strip_empty_ends: boolean;
}

function requestOf(args: ShellArgs): CommandRequest {
  return {
    shown: args.cmd,
    words: `${quotePath(args.executable ?? '/bin/sh')} ${quoteWords(['-c', args.cmd])}`,
    chdir: args.chdir,
    creates: args.creates,
    removes: args.removes,
    stdin: args.stdin,
    stdinAddNewline: args.stdin_add_newline,
    stripEmptyEnds: args.strip_empty_ends,
  };
}
