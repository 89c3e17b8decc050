// Records which of two neighbouring levels of precedence wins in stock Ansible: node test/vars/record_precedence.mjs
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runAnsible } from '../conformance/reference.mjs';
import { LEVEL_NAMES, projectOf } from './levels.mjs';

const recorded = [];
for (let i = 0; i + 1 < LEVEL_NAMES.length; i++) {
  const levels = [LEVEL_NAMES[i], LEVEL_NAMES[i + 1]];
  const { files, args } = projectOf(levels);
  const folder = mkdtempSync(join(tmpdir(), 'precedence-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    if (name.startsWith('library/')) chmodSync(join(folder, name), 0o755);
  }
  const { stdout, stderr } = await runAnsible({ args, cwd: folder, binds: [folder] });
  const winner = /"msg": "<(.*)>"/.exec(stdout)?.[1];
  if (!winner) throw new Error(`${levels.join(' and ')}: no answer\n${stdout}\n${stderr}`);
  recorded.push({ levels, winner });
  rmSync(folder, { recursive: true });
}
writeFileSync(new URL('precedence.json', import.meta.url), `${JSON.stringify(recorded, null, 1)}\n`);
