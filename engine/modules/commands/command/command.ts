import { ModuleFailure } from '../../../errors.ts';
import { quote, quotePath } from '../../../remote/quote.ts';
import { bool, exactlyOneOf, list, path, str } from '../../args.ts';
import { defineModule } from '../../define.ts';
import { splitWords } from '../../parts/output.ts';
import { startJob } from './background-job.ts';
import { type CommandRequest, commandArgs, commandReturns, runCommand } from './run-command.ts';

export default defineModule({
  name: 'command',
  doc: 'Runs a program on the host, without a shell: pipes, redirections and `&&` are only arguments here.',
  reference: 'ansible.builtin.command',
  args: {
    cmd: str({ doc: 'The command line, split into words as a shell would.', aliases: ['_raw_params'] }),
    argv: list(str(), { doc: 'The program and its arguments, one a word.' }),
    ...commandArgs,
    expand_argument_vars: bool({ doc: 'Expand `$NAME` and `~` in the arguments on the host.', default: true }),
    executable: path({ doc: 'Has no effect; use the module `shell`.' }),
  },
  rules: [exactlyOneOf('cmd', 'argv')],
  refusal: (given) => {
    if (given('cmd') && given('argv')) return 'parameters are mutually exclusive: _raw_params|cmd|argv';
    return given('cmd') || given('argv') ? undefined : 'one of the following is required: _raw_params, cmd, argv';
  },
  freeForm: 'cmd',
  // Skipped by the script itself, unless `creates` or `removes` tells what would be.
  check: 'full',
  traits: { unrepeatable: { unless: ['creates', 'removes'] } },
  returns: {
    cmd: { type: 'list', of: { type: 'str' }, doc: 'The words that were run.' },
    ...commandReturns,
  },
  examples: `- command: /usr/bin/make_database.sh db_user db_name
  args:
    creates: /path/to/database`,
  async run(args, env) {
    if (args.executable !== undefined) {
      env.warn(
        `As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. Not using '${args.executable}'.`,
      );
    }
    return runCommand(requestOf(args), env);
  },
  background: (args, env, job) => startJob(requestOf(args), env, job),
});

function wordsOf(line: string): string[] {
  try {
    return splitWords(line);
  } catch (error) {
    throw new ModuleFailure(`the command line can't be split into words: ${(error as Error).message}`, { cmd: line });
  }
}

interface CommandArgs {
  cmd?: string | undefined;
  argv?: string[] | undefined;
  chdir?: string | undefined;
  creates?: string | undefined;
  removes?: string | undefined;
  stdin?: string | undefined;
  stdin_add_newline: boolean;
  strip_empty_ends: boolean;
  expand_argument_vars: boolean;
}

function requestOf(args: CommandArgs): CommandRequest {
  const words = args.argv ?? wordsOf(args.cmd ?? '');
  if (words.length === 0) throw new ModuleFailure('no command given', { rc: 256 });
  return {
    shown: words,
    words: words.map(args.expand_argument_vars ? quotePath : quote).join(' '),
    chdir: args.chdir,
    creates: args.creates,
    removes: args.removes,
    stdin: args.stdin,
    stdinAddNewline: args.stdin_add_newline,
    stripEmptyEnds: args.strip_empty_ends,
  };
}
