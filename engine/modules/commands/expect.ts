import { ModuleFailure } from '../../errors.ts';
import { quote, quotePath, quoteWords } from '../../remote/quote.ts';
import { toPlain } from '../../values.ts';
import { bool, dict, path, raw, str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, shell, unchanged, unpredicted } from '../define.ts';
import { lines, splitWords } from '../parts/output.ts';
import { pythonRegex } from '../parts/python-regex.ts';
import { globWord } from './command/run-command.ts';

export default defineModule({
  name: 'expect',
  doc: 'Runs a program on a real terminal and answers what it asks.',
  reference: 'ansible.builtin.expect',
  args: {
    command: str({ doc: 'The command line; no shell reads it.', required: true }),
    creates: path({ doc: 'A path: if it exists, nothing is run.' }),
    removes: path({ doc: 'A path: if it does not exist, nothing is run.' }),
    chdir: path({ doc: 'Change into this directory first.' }),
    responses: dict({
      doc: 'Answers, by the question (Python syntax); a list answers one time after the other.',
      required: true,
    }),
    timeout: raw({ doc: 'Seconds to wait for the end.', default: 30 }),
    echo: bool({ doc: 'Leave the answers in the output.', default: false }),
  },
  check: 'skip',
  traits: { unrepeatable: { unless: ['creates', 'removes'] } },
  returns: { cmd: 'The command line.', rc: 'Exit code.', stdout: 'What it said.' },
  examples: `- expect:
    command: passwd deploy
    responses:
      (?i)password: "{{ new_password }}"
  no_log: true
`,
  async run(args, env) {
    const { creates, removes } = args;
    const why = creates === undefined && removes === undefined ? '' : await whySkipped(creates, removes, env);
    if (why !== '') {
      const path_ = why === 'creates' ? args.creates : args.removes;
      const stdout = `skipped, since ${path_} ${why === 'creates' ? 'exists' : 'does not exist'}`;
      return unchanged({ cmd: args.command, stdout, stdout_lines: [stdout], rc: 0 });
    }
    if (env.check) return unpredicted('remote module (expect) does not support check mode');
    const timeout = args.timeout === null ? undefined : Number(toPlain(args.timeout));
    if (timeout !== undefined && !Number.isFinite(timeout)) throw new ModuleFailure('timeout must be a number');
    const answers = new Answers(args.responses, env.secret);
    const words = splitWords(args.command);
    const inner = quoteWords(words.length === 0 ? ['true'] : words);
    const move = args.chdir === undefined ? '' : `cd ${quotePath(args.chdir)} && `;
    const line = `sh -c ${quote(`${move}${args.echo ? '' : 'stty -echo 2>/dev/null; '}exec ${inner}`)}`;
    const began = Date.now();
    const times = () => ({ delta: `0:00:${((Date.now() - began) / 1000).toFixed(6).padStart(9, '0')}` });
    let ran: { rc: number; output: string };
    try {
      ran = await env.remote.terminal(line, {
        onOutput: (text, write) => answers.answer(text, write),
        ...(timeout === undefined ? {} : { timeout }),
      });
    } catch (error) {
      if (answers.failure) throw answers.failure;
      throw error instanceof ModuleFailure
        ? new ModuleFailure(error.message, { ...error.result, cmd: args.command, ...times() })
        : error;
    }
    if (answers.failure) throw answers.failure;
    const stdout = ran.output.replaceAll('\r\n', '\n').replace(/[\r\n]+$/, '');
    const values = { cmd: args.command, stdout, stdout_lines: lines(stdout), rc: ran.rc, ...times() };
    if (ran.rc !== 0) throw new ModuleFailure('non-zero return code', { ...values, changed: true });
    return changed(true, values);
  },
});

/** `creates` or `removes`, where that says that there is nothing to run. */
async function whySkipped(creates: string | undefined, removes: string | undefined, env: ModuleEnv): Promise<string> {
  const reply = await env.remote.call(shell('expect', import.meta.url), {
    e_creates: globWord(creates),
    e_removes: globWord(removes),
  });
  return reply.get('skipped');
}

/** Finds the question that was asked last and gives its answer. */
class Answers {
  readonly #rules: { expression: RegExp; answers: string[]; many: boolean; question: string }[] = [];
  #seen = '';
  failure: ModuleFailure | undefined;

  constructor(responses: ReadonlyMap<unknown, unknown>, secret: (text: string) => void) {
    for (const [question, answer] of responses) {
      const many = Array.isArray(answer);
      const answers = (many ? answer : [answer]).map((one) => String(toPlain(one as never)));
      if (/assw|secret|phrase/i.test(String(question))) for (const one of answers) secret(one);
      this.#rules.push({ expression: pythonRegex(String(question), {}), answers, many, question: String(question) });
    }
  }

  answer(text: string, write: (answer: string) => void): void {
    this.#seen += text;
    for (;;) {
      const found = this.#rules
        .map((rule) => ({ rule, match: rule.expression.exec(this.#seen) }))
        .filter((one) => one.match !== null)
        .sort((a, b) => a.match!.index - b.match!.index)[0];
      if (!found || this.failure) return;
      this.#seen = this.#seen.slice(found.match!.index + Math.max(1, found.match![0].length));
      const answer = found.rule.many ? found.rule.answers.shift() : found.rule.answers[0];
      if (answer === undefined) {
        this.failure = new ModuleFailure(
          `No remaining responses for '${found.rule.question}', output was '${this.#seen}'`,
        );
        // An end of input lets the program end by itself.
        write('\u0004');
        return;
      }
      write(`${answer.replace(/\n$/, '')}\n`);
    }
  }
}
