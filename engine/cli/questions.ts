/** Questions to the person at the terminal, one at a time; secrets are not echoed. */
import type { Readable } from 'node:stream';
import { INTERRUPT } from '../events.ts';
import type { Question } from '../modules/define.ts';

/** Standard input: a terminal, or whatever is piped in. */
export type Input = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };

/** The user pressed Ctrl-C at a question, or the run ended while it was open. */
export class QuestionEnded extends Error {}

export class Questions {
  /** True while a question is open. */
  asking = false;
  readonly #input: Input;
  readonly #write: (text: string) => void;
  readonly #interrupted: AbortSignal;
  readonly #interrupt: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #buffer = '';
  #ended = false;

  constructor(input: Input, write: (text: string) => void, interrupted: AbortSignal, interrupt: () => void) {
    this.#input = input;
    this.#write = write;
    this.#interrupted = interrupted;
    this.#interrupt = interrupt;
    // It may end between two questions.
    input.once('end', () => {
      this.#ended = true;
    });
  }

  /** The answer, without its newline; the default for an empty one. */
  ask(question: Question): Promise<string> {
    const answer = this.#last.then(() => this.#ask(question));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** A line as it is typed; undefined where the input has ended. */
  line(prompt: string): Promise<string | undefined> {
    const answer = this.#last.then(async () => {
      this.asking = true;
      try {
        const typed = await this.#once(prompt, { text: prompt });
        return typed === '' && this.#ended && this.#buffer === '' ? undefined : typed;
      } finally {
        this.asking = false;
      }
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(question: Question): Promise<string> {
    this.asking = true;
    try {
      for (;;) {
        const answer = await this.#once(question.text, question);
        if (!question.confirm || answer === (await this.#once(`confirm ${question.text}`, question)))
          return answer === '' ? (question.default ?? '') : answer;
        this.#write('the two answers differ; once more\n');
      }
    } finally {
      this.asking = false;
    }
  }

  #once(text: string, question: Question): Promise<string> {
    const { secret = false, timeout, interruptible, keys } = question;
    this.#write(text);
    const raw = (secret || interruptible === true || keys !== undefined) && this.#input.isTTY === true;
    if (raw) this.#input.setRawMode?.(true);
    const echo = raw && !secret ? this.#write : () => {};
    return new Promise<string>((resolve, reject) => {
      let typed = '';
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.#input.off('data', onData);
        this.#input.off('end', onEnd);
        this.#interrupted.removeEventListener('abort', onAbort);
        if (raw) {
          this.#input.setRawMode?.(false);
          this.#write('\n');
        }
        this.#input.pause();
        act();
      };
      const onAbort = () => finish(() => reject(new QuestionEnded('interrupted')));
      const onEnd = () => {
        this.#ended = true;
        finish(() => resolve(typed));
      };
      const onData = (chunk: Buffer | string) => {
        this.#buffer += chunk.toString();
        const outcome = this.#take({ raw, keys, echo }, (more) => {
          typed = more(typed);
        });
        if (outcome === 'done') finish(() => resolve(typed));
        else if (outcome === 'interrupt' && interruptible) finish(() => resolve(INTERRUPT));
        else if (outcome === 'interrupt') this.#interrupt();
      };
      const timer = timeout === undefined ? undefined : setTimeout(() => finish(() => resolve(typed)), timeout);
      if (this.#interrupted.aborted) return onAbort();
      this.#interrupted.addEventListener('abort', onAbort);
      this.#input.on('data', onData);
      this.#input.on('end', onEnd);
      // Lines that came in one piece with the input's end are still to be read.
      if (this.#ended && !this.#buffer.includes('\n')) return onEnd();
      if (this.#buffer !== '') onData('');
      else this.#input.resume();
    });
  }

  /** Takes characters from the buffer up to the end of a line; what follows stays for the next question. */
  #take({ raw, keys, echo }: Taking, edit: (change: (typed: string) => string) => void): 'more' | 'done' | 'interrupt' {
    const characters = [...this.#buffer];
    while (characters.length > 0) {
      const c = characters.shift()!;
      this.#buffer = characters.join('');
      if (raw && c === INTERRUPT) return 'interrupt';
      if (keys) {
        const key = c.toLowerCase();
        if (!keys.includes(key)) continue;
        edit(() => key);
        return 'done';
      }
      if (c === '\n' || c === '\r') {
        if (c === '\r' && characters[0] === '\n') this.#buffer = characters.slice(1).join('');
        return 'done';
      }
      if (!raw) edit((typed) => typed + c);
      else if (c === '\x04') return 'done';
      else if (c === '\x7f' || c === '\b')
        edit((typed) => {
          if (typed !== '') echo('\b \b');
          return [...typed].slice(0, -1).join('');
        });
      else if (c === '\x15')
        edit((typed) => {
          echo('\b \b'.repeat([...typed].length));
          return '';
        });
      else {
        echo(c);
        edit((typed) => typed + c);
      }
    }
    return 'more';
  }
}

interface Taking {
  /** The terminal hands on each key, and shows none. */
  raw: boolean;
  keys: readonly string[] | undefined;
  echo: (text: string) => void;
}
