// What the lab asks of the machine it runs on: root on Debian, a few packages, locks, and where its state lives.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where images, labs and the reference are kept; TROUPE_LAB_STATE moves it. */
export const stateDir = process.env.TROUPE_LAB_STATE || '/var/lib/troupe-lab';

/** Thrown when this machine cannot carry a lab; the message is the reason, fit for a skipped test. */
export class LabUnavailable extends Error {
  name = 'LabUnavailable';
}

/** The reason why no lab can run here, or undefined. */
export function whyNoLab() {
  if (process.platform !== 'linux') return `the lab needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the lab needs root (network namespaces, overlayfs, systemd-nspawn)';
  if (!existsSync('/etc/debian_version')) return 'the lab needs a Debian machine (it installs packages with apt-get)';
  if (!/^nodev\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) {
    if (spawnSync('modprobe', ['overlay']).status !== 0) return 'the lab needs overlayfs in the kernel';
  }
  return undefined;
}

/** Throws LabUnavailable where whyNoLab() gives a reason. */
export function requireLab() {
  const reason = whyNoLab();
  if (reason) throw new LabUnavailable(reason);
}

/** Runs a program to its end and returns { rc, stdout, stderr }; throws on a failure unless `check` is false. */
export function run(file, args, { input, check = true, cwd, env, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout, maxBuffer: 256 * 1024 * 1024 };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const rc = error ? (typeof error.code === 'number' ? error.code : (error.code ?? error.signal ?? 1)) : 0;
      if (rc !== 0 && check) reject(new Error(failure(file, args, rc, stdout, stderr)));
      else resolve({ rc, stdout, stderr });
    });
    child.stdin.on('error', () => {}); // a program may end before it has read its input
    child.stdin.end(input ?? '');
  });
}

/** The same, blocking: for teardown, which also runs in exit and signal handlers. */
export function runSync(file, args, { input, check = true } = {}) {
  const done = spawnSync(file, args, { input: input ?? '', encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const rc = done.error ? done.error.code : (done.status ?? done.signal);
  if (rc !== 0 && check) throw new Error(failure(file, args, rc, done.stdout, done.stderr));
  return { rc, stdout: done.stdout ?? '', stderr: done.stderr ?? '' };
}

function failure(file, args, rc, stdout, stderr) {
  const tail = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
  return `${[file, ...args].join(' ').slice(0, 300)} ended with ${rc}\n${tail}`;
}

/** Installs the Debian packages that are missing, saying which. `say` gets one line a step. */
export async function ensurePackages(names, say) {
  const query = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Abbrev}\n', ...names], { check: false });
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => / ii/.test(line))
      .map((line) => line.split(' ')[0]),
  );
  const missing = names.filter((name) => !installed.has(name));
  if (missing.length === 0) return;
  requireLab();
  say(`installing Debian packages: ${missing.join(' ')}`);
  await withLock('apt', async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'install', ...missing];
    const first = await run('apt-get', install, { env, check: false });
    if (first.rc === 0) return;
    await run('apt-get', ['-qq', 'update'], { env });
    await run('apt-get', install, { env });
  });
}

/** Puts Debian packages, as files, into a folder without installing them. */
export async function downloadPackages(names, folder) {
  const download = ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...names];
  const first = await run('apt-get', download, { cwd: folder, check: false });
  if (first.rc === 0) return;
  await withLock('apt', () => run('apt-get', ['-qq', 'update']));
  await run('apt-get', download, { cwd: folder });
}

/** The start time of a process in clock ticks: with the pid it names a process for ever; undefined if it is gone. */
export function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** This process, in the form that isAlive() reads. */
export function thisProcess() {
  return { pid: process.pid, start: startTime(process.pid) };
}

/** Whether the process that thisProcess() described is still running. */
export function isAlive(owner) {
  return owner !== undefined && startTime(owner.pid) === owner.start;
}

/** Runs `work` while holding a lock that other processes respect; a dead process's lock is taken over. */
export async function withLock(name, work, { onWait } = {}) {
  const folder = join(stateDir, 'locks');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  let waited = false;
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(thisProcess()), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isStale(file)) rmSync(file, { force: true });
    else {
      if (!waited) onWait?.();
      waited = true;
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function isStale(file) {
  try {
    return !isAlive(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return false; // being written or removed this very moment
  }
}
