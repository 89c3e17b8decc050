#!/usr/bin/env node
// Whether a run's cost grows with its size and no faster: many tasks, many hosts, both; nothing is connected to.
//   node bench/scale.mjs [--only PART] [--tasks 10000] [--hosts 1000] [--json FILE]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../test/support/built.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    tasks: { type: 'string', default: '10000' },
    hosts: { type: 'string', default: '1000' },
    json: { type: 'string' },
    child: { type: 'string' },
  },
});

/** A play of so many tasks that do nothing, each with a condition and a template; half of them in an imported file. */
function write(folder, tasks, hosts) {
  const names = Array.from({ length: hosts }, (_, i) => `host-${i} ansible_connection=local rack=${i % 7}`);
  writeFileSync(join(folder, 'hosts'), `[nodes]\n${names.join('\n')}\n`);
  const task = (i) =>
    `- name: Task ${i} on {{ inventory_hostname }}\n  ansible.builtin.debug:\n    msg: rack {{ rack }} of {{ group_names | length }}\n  when: rack | int < 7\n`;
  const half = Math.floor(tasks / 2);
  const list = (from, to) => Array.from({ length: to - from }, (_, i) => task(from + i)).join('');
  writeFileSync(join(folder, 'tasks.yaml'), list(0, half));
  const rest = list(half, tasks).replace(/^/gm, '    ').trimEnd();
  writeFileSync(
    join(folder, 'play.yaml'),
    `- hosts: nodes\n  gather_facts: false\n  tasks:\n    - import_tasks: tasks.yaml\n${rest}\n`,
  );
}

async function run(folder) {
  const { runPlaybook } = await import('../dist/index.js');
  const began = performance.now();
  let first;
  let results = 0;
  const going = runPlaybook({ playbook: join(folder, 'play.yaml'), inventory: join(folder, 'hosts'), forks: 50 });
  for await (const event of going) {
    if (event.type !== 'task:result') continue;
    first ??= performance.now();
    if (event.result.status !== 'ok') throw new Error(`${event.host}: ${JSON.stringify(event.result)}`);
    results++;
  }
  const end = performance.now();
  const { user, system } = process.cpuUsage();
  const memory = process.resourceUsage().maxRSS / 1024;
  say(
    JSON.stringify({
      load: (first - began) / 1000,
      walk: (end - first) / 1000,
      cpu: (user + system) / 1e6,
      memory,
      results,
    }),
  );
}

function measure(tasks, hosts) {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-scale-'));
  try {
    write(folder, tasks, hosts);
    const own = fileURLToPath(import.meta.url);
    // The largest needs more than Node's usual half of a small machine's memory for a moment.
    const found = JSON.parse(
      execFileSync(process.execPath, ['--max-old-space-size=8192', own, '--child', folder], { encoding: 'utf8' }),
    );
    if (found.results !== tasks * hosts)
      throw new Error(`${found.results} results of ${tasks} tasks on ${hosts} hosts`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  ensureBuilt(say);
  say(`${cpus().length} x ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
  const [tasks, hosts] = [Number(values.tasks), Number(values.hosts)];
  const parts = {
    'tasks, one host': (times) => [tasks * times, 1],
    'hosts, 10 tasks': (times) => [10, hosts * times],
    'tasks on many hosts': (times) => [Math.round(tasks / 100) * times, hosts],
  };
  const all = [];
  for (const [name, size] of Object.entries(parts)) {
    if (!name.includes(values.only)) continue;
    say(`\n${name}\n   tasks   hosts      load      walk       cpu    memory   a result     growth`);
    let before;
    for (const times of [1, 2, 4]) {
      const [t, h] = size(times);
      const found = measure(t, h);
      // By the processor's time: what else the machine does meanwhile does not count.
      const seconds = found.cpu;
      const growth = before === undefined ? '' : `${(seconds / before).toFixed(2)} x`;
      before = seconds;
      const cells = [
        String(t).padStart(8),
        String(h).padStart(8),
        `${found.load.toFixed(2)} s`.padStart(10),
        `${found.walk.toFixed(2)} s`.padStart(10),
        `${found.cpu.toFixed(2)} s`.padStart(10),
        `${found.memory.toFixed(0)} MB`.padStart(10),
        `${((seconds / found.results) * 1e6).toFixed(0)} us`.padStart(11),
        growth.padStart(11),
      ];
      say(cells.join(''));
      all.push({ part: name, tasks: t, hosts: h, ...found });
    }
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
}

if (values.child) await run(values.child);
else main();
