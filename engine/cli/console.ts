/** The process as the command sees it: given by cli.ts, and made of memory in tests. */
import { UsageError } from '../errors.ts';
import type { Question } from '../modules/define.ts';
import type { Output } from '../reporters/index.ts';

export interface Console {
  /** Words after the command's name. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder that the package lies in: its playbooks are there. */
  readonly packageFolder: string;
  readonly version: string;
  readonly out: Output;
  /** Prints a user's own content as it is (`run vault view`); all else goes through `out`, which lets no control character pass. */
  content(text: string): void;
  /** Whether somebody is there to answer. */
  readonly interactive: boolean;
  /** Asks, without echo where the answer is secret. Reads a line of standard input where there is no terminal. */
  ask(question: Question): Promise<string>;
  /** A line of standard input behind a prompt; undefined at its end. */
  line(prompt: string): Promise<string | undefined>;
  /** All of standard input. */
  readInput(): Promise<Buffer>;
  /** Ends when the user interrupts. */
  readonly interrupted: AbortSignal;
  /** Runs a program on this terminal (an editor). Resolves to its exit code. */
  runProgram(command: string, args: readonly string[]): Promise<number>;
}

/** Something that the command line names is not there, or cannot be used. */
export class InputError extends UsageError {}

export { EXIT } from '../events.ts';
