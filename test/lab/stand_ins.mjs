// etcd 3.6 and 3.7 where nobody has the programs: Debian's 3.5, whose version is changed to theirs, behind scripts that answer as the
// real programs were recorded to where those differ (test/etcd/flags/, docs/etcd.md): flags, columns, commands that are
// gone, and that 3.7 ends where the log holds what 3.5 wrote. Members that run them form real clusters, which raise the
// cluster's version, refuse what is older and write raft snapshots by etcd's own code.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, stateDir, withLock } from './machine.mjs';
import { listReleases } from './releases.mjs';

const flags = fileURLToPath(new URL('../etcd/flags', import.meta.url));
/** The versions that stand-ins have, and the recording that each answers from. As long as Debian's own, to take its place. */
const lines = { '3.6.14': '3.6.14', '3.7.10': '3.7.1' };
const home = '/opt/stand-in';

/** The folder of releases with stand-ins for the lines that it lacks, and the real programs under the hosts' /opt/stand-in. */
export async function withStandIns(releases, lab) {
  const all = listReleases(releases).map(({ version }) => version);
  const missing = Object.keys(lines).filter(
    (version) => !all.some((one) => one.split('.')[1] === version.split('.')[1]),
  );
  if (missing.length === 0) return releases;
  const base = all.filter((version) => version.startsWith('3.5.')).at(-1);
  const programs = await ensurePrograms(releases, base, missing);
  for (const host of lab.hosts) cpSync(join(programs, 'programs'), join(lab.root(host), home), { recursive: true });
  return join(programs, 'releases');
}

async function ensurePrograms(releases, base, missing) {
  const own = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  const name = own.update(`${releases} ${base} ${missing}`).digest('hex').slice(0, 12);
  const folder = join(stateDir, `etcd-stand-ins-${name}`);
  return withLock('etcd-stand-ins', async () => {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    for (const part of ['releases', 'programs']) mkdirSync(join(unfinished, part), { recursive: true });
    cpSync(releases, join(unfinished, 'releases'), { recursive: true });
    const work = mkdtempSync(join(stateDir, 'etcd-work-'));
    try {
      await run('tar', ['-xzf', join(releases, `v${base}`, archive(base)), '-C', work]);
      const from = join(work, archive(base).replace('.tar.gz', ''));
      for (const program of ['etcdctl', 'etcdutl'])
        copyFileSync(join(from, program), join(unfinished, 'programs', program));
      for (const version of missing) await standIn(version, { from, base, unfinished, work });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    renameSync(unfinished, folder);
    return folder;
  });
}

const archive = (version) => `etcd-v${version}-linux-${process.arch === 'x64' ? 'amd64' : process.arch}.tar.gz`;

async function standIn(version, { from, base, unfinished, work }) {
  const program = readFileSync(join(from, 'etcd'), 'latin1');
  if (base.length !== version.length) throw new Error(`${version} does not fit in the place of ${base}`);
  const changed = join(unfinished, 'programs', `etcd-${version}`);
  // 3.5 knows what clusters of 3.5 and before can do: two of the oldest lines make room for those that it stands in for.
  const capable = program.replaceAll('3.1.0', '3.6.0').replaceAll('3.3.0', '3.7.0');
  writeFileSync(changed, capable.replaceAll(base, version), 'latin1');
  chmodSync(changed, 0o755);
  const name = archive(version).replace('.tar.gz', '');
  mkdirSync(join(work, name));
  const known = readFileSync(join(flags, `${lines[version]}.txt`), 'utf8')
    .trim()
    .split('\n')
    .join(' ');
  for (const [file, text] of Object.entries(scripts(version, known))) {
    writeFileSync(join(work, name, file), text);
    chmodSync(join(work, name, file), 0o755);
  }
  const to = join(unfinished, 'releases', `v${version}`);
  mkdirSync(to);
  const tar = join(to, archive(version));
  await run('tar', ['-C', work, '--owner=0', '--group=0', '--numeric-owner', '-czf', tar, name]);
  const sum = createHash('sha256').update(readFileSync(tar)).digest('hex');
  writeFileSync(join(to, 'SHA256SUMS'), `${sum}  ${archive(version)}\n`);
}

function scripts(version, known) {
  const minor = version.split('.').slice(0, 2).join('.');
  // Of 3.7: what 3.5 wrote is hidden only by a raft snapshot that is younger than the first start on 3.6.
  const log =
    minor === '3.7'
      ? `if [ -e "$data/member/.first-start-3.6" ] && [ -z "$(find "$data/member/snap" -name '*.snap' -newer "$data/member/.first-start-3.6")" ]; then
  echo 'panic: unmarshal should never fail (proto: cannot parse invalid wire-format data) [recovered]' >&2
  exit 2
fi`
      : '[ ! -d "$data/member" ] || [ -e "$data/member/.first-start-3.6" ] || : >"$data/member/.first-start-3.6"';
  return {
    etcd: `#!/bin/sh
# Stands in for etcd ${version}.
known=' ${known} '
data='' version=''
count=$#
while [ "$count" -gt 0 ]; do
  flag=$1
  shift
  count=$((count - 1))
  case $flag in
    --version) version=yes ;;
    --*)
      case $known in *" \${flag%%=*} "*) ;; *) echo "flag provided but not defined: \${flag%%=*}" | sed 's/: -/: /' >&2; exit 2 ;; esac
      ;;
  esac
  case $flag in
    --data-dir=*) data=\${flag#*=} ;;
    --feature-gates=*) set -- "$@" --experimental-initial-corrupt-check=true --experimental-compact-hash-check-enabled=true; continue ;;
  esac
  set -- "$@" "$flag"
done
if [ -z "$version" ] && [ -n "$data" ]; then
  ${log}
fi
exec ${home}/etcd-${version} "$@"
`,
    etcdctl: `#!/bin/sh
# Stands in for the etcdctl of ${version}: its columns, and what it adds to the JSON.
case "$* " in
  version*) ${home}/etcdctl version | sed '1s/:.*/: ${version}/'; exit ;;
  *'endpoint status '*) ;;
  *) exec ${home}/etcdctl "$@" ;;
esac
said=$(${home}/etcdctl "$@")
rc=$?
printf '%s\\n' "$said" | sed -e 's/"version":"\\(3\\.[67]\\)\\.[0-9]*"/&,"storageVersion":"\\1.0"/g' \\
  -e 's/^\\([^,{]*, [0-9a-f]*, 3\\.[67][^,]*\\), \\([^,]*\\), /\\1, ${minor}.0, \\2, 16 kB, 20%, 2.1 GB, /'
exit $rc
`,
    etcdutl: `#!/bin/sh
# Stands in for the etcdutl of ${version}, which has no check of the v2 store.
[ "$1" != check ] || { echo 'Error: unknown command "check" for "etcdutl"' >&2; exit 1; }
exec ${home}/etcdutl "$@"
`,
  };
}
