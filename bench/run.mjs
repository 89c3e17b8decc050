#!/usr/bin/env node
// Troupe beside ansible-core (pipelining, 50 forks) and Mitogen: the same playbooks on the same hosts, in turn, in one run.
//   node bench/run.mjs [--rounds 3] [--hosts 4,10] [--engines troupe,ansible,mitogen] [--only PART] [--delay 10] [--json FILE]
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureReference } from '../test/conformance/reference.mjs';
import { startLab } from '../test/lab/lab.mjs';
import { startMirror } from '../test/lab/mirror.mjs';
import { startRelay } from '../test/lab/relay.mjs';
import { ensureBuilt } from '../test/support/built.mjs';
import { describeMachine, engines, median } from './engines.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line) => process.stdout.write(`${line}\n`);

const clean = 'rm -rf /tmp/troupe-bench';
const large = '/tmp/troupe-bench-large';
// What the hundred tasks leave: names, modes and contents. The same for every engine, or the figures compare nothing.
const fingerprint =
  'cd /tmp/troupe-bench || exit; find . | sort | xargs stat -c "%n %a %U" | sha256sum && find . -type f | sort | xargs cat | sha256sum';

/**
 * The parts of the benchmark: before each run `before` is run on every host and `here` on the controller; `changes` is what the
 * recap must say.
 */
function parts(sizes, delay) {
  const each = sizes.flatMap((hosts) => [
    {
      name: `100 tasks, ${hosts} hosts, all change`,
      hosts,
      play: 'hundred.yaml',
      before: clean,
      changes: 76,
      same: true,
    },
    {
      name: `100 tasks, ${hosts} hosts, nothing changes`,
      hosts,
      play: 'hundred.yaml',
      warm: true,
      changes: 0,
      same: true,
    },
    { name: `facts, ${hosts} hosts`, hosts, play: 'facts.yaml', changes: 0 },
  ]);
  each.push(
    {
      name: 'a folder of 300 files to 1 host',
      hosts: 1,
      play: 'folder.yaml',
      before: clean,
      changes: 1,
      same: true,
      here: (folder) => {
        mkdirSync(join(folder, 'many'), { recursive: true });
        for (let i = 0; i < 300; i++) writeFileSync(join(folder, 'many', `file-${i}`), `${i}\n`);
      },
    },
    {
      name: 'a file of 256 MiB from 1 host',
      hosts: 1,
      play: 'large.yaml',
      before: `[ -e ${large} ] || head -c ${256 * 1024 ** 2} /dev/urandom >${large}`,
      changes: 1,
      here: (folder) => rmSync(join(folder, 'fetched'), { recursive: true, force: true }),
    },
  );
  if (delay > 0)
    each.push({
      name: `100 tasks, 4 hosts ${2 * delay} ms away, nothing changes`,
      hosts: 4,
      play: 'hundred.yaml',
      warm: true,
      changes: 0,
      delay,
    });
  // The playbook that ships has Handlebars templates and etcd modules of its own: no other engine runs it.
  const shipped = {
    name: "the library's own install.yaml, 3 hosts, second run",
    hosts: 3,
    play: 'install.yaml',
    warm: true,
    changes: 0,
  };
  return [
    ...each,
    { ...shipped, mirror: 'etcd_download_url', cwd: root, engines: ['troupe'], fresh: true },
    {
      name: 'install of etcd, 3 hosts, second run',
      hosts: 3,
      play: 'install.yaml',
      warm: true,
      changes: 0,
      mirror: 'etcd_mirror',
      fresh: true,
    },
  ];
}

// A run that failed, or changed what it should not, has no figure.
async function timed(engine, job, part) {
  const start = performance.now();
  const done = await engines[engine](job);
  const seconds = (performance.now() - start) / 1000;
  const fail = (why) =>
    new Error(`${engine}, ${part.name}: ${why}\n${`${done.stdout}${done.stderr}`.split('\n').slice(-25).join('\n')}`);
  if (done.rc !== 0) throw fail(`ended with ${done.rc}`);
  const changed = [...done.stdout.matchAll(/\bchanged=(\d+)/g)].map(([, count]) => Number(count));
  if (changed.length !== part.hosts || changed.some((count) => count !== job.changes)) {
    throw fail(`its recap should say changed=${job.changes} for ${part.hosts} hosts`);
  }
  return seconds;
}

async function measure(part, lab, rounds, chosen, folder) {
  const names = chosen.filter((name) => part.engines?.includes(name) ?? true);
  if (names.length === 0) return undefined;
  const relay = part.delay ? await startRelay(lab, part) : undefined;
  const inventory = (relay ?? lab).inventory(join(folder, 'inventory'));
  const extra = part.mirror ? await mirrorVariables(lab, part.mirror) : [];
  const job = { cwd: part.cwd ?? folder, play: part.play, inventory, extra, changes: part.changes };
  const onHosts = (line) => Promise.all(lab.hosts.map((host) => lab.exec(host, line, { via: 'nsenter' })));
  const seconds = Object.fromEntries(names.map((name) => [name, []]));
  const left = new Set();
  if (part.warm) await warm(job, part.engines?.[0] ?? 'mitogen');
  for (let round = 0; round < rounds; round++) {
    // Another one first in each round: what the machine is doing meanwhile meets all of them.
    const order = names.map((_, i) => names[(i + round) % names.length]);
    for (const name of order) {
      if (part.before) await onHosts(part.before);
      part.here?.(folder);
      seconds[name].push(await timed(name, job, part));
      if (part.same) left.add((await onHosts(fingerprint)).map((done) => done.stdout).join(''));
    }
  }
  await relay?.stop();
  if (left.size > 1) throw new Error(`${part.name}: the engines left different files behind`);
  return seconds;
}

// By Mitogen, whoever is compared: the state must be the reference's own, wherever it can run the play.
async function warm(job, engine) {
  const done = await engines[engine](job);
  if (done.rc !== 0) throw new Error(`preparing ${job.play} failed:\n${done.stdout}${done.stderr}`);
}

async function mirrorVariables(lab, urlName) {
  const mirror = await startMirror(lab);
  const version = mirror.versions['3.5'];
  return [`etcd_version=${version}`, `etcd_sha256=${mirror.sums[version]}`, `${urlName}=${mirror.url}`].flatMap(
    (one) => ['-e', one],
  );
}

function report(part, seconds) {
  const first = Object.keys(seconds)[0];
  say(`\n${part.name}`);
  for (const [name, values] of Object.entries(seconds)) {
    const [low, mid, high] = [Math.min(...values), median(values), Math.max(...values)].map((value) =>
      value.toFixed(2).padStart(8),
    );
    const ratio = name === first ? '' : `  ${(median(values) / median(seconds[first])).toFixed(1)} x ${first}`;
    say(`  ${name.padEnd(8)} ${mid} s  (${low.trim()} to ${high.trim()})${ratio}`);
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      hosts: { type: 'string', default: '4,10' },
      engines: { type: 'string', default: 'troupe,ansible,mitogen' },
      only: { type: 'string', default: '' },
      delay: { type: 'string', default: '10' },
      json: { type: 'string' },
    },
  });
  const names = values.engines.split(',');
  const unknown = names.filter((name) => !engines[name]);
  if (unknown.length > 0)
    throw new Error(`no engine is called ${unknown.join(', ')}; there are ${Object.keys(engines).join(', ')}`);
  if (names.includes('troupe')) ensureBuilt(say);
  await ensureReference();
  const rounds = Number(values.rounds);
  await describeMachine(say);
  say(`median of ${rounds} rounds, whole processes, in turn; hosts and controller share the machine`);

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-bench-')));
  const plays = join(root, 'bench', 'plays');
  for (const entry of readdirSync(plays)) cpSync(join(plays, entry), join(folder, entry), { recursive: true });
  const chosen = parts(values.hosts.split(',').map(Number), Number(values.delay)).filter((part) =>
    part.name.includes(values.only),
  );
  const results = [];
  let lab;
  try {
    for (const part of chosen) {
      if (part.fresh || lab?.hosts.length !== part.hosts) {
        await lab?.stop();
        lab = await startLab({ hosts: part.hosts, image: 'python' });
      }
      const seconds = await measure(part, lab, rounds, names, folder);
      if (!seconds) continue;
      report(part, seconds);
      results.push({ part: part.name, seconds });
    }
  } finally {
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

await main();
