/**
 * What is answered to the questions of a login. A host may ask for more than a password: a one-time code, a PIN. The password goes
 * to the one question that is for it, once; the others are for the person at the terminal, if there is one.
 */

interface AnswerOptions {
  password?: string | undefined;
  /** ansible_sshpass_prompt: the question that is for the password has this text in it. */
  passwordPrompt?: string | undefined;
  /** Asks the person at the terminal; undefined: there is nobody. */
  ask?: ((question: string, secret: boolean) => Promise<string | undefined>) | undefined;
}

interface LoginQuestion {
  text: string;
  /** What is typed may be shown. */
  echo: boolean;
}

/** Words of a question for something that is used once; a question that begins with the password means the password. */
const CODE = /one[- ]?time|\botp\b|verification|authenticator|passcode|token|\bcode\b|\bpin\b|duo|yubikey/i;

export class LoginAnswers {
  #given = false;
  /** The first question that nobody could answer. */
  unanswered: string | undefined;

  constructor(private readonly options: AnswerOptions) {}

  /** The answer to one question; undefined if there is none. */
  async answer({ text, echo }: LoginQuestion): Promise<string | undefined> {
    const { password, ask } = this.options;
    const question = text.replace(/\s+/g, ' ').trim();
    if (password !== undefined && !this.#given && !echo && this.#isForPassword(question)) {
      this.#given = true;
      return password;
    }
    const answer = await ask?.(question, !echo);
    if (answer === undefined) this.unanswered ??= question;
    return answer;
  }

  #isForPassword(question: string): boolean {
    const { passwordPrompt } = this.options;
    if (passwordPrompt !== undefined) return question.includes(passwordPrompt.trim());
    // In whatever language it is asked: what is not plainly about something else is about the password.
    return !CODE.test(question) || /^(\([^)]*\) )?password\b/i.test(question);
  }
}
