// npm run unit, npm run test:NAME: the tests of one family. Further words are mocha's (`-g TITLE`).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { families, testFiles } from './support/families.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...more] = process.argv.slice(2);
if (!families.includes(name)) {
  console.error(`test/run.mjs: no family of tests \`${name}\`; there are ${families.join(', ')}`);
  process.exit(2);
}
const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
const { status, signal } = spawnSync(process.execPath, [mocha, ...testFiles(name), ...more], {
  cwd: root,
  stdio: 'inherit',
});
if (process.platform === 'linux') {
  // Fields 16 and 17: what ended children, and theirs, took, in hundredths of a second.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  console.log(`  ${Math.round((Number(fields[13]) + Number(fields[14])) / 100)} s of processor time\n`);
}
process.exitCode = status ?? (signal ? 1 : 0);
