import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { importsOf } from '../support/architecture.ts';

const engine = fileURLToPath(new URL('../../engine/', import.meta.url));

/** Files that are loaded before a command line is even looked at. */
function loadedAtOnce(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  // A dynamic import loads nothing yet.
  for (const { target, typeOnly } of importsOf(text.replace(/\bimport\(/g, 'later('))) {
    if (typeOnly || target.startsWith('node:')) continue;
    const imported = join(dirname(file), target);
    expect(existsSync(imported), `${file} loads the package ${target} at once`).to.equal(true);
    loadedAtOnce(imported, seen);
  }
  return seen;
}

describe('start-up', () => {
  it('loads a handful of small files and no package, so that --version answers at once', () => {
    const files = [...loadedAtOnce(join(engine, 'cli.ts'))].map((file) => relative(engine, file)).sort();
    expect(files).to.deep.equal([
      'cli.ts',
      'cli/colors.ts',
      'cli/command_table.ts',
      'cli/console.ts',
      'cli/main.ts',
      'cli/questions.ts',
      'errors.ts',
      'events.ts',
      'reporters/printable.ts',
    ]);
  });
});
