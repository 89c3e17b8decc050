#!/usr/bin/env node
// Runs the hosts' cases by stock Ansible over ssh on a lab host with Python, and records answers and what was there after:
//   node test/modules/hosts/record.mjs          the cases that are new or changed
//   node test/modules/hosts/record.mjs --all    every case
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAnsible } from '../../conformance/reference.mjs';
import { openLab, startLab } from '../../lab/lab.mjs';
import { comparable, place } from '../cases.mjs';
import { callback } from '../differential.mjs';
import { startWeb } from '../web.mjs';
import {
  beforeLine,
  folders,
  hostHash,
  layOutScripts,
  loadHostCases,
  probeLine,
  recordFile,
  seen,
  steps,
} from './cases.mjs';

function playbook(cases, url) {
  const tasks = cases.flatMap((one, i) => [
    { name: `${i} before`, raw: beforeLine(i), ignore_errors: true },
    { name: `${i} seen`, raw: probeLine(i), ignore_errors: true },
    ...steps(one).flatMap((step) => [
      {
        name: `${i} ${step}`,
        [one.module]: place(one.args, folders(url)),
        check_mode: step === 'check',
        diff: true,
        ignore_errors: true,
        ...(one.environment ? { environment: one.environment } : {}),
        ...(one.toItself ? { delegate_to: '{{ inventory_hostname }}' } : {}),
      },
      { name: `${i} ${step} seen`, raw: probeLine(i), ignore_errors: true },
    ]),
  ]);
  return [{ hosts: 'all', gather_facts: false, tasks }];
}

/** What a run answered, case by case; one that it did not come to is left out, for the next run. */
function harvest(out, cases, url) {
  const lines = readFileSync(out, 'utf8').split('\n').filter(Boolean);
  const rows = new Map(lines.map((line) => JSON.parse(line)));
  return cases.flatMap((one, i) => {
    const names = ['before', 'seen', ...steps(one).flatMap((step) => [step, `${step} seen`])];
    const missing = names.filter((name) => !rows.has(`${i} ${name}`));
    if (missing.length > 0) {
      process.stderr.write(`${one.name}: no result of ${missing.join(', ')}\n`);
      return [];
    }
    const row = (name) => rows.get(`${i} ${name}`);
    if (row('before').rc !== 0)
      process.stderr.write(`${one.name}: its state: ${row('before').stdout}${row('before').stderr}\n`);
    const result = (step) => ({ ...comparable(row(step), folders(url), one), seen: seen(row(`${step} seen`).stdout) });
    return [
      {
        name: one.name,
        hash: hostHash(one),
        before: seen(row('seen').stdout),
        steps: Object.fromEntries(steps(one).map((step) => [step, result(step)])),
      },
    ];
  });
}

async function runCases(cases) {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-hosts-'));
  const kept = openLab('record');
  const lab = kept ?? (await startLab({ hosts: 1, image: 'tools-python' }));
  const web = await startWeb(lab.gateway);
  try {
    layOutScripts(lab.root('node-1'), cases);
    mkdirSync(join(folder, 'callback'));
    writeFileSync(join(folder, 'callback', 'lines.py'), callback);
    writeFileSync(join(folder, 'cases.yml'), JSON.stringify(playbook(cases, web.url)));
    const out = join(folder, 'out.jsonl');
    const env = {
      CASES_OUT: out,
      ANSIBLE_CALLBACK_PLUGINS: join(folder, 'callback'),
      ANSIBLE_CALLBACKS_ENABLED: 'lines',
      ANSIBLE_STDOUT_CALLBACK: 'minimal',
      ANSIBLE_PIPELINING: '1',
    };
    const run = await runAnsible({ args: ['-i', lab.inventoryFile, 'cases.yml'], cwd: folder, env });
    if (process.env.CASES_VERBOSE) process.stderr.write(run.stdout + run.stderr);
    const recorded = harvest(out, cases, web.url);
    if (recorded.length < cases.length) process.stderr.write(run.stdout.slice(-3000) + run.stderr.slice(-3000));
    const version = await runAnsible({ program: 'ansible', args: ['--version'], cwd: folder });
    return { recorded, by: version.stdout.split('\n')[0] };
  } finally {
    web.close();
    if (!kept) await lab.stop();
    if (!process.env.CASES_KEEP) rmSync(folder, { recursive: true, force: true });
  }
}

const every = await loadHostCases();
const old =
  existsSync(recordFile) && !process.argv.includes('--all')
    ? JSON.parse(readFileSync(recordFile, 'utf8'))
    : { cases: [] };
const kept = new Map(old.cases.map((one) => [`${one.name} ${one.hash}`, one]));
const cases = every.filter((one) => !kept.has(`${one.name} ${hostHash(one)}`));
const fresh = cases.length > 0 ? await runCases(cases) : { recorded: [], by: old.by };
for (const one of fresh.recorded) kept.set(`${one.name} ${one.hash}`, one);
const list = every.map((one) => kept.get(`${one.name} ${hostHash(one)}`)).filter(Boolean);
writeFileSync(recordFile, `${JSON.stringify({ by: fresh.by, cases: list }, null, 1)}\n`);
process.stdout.write(`${list.length} cases, ${cases.length} of them run now, by ${fresh.by}\n`);
