import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { ModuleFailure } from '../../engine/errors.ts';
import { assignment, quote, quoteForLogin, quotePath, quoteWords, remotePath } from '../../engine/remote/quote.ts';

const shells: Array<[string, string[]]> = [
  ['dash', ['dash']],
  ['bash', ['bash', '--posix']],
  ['busybox', ['busybox', 'sh']],
];

function run(words: string[], input: Buffer | string, environment: Record<string, string> = {}): Buffer {
  const done = spawnSync(words[0]!, words.slice(1), {
    input,
    env: { PATH: '/usr/bin:/bin', HOME: '/home/me', ...environment },
  });
  if (done.status !== 0) throw new Error(`${words.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

/** Bytes, with those that shells mind more often than chance has them. */
const byte = fc.oneof(
  fc.integer({ min: 1, max: 255 }),
  fc.constantFrom(...Buffer.from('\'"\\$`\n\r\t !#~*?[]{}()<>|&;=%')),
  // dash marks its own quoting inside with 0x81 and its neighbours.
  fc.integer({ min: 0x80, max: 0x8a }),
);
const bytes = fc.array(byte, { maxLength: 60 }).map((list) => Buffer.from(list));
const texts = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));

for (const [name, words] of shells) {
  describe(`quoting for ${name} (S-17)`, function () {
    this.timeout(60000);

    it('an assignment of any bytes gives these bytes', () => {
      fc.assert(
        fc.property(fc.array(bytes, { minLength: 20, maxLength: 20 }), (values) => {
          const script = values.map((value) =>
            Buffer.concat([assignment('v', value), Buffer.from('printf "%s\\0" "$v"\n')]),
          );
          const expected = Buffer.concat(values.map((value) => Buffer.concat([value, Buffer.from([0])])));
          expect(run(words, Buffer.concat(script)).equals(expected)).to.equal(true);
        }),
        { numRuns: 40 },
      );
    });

    it('a word of any text is that text', () => {
      fc.assert(
        fc.property(fc.array(texts, { minLength: 20, maxLength: 20 }), (values) => {
          const script = values.map((value) => `printf '%s\\0' ${quote(value)}\n`).join('');
          expect(run(words, script).toString()).to.equal(values.map((value) => `${value}\0`).join(''));
        }),
        { numRuns: 40 },
      );
    });

    it('a list survives `eval "set -- $list"`', () => {
      fc.assert(
        fc.property(fc.array(texts, { maxLength: 10 }), (values) => {
          const script = `${assignment('list', values)}eval "set -- $list"\nfor one do printf '%s\\0' "$one"; done\n`;
          expect(run(words, script).toString()).to.equal(values.map((value) => `${value}\0`).join(''));
        }),
        { numRuns: 60 },
      );
    });

    it('a path expands ~ at its start and $NAME, and nothing else', () => {
      const cases: Array<[string, string]> = [
        ['~', '/home/me'],
        ['~/a b', '/home/me/a b'],
        ['~root/x', '/root/x'],
        ['~no-such-user/x', '~no-such-user/x'],
        ['a~/b', 'a~/b'],
        ['/etc/$NAME/x', '/etc/v al/x'],
        ['/etc/${NAME}x', '/etc/v alx'],
        ['$NAME', 'v al'],
        ['$UNSET/x', '$UNSET/x'],
        ['${UNSET}/x', '${UNSET}/x'],
        ['$(id) `id` * "q" \\', '$(id) `id` * "q" \\'],
        ["it's", "it's"],
        ['', ''],
        ['$', '$'],
        ['$1 $$ $? ${NAME:-x}', '$1 $$ $? ${NAME:-x}'],
      ];
      for (const [path, expected] of cases) {
        // busybox 1.35 loses what follows the name of a user that does not exist, however it is quoted.
        if (name === 'busybox' && path.startsWith('~no-such')) continue;
        const script = `${assignment('v', remotePath(path))}printf '%s' "$v"`;
        expect(run(words, script, { NAME: 'v al' }).toString(), path).to.equal(expected);
        expect(run(words, `printf '%s' ${quotePath(path)}`, { NAME: 'v al' }).toString(), path).to.equal(expected);
      }
    });

    it('a command line for any login shell is read as it is', () => {
      fc.assert(
        fc.property(texts, (text) => {
          expect(run(words, `printf '%s' ${quoteForLogin(text)}`).toString()).to.equal(text);
        }),
        { numRuns: 60 },
      );
    });
  });
}

describe('quoting', () => {
  it('refuses NUL, and names that are none', () => {
    for (const wrong of [() => quote('a\0b'), () => assignment('a', Buffer.from([0])), () => quoteForLogin('\0')]) {
      expect(wrong).to.throw(ModuleFailure, 'NUL');
    }
    for (const name of ['', '1a', 'a-b', 'a b', 'a;id']) expect(() => assignment(name, 'x')).to.throw(RangeError);
  });

  it('null, false and true', () => {
    const line = (value: null | undefined | boolean | number) => assignment('v', value).toString();
    expect([line(null), line(undefined), line(false), line(true), line(7)]).to.deep.equal([
      'v=\n',
      'v=\n',
      'v=\n',
      'v=1\n',
      "v='7'\n",
    ]);
  });

  it('words', () => {
    expect(quoteWords(['a', "b'c", ''])).to.equal("'a' 'b'\\''c' ''");
  });
});
