/** The matcher that runs in time proportional to the text, beside Python's re (record_machine.py recorded its answers). */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { RegexError } from '../../../engine/python/regex/error.ts';
import { Machine } from '../../../engine/python/regex/machine.ts';
import { pythonRegex } from '../../../engine/python/regex/translate.ts';

interface Recorded {
  python: string;
  /** Expression, text, and the first match: where it begins and ends, and its groups. */
  cases: [string, string, [number, number, ...(string | null)[]] | null][];
}

const { cases } = JSON.parse(readFileSync(new URL('machine.json', import.meta.url), 'utf8')) as Recorded;

function machineOf(pattern: string): Machine {
  const { source, flags } = pythonRegex(pattern);
  return new Machine(source, flags, pattern);
}

function first(pattern: string, text: string) {
  const machine = machineOf(pattern);
  const slots = machine.find(text, 0);
  if (!slots) return null;
  const groups = Array.from({ length: machine.groups }, (_, i) => {
    const [from, to] = [slots[2 * i + 2]!, slots[2 * i + 3]!];
    return from < 0 || to < 0 ? null : text.slice(from, to);
  });
  return [slots[0], slots[1], ...groups];
}

describe('python/regex/machine', () => {
  it(`finds what Python finds, in ${cases.length} expressions made at random`, () => {
    const wrong = cases.filter(
      ([pattern, text, match]) => JSON.stringify(first(pattern, text)) !== JSON.stringify(match),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('goes on behind a match as if nothing had been remembered', () => {
    const text = 'ab aab b aaab abab';
    for (const pattern of ['a*b', '(?:a|aa)+b?', '(?=a+b)a', 'a*']) {
      const machine = machineOf(pattern);
      const native = pythonRegex(pattern);
      for (let from = 0; from <= text.length; ) {
        const found = machine.find(text, from);
        const wanted = new RegExp(native.source, `${native.flags}g`);
        wanted.lastIndex = from;
        const match = wanted.exec(text);
        expect(found && [found[0], found[1]], `${pattern} from ${from}`).to.deep.equal(
          match ? [match.index, match.index + match[0].length] : undefined,
        );
        if (!found) break;
        from = found[1]! > found[0]! ? found[1]! : found[1]! + 1;
      }
    }
  });

  it('gives up with back references that take too long, naming the expression as it was written', () => {
    const text = `${'a'.repeat(44)}!`;
    expect(() => machineOf(String.raw`^(a+)+\1b$`).find(text, 0))
      .to.throw(RegexError)
      .with.property('message', String.raw`the regular expression ${'`'}^(a+)+\1b$${'`'} takes too long on this text`);
  });

  it('refuses a look-behind whose width differs, as Python does', () => {
    expect(() => machineOf('(?<=a+)b')).to.throw(RegexError, 'look-behind requires fixed-width pattern');
  });
});
