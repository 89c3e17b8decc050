// npm test: every check of the project, one after the other. A failed step fails the run; nothing is left out unsaid.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages, whyNoLab } from './lab/machine.mjs';
import { testFiles } from './support/families.mjs';
import { ensureInstalled } from './support/installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const ci = Boolean(process.env.CI) && process.env.CI !== 'false';
const scratch = mkdtempSync(join(tmpdir(), 'troupe-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const notes = [];
const bin = (name) => join('node_modules', '.bin', name);
const say = (line) => process.stdout.write(`${line}\n`);
const seconds = () => `${Math.round(performance.now() / 1000)} s`;

const needed = [
  ...['openssh-server', 'openssh-client', 'sudo', 'dropbear-bin', 'dash', 'busybox', 'tcsh', 'fish', 'zsh'],
  ...[
    'acl',
    'attr',
    'bzip2',
    'curl',
    'dpkg',
    'file',
    'git',
    'gpg',
    'openssl',
    'patch',
    'procps',
    'python3',
    'rsync',
    'unzip',
    'wget',
  ],
  ...['xz-utils', 'zip', 'zstd'],
  // The page of a run, and the attacker who swaps files, which is a program in C.
  ...['chromium', 'gcc', 'libc6-dev'],
];

const beside = { mayNotSkip: true, beside: true };

const running = new Set();
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.on(signal, () => {
    // Each step's own process group: it stops its lab, then ends.
    for (const child of running) process.kill(-child.pid, 'SIGTERM');
    process.exit(128 + number);
  });
}

/** Runs a program; its output goes to the screen, or to a file where it runs beside another. */
function command(file, args, env = {}, output = 'inherit') {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...env },
      detached: true,
    });
    running.add(child);
    child.once('error', (error) => {
      say(`${file}: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal);
    });
  });
}

function failed(title, why) {
  totals.failed++;
  notes.push(`failed: ${title}: ${why}`);
  say(`failed: ${title}: ${why}`);
}

function skipped(title, why, count = 1) {
  if (ci) {
    failed(title, `skipped, which CI does not allow: ${why}`);
    return;
  }
  totals.skipped += count;
  notes.push(`skipped: ${title}: ${why}`);
  say(`skipped: ${title}: ${why}`);
}

async function step(title, file, args) {
  say(`\n== ${title} (after ${seconds()})`);
  const rc = await command(file, args);
  if (rc === 3 && title === 'shellcheck') skipped(title, 'shellcheck is not installed and cannot be installed here');
  else if (rc !== 0) failed(title, `ended with ${rc}`);
  return rc === 0;
}

async function mocha(family, title, { mayNotSkip = false, beside = false } = {}) {
  const log = join(scratch, `${title.replaceAll(' ', '-')}.log`);
  if (!beside) say(`\n== ${title} (after ${seconds()})`);
  const args = testFiles(family);
  if (args.length === 0) {
    failed(title, `there is no test in the family ${family}`);
    return;
  }
  const report = join(scratch, `${title.replaceAll(' ', '-')}.json`);
  const env = { TROUPE_TEST_REPORT: report, NODE_OPTIONS: process.env.NODE_OPTIONS ?? '' };
  const words = [bin('mocha'), '--reporter', 'test/support/reporter.mjs', ...args];
  const rc = await command(process.execPath, words, env, beside ? openSync(log, 'w') : 'inherit');
  if (beside) say(`\n== ${title} (ended after ${seconds()})\n${readFileSync(log, 'utf8')}`);
  if (!existsSync(report)) {
    failed(title, `mocha ended with ${rc} before its tests did`);
    return;
  }
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  totals.passed += counts.passes;
  totals.failed += counts.failures;
  if (counts.unreached > 0) failed(title, `${counts.unreached} tests did not run`);
  if (counts.pending > 0 && mayNotSkip) skipped(title, whyNoLab() ?? 'see above', counts.pending);
  else totals.skipped += counts.pending;
  if (rc !== 0 && counts.failures === 0) failed(title, `mocha ended with ${rc}`);
  if (counts.passes + counts.failures + counts.pending === 0) failed(title, 'no test ran');
}

async function main() {
  try {
    ensureInstalled(say);
  } catch (error) {
    failed('install', error.message);
    return;
  }
  await step('build', process.execPath, ['build.mjs']);
  await step('typecheck', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']);
  await step('lint', bin('biome'), ['check', '--error-on-warnings', '.']);
  await step('shellcheck', process.execPath, ['test/support/shellcheck.mjs']);
  const reason = whyNoLab();
  say(
    reason
      ? `\nno real hosts here: ${reason}`
      : '\nreal hosts: missing Debian packages and images are installed as needed, each announced by a line',
  );
  // Real sshd, sudo, shells and archivers that the unit tests run against.
  if (!reason) await ensurePackages(needed, (line) => say(`unit tests: ${line}`));
  // The lab's tests wait more than they work: two lines of them run beside the others, and are shown after them.
  const lines = [
    mocha('lab', 'lab tests', beside),
    mocha('interruptions', 'lab tests of interruptions', beside).then(() =>
      mocha('operations', 'lab tests of operations', beside),
    ),
  ];
  if (process.env.TROUPE_ETCD_BINARIES) lines.push(mocha('lines', 'etcd lines up and down', beside));
  else
    say('\nnot part of this: the ways of etcd to 3.6 and 3.7 and back (npm run test:lines, with TROUPE_ETCD_BINARIES)');
  for (const family of ['unit', 'parts', 'kills', 'etcd', 'browser', 'package'])
    await mocha(family, `${family} tests`, { mayNotSkip: family === 'browser' });
  await mocha('conformance', 'conformance', { mayNotSkip: true });
  say(`\nwaiting for the lab tests (after ${seconds()})`);
  await Promise.all(lines);
}

try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (notes.length > 0) say(`\n${notes.join('\n')}`);
say(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped, in ${seconds()}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
