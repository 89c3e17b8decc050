/** The project as a fresh clone would have it, in a directory of its own. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What git has and would add, without node_modules/ and dist/. */
export function freshCopy(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'troupe-copy-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const name of listed.toString().split('\0')) {
    if (name === '' || !existsSync(join(root, name))) continue;
    mkdirSync(dirname(join(path, name)), { recursive: true });
    cpSync(join(root, name), join(path, name));
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The packages of this clone, for a copy that does not install its own. */
export function borrowPackages(path: string): void {
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));
}
