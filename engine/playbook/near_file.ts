/** Of a file that is not there: the one whose name is nearest, among those that lie where it was looked for. */
import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { nearest } from '../errors.ts';

const stem = (file: string): string => basename(file, extname(file));

/** "did you mean `x`?" or undefined; `name` as it is written, `paths` where it was looked for. */
export function nearFile(name: string, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    // Without their endings, which alone would make any two names near.
    const stems = new Map(filesIn(dirname(path)).map((file) => [stem(file), file]));
    const written = stem(path);
    const near = stems.get(written) ?? stems.get(basename(path)) ?? stems.get(nearest(written, stems.keys()) ?? '');
    if (near !== undefined && near !== basename(path)) return `did you mean \`${join(dirname(name), near)}\`?`;
  }
  return undefined;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
  } catch {
    // The folder is not there, or may not be read.
    return [];
  }
}
