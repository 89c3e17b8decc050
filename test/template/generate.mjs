/**
 * Makes the differential cases: writes templates and expressions by the thousand, has ansible-core render them, and keeps both
 * in cases/*.json. Run it where `python3` can import ansible-core 2.19 (PYTHON names another one):
 *
 *   node test/template/generate.mjs
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FILES } from './case_files.mjs';
import { makeCases } from './case_lists.mjs';
import { VARIABLES } from './case_variables.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

function record(cases) {
  const input = JSON.stringify({ vars: VARIABLES, files: FILES, cases });
  const [python, ...args] = (process.env.PYTHON ?? 'python3').split(' ');
  const done = spawnSync(python, [...args, here('record.py')], {
    input,
    maxBuffer: 1 << 28,
    env: { ...process.env, TZ: 'UTC' },
  });
  if (done.status !== 0) throw new Error(done.stderr.toString());
  return JSON.parse(done.stdout.toString());
}

writeFileSync(here('cases/variables.json'), `${JSON.stringify(VARIABLES)}\n`);
writeFileSync(here('cases/template_files.json'), `${JSON.stringify(FILES)}\n`);
let total = 0;
for (const [group, cases] of Object.entries(makeCases())) {
  const unique = [...new Map(cases.map((one) => [JSON.stringify(one), one])).values()];
  const results = record(unique);
  const lines = unique.map(([mode, text], i) => JSON.stringify([mode, text, results[i]]));
  writeFileSync(here(`cases/${group}.json`), `[\n${lines.join(',\n')}\n]\n`);
  const failures = results.filter((r) => r !== null && typeof r === 'object' && 'e' in r).length;
  console.log(`${group}: ${unique.length} cases, ${failures} of them failures`);
  total += unique.length;
}
console.log(`${total} cases`);
