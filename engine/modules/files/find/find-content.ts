/** What `find` can let the host look for: a `grep -E` expression that matches at least what a Python expression matches. */

/** One character of any line, as bytes of UTF-8 where grep counts bytes; or the line feed that Python's line ends with. */
const ANY = '(.{1,4}|$)';
const NON_ASCII = '[^ -~]{1,4}';
const escapes: Record<string, string> = {
  d: `([0-9]|${NON_ASCII})`,
  w: `([[:alnum:]_]|${NON_ASCII})`,
  s: `([[:space:]]|${NON_ASCII}|$)`,
  D: ANY,
  W: ANY,
  S: '(.{1,4})',
  b: '()',
  B: '()',
  A: '()',
  Z: '()',
  t: '\t',
};

/**
 * An expression for `grep -E` in the C locale that matches every line which the Python expression matches at its start. It may
 * match more: the lines are judged here again. undefined where the expression can't be expressed so.
 */
export function grepSuperset(pattern: string): string | undefined {
  // what grep and Python read in different ways
  if (/^\||\|$|\(\||\|\||\|\)|\{,\d/.test(pattern)) return undefined;
  let out = '';
  let at = 0;
  while (at < pattern.length) {
    const rest = pattern.slice(at);
    const [token, text] = next(rest);
    if (text === undefined) return undefined;
    out += text;
    at += token.length;
  }
  return `^(${out || '()'})`;
}

/** The first piece of an expression, and what stands for it; undefined if nothing does. */
function next(rest: string): [string, string | undefined] {
  const group = /^\((\?:)?(?!\?)/.exec(rest);
  if (group) return [group[0], '('];
  const set = /^\[\^?\]?(?:\\.|[^\]\\])*\]/s.exec(rest);
  if (set) return [set[0], characterSet(set[0])];
  const escaped = /^\\(.)/s.exec(rest);
  if (escaped)
    return [
      escaped[0],
      escapes[escaped[1]!] ?? (/[!-/:-@[-`{-~]/.test(escaped[1]!) ? literal(escaped[1]!) : undefined),
    ];
  // a lazy or possessive quantifier takes no more than the plain one
  const quantifier = /^([*+?]|\{\d{1,3}(?:,\d{0,3})?\})[?+]?/.exec(rest);
  if (quantifier) return [quantifier[0], quantifier[1]];
  const one = rest[0]!;
  if (one === '.') return [one, '(.{1,4})'];
  if ('^$|)'.includes(one)) return [one, one === '^' || one === '$' ? '()' : one];
  return [one, /[ -~\t]/.test(one) && !'(['.includes(one) ? literal(one) : undefined];
}

const literal = (one: string) => (/[A-Za-z0-9 _\t]/.test(one) ? one : `[${one === '^' ? '\\^' : one}]`);

/** A plain set stays; any other becomes any character. */
function characterSet(set: string): string {
  return /^\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_ ])+\]$/.test(set) ? set : ANY;
}

/** Tests of `find` for names, where all patterns are plain text and `*`; undefined otherwise. Hidden names are left out unless asked for. */
export function nameTests(patterns: readonly string[], hidden: boolean): string[] | undefined {
  if (patterns.some((pattern) => /[?[\]\\]/.test(pattern))) return undefined;
  const names = patterns.flatMap((pattern, i) => (i === 0 ? ['-name', pattern] : ['-o', '-name', pattern]));
  return [...(hidden ? [] : ['!', '-name', '.*']), ...(names.length > 0 ? ['(', ...names, ')'] : [])];
}
