#!/usr/bin/env node
// Stock Ansible, and Jinja2, as the reference: a Debian tree of their own, built once, in which programs are run.
// By hand: node test/conformance/reference.mjs -- ansible --version
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, ensureTree } from '../lab/images.mjs';
import { ensurePackages, LabUnavailable, requireLab, stateDir } from '../lab/machine.mjs';

const definition = {
  suite: 'trixie',
  include: [
    ...['ansible-core', 'ansible', 'ansible-mitogen', 'sshpass', 'openssh-client', 'ca-certificates', 'openssl'],
    ...['python3-jinja2', 'python3-passlib', 'python3-jmespath', 'python3-netaddr', 'python3-cryptography'],
  ],
  setup: `printf '127.0.0.1 localhost\\n::1 localhost\\n' > /etc/hosts\n: > /etc/resolv.conf\n`,
};

const toStderr = (line) => process.stderr.write(`reference: ${line}\n`);

/** The folder of the reference's Debian tree; builds it first where it is not there yet. */
export async function ensureReference(say = toStderr) {
  requireLab();
  const hash = createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 12);
  await ensurePackages(['mmdebstrap', 'util-linux', 'mount'], say);
  return ensureTree(`reference-${hash}`, say, (root) => bootstrap(root, definition));
}

// Every run sees the tree under a layer in memory that ends with it, so runs neither change the tree nor meet each
// other. The mounts are in a namespace of their own and need no cleaning up.
const enter = `set -e
tree=$1 point=$2 cwd=$3 binds=$4
shift 4
mount -t tmpfs -o mode=0755 tmpfs "$point"
mkdir "$point/upper" "$point/work" "$point/root"
mount -t overlay -o "lowerdir=$tree,upperdir=$point/upper,workdir=$point/work" reference "$point/root"
for part in proc dev; do mount --rbind "/$part" "$point/root/$part"; done
mount -t tmpfs -o mode=1777 tmpfs "$point/root/tmp"
printf '%s\\n' "$cwd" $binds | while read -r folder; do
  mkdir -p "$point/root$folder"
  mount --rbind "$folder" "$point/root$folder"
done
exec chroot "$point/root" /usr/bin/env -C "$cwd" "$@"`;

/**
 * Runs a program of the reference with `cwd` and the labs' key files at their own paths; other folders come with
 * `binds`. Resolves to { rc, stdout, stderr }. With `inherit` its output goes to the terminal instead.
 */
export async function runReference({
  argv,
  cwd = process.cwd(),
  env = {},
  binds = [],
  input,
  timeout,
  inherit = false,
}) {
  const tree = await ensureReference();
  const point = join(stateDir, 'reference-mount');
  const labs = join(stateDir, 'labs');
  for (const folder of [point, labs]) mkdirSync(folder, { recursive: true });
  const folders = [labs, ...binds].filter((folder) => existsSync(folder));
  if (folders.some((folder) => /\s/.test(folder)))
    throw new Error('the reference cannot bind folders with blanks in their names');
  const own = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '/bin/sh',
    '-c',
    enter,
    'sh',
    tree,
    point,
    realpathSync(cwd),
    folders.join('\n'),
  ];
  const base = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    ANSIBLE_NOCOLOR: '1',
  };
  return collect([...own, ...argv], { ...base, ...env }, { input, timeout, inherit });
}

/** Runs `ansible-playbook` (or another `program` of Ansible) with `args`. */
export function runAnsible({ program = 'ansible-playbook', args, ...options }) {
  return runReference({ argv: [program, ...args], ...options });
}

function collect([file, ...args], env, { input, timeout, inherit }) {
  return new Promise((resolve, reject) => {
    const output = inherit ? 'inherit' : 'pipe';
    const child = spawn(file, args, {
      env,
      timeout,
      stdio: [inherit && input === undefined ? 'inherit' : 'pipe', output, output],
    });
    const text = { stdout: '', stderr: '' };
    for (const name of inherit ? [] : ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (chunk) => {
        text[name] += chunk;
      });
    }
    child.stdin?.on('error', () => {}); // a program may end before it has read its input
    child.stdin?.end(input ?? '');
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ rc: code ?? signal, ...text }));
  });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const argv = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
  try {
    if (argv.length === 0) throw new Error('usage: node test/conformance/reference.mjs -- PROGRAM ARGUMENTS');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(ANSIBLE_|TERM$)/.test(name)));
    const { rc } = await runReference({ argv, env, inherit: true });
    process.exitCode = typeof rc === 'number' ? rc : 1;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof LabUnavailable ? 3 : 1;
  }
}
