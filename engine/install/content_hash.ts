/** What is in a directory, as one hash: names, kinds, what may be executed, contents. Owners and times are none of it. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** `sha256-...` of a directory's content. */
export function contentHash(folder: string): string {
  const hash = createHash('sha256');
  const walk = (relative: string): void => {
    for (const name of readdirSync(join(folder, relative)).sort()) {
      const path = relative === '' ? name : `${relative}/${name}`;
      const state = lstatSync(join(folder, path));
      if (state.isDirectory()) walk(path);
      else if (state.isSymbolicLink()) add(hash, 'link', path, Buffer.from(readlinkSync(join(folder, path))));
      else if (state.isFile())
        add(hash, state.mode & 0o100 ? 'program' : 'file', path, readFileSync(join(folder, path)));
      else add(hash, 'other', path, Buffer.alloc(0));
    }
  };
  walk('');
  return `sha256-${hash.digest('hex')}`;
}

function add(hash: ReturnType<typeof createHash>, kind: string, path: string, content: Buffer): void {
  hash.update(`${kind}\0${path}\0${content.length}\0`).update(content);
}
