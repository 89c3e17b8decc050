// Reads every shell file of the project with shellcheck. Exit code 3: it is not here and cannot be installed.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages, LabUnavailable, run } from '../lab/machine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

// What runs on targets must pass under dash, bash and busybox sh: dash's dialect is what these share.
// SC2154: a module's arguments are assigned by the request that calls it, in no file.
const remote = ['--shell=dash', '--exclude=SC2154'];

function files() {
  const below = ['engine', 'test', 'bench', 'roles', 'playbooks'].flatMap((folder) => walk(join(root, folder)));
  return [...below, join(root, '.ci/run')];
}

function walk(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sh'))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function check(paths, options) {
  if (paths.length === 0) return 0;
  const done = await run('shellcheck', [...options, '--', ...paths.map((path) => relative(root, path))], {
    cwd: root,
    check: false,
  });
  process.stdout.write(done.stdout);
  process.stderr.write(done.stderr);
  return done.rc === 0 ? 0 : 1;
}

try {
  const here = await run('shellcheck', ['--version'], { check: false });
  if (here.rc !== 0) await ensurePackages(['shellcheck'], (line) => process.stdout.write(`shellcheck: ${line}\n`));
  const all = files();
  const ours = all.filter((path) => !/^#!.*\bbash\b/.test(readFileSync(path, 'utf8')));
  const results = [
    await check(ours, remote),
    await check(
      all.filter((path) => !ours.includes(path)),
      ['--shell=bash'],
    ),
  ];
  process.stdout.write(`shellcheck: read ${all.length} files\n`);
  process.exitCode = Math.max(...results);
} catch (error) {
  process.stderr.write(`shellcheck: ${error.message}\n`);
  process.exitCode = error instanceof LabUnavailable ? 3 : 1;
}
