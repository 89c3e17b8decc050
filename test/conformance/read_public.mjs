// Reads the playbooks of public repositories with Troupe and with stock Ansible, and lists what we refuse and it does not:
//   PEER=/srv/peer CHECKOUTS=/srv/peer/pub node test/conformance/read_public.mjs OUT [--each 40] [--ours-only]
// PEER is a chroot with Debian's `ansible` (all collections), /proc and /dev mounted; CHECKOUTS is a directory in it with one checkout
// for each repository. Of each repository at most `--each` playbooks are read, spread over its files. OUT gets playbooks.json,
// theirs.jsonl, ours.jsonl and refusals.txt; what theirs.jsonl has is not read again.
import { execFile, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { each: { type: 'string', default: '40' }, 'ours-only': { type: 'boolean', default: false } },
});
const { PEER, CHECKOUTS } = process.env;
const [out] = positionals;
if (!PEER || !CHECKOUTS || !out) throw new Error('PEER, CHECKOUTS and OUT are needed; see the head of this file');
mkdirSync(out, { recursive: true });
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Files that look like playbooks: a list at the top whose entries have `hosts` or import a playbook. */
function playbooksOf(repository) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (
          !/^(\.git|node_modules|tasks|handlers|vars|defaults|templates|files|group_vars|host_vars)$/.test(entry.name)
        )
          walk(path);
      } else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) {
        const text = readFileSync(path, 'utf8');
        if (/^- /m.test(text) && /^(- | {2})(hosts|(ansible\.builtin\.)?import_playbook): ?/m.test(text))
          found.push(path);
      }
    }
  };
  walk(repository);
  found.sort();
  const step = Math.max(1, found.length / Number(values.each));
  return Array.from({ length: Math.min(found.length, Number(values.each)) }, (_, i) => found[Math.floor(i * step)]);
}

/** Where one would run it: at the nearest ansible.cfg above it, else at the root of the checkout. */
function runsAt(playbook, repository) {
  for (let folder = dirname(playbook); folder.startsWith(repository); folder = dirname(folder))
    if (existsSync(join(folder, 'ansible.cfg'))) return folder;
  return repository;
}

function choose() {
  const file = join(out, 'playbooks.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const repositories = readdirSync(CHECKOUTS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const chosen = repositories.flatMap(({ name }) => {
    const root = join(CHECKOUTS, name);
    return playbooksOf(root).map((path) => {
      const cwd = runsAt(path, root);
      return { repository: name, cwd, playbook: relative(cwd, path) };
    });
  });
  writeFileSync(file, JSON.stringify(chosen, null, 1));
  return chosen;
}

const linesOf = (file) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
const keyOf = ({ cwd, playbook }) => `${cwd}\0${playbook}`;

/** The reference reads them in its chroot, where paths begin at its root. */
function readTheirs(chosen) {
  const file = join(out, 'theirs.jsonl');
  const known = new Set(linesOf(file).map(keyOf));
  const inside = chosen.map(({ cwd, playbook }) => ({ cwd: `/${relative(PEER, cwd)}`, playbook }));
  const left = inside.filter((each) => !known.has(keyOf(each)));
  if (left.length > 0) {
    const place = join(PEER, 'tmp', 'read-public');
    mkdirSync(place, { recursive: true });
    copyFileSync(fileURLToPath(new URL('read_playbooks.py', import.meta.url)), join(place, 'read_playbooks.py'));
    writeFileSync(join(place, 'list.json'), JSON.stringify(left));
    rmSync(join(place, 'out.jsonl'), { force: true });
    const args = [
      PEER,
      'python3',
      '/tmp/read-public/read_playbooks.py',
      '/tmp/read-public/list.json',
      '/tmp/read-public/out.jsonl',
    ];
    spawnSync('chroot', args, { stdio: 'inherit' });
    appendFileSync(file, readFileSync(join(place, 'out.jsonl')));
  }
  return new Map(linesOf(file).map((each) => [keyOf(each), each]));
}

function ours(cwd, args) {
  return new Promise((resolve) => {
    const env = {
      ...process.env,
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_COLLECTIONS_PATH: join(PEER, 'usr/lib/python3/dist-packages'),
    };
    execFile(
      process.execPath,
      [cli, ...args],
      { cwd, env, timeout: 120_000, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => resolve({ rc: error ? (error.code ?? 99) : 0, said: stdout + stderr }),
    );
  });
}

async function readOurs(chosen) {
  const file = join(out, 'ours.jsonl');
  rmSync(file, { force: true });
  const results = new Map();
  const queue = [...chosen];
  const work = async () => {
    for (let each = queue.shift(); each; each = queue.shift()) {
      const syntax = await ours(each.cwd, [each.playbook, '--syntax-check']);
      const list = await ours(each.cwd, [each.playbook, '--list-tasks']);
      const result = { ...each, syntax, list };
      results.set(keyOf({ cwd: `/${relative(PEER, each.cwd)}`, playbook: each.playbook }), result);
      appendFileSync(file, `${JSON.stringify(result)}\n`);
    }
  };
  await Promise.all([work(), work()]);
  return results;
}

const chosen = choose();
const theirs = values['ours-only']
  ? new Map(linesOf(join(out, 'theirs.jsonl')).map((e) => [keyOf(e), e]))
  : readTheirs(chosen);
const mine = await readOurs(chosen);
const counts = { read: 0, theirsRefused: 0, oursOnly: 0, ownModule: 0, listOnly: 0, laxer: 0 };
const report = [];
for (const [key, own] of mine) {
  const other = theirs.get(key);
  if (!other) continue;
  counts.read++;
  const accepted = other.syntax.rc === 0 && other.list?.rc === 0;
  const refused = own.syntax.rc !== 0;
  if (!accepted) counts.theirsRefused++;
  if (!accepted && !refused) counts.laxer++;
  if (!accepted || !(refused || own.list.rc !== 0)) continue;
  const said = (refused ? own.syntax : own.list).said;
  const errors = said.split('\n').filter((line) => line.startsWith('error'));
  // A module in Python of a collection, which Troupe does not have: what the task needs is not here, and nothing else is wrong.
  const modules =
    errors.length > 0 && errors.every((line) => /there is no module|is written for Ansible's own Python/.test(line));
  if (modules) counts.ownModule++;
  else if (refused) counts.oursOnly++;
  else counts.listOnly++;
  report.push(
    `${modules ? 'MODULE' : refused ? 'REFUSED' : 'LIST'} ${own.repository} ${own.playbook}\n${said.slice(0, 1500)}\n`,
  );
}
writeFileSync(join(out, 'refusals.txt'), report.sort().join('\n'));
console.log(counts);
