// Writes docs/conformance.md: what became of Ansible's own integration targets.
//   node test/conformance/write_targets.mjs RESULTS.json [TARGETS.tsv]
// RESULTS.json is what a run of the targets writes (`run --json`, see shared/conformance): each target with its ok tasks, those of
// ansible-core, and its first failure. TARGETS.tsv, if it is given, says which targets there are: one that was not run is said to be so.
// Why a target does not pass is said in target_reasons.tsv beside this file: target, reason. A target that has no reason there is shown
// with the first failure of the run.
import { readFileSync, writeFileSync } from 'node:fs';

const [resultsFile, targetsFile] = process.argv.slice(2);
if (!resultsFile) {
  console.error('usage: node test/conformance/write_targets.mjs RESULTS.json [TARGETS.tsv]');
  process.exit(2);
}
const beside = (name) => new URL(name, import.meta.url);
const rowsOf = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));

const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
const ran = new Map(results.targets.map((target) => [target.name, target]));
const reasons = new Map(rowsOf(readFileSync(beside('target_reasons.tsv'), 'utf8')).slice(1));

/** All targets, each with its group and the ok tasks of ansible-core. */
function targets() {
  if (!targetsFile)
    return results.targets.map(({ name, group, baseline_ok: tasks }) => ({ name, group, tasks: tasks ?? 0 }));
  const [head, ...rows] = rowsOf(readFileSync(targetsFile, 'utf8'));
  const [group, tasks] = ['group', 'tasks'].map((column) => head.indexOf(column));
  return rows.map((row) => ({ name: row[0], group: row[group], tasks: Number(row[tasks]) }));
}

const reached = ({ name, tasks }) => Math.min(ran.get(name)?.ok ?? 0, tasks);

/** How many of some targets pass, and the share of their tasks: each counts up to its first failure. */
function share(some) {
  const ok = some.reduce((sum, target) => sum + reached(target), 0);
  const of = some.reduce((sum, { tasks }) => sum + tasks, 0);
  const pass = some.filter(({ name }) => ran.get(name)?.pass).length;
  return { targets: some.length, pass, ok, of, percent: of === 0 ? '100.0' : ((100 * ok) / of).toFixed(1) };
}

const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

function reasonOf(name) {
  const result = ran.get(name);
  if (!result) return 'was not run';
  if (result.pass) return '';
  if (reasons.has(name)) return reasons.get(name);
  const { task = '', msg = '' } = result.first_failure ?? {};
  // No path of the machine that it ran on, and no more than a line.
  const said = `${task ? `${task}: ` : ''}${msg}`.replace(/\/[\w.+@-]+(?:\/[\w.+@-]+)+/g, '…');
  return `not explained yet; first failure: ${said.slice(0, 160)}`;
}

const all = targets();
const own = all.filter(({ group }) => group !== 'python');
const groups = [...new Set(all.map(({ group }) => group))].sort();
const line = (name, { targets: count, pass, ok, of, percent }) =>
  `| ${name} | ${pass} of ${count} | ${ok.toLocaleString('en')} of ${of.toLocaleString('en')} | ${percent} % |`;
const row = (target) => {
  const result = ran.get(target.name);
  const word = !result ? 'not run' : result.pass ? 'passes' : 'fails';
  return `| \`${target.name}\` | ${target.group} | ${word} | ${reached(target)} of ${target.tasks} | ${cell(reasonOf(target.name))} |`;
};

const page = `# Ansible's own integration targets

Troupe runs the integration targets of ansible/ansible (\`test/integration/targets\`, commit ${results.rev.slice(0, 12)}) in place of
\`ansible-playbook\` and its siblings: those that ansible-core 2.19.11 passes on the same hosts, with the same files, and that have a
meaning for another engine. A target counts up to its first failure; tasks are those that end \`ok\` with ansible-core.
The group \`python\` are targets that live on Python modules or plugins of their own, which Troupe does not run.

| | targets that pass | ok tasks reached | share |
|---|---|---|---|
${line('all', share(all))}
${line('without `python`', share(own))}
${groups.map((group) => line(`\`${group}\``, share(all.filter((target) => target.group === group)))).join('\n')}

## Every target

| target | group | | ok tasks | why it does not pass |
|---|---|---|---|---|
${all.map(row).join('\n')}

This page is written from a run of ${results.date.slice(0, 10)}: \`node test/conformance/write_targets.mjs RESULTS.json TARGETS.tsv\`; the reasons
are those of \`test/conformance/target_reasons.tsv\`.
`;
writeFileSync(beside('../../docs/conformance.md'), page);
console.log(`${share(all).percent} % of all, ${share(own).percent} % without python`);
