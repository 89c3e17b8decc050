/** Any byte in a file's content, and a mebibyte in an argument: what arrives is what was meant, under each shell. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { closePools, put, runModule, shells, testFolder } from '../harness.ts';

const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const contents = { small: Buffer.concat([every, Buffer.from('\n\n'), every]), large: randomBytes(1024 * 1024) };
const large = `a' "b" $(x) \`y\` \\ ü ;`.repeat(1 << 16).slice(0, 1 << 20);

for (const shell of shells())
  describe(`any content under ${shell.name}`, function () {
    this.timeout(30_000);
    after(closePools);

    for (const [name, content] of Object.entries(contents)) {
      it(`copy, slurp and fetch: ${name}, every byte`, async () => {
        const folder = testFolder();
        const source = put(folder, 'source', content);
        const dest = join(folder, 'dest');
        const options = { shell, source: folder };
        const copied = await runModule('copy', { src: source, dest }, options);
        expect(copied.values['changed'], String(copied.values['msg'])).to.equal(true);
        expect(readFileSync(dest).equals(content)).to.equal(true);
        const slurped = await runModule('slurp', { src: dest }, options);
        expect(Buffer.from(String(slurped.values['content']), 'base64').equals(content)).to.equal(true);
        await runModule('fetch', { src: dest, dest: join(folder, 'fetched'), flat: true }, options);
        expect(readFileSync(join(folder, 'fetched')).equals(content)).to.equal(true);
      });
    }

    const before = 'first\n[s]\no = x\nlast\n';
    const writers: [module: string, args: Record<string, unknown>, after: string][] = [
      ['copy', { content: large }, large],
      ['lineinfile', { line: large }, `${before}${large}\n`],
      ['replace', { regexp: '^first$', replace: large.replaceAll('\\', '\\\\') }, before.replace('first', () => large)],
      ['blockinfile', { block: large, marker: '# {mark}' }, `${before}# BEGIN\n${large}\n# END\n`],
      ['ini_file', { section: 's', option: 'o', value: large }, before.replace('x', () => large)],
    ];
    for (const [module, args, after] of writers) {
      it(`${module}: 1 MiB`, async () => {
        const path = put(testFolder(), 'f', before);
        const run = await runModule(
          module,
          { [module === 'copy' ? 'dest' : 'path']: path, ...args },
          { shell, diff: false },
        );
        expect(run.values['failed'], String(run.values['msg']).slice(0, 200)).to.equal(undefined);
        expect(readFileSync(path, 'utf8') === after, 'what arrived').to.equal(true);
      });
    }
  });
