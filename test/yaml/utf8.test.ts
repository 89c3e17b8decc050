import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { runPlaybook } from '../../engine/index.ts';
import { utf8Text } from '../../engine/yaml/index.ts';
import { play } from '../support/play.ts';

describe('files of a project that are not UTF-8', () => {
  it('are refused with line and column of the first odd byte', () => {
    const cases: [Buffer, number, number][] = [
      [Buffer.from('a: \xff\n', 'latin1'), 1, 4],
      [Buffer.concat([Buffer.from('ü: \ufffd\n  b: é'), Buffer.from([0xc3])]), 2, 7],
      [Buffer.from('x\n\n\xe9t\xe9', 'latin1'), 3, 1],
    ];
    for (const [bytes, line, column] of cases) {
      const error = (() => {
        try {
          return utf8Text(bytes, 'f.yml');
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).to.be.instanceOf(AuthorError);
      const { source, offset } = (error as AuthorError).findings[0]!.place!;
      expect(source.position(offset)).to.deep.equal({ line, column });
    }
  });

  it('nothing else is: the replacement character itself, a byte order mark, any plane', () => {
    for (const text of ['\ufffd', '\ufeffa: 1', '𝒳 \u0000', ''])
      expect(utf8Text(Buffer.from(text), 'f')).to.equal(text);
  });

  it('a playbook, a file of variables and a template', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'troupe-utf8-'));
    try {
      const bad = Buffer.from('- hosts: all\n  tasks:\n    - debug: { msg: "\xe9" }\n', 'latin1');
      writeFileSync(join(folder, 'play.yml'), bad);
      const words = await (async () => {
        for await (const event of runPlaybook({ playbook: 'play.yml', inventory: 'h,', cwd: folder })) void event;
      })().then(
        () => 'none',
        (error: Error) => error.message,
      );
      expect(words).to.match(/not UTF-8.*0xe9/);
      writeFileSync(join(folder, 't.j2'), Buffer.from('\xe9', 'latin1'));
      const { lines } = await play(
        `- hosts: h1\n  tasks:\n    - template: { src: ${folder}/t.j2, dest: ${folder}/out }\n      ignore_errors: true\n`,
      );
      expect(lines.join()).to.match(/not UTF-8/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
