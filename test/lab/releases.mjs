// etcd's releases without the internet: the real binaries from Debian's packages, packed as etcd's own tarballs.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { requireLab, run, stateDir, withLock } from './machine.mjs';

const suites = ['bookworm', 'trixie', 'sid'];
const programs = ['etcd', 'etcdctl', 'etcdutl'];

/**
 * A folder laid out as etcd's download site: vX.Y.Z/{etcd-vX.Y.Z-linux-ARCH.tar.gz,SHA256SUMS} for each version that
 * Debian has, and for each of the folder TROUPE_ETCD_BINARIES (vX.Y.Z/{etcd,etcdctl,etcdutl}). Kept until it is removed by hand.
 */
export async function ensureReleases(say) {
  const folder = await debianReleases(say);
  const binaries = process.env.TROUPE_ETCD_BINARIES;
  return binaries ? withBinaries(folder, binaries) : folder;
}

// Debian's releases and those of a folder of this machine, in a folder named after what is in it.
async function withBinaries(debian, binaries) {
  const versions = readdirSync(binaries).filter((name) => /^v\d+\.\d+\.\d+$/.test(name));
  const state = versions.map((name) => `${name} ${statSync(join(binaries, name, 'etcd')).mtimeMs}`).join();
  const folder = `${debian}-with-${createHash('sha256').update(`${binaries} ${state}`).digest('hex').slice(0, 12)}`;
  return withLock('etcd-binaries', async () => {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(debian, unfinished, { recursive: true });
    for (const version of versions) {
      const work = mkdtempSync(join(stateDir, 'etcd-work-'));
      try {
        for (const program of programs) {
          const path = join(binaries, version, program);
          if (existsSync(path)) copyFileSync(path, join(work, program));
        }
        await pack(work, unfinished);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }
    renameSync(unfinished, folder);
    return folder;
  });
}

// Downloaded once.
async function debianReleases(say) {
  const folder = join(stateDir, 'etcd');
  if (existsSync(folder)) return folder;
  requireLab();
  return withLock('etcd', async () => {
    if (existsSync(folder)) return folder;
    say(`downloading etcd's Debian packages of ${suites.join(', ')} (once, kept in ${folder})`);
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    const source = await debianUri();
    const work = mkdtempSync(join(stateDir, 'etcd-work-'));
    try {
      for (const suite of suites) await pack(await download(join(work, suite), source, suite), unfinished);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    renameSync(unfinished, folder);
    return folder;
  });
}

/** What a releases folder holds: every version, oldest first, with its tarball's name and SHA-256. */
export function listReleases(folder) {
  const parts = (version) => version.split('.').map(Number);
  const order = (a, b) => parts(a).reduce((found, part, i) => found || part - parts(b)[i], 0);
  return readdirSync(folder)
    .map((name) => name.slice(1))
    .sort(order)
    .map((version) => {
      const [sum, file] = readFileSync(join(folder, `v${version}`, 'SHA256SUMS'), 'utf8')
        .trim()
        .split(/\s+/);
      return { version, file, sum };
    });
}

// The archive this machine's own apt uses: suites other than the machine's are beside its own there.
async function debianUri() {
  await run('apt-get', ['-qq', 'update'], { check: false });
  const targets = await run('apt-get', ['indextargets', '--format', '$(ORIGIN) $(CODENAME) $(REPO_URI)']);
  const found = targets.stdout
    .split('\n')
    .map((line) => /^Debian [a-z]+ (\S+)$/.exec(line))
    .find(Boolean);
  if (!found) throw new Error("apt on this machine has no source for Debian's main archive");
  return found[1];
}

async function download(folder, source, suite) {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const list = join(folder, 'sources.list');
  writeFileSync(list, `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${source} ${suite} main\n`);
  const options = [
    ...[
      '-qq',
      '-o',
      `Dir::Etc::sourcelist=${list}`,
      '-o',
      'Dir::Etc::sourceparts=/dev/null',
      '-o',
      'APT::Sandbox::User=root',
    ],
    ...['-o', `Dir::State::lists=${join(folder, 'lists')}`, '-o', `Dir::Cache=${join(folder, 'cache')}`],
  ];
  await run('apt-get', [...options, 'update']);
  await run('apt-get', [...options, 'download', 'etcd-server', 'etcd-client'], { cwd: folder });
  const tree = join(folder, 'tree');
  for (const deb of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    await run('dpkg', ['-x', join(folder, deb), tree]);
  return join(tree, 'usr/bin');
}

// The version is the binary's own word: etcd's numbering, not Debian's.
async function pack(bin, into) {
  const said = (await run(join(bin, 'etcd'), ['--version'])).stdout;
  const version = /etcd Version: (\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (!version) throw new Error(`etcd --version said: ${said}`);
  const arch = (await run('dpkg', ['--print-architecture'])).stdout.trim();
  const name = `etcd-v${version}-linux-${arch}`;
  const folder = join(into, `v${version}`);
  const content = join(bin, name);
  for (const path of [folder, content]) mkdirSync(path, { recursive: true });
  for (const program of programs.filter((each) => existsSync(join(bin, each))))
    copyFileSync(join(bin, program), join(content, program));
  const file = `${name}.tar.gz`;
  await run('tar', ['-C', bin, '--owner=0', '--group=0', '--numeric-owner', '-czf', join(folder, file), name]);
  const sum = createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex');
  writeFileSync(join(folder, 'SHA256SUMS'), `${sum}  ${file}\n`);
}
