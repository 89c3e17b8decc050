#!/usr/bin/env node
// Runs the module cases by stock ansible-core, all in one ansible-playbook run, and records what it answered and left behind:
//   node test/modules/differential.mjs files
// reads test/modules/files/*.cases.mjs and writes test/modules/recorded/files.json. The tests compare ours with the record, so
// that Ansible is needed only to record anew.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runAnsible } from '../conformance/reference.mjs';
import { build, comparable, hashOf, place, scan, steps } from './cases.mjs';
import { startWeb } from './web.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** All cases of a family, from its *.cases.mjs files. */
export async function loadCases(family) {
  const all = [];
  for (const file of readdirSync(join(here, family)).sort()) {
    if (!file.endsWith('.cases.mjs')) continue;
    all.push(...(await import(pathToFileURL(join(here, family, file)).href)).default);
  }
  const names = new Set();
  for (const { name } of all) {
    if (names.has(name)) throw new Error(`two cases are called ${name}`);
    names.add(name);
  }
  return all;
}

// The callback writes each result as a line of JSON; no_log is not at work in these cases.
export const callback = `
import json, os
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'lines'
    def _put(self, result, failed=False, skipped=False):
        from ansible.module_utils.common.json import get_encoder
        from ansible.parsing.ajson import AnsibleJSONEncoder
        row = dict(result._result)
        row.update(failed=failed or bool(row.get('failed')), skipped=skipped or bool(row.get('skipped')))
        with open(os.environ['CASES_OUT'], 'a') as out:
            out.write(json.dumps([result._task.get_name(), row], cls=AnsibleJSONEncoder) + '\\n')
    def v2_runner_on_ok(self, result): self._put(result)
    def v2_runner_on_failed(self, result, ignore_errors=False): self._put(result, failed=True)
    def v2_runner_on_skipped(self, result): self._put(result, skipped=True)
    def v2_runner_on_unreachable(self, result): self._put(result, failed=True)
`;

/** A JSON playbook is YAML; values that hold a template's mark would be rendered, and cases have none. */
function playbook(cases, folder, url) {
  const tasks = cases.flatMap((one, i) =>
    steps(one).map((step) => ({
      name: `${i} ${step}`,
      [one.module]: place(one.args, folders(folder, i, url)),
      check_mode: step === 'check',
      diff: true,
      ignore_errors: true,
      ...(one.environment ? { environment: one.environment } : {}),
    })),
  );
  return [{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }];
}

const folders = (folder, i, u) => ({ d: join(folder, 'd', String(i)), s: join(folder, 's', String(i)), u });

async function record(family, all) {
  const file = join(here, 'recorded', `${family}.json`);
  const every = await loadCases(family);
  const old = existsSync(file) && !all ? JSON.parse(readFileSync(file, 'utf8')) : { cases: [] };
  const kept = new Map(old.cases.map((one) => [`${one.name} ${one.hash}`, one]));
  const cases = every.filter((one) => !kept.has(`${one.name} ${hashOf(one)}`));
  const fresh = cases.length > 0 ? await runCases(cases) : { recorded: [], by: old.by };
  for (const one of fresh.recorded) kept.set(`${one.name} ${one.hash}`, one);
  const list = every.map((one) => kept.get(`${one.name} ${hashOf(one)}`));
  mkdirSync(join(here, 'recorded'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ by: fresh.by, cases: list }, null, 1)}\n`);
  process.stdout.write(`${family}: ${list.length} cases, ${cases.length} of them run now, by ${fresh.by}\n`);
}

async function runCases(cases) {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-cases-'));
  const web = await startWeb();
  try {
    for (const [i, one] of cases.entries()) {
      build(folders(folder, i).d, one.before);
      build(folders(folder, i).s, one.source);
    }
    mkdirSync(join(folder, 'callback'));
    writeFileSync(join(folder, 'callback', 'lines.py'), callback);
    writeFileSync(join(folder, 'cases.yml'), JSON.stringify(playbook(cases, folder, web.url)));
    const out = join(folder, 'out.jsonl');
    const env = {
      CASES_OUT: out,
      ANSIBLE_CALLBACK_PLUGINS: join(folder, 'callback'),
      ANSIBLE_CALLBACKS_ENABLED: 'lines',
      ANSIBLE_STDOUT_CALLBACK: 'minimal',
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    };
    const run = await runAnsible({ args: ['-i', 'localhost,', 'cases.yml'], cwd: folder, env });
    if (process.env.CASES_VERBOSE) process.stderr.write(run.stdout + run.stderr);
    const rows = new Map(
      readFileSync(out, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    );
    const missing = cases.flatMap((one, i) =>
      steps(one)
        .filter((step) => !rows.has(`${i} ${step}`))
        .map((step) => `${one.name} ${step}`),
    );
    if (missing.length > 0)
      throw new Error(`no result of ${missing.join(', ')}\n${run.stdout.slice(-3000)}${run.stderr.slice(-3000)}`);
    const version = await runAnsible({ program: 'ansible', args: ['--version'], cwd: folder });
    const recorded = cases.map((one, i) => ({
      name: one.name,
      hash: hashOf(one),
      steps: Object.fromEntries(
        steps(one).map((step) => [step, comparable(rows.get(`${i} ${step}`), folders(folder, i, web.url), one)]),
      ),
      after: scan(folders(folder, i).d),
    }));
    return { recorded, by: version.stdout.split('\n')[0] };
  } finally {
    web.close();
    if (!process.env.CASES_KEEP) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  for (const family of words.filter((word) => word !== '--all')) await record(family, words.includes('--all'));
}
