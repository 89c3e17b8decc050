// Programs of Debian's packages that single tests need, without installing them on this machine.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTree } from '../images.mjs';
import { downloadPackages, run } from '../machine.mjs';

const say = (line) => process.stderr.write(`lab: ${line}\n`);

function packages(name, names) {
  return ensureTree(name, say, async (root) => {
    const debs = join(root, 'debs');
    mkdirSync(debs, { recursive: true });
    await downloadPackages(names, debs);
  });
}

export async function prometheusPrograms() {
  const root = await ensureTree('prometheus', say, async (folder) => {
    const debs = join(folder, 'debs');
    mkdirSync(debs, { recursive: true });
    await downloadPackages(['prometheus'], debs);
    for (const deb of readdirSync(debs)) await run('dpkg', ['-x', join(debs, deb), folder]);
  });
  return join(root, 'usr/bin');
}

export async function addPackages(lab, host, names) {
  const folder = join(await packages(`extra-${names.join('-')}`, names), 'debs');
  // Unpacked elsewhere first: a package's ./bin is a directory, the host's a link.
  for (const deb of readdirSync(folder))
    await run('sh', [
      '-c',
      'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"',
      'sh',
      join(folder, deb),
      lab.root(host),
    ]);
  await run('chroot', [lab.root(host), 'ldconfig']);
}
