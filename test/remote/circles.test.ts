/** The room has no circle of value imports: each file can be read after those that it stands on. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { importsOf } from '../support/architecture.ts';

const room = fileURLToPath(new URL('../../engine/remote/', import.meta.url));
const files = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

function valueImports(path: string): string[] {
  return importsOf(readFileSync(join(room, path), 'utf8'))
    .filter(({ target, typeOnly }) => !typeOnly && target.startsWith('.'))
    .map(({ target }) => normalize(join(dirname(path), target)))
    .filter((target) => files.includes(target));
}

describe('the files of remote/', () => {
  it('do not need each other in a circle', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      if (done.has(path) || trail.includes(path)) return;
      for (const next of valueImports(path)) visit(next, [...trail, path]);
      done.add(path);
    };
    expect(files.length).to.be.greaterThan(20);
    for (const path of files) visit(path, []);
    expect(circles).to.deep.equal([]);
  });

  it('hold no shell functions: these are in .sh files, which shellcheck reads', () => {
    const written = files.filter((path) => /\bdo_t_\w+\(\) *\{/.test(readFileSync(join(room, path), 'utf8')));
    expect(written).to.deep.equal([]);
  });
});
