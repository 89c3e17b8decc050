import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lines, splitWords } from '../../../engine/modules/parts/output.ts';
import { TestHost } from '../system/host.ts';

const shells: Record<string, string[]> = { dash: ['dash'], bash: ['bash', '--posix'], busybox: ['busybox', 'sh'] };

describe('splitting words as Python does', () => {
  // Expected values from Python 3: shlex.split(...), str.splitlines().
  it('shlex.split', () => {
    expect(splitWords(`a 'b c' "d \\"e\\" \\$f" g\\ h ""`)).to.deep.equal(['a', 'b c', 'd "e" \\$f', 'g h', '']);
    expect(splitWords(`x='a'"b"c # not a comment`)).to.deep.equal(['x=abc', '#', 'not', 'a', 'comment']);
    expect(() => splitWords(`a 'b`)).to.throw('No closing quotation');
  });
  it('splitlines', () => {
    expect(lines('a\r\nb\rc\n\nd')).to.deep.equal(['a', 'b', 'c', '', 'd']);
    expect(lines('')).to.deep.equal([]);
    expect(lines('a\x0bb\u2028c\n')).to.deep.equal(['a', 'b', 'c']);
  });
});

for (const [name, shell] of Object.entries(shells)) {
  describe(`command, shell, script under ${name}`, () => {
    let dir: string;
    const host = new TestHost({ shell, environment: { GREETING: 'hello  there' } });
    before(() => {
      dir = mkdtempSync(join(tmpdir(), 'commands-'));
    });
    after(() => rmSync(dir, { recursive: true }));

    it('command gives every argument exactly', async () => {
      const hostile = ['a b', "it's", '"', '$(id)', '`id`', 'x\ny', '-n', '*', 'é'];
      const r = await host.run('command', { argv: ['printf', '<%s>', ...hostile] });
      expect(r.values.stdout).to.equal(hostile.map((h) => `<${h}>`).join(''));
      expect(r.changed).to.equal(true);
      expect(r.requests).to.equal(1);
      expect(r.values.cmd).to.deep.equal(['printf', '<%s>', ...hostile]);
    });
    it('command splits its line and needs no shell', async () => {
      const r = await host.run('command', { cmd: `echo "a  b" 'c' && echo d > /nope` });
      expect(r.values.stdout).to.equal('a  b c && echo d > /nope');
      expect(r.values.stderr).to.equal('');
      expect(r.values.rc).to.equal(0);
      expect(r.values.start).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
      expect(r.values.delta).to.match(/^0:00:0\d\.\d{6}$/);
    });
    it('expands variables on the host unless told not to', async () => {
      const args = { argv: ['echo', '$GREETING', '${GREETING}!', '$NOPE'] };
      expect((await host.run('command', args)).values.stdout).to.equal('hello  there hello  there! $NOPE');
      const literal = await host.run('command', { ...args, expand_argument_vars: false });
      expect(literal.values.stdout).to.equal('$GREETING ${GREETING}! $NOPE');
    });
    it('non-zero is a failure with the output', async () => {
      const r = await host.run('command', { cmd: `sh -c "echo out; echo err >&2; exit 3"` });
      expect(r.failed).to.equal(true);
      expect(r.values).to.include({ rc: 3, stdout: 'out', stderr: 'err', msg: 'non-zero return code', changed: true });
      expect(r.values.stderr_lines).to.deep.equal(['err']);
    });
    it('a program that does not exist', async () => {
      const r = await host.run('command', { cmd: 'no-such-program-x 1' });
      expect(r.failed).to.equal(true);
      expect(r.values.rc).to.equal(2);
      expect(r.values.msg).to.contain('No such file or directory');
      writeFileSync(join(dir, 'plain'), 'text', { mode: 0o644 });
      expect((await host.run('command', { argv: [join(dir, 'plain')] })).values.rc).to.equal(13);
    });
    it('creates, removes, with patterns', async () => {
      writeFileSync(join(dir, 'there 1.txt'), '');
      const r = await host.run('command', { cmd: 'false', creates: join(dir, 'th*1.txt') });
      expect(r).to.deep.include({ changed: false, failed: false, skipped: false });
      expect(r.values).to.include({ rc: 0, stdout: `skipped, since ${dir}/th*1.txt exists` });
      expect(r.values.msg).to.equal(`Did not run command since '${dir}/th*1.txt' exists`);
      const gone = await host.run('command', { cmd: 'false', removes: join(dir, 'nope') });
      expect(gone.values.msg).to.equal(`Did not run command since '${dir}/nope' does not exist`);
      const ran = await host.run('command', {
        cmd: 'true',
        creates: join(dir, 'nope*'),
        removes: join(dir, 'there 1.txt'),
      });
      expect(ran.changed).to.equal(true);
    });
    it('check mode: skipped, or predicted where creates is given', async () => {
      const skip = await host.run('command', { cmd: `touch ${dir}/made` }, { check: true });
      expect(skip).to.deep.include({ skipped: true, changed: false });
      expect(skip.values.msg).to.equal('Command would have run if not in check mode');
      const would = await host.run('shell', { cmd: `touch ${dir}/made`, creates: `${dir}/made` }, { check: true });
      expect(would).to.deep.include({ skipped: false, changed: true });
      expect((await host.run('command', { cmd: `test -e ${dir}/made` })).failed).to.equal(true);
    });
    it('stdin and chdir', async () => {
      const r = await host.run('command', { cmd: 'cat', stdin: "se'cret", strip_empty_ends: false });
      expect(r.values.stdout).to.equal("se'cret\n");
      const no = await host.run('shell', {
        cmd: 'cat; exit 4',
        stdin: 'x',
        stdin_add_newline: false,
        strip_empty_ends: false,
      });
      expect(no.values).to.include({ stdout: 'x', rc: 4 });
      expect((await host.run('command', { cmd: 'pwd', chdir: dir })).values.stdout).to.equal(dir);
      const bad = await host.run('command', { cmd: 'pwd', chdir: `${dir}/nope` });
      expect(bad.values.msg).to.equal('Unable to change directory before execution.');
    });
    it('without stdin the command reads nothing', async () => {
      expect((await host.run('command', { cmd: 'cat' })).values.stdout).to.equal('');
    });
    it('shell runs a line, with another shell if told', async () => {
      const r = await host.run('shell', { cmd: 'x=1; echo "$x|$0" | tr 1 2' });
      expect(r.values).to.include({ stdout: '2|/bin/sh', cmd: 'x=1; echo "$x|$0" | tr 1 2' });
      const b = await host.run('shell', { cmd: 'echo ${BASH_VERSION:+bash}', executable: '/bin/bash' });
      expect(b.values.stdout).to.equal('bash');
    });
    it('output that is not UTF-8, or has NUL, arrives', async () => {
      const r = await host.run('shell', { cmd: `printf 'a\\377b\\000c'` });
      expect(r.values.stdout).to.equal('a\ufffdb\0c');
    });
    it('raw', async () => {
      const r = await host.run('raw', { cmd: 'echo "$((1+1))"; exit 5' });
      expect(r.values).to.include({ rc: 5, stdout: '2\n' });
      expect(r.failed).to.equal(true);
    });
    it('script by its interpreter line, with arguments, one request', async () => {
      const file = join(dir, 'my script.sh');
      writeFileSync(file, '#!/bin/bash\necho "$BASH_VERSION" | grep -c .; printf "<%s>" "$@"; cat; exit 6\n');
      const r = await host.run('script', { cmd: `'${file}' "a b" $GREETING '$x'`, chdir: '/tmp' });
      expect(r.values).to.include({ rc: 6, stdout: '1\n<a b><hello><there><$x>' });
      expect(r.requests).to.equal(1);
      writeFileSync(file, 'echo "$1-$0"\n');
      const e = await host.run('script', { cmd: `'${file}' z`, executable: 'sh' });
      expect(e.values.stdout).to.match(/^z-\/.*tmp\./);
      expect(e.changed).to.equal(true);
      const left = await host.run('shell', { cmd: `ls ${(e.values.stdout as string).trim().slice(2)}` });
      expect(left.failed).to.equal(true);
    });
    it('a large script is uploaded; creates costs one request', async () => {
      const file = join(dir, 'large');
      writeFileSync(file, `#!/bin/sh\n#${'x'.repeat(40000)}\necho done\n`);
      const r = await host.run('script', { cmd: file });
      expect(r.values.stdout).to.equal('done\n');
      const skip = await host.run('script', { cmd: file, creates: dir });
      expect(skip).to.deep.include({ skipped: true, requests: 1 });
      expect(skip.values.msg).to.equal(`${dir} exists, matching creates option`);
    });
  });
}
