/** Nobody looks into the keywords of a node but the reader, every keyword has somebody who reads it, and host state has one writer. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { keywords } from '../../engine/playbook/keywords.ts';

const engine = fileURLToPath(new URL('../../engine/', import.meta.url));
const texts = new Map(
  readdirSync(engine, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, readFileSync(join(engine, path), 'utf8')]),
);
/** The rooms that read nodes, and those of their files that make some. */
const READS = /^(run|check|reporters|cli)\//;
const MAKES = /^run\/walk\/include\.ts$/;

const faults = (pattern: RegExp, allowed: (path: string) => boolean): string[] =>
  [...texts].flatMap(([path, text]) =>
    allowed(path) ? [] : [...text.matchAll(pattern)].map((match) => `${path}: ${match[0]}`),
  );

describe('keywords', () => {
  it('are read by keyword.ts alone', () => {
    expect(
      faults(/\bown\.(get|has|set|keys|values|entries)\(/g, (path) => !READS.test(path) || MAKES.test(path)),
    ).to.deep.equal([]);
    expect(faults(/\.own\.(get|has)\(/g, (path) => !READS.test(path))).to.deep.equal([]);
  });

  it('have each a reader', () => {
    const all = [...texts.values()].join('\n');
    /** Tasks and roles in a node's own lists, and the module of a task: the loader makes nodes of them. */
    const loaded = ['roles', 'pre_tasks', 'tasks', 'post_tasks', 'handlers', 'block', 'rescue', 'always', 'listen'];
    const byLoader = [...loaded, 'action', 'local_action', 'loop'];
    const unread = [...keywords.keys()].filter((name) => {
      const read = new RegExp(`(?:\\b(?:keyword|written|ownKeyword|word|judgement|quietly)|#early)\\([^;]*?'${name}'`);
      const listed = new RegExp(`for \\(const name of \\[[^\\]]*'${name}'`);
      return !read.test(all) && !listed.test(all) && !byLoader.includes(name);
    });
    expect(unread).to.deep.equal([]);
    for (const name of byLoader) expect(all, name).to.match(new RegExp(`'${name}'`));
  });
});

describe('the state of hosts', () => {
  const fields = 'facts|factVars|variables|includedVars|recap|notifications|notified|completedRoles';

  it('is written by effects.ts alone', () => {
    const writes = new RegExp(`\\.(${fields})\\.(set|add|delete|clear)\\(|\\.recap\\.\\w+(\\+\\+| [-+]?= )`, 'g');
    const ours = (path: string) => path === 'run/task/effects.ts' || !path.startsWith('run/');
    expect(faults(writes, ours)).to.deep.equal([]);
  });

  it('is handed out as what is only read: the record itself is for its writer', () => {
    const takes = /\bHostRecord\b/g;
    expect(faults(takes, (path) => ['run/task/effects.ts', 'run/host_state.ts'].includes(path))).to.deep.equal([]);
  });
});
