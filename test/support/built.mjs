// dist/ as of now: whoever runs the command itself must not run yesterday's.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds dist/ if it is missing or older than a file of engine/; returns the path of the command. */
export function ensureBuilt(say) {
  const cli = join(root, 'dist', 'cli.js');
  const built = existsSync(cli) ? statSync(cli).mtimeMs : 0;
  const files = readdirSync(join(root, 'engine'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  if (files.every((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs <= built)) return cli;
  say('building dist/');
  const done = spawnSync(process.execPath, [join(root, 'build.mjs')], { cwd: root, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`dist/ does not build:\n${done.stdout}${done.stderr}`);
  return cli;
}
