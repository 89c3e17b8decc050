// dist/ as of now: a test that runs the command itself must not run yesterday's.
import { build } from '../../build.mjs';

let cli;

/** Builds dist/ if it is not what engine/ makes; returns the path of the command. */
export function ensureBuilt(say) {
  cli ??= build(say);
  return cli;
}
