// Records what stock ansible-core does with every playbook of the corpus: node test/conformance/record_corpus.mjs [TOPIC[/NAME] ...]
// Without topics everything is recorded again, with a name the cases that begin with it; the result is corpus/TOPIC.json, with Ansible's
// version.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (!process.execArgv.some((arg) => arg.includes('tsx')) && !process.env.TROUPE_RECORDING) {
  const again = spawnSync(process.execPath, ['--import', 'tsx', ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, TROUPE_RECORDING: '1' },
  });
  process.exit(again.status ?? 1);
}
const { readCorpus, layOut, filesOf, outcomeOf, folder } = await import('./corpus.ts');
const { runReference } = await import('./reference.mjs');

const wanted = process.argv.slice(2);
const isWanted = ({ topic, name }) =>
  wanted.length === 0 ||
  wanted.some((each) => each === topic || (each.includes('/') && `${topic}/${name}`.startsWith(each)));
const cases = readCorpus().filter(isWanted);
const base = mkdtempSync(join(tmpdir(), 'troupe-corpus-'));
try {
  cpSync(fileURLToPath(new URL('.', import.meta.url)), join(base, 'recorder'), { recursive: true });
  const places = cases.map((found, i) => {
    const place = join(base, String(i));
    layOut(found, place);
    return place;
  });
  writeFileSync(
    join(base, 'cases.json'),
    JSON.stringify(
      places.map((place, i) => ({
        folder: place,
        args: (cases[i].args ?? []).map(String),
        environment: cases[i].environment ?? {},
        input: cases[i].input !== undefined,
      })),
    ),
  );
  const started = Date.now();
  const { rc, stderr } = await runReference({
    argv: [
      'python3',
      join(base, 'recorder', 'record_corpus.py'),
      join(base, 'cases.json'),
      join(base, 'outcomes.json'),
    ],
    cwd: base,
    binds: [base],
  });
  if (rc !== 0) throw new Error(`the recorder ended with ${rc}: ${stderr}`);
  const { version, outcomes } = JSON.parse(readFileSync(join(base, 'outcomes.json'), 'utf8'));
  const byTopic = new Map();
  for (const [i, found] of cases.entries()) {
    const { rc: code, events, output } = outcomes[i];
    const outcome = { rc: code, ...outcomeOf(events), files: filesOf(places[i]) };
    // A playbook that Ansible refuses has no events: keep why, for whoever wrote the case.
    if (events.length === 0)
      process.stderr.write(`${found.topic}: ${found.name}: nothing ran: ${output.trim().slice(-600)}\n`);
    if (!byTopic.has(found.topic)) byTopic.set(found.topic, {});
    byTopic.get(found.topic)[found.name] = outcome;
  }
  for (const [topic, fresh] of byTopic) {
    const path = join(folder, `${topic}.json`);
    const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).recorded : {};
    // In the order of the cases; what no case has any more goes.
    const named = readCorpus().filter((found) => found.topic === topic && (fresh[found.name] ?? before[found.name]));
    const recorded = Object.fromEntries(named.map(({ name }) => [name, fresh[name] ?? before[name]]));
    writeFileSync(path, `${JSON.stringify({ ansible: version, recorded }, null, 1)}\n`);
  }
  process.stdout.write(
    `${cases.length} playbooks recorded with ansible-core ${version} in ${Math.round((Date.now() - started) / 1000)} s\n`,
  );
} finally {
  rmSync(base, { recursive: true, force: true });
}
