#!/usr/bin/env node
// What one call of a module takes, unchanged, on one host: each engine runs a play of many such calls, and one of one.
//   node bench/modules.mjs [--only NAME,...] [--engines troupe,ansible,mitogen] [--calls 20] [--json FILE]
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureReference } from '../test/conformance/reference.mjs';
import { startLab } from '../test/lab/lab.mjs';
import { ensureBuilt } from '../test/support/built.mjs';
import { describeMachine, engines } from './engines.mjs';

const say = (line) => process.stdout.write(`${line}\n`);

/** One call of each, the arguments as YAML in one line; all of it can be done without a network. */
const modules = {
  ping: '{}',
  command: '{cmd: "true"}',
  shell: '{cmd: "true"}',
  stat: '{path: /etc/passwd}',
  file: '{path: /var/tmp/bench, state: directory, mode: "0750"}',
  copy: '{content: "hello\\n", dest: /var/tmp/bench.copy, mode: "0640"}',
  template: '{src: bench.j2, dest: /var/tmp/bench.template, mode: "0640"}',
  lineinfile: '{path: /var/tmp/bench.lines, regexp: "^a=", line: a=1, create: true, mode: "0644"}',
  blockinfile: '{path: /var/tmp/bench.lines, block: "b=2"}',
  replace: '{path: /var/tmp/bench.lines, regexp: "^c=.*", replace: c=3}',
  slurp: '{src: /etc/passwd}',
  find: '{paths: /etc, patterns: "*.conf"}',
  fetch: '{src: /etc/hostname, dest: fetched/}',
  get_url: '{url: "file:///etc/passwd", dest: /var/tmp/bench.got, force: false}',
  user: '{name: root}',
  group: '{name: root}',
  getent: '{database: passwd, key: root}',
  systemd: '{name: ssh, state: started, enabled: true}',
  service: '{name: ssh, state: started}',
  wait_for: '{path: /etc/passwd}',
  setup: '{}',
};

function play(name, count) {
  const task = `    - ansible.builtin.${name}: ${modules[name] ?? '{}'}\n`;
  return `- hosts: nodes\n  gather_facts: false\n  tasks:\n${task.repeat(count)}`;
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(modules).join(',') },
      engines: { type: 'string', default: 'troupe,ansible,mitogen' },
      calls: { type: 'string', default: '20' },
      json: { type: 'string' },
    },
  });
  const names = values.engines.split(',');
  ensureBuilt(say);
  await ensureReference();
  await describeMachine(say);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-bench-')));
  writeFileSync(join(folder, 'bench.j2'), 'This is {{ inventory_hostname }}\n');
  const lab = await startLab({ hosts: 1, image: 'python' });
  const inventory = lab.inventory(join(folder, 'inventory'));
  const timed = async (engine, name, count) => {
    writeFileSync(join(folder, 'play.yaml'), play(name, count));
    const start = performance.now();
    const done = await engines[engine]({ cwd: folder, play: 'play.yaml', inventory, extra: [] });
    if (done.rc !== 0) throw new Error(`${engine}, ${name}:\n${`${done.stdout}${done.stderr}`.slice(-2000)}`);
    return performance.now() - start;
  };
  // Ours takes ten times as many calls to be seen beside the start of a process.
  const callsOf = (engine) => Number(values.calls) * (engine === 'troupe' ? 10 : 1);
  const rows = [];
  try {
    say(
      `${values.calls} calls in one play (Troupe: ten times as many), less a play of one, right after each other; ms a call`,
    );
    say(`${'module'.padEnd(14)}${names.map((name) => name.padStart(10)).join('')}   beside ${names[0]}`);
    for (const name of values.only.split(',')) {
      const row = { module: name };
      for (const engine of names) {
        await timed(engine, name, 1);
        const one = await timed(engine, name, 1);
        row[engine] = ((await timed(engine, name, callsOf(engine))) - one) / (callsOf(engine) - 1);
      }
      rows.push(row);
      const cells = names.map((engine) => row[engine].toFixed(1).padStart(10)).join('');
      const ratios = names.slice(1).map((engine) => `${(row[engine] / row[names[0]]).toFixed(0)} x`.padStart(7));
      say(`${name.padEnd(14)}${cells}${ratios.join('')}`);
    }
    say(`load ${loadavg()[0].toFixed(1)} at the end`);
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}

await main();
