// Reads the playbooks of public repositories with Troupe and with stock Ansible, and lists what we refuse and it does not:
//   PEER=/srv/peer CHECKOUTS=/srv/peer/pub node --import tsx test/conformance/read_public.mjs OUT [--each 40] [--all]
// PEER is a chroot with Debian's `ansible` (all collections), /proc and /dev mounted; CHECKOUTS is a directory in it with one checkout
// for each repository. Of each repository at most `--each` playbooks are read, spread over its files. OUT gets playbooks.json,
// theirs.jsonl, ours.jsonl and refusals.txt. The reference reads what we refuse (with --all everything), and nothing twice.
import { spawnSync } from 'node:child_process';
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
import { main } from '../../engine/cli/main.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { each: { type: 'string', default: '40' }, all: { type: 'boolean', default: false } },
});
const { PEER, CHECKOUTS } = process.env;
const [out] = positionals;
if (!PEER || !CHECKOUTS || !out) throw new Error('PEER, CHECKOUTS and OUT are needed; see the head of this file');
mkdirSync(out, { recursive: true });

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

/** Our command in this process: to start it a thousand times would take longer than all the reading. */
async function ours(cwd, args) {
  let said = '';
  const say = (text) => {
    said += text;
  };
  const console = {
    args,
    cwd,
    environment: { HOME: '/root', ANSIBLE_COLLECTIONS_PATH: join(PEER, 'usr/lib/python3/dist-packages') },
    home: '/root',
    packageFolder: fileURLToPath(new URL('../..', import.meta.url)),
    version: '0',
    interactive: false,
    interrupted: new AbortController().signal,
    ask: async () => 'secret',
    line: async () => undefined,
    readInput: async () => Buffer.alloc(0),
    content: say,
    out: { write: say, error: say, command: say, isTTY: false, colors: false, columns: 120, asking: false },
  };
  return { rc: await main(console), said };
}

async function readOurs(chosen) {
  const file = join(out, 'ours.jsonl');
  rmSync(file, { force: true });
  const results = new Map();
  for (const each of chosen) {
    const list = await ours(each.cwd, [each.playbook, '--list-tasks']);
    const result = { ...each, syntax: { rc: list.rc, said: list.said.slice(0, 20_000) }, list: { rc: list.rc } };
    results.set(keyOf({ cwd: `/${relative(PEER, each.cwd)}`, playbook: each.playbook }), result);
    appendFileSync(file, `${JSON.stringify(result)}\n`);
  }
  return results;
}

const chosen = choose();
const mine = await readOurs(chosen);
// What we take needs no second opinion, unless one wants to know how much of it Ansible takes.
const theirs = readTheirs(
  chosen.filter((each) => {
    const found = mine.get(keyOf({ cwd: `/${relative(PEER, each.cwd)}`, playbook: each.playbook }));
    return values.all || found.syntax.rc !== 0;
  }),
);
const counts = { read: 0, theirsRefused: 0, oursOnly: 0, ownModule: 0, listOnly: 0, laxer: 0 };
const report = [];
for (const [key, own] of mine) {
  counts.read++;
  const other = theirs.get(key);
  if (!other) continue;
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
