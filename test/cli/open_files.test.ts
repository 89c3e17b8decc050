/** A process that may open few files says so in a line; it is no bug. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ensureBuilt } from '../support/built.mjs';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

describe('too few files that may be open', function () {
  this.timeout(120000);
  const folder = mkdtempSync(join(tmpdir(), 'troupe-files-'));
  before(() => {
    ensureBuilt(() => {});
    const names = Array.from({ length: 30 }, (_, n) => `host-${n} ansible_connection=local\n`);
    writeFileSync(join(folder, 'hosts'), names.join(''));
    writeFileSync(join(folder, 'play.yaml'), '- hosts: all\n  gather_facts: false\n  tasks:\n    - command: sleep 1\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const limit of [24, 64, 100]) {
    it(`are said in words (${limit})`, () => {
      const command = `ulimit -n ${limit}; exec "$0" "$@"`;
      const words = ['-c', command, process.execPath, cli, 'play.yaml', '-i', 'hosts'];
      const { stdout, stderr, status } = spawnSync('/bin/sh', words, { cwd: folder, encoding: 'utf8' });
      const said = stdout + stderr;
      expect(said).to.contain('this process may open no more files: raise its limit (`ulimit -n 4096`)');
      expect(said).not.to.contain('bug in Troupe');
      expect(said).not.to.match(/^ +at |dist\//m);
      expect(status).to.be.oneOf([1, 2]);
    });
  }
});
