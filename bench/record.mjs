#!/usr/bin/env node
// What the record of a run costs: processor time with and without it, in turn, 100 tasks on 10 hosts that are this machine; and memory of a
// large run that is recorded (--large: 1,000 hosts, 400 tasks that do nothing).
//   node bench/record.mjs [--rounds 7] [--large]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../test/support/built.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    large: { type: 'boolean', default: false },
    child: { type: 'string' },
    record: { type: 'string', default: '' },
  },
});

/** As bench/plays/tasks.yml: files, templates, commands and lines; each leaves something on the host. */
function write(folder, hosts, tasks) {
  const names = Array.from({ length: hosts }, (_, i) => `host-${i} ansible_connection=local`);
  writeFileSync(join(folder, 'hosts'), `${names.join('\n')}\n`);
  const out = `${folder}/out/{{ inventory_hostname }}`;
  const kinds = [
    (i) => `copy: {content: "file ${i} of {{ inventory_hostname }}\\n", dest: "${out}/file-${i}"}`,
    (i) => `command: sh -c 'echo ${i} >> ${out}/log'`,
    (i) => `lineinfile: {path: "${out}/lines", line: "line ${i}", create: true}`,
    (i) => `file: {path: "${out}/dir-${i}", state: directory}`,
  ];
  const list = Array.from(
    { length: tasks - 1 },
    (_, i) => `    - name: Task ${i}\n      ${kinds[i % kinds.length](i)}\n`,
  );
  const first = `    - file: {path: "${out}", state: directory}\n`;
  writeFileSync(join(folder, 'play.yml'), `- hosts: all\n  gather_facts: false\n  tasks:\n${first}${list.join('')}`);
}

/** Tasks that do nothing on hosts that are not there. */
function writeLarge(folder, hosts, tasks) {
  const names = Array.from({ length: hosts }, (_, i) => `host-${i} ansible_connection=local`);
  writeFileSync(join(folder, 'hosts'), `${names.join('\n')}\n`);
  const list = Array.from(
    { length: tasks },
    (_, i) => `    - name: Task ${i}\n      debug: {msg: "task ${i} of {{ inventory_hostname }}"}\n`,
  );
  writeFileSync(join(folder, 'play.yml'), `- hosts: all\n  gather_facts: false\n  tasks:\n${list.join('')}`);
}

async function run(folder, record) {
  const { runPlaybook } = await import('../dist/index.js');
  const before = process.cpuUsage();
  const began = performance.now();
  const going = runPlaybook({
    playbook: join(folder, 'play.yml'),
    inventory: join(folder, 'hosts'),
    environment: { PATH: process.env.PATH },
    ...(record && { record: { folder: record } }),
  });
  let results = 0;
  for await (const event of going) if (event.type === 'task:result') results++;
  const { exitCode } = await going.recap;
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}`);
  const { user, system } = process.cpuUsage(before);
  const memory = process.resourceUsage().maxRSS / 1024;
  say(JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000, memory, results }));
}

function measure(prepare, recorded) {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-record-'));
  try {
    prepare(folder);
    const records = join(folder, 'state/runs');
    const args = [fileURLToPath(import.meta.url), '--child', folder, ...(recorded ? ['--record', records] : [])];
    const found = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1e8 }));
    if (recorded) {
      const [id] = readdirSync(records);
      const size = (file) => statSync(join(records, id, file)).size / 1024 / 1024;
      found.events = size('events.ndjson');
      found.state = size('state.ndjson');
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

if (values.child) await run(values.child, values.record);
else {
  ensureBuilt(say);
  say(`load ${loadavg()[0].toFixed(1)}`);
  const rounds = Number(values.rounds);
  const prepare = (folder) => (values.large ? writeLarge(folder, 1000, 400) : write(folder, 10, 100));
  const found = { without: [], with: [] };
  for (let round = 0; round < rounds; round++)
    for (const kind of round % 2 ? ['with', 'without'] : ['without', 'with'])
      found[kind].push(measure(prepare, kind === 'with'));
  const of = (kind, name) => median(found[kind].map((each) => each[name]));
  for (const name of ['cpu', 'wall', 'memory'])
    say(
      `${name.padEnd(7)} without ${of('without', name).toFixed(3)}  with ${of('with', name).toFixed(3)}  ` +
        `${((of('with', name) / of('without', name) - 1) * 100).toFixed(1)} %`,
    );
  const least = (kind, name) => Math.min(...found[kind].map((each) => each[name]));
  say(`least cpu: without ${least('without', 'cpu').toFixed(3)}  with ${least('with', 'cpu').toFixed(3)}`);
  say(`events ${of('with', 'events').toFixed(2)} MiB, state ${of('with', 'state').toFixed(2)} MiB`);
}
