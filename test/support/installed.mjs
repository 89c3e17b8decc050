// node_modules/ as package-lock.json wants it: the first thing that the commands of a fresh clone need.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Installs the npm packages if they are not there, and says so; throws with npm's own words if that fails. */
export function ensureInstalled(say) {
  if (existsSync(join(root, 'node_modules', '.bin', 'mocha'))) return;
  say('installing the npm packages of package-lock.json into node_modules/ (npm ci)');
  // Without scripts: the build, which is ours alone, comes after it.
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync('npm', words, { cwd: root, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`npm ci failed:\n${done.error?.message ?? `${done.stdout}${done.stderr}`}`);
}
