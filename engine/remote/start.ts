/** Starts a program of the controller; where the system refuses, there is one error in words. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { ModuleFailure, reasonOf } from '../errors.ts';

/** `failure` begins the message. A program that is not there is told by the process's own event `error`. */
export function startProgram(failure: string, program: string, words: string[], options: SpawnOptions): ChildProcess {
  let child: ChildProcess;
  try {
    child = spawn(program, words, options);
  } catch (error) {
    // A command line that is longer than the system takes.
    throw new ModuleFailure(`${failure}: ${reasonOf(error)}`);
  }
  // Where no more files may be opened there are no streams, and the reason comes later.
  child.once('error', () => {});
  if (child.stdin === undefined && child.pid === undefined)
    throw new ModuleFailure(
      `${failure}: ${reasonOf(Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE', syscall: 'spawn' }))}`,
    );
  return child;
}
