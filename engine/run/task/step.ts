/** `--step`: asks before each task, once for all hosts that come to it together. */
import type { Ask } from '../../modules/define.ts';
import type { Group } from '../types.ts';
import { Interrupted } from '../walk/signals.ts';

export class Stepping {
  readonly #ask: Ask | undefined;
  readonly #answers = new WeakMap<Group, Promise<boolean>>();
  /** The user said: go on without asking. */
  #goesOn = false;

  /** Without `ask` every task is let through. */
  constructor(
    ask: Ask | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.#ask = ask;
  }

  /** Whether this group is to run its task. */
  allows(group: Group, name: string): Promise<boolean> | boolean {
    if (!this.#ask || this.#goesOn) return true;
    let answer = this.#answers.get(group);
    if (!answer) {
      answer = this.#question(this.#ask, name);
      this.#answers.set(group, answer);
    }
    return answer;
  }

  /** Ctrl-C at the question ends the run as it does anywhere else. */
  async #answerTo(ask: Ask, text: string): Promise<string> {
    try {
      return await ask({ text });
    } catch (error) {
      throw this.signal.aborted ? new Interrupted() : error;
    }
  }

  async #question(ask: Ask, name: string): Promise<boolean> {
    const text = `Perform task: ${name} (N)o/(y)es/(c)ontinue: `;
    const answer = (await this.#answerTo(ask, text)).trim().toLowerCase();
    if (answer === 'c' || answer === 'continue') this.#goesOn = true;
    return this.#goesOn || answer === 'y' || answer === 'yes';
  }
}
