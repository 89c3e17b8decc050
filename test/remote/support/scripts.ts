/** What the tests of remote/ share. */
import type { ShellScript } from '../../../engine/remote/remote.ts';

/** A script of the test's own: `body` is what do_NAME does. */
export function script(name: string, body: string, needs: ShellScript[] = []): ShellScript {
  return { name, text: `do_${name}() {\n${body}\n}\n`, needs };
}

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
