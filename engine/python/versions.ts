/** Comparison of versions, as the `version` test does: loose, strict, semver and PEP 440. */

import type { Py } from './py.ts';
import { toText } from './text.ts';
import { truthy } from './types.ts';
import { fail } from './undefined.ts';

type Part = number | string;

const OPERATORS: Record<string, (n: number) => boolean> = {
  '==': (n) => n === 0,
  '=': (n) => n === 0,
  eq: (n) => n === 0,
  '<': (n) => n < 0,
  lt: (n) => n < 0,
  '<=': (n) => n <= 0,
  le: (n) => n <= 0,
  '>': (n) => n > 0,
  gt: (n) => n > 0,
  '>=': (n) => n >= 0,
  ge: (n) => n >= 0,
  '!=': (n) => n !== 0,
  '<>': (n) => n !== 0,
  ne: (n) => n !== 0,
};

/** Loose versions: numbers and letters in turn. */
function loose(text: string): Part[] {
  return text
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareParts(a: Part[], b: Part[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (typeof x !== typeof y) {
      fail(
        `versions with a number and a text in the same position can't be compared: ${x} and ${y}`,
        "use version_type='semver' or 'pep440'",
      );
    }
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** The order of two loose versions. */
export const compareLoose = (a: string, b: string): number => compareParts(loose(a), loose(b));

function strict(text: string): Part[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text) ?? fail(`invalid version number '${text}'`);
  const [, major, minor, patch = '0', letter, number] = match;
  return [Number(major), Number(minor), Number(patch), letter ?? 'z', Number(number ?? 0)];
}

const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\da-zA-Z.-]+))?(?:\+[\da-zA-Z.-]+)?$/;

function compareSemver(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => SEMVER.exec(text) ?? fail(`invalid semantic version '${text}'`)) as [
    RegExpExecArray,
    RegExpExecArray,
  ];
  for (let i = 1; i <= 3; i++) if (x[i] !== y[i]) return Number(x[i]) - Number(y[i]);
  if (x[4] === y[4]) return 0;
  if (x[4] === undefined || y[4] === undefined) return x[4] === undefined ? 1 : -1;
  const [p, q] = [x[4].split('.'), y[4].split('.')];
  for (let i = 0; i < Math.min(p.length, q.length); i++) {
    if (p[i] === q[i]) continue;
    const [m, n] = [/^\d+$/.test(p[i]!), /^\d+$/.test(q[i]!)];
    if (m && n) return Number(p[i]) - Number(q[i]);
    if (m !== n) return m ? -1 : 1;
    return p[i]! < q[i]! ? -1 : 1;
  }
  return p.length - q.length;
}

const PEP440 =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d+)?)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i;
const PRE: Record<string, number> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };

/** The sort key of a PEP 440 version: release, pre-release, post, development, local. */
function pep440(text: string): number[][] {
  const match = PEP440.exec(text) ?? fail(`invalid version '${text}'`);
  const release = match[2]!.split('.').map(Number);
  while (release.length > 1 && release.at(-1) === 0) release.pop();
  const post =
    /post|rev|[-_.]?r\d|-\d+$/i.test(text.replace(/\+.*$/, '')) &&
    (match[5] ?? match[6] ?? (/(post|rev|r)/i.test(text.replace(/rc|pre|preview/gi, '')) ? '0' : undefined));
  const isDev = match[7] !== undefined;
  const pre =
    match[3] !== undefined ? [PRE[match[3].toLowerCase()]!, Number(match[4] ?? 0)] : isDev && !post ? [-1, 0] : [3, 0];
  const local = match[9]
    ? match[9]
        .split(/[-_.]/)
        .flatMap((part) => (/^\d+$/.test(part) ? [1, Number(part)] : [0, ...[...part].map((c) => c.charCodeAt(0))]))
    : [];
  return [
    [Number(match[1] ?? 0)],
    release,
    pre,
    [post ? Number(post) : -1],
    [isDev ? Number(match[8] ?? 0) : Number.POSITIVE_INFINITY],
    local,
  ];
}

function compareKeys(a: number[][], b: number[][]): number {
  for (let i = 0; i < a.length; i++) {
    const n = compareParts(a[i]!, b[i]!);
    if (n !== 0) return n;
  }
  return 0;
}

/** Whether `value operator other` holds for two versions. */
export function compareVersions(value: Py, other: Py, operator: string, strictly: Py, type: Py): boolean {
  const check = Object.hasOwn(OPERATORS, operator)
    ? OPERATORS[operator]!
    : fail(`invalid operator '${operator}' of a version`, `operators are ${Object.keys(OPERATORS).join(', ')}`);
  if (strictly !== null && type !== null) fail("only one of 'strict' and 'version_type' can be given");
  if (!truthy(value)) fail('Input version value cannot be empty');
  if (!truthy(other)) fail('Version parameter to compare against cannot be empty');
  const [a, b] = [toText(value), toText(other)];
  const kind = strictly !== null && truthy(strictly) ? 'strict' : type === null ? 'loose' : toText(type);
  if (kind === 'loose') return check(compareParts(loose(a), loose(b)));
  if (kind === 'strict') return check(compareParts(strict(a), strict(b)));
  if (kind === 'semver' || kind === 'semantic') return check(compareSemver(a, b));
  if (kind === 'pep440') return check(compareKeys(pep440(a), pep440(b)));
  fail(`invalid version type '${kind}'`, 'types are loose, strict, semver, semantic and pep440');
}
