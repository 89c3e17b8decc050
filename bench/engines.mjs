// The engines that are compared: Troupe, ansible-core with pipelining and 50 forks, and the same with Mitogen's strategy.
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAnsible, runReference } from '../test/conformance/reference.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');
// A machine that is busy must not make a host unreachable.
const stock = {
  ANSIBLE_PIPELINING: 'True',
  ANSIBLE_FORKS: '50',
  ANSIBLE_TIMEOUT: '120',
  ANSIBLE_DEPRECATION_WARNINGS: 'False',
};
const plugins = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy';
// Another checkout of Troupe, built: what was before a change, beside what is after it.
const before = process.env.TROUPE_BENCH_BEFORE;
const troupe = (file) => (job) =>
  command(process.execPath, [file, job.play, '-i', job.inventory, '--forks', '50', ...job.extra], { cwd: job.cwd });
/** Each runs a job: the playbook `play` in the folder `cwd`, on the hosts of `inventory`, with `extra` arguments. */
export const engines = {
  troupe: troupe(cli),
  ...(before && { before: troupe(join(before, 'dist', 'cli.js')) }),
  ansible: (job) => runAnsible({ cwd: job.cwd, args: [job.play, '-i', job.inventory, ...job.extra], env: stock }),
  mitogen: (job) =>
    runAnsible({
      cwd: job.cwd,
      args: [job.play, '-i', job.inventory, ...job.extra],
      env: { ...stock, ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: plugins },
    }),
};

function command(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (chunk) => {
        text[name] += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ rc: code ?? signal, ...text }));
  });
}

/** Says what was compared, and on what. */
export async function describeMachine(say) {
  const version = await runReference({ argv: ['ansible', '--version'] });
  const mitogen = await runReference({
    argv: ['python3', '-c', 'import mitogen; print(".".join(map(str, mitogen.__version__)))'],
  });
  say(`${cpus().length} x ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
  say(`${version.stdout.split('\n')[0]} with pipelining and 50 forks; mitogen ${mitogen.stdout.trim()}`);
}

/** The middle one. */
export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
