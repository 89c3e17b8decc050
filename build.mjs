// Compiles engine/ to dist/ and copies what the compiler does not: the modules' shell halves, and
// the program that rsync starts.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
let tsc;
try {
  tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
} catch {
  // `npm ci --omit=dev` has no compiler; a published package carries dist/ already.
  if (existsSync(join(root, 'dist', 'cli.js'))) process.exit(0);
  console.error('troupe: typescript is not installed; run `npm ci` (with development packages) to build dist/');
  process.exit(1);
}
rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { cwd: root, stdio: 'inherit' });
for (const entry of readdirSync(join(root, 'engine'), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(sh|mjs)$/.test(entry.name)) continue;
  const from = join(entry.parentPath, entry.name);
  cpSync(from, from.replace(join(root, 'engine'), join(root, 'dist')));
}
chmodSync(join(root, 'dist', 'cli.js'), 0o755);
