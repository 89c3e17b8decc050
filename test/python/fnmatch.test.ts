import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { fnmatch, glob } from '../../engine/python/fnmatch.ts';
import { casesOf } from './recorded.ts';

describe('fnmatch', () => {
  const names = [
    '',
    'a',
    'ab',
    'a.b',
    '[a]',
    'a]b',
    'b',
    'a-c',
    '-',
    '!',
    '^',
    'a\nb',
    'x/y',
    '\\',
    '1',
    'é',
    'aXb',
    ']',
  ];
  for (const [pattern, matched] of casesOf<[string, string[]]>('patterns')) {
    it(pattern, () => {
      expect(names.filter((name) => fnmatch(pattern).test(name))).to.deep.equal(matched);
    });
  }
});

describe('glob', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-glob-'));
    for (const path of ['a.txt', 'b.txt', '.hidden', 'd/a.txt', 'd/.h', 'd/e/c.txt', '[x].txt', 'd2/a.md']) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [pattern, found] of casesOf<[string, string[]]>('globs')) {
    it(pattern, () => {
      expect(glob(pattern, folder).sort()).to.deep.equal(found);
    });
  }
});
