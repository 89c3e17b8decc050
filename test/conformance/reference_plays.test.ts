/**
 * The playbooks of plays/ run by stock Ansible and by us, each on hosts of its own, twice. Every task must end the same
 * on every host, print the same, and leave the same files. To add a case, add a play; `# run with:` in its first lines
 * adds to the command line.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { RunEvent } from '../../engine/events.ts';
import { needLab, useOwnLab } from '../lab/shared.ts';
import { ensureReference, runAnsible } from './reference.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const plays = fileURLToPath(new URL('plays', import.meta.url));

/** One task on one host, as both sides tell it. */
type Line = string;
interface Outcome {
  rc: number | string;
  lines: Line[];
  recap: { [host: string]: string };
}

// What an include or a meta task itself reports is each side's own affair; the tasks it brings are compared.
const ownAffair = /^(ansible\.builtin\.)?(include_tasks|include_role|import_tasks|import_role|meta)$/;

interface AnsibleHost {
  [key: string]: unknown;
  action?: string;
}
interface AnsibleJson {
  plays: { play: { name: string }; tasks: { task: { name: string }; hosts: { [host: string]: AnsibleHost } }[] }[];
  stats: { [host: string]: { [count: string]: number } };
}

function line(
  play: string,
  task: string,
  host: string,
  status: string,
  values: { [key: string]: unknown },
  action: string,
): Line {
  // How a failure is worded is our own.
  const said =
    /(^|\.)debug$/.test(action) && status === 'ok' && 'msg' in values
      ? ` ${JSON.stringify(values['msg'], sorted)}`
      : '';
  return `${play} / ${task.replace(/^[\w.-]+ : /, '')} / ${host}: ${status}${said}`;
}

// Ansible's callback sorts keys; their order means nothing.
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function statusOf(result: AnsibleHost): string {
  return ['unreachable', 'failed', 'skipped', 'changed'].find((key) => result[key] === true) ?? 'ok';
}

function recapOf(counts: { [count: string]: number | undefined }): string {
  const failed = counts['failed'] ?? counts['failures'];
  return (
    ['ok', 'changed', 'unreachable', 'skipped', 'rescued', 'ignored'].map((key) => `${key}=${counts[key]}`).join(' ') +
    ` failed=${failed}`
  );
}

async function byAnsible(folder: string, inventory: string, play: string, more: string[]): Promise<Outcome> {
  const env = {
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_DEPRECATION_WARNINGS: 'False',
  };
  const done = await runAnsible({ cwd: folder, args: ['-i', inventory, play, ...more], env });
  const start = done.stdout.indexOf('{\n');
  if (start < 0) throw new Error(`Ansible printed no result:\n${done.stdout}${done.stderr}`);
  const report = JSON.parse(done.stdout.slice(start)) as AnsibleJson;
  const lines = report.plays.flatMap(({ play: { name }, tasks }) =>
    tasks.flatMap(({ task, hosts }) =>
      Object.entries(hosts)
        .filter(([, result]) => !ownAffair.test(String(result.action)))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([host, result]) => line(name, task.name, host, statusOf(result), result, String(result.action))),
    ),
  );
  return {
    rc: done.rc,
    lines,
    recap: Object.fromEntries(Object.entries(report.stats).map(([host, counts]) => [host, recapOf(counts)])),
  };
}

async function byTroupe(folder: string, inventory: string, play: string, more: string[]): Promise<Outcome> {
  const args = [
    '--import',
    import.meta.resolve('tsx'),
    join(root, 'engine/cli.ts'),
    play,
    '-i',
    inventory,
    '--reporter',
    'json',
    ...more,
  ];
  const { rc, stdout, stderr } = await collect(args, folder);
  const outcome: Outcome = { rc, lines: [], recap: {} };
  const turns = new Map<string, number>();
  let playName = '';
  let batch = 0; // the batches of `serial` meet the same tasks again
  const tasks = new Map<string, { host: string; text: Line }[]>();
  for (const text of stdout.split('\n').filter(Boolean)) {
    const event = JSON.parse(text) as RunEvent;
    if (event.type === 'play:start') {
      playName = event.name;
      batch++;
    }
    if (event.type === 'bug') throw new Error(event.stack);
    if (event.type === 'run:end') {
      for (const [host, counts] of Object.entries(event.recap.hosts)) outcome.recap[host] = recapOf({ ...counts });
    }
    if (event.type !== 'task:result' || ownAffair.test(event.task.action)) continue;
    const { task, host, result } = event;
    // An include in a loop brings the same tasks again: the n-th time of one host belongs to the n-th of the others.
    const time = turns.get(`${batch} ${task.id} ${host}`) ?? 0;
    turns.set(`${batch} ${task.id} ${host}`, time + 1);
    const key = `${batch} ${task.id} ${time}`;
    const known = tasks.get(key) ?? [];
    known.push({ host, text: line(playName, task.name, host, result.status, result.values, task.action) });
    tasks.set(key, known);
  }
  if (Object.keys(outcome.recap).length === 0)
    throw new Error(`ended with ${rc} and no recap:\n${stdout.slice(-3000)}${stderr}`);
  outcome.lines = [...tasks.values()].flatMap((results) =>
    results.sort((a, b) => (a.host < b.host ? -1 : 1)).map((each) => each.text),
  );
  return outcome;
}

function collect(args: string[], cwd: string): Promise<{ rc: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 90_000 });
    const text = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (text.stderr += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ rc: code ?? signal ?? 1, ...text }));
  });
}

describe('playbooks end as with stock Ansible', function () {
  this.timeout(300_000);
  let folder: string;

  before(async function () {
    needLab(this);
    await ensureReference();
    folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    cpSync(plays, folder, { recursive: true });
  });
  after(() => rmSync(folder ?? '', { recursive: true, force: true }));

  // The first two hosts are Ansible's, the last two ours; both are called alpha and beta.
  const lab = useOwnLab({ hosts: 4, image: 'python' });

  function inventory(which: 'ansible' | 'troupe'): string {
    const path = lab().inventory(join(folder, `hosts-${which}`));
    const [hosts, vars] = readFileSync(path, 'utf8').split(/\n(?=\[all:vars\])/);
    const own = hosts!.split('\n').slice(which === 'ansible' ? 1 : 3, which === 'ansible' ? 3 : 5);
    const named = own.map((text, i) => text.replace(/^(\S+)/, `${['alpha', 'beta'][i]} hostname_of=$1`));
    writeFileSync(path, `[nodes]\n${named.join('\n')}\n\n${vars}`);
    return path;
  }

  const anew = async () => {
    const line = 'rm -rf /srv/conformance; userdel conform; groupdel conformance; systemctl disable --now conformance';
    await Promise.all(lab().hosts.map((host) => lab().exec(host, line, { via: 'nsenter' })));
  };

  const left = async (hosts: string[]) => {
    const list =
      'cd /srv/conformance || exit; find . -printf "%p %y %m %u %g %l\\n" | sort; find . -type f | sort | xargs -r -d "\\n" sha256sum; id conform 2>&1';
    const done = await Promise.all(hosts.map((host) => lab().exec(host, list, { via: 'nsenter' })));
    return done.map((each) => each.stdout.split('\n'));
  };

  for (const play of readdirSync(plays).filter((name) => name.endsWith('.yaml'))) {
    const more = (/^# run with: (.*)$/m.exec(readFileSync(join(plays, play), 'utf8'))?.[1] ?? '')
      .split(' ')
      .filter(Boolean);
    it(`${play}, run twice`, async () => {
      await anew();
      for (const time of ['first', 'second']) {
        const expected = await byAnsible(folder, inventory('ansible'), play, more);
        const actual = await byTroupe(folder, inventory('troupe'), play, more);
        expect(actual.lines, `${time} run: tasks`).to.deep.equal(expected.lines);
        expect(actual.recap, `${time} run: recap`).to.deep.equal(expected.recap);
        expect(actual.rc, `${time} run: exit code`).to.equal(expected.rc);
      }
      expect(await left(['node-3', 'node-4'])).to.deep.equal(await left(['node-1', 'node-2']));
    });
  }
});
