/** All tests: Jinja2's and Ansible's. */

import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { Callable, PyObject, Range } from '../../python/objects.ts';
import { binary, compare, contains, equals, toList } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { BoundedRegExp } from '../../python/regex/bounded.ts';
import { toText } from '../../python/text.ts';
import { numeric, truthy, typeName } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import { compareVersions } from '../../python/versions.ts';
import { isFloat, isInt, VaultText } from '../../values.ts';
import { type TestDefinition, table, test } from '../compile/definitions.ts';
import type { Rendering } from '../compile/rendering.ts';
import { toBool } from './filters/core_text.ts';
import { textOf } from './filters/jinja_text.ts';
import { ValueSet } from './filters/keys.ts';
import { compileRegex } from './regex.ts';

const TAKES = { lazy: true, takesUndefined: true };
const LAZY = { lazy: true };

function isDefined(value: Py): boolean {
  if (!(value instanceof Undefined)) return true;
  if (value.failed) value.trip();
  return false;
}

const whole = (value: Py): number | bigint => {
  const n = numeric(value);
  if (n === undefined) fail(`needs a number, not '${typeName(value)}'`, 'convert with `| int`');
  return n;
};
const modulo = (value: Py, by: Py): Py => {
  const b = whole(by);
  if (Number(b) === 0) fail('modulo by zero');
  return numeric(binary('%', typeof value === 'string' ? whole(value) : value, by));
};

const isCased = (text: string) => text.toLowerCase() !== text.toUpperCase();

/** The expression that matches only all of a text. */
const wholeText = (regex: BoundedRegExp): BoundedRegExp =>
  new BoundedRegExp(`(?:${regex.source})(?![\\s\\S])`, regex.flags.replace('g', 'y'), regex.written);

function regexTest(how: 'search' | 'match' | 'fullmatch') {
  return (_c: Rendering, value: Py, pattern: Py, ignorecase: Py, multiline: Py, type?: Py): boolean => {
    const kind = type === undefined ? how : toText(type);
    const subject = toText(value);
    const regex = compileRegex(
      toText(pattern),
      { ignoreCase: truthy(ignorecase), multiline: truthy(multiline) },
      subject,
    );
    if (kind === 'fullmatch') return wholeText(regex).test(subject);
    if (kind !== 'match') return regex.test(subject);
    return new BoundedRegExp(regex, regex.flags.replace('g', 'y')).test(subject);
  };
}

/** A test of a task's result. */
function resultTest(name: string, check: (result: Map<Py, Py>, c: Rendering) => boolean): TestDefinition {
  return test(
    name,
    (c, value) => {
      if (!(value instanceof Map)) fail(`the test \`${name}\` needs a task's result, not '${typeName(value)}'`);
      return check(value, c);
    },
    LAZY,
  );
}

const flag = (key: string) => (result: Map<Py, Py>, c: Rendering) => truthy(c.access(result.get(key) ?? false));
const not = (check: (result: Map<Py, Py>, c: Rendering) => boolean) => (result: Map<Py, Py>, c: Rendering) =>
  !check(result, c);

function changed(result: Map<Py, Py>, c: Rendering): boolean {
  if (result.has('changed')) return flag('changed')(result, c);
  const results = c.access(result.get('results'));
  if (!Array.isArray(results)) return false;
  return results.some((one) => one instanceof Map && flag('changed')(one, c));
}

/** A question about a file of the controller. */
function fileTest(name: string, ask: (path: string) => boolean): TestDefinition {
  return test(name, (c, value) => {
    try {
      return ask(posix.resolve(c.options.folder ?? '.', toText(value)));
    } catch {
      return false;
    }
  });
}

function isMount(path: string): boolean {
  const here = lstatSync(path);
  if (here.isSymbolicLink()) return false;
  const above = lstatSync(posix.join(path, '..'));
  return here.dev !== above.dev || here.ino === above.ino;
}

/** Scheme and host of an address; anything at all has a scheme, if only an empty one, as Python's urlparse sees it. */
function addressOf(value: Py, schemes: Py): { listed: boolean; host: string } {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?/.exec(textOf(value, 'uri'));
  const scheme = match?.[1]?.toLowerCase() ?? '';
  return { listed: schemes === null || !truthy(schemes) || toList(schemes).includes(scheme), host: match?.[2] ?? '' };
}

const subset = (a: Py, b: Py): boolean => {
  const set = new ValueSet();
  for (const item of toList(b)) set.add(item);
  return toList(a).every((item) => set.has(item));
};

const COMPARISONS: TestDefinition[] = (
  [
    ['eq', '=='],
    ['ne', '!='],
    ['lt', '<'],
    ['le', '<='],
    ['gt', '>'],
    ['ge', '>='],
    ['in', 'in'],
  ] as const
).map(([name, operator]) => test(`${name}(other)`, (_c, value, other) => compare(operator, value, other)));

const iterable = (value: Py): boolean =>
  typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Range;

export const TESTS = table<TestDefinition>(
  [
    ...COMPARISONS,
    test('defined', (_c, value) => isDefined(value), TAKES),
    test('undefined', (_c, value) => !isDefined(value), TAKES),
    test('boolean', (_c, value) => typeof value === 'boolean', LAZY),
    test('callable', (_c, value) => value instanceof Callable, LAZY),
    test('divisibleby(num)', (_c, value, by) => Number(modulo(value, by)) === 0),
    test('escaped', () => false, LAZY),
    test('even', (_c, value) => Number(modulo(value, 2)) === 0),
    test('odd', (_c, value) => Number(modulo(value, 2)) === 1),
    test('false', (_c, value) => value === false, LAZY),
    test('true', (_c, value) => value === true, LAZY),
    test('filter', (c, value) => typeof value === 'string' && c.filters(value) !== undefined),
    test('test', (c, value) => typeof value === 'string' && c.tests(value) !== undefined),
    test('float', (_c, value) => isFloat(value), LAZY),
    test('integer', (_c, value) => isInt(value), LAZY),
    test('iterable', (_c, value) => iterable(value), LAZY),
    test('lower', (_c, value) => [...toText(value)].some(isCased) && toText(value) === toText(value).toLowerCase()),
    test('upper', (_c, value) => [...toText(value)].some(isCased) && toText(value) === toText(value).toUpperCase()),
    test('mapping', (_c, value) => value instanceof Map, LAZY),
    test('none', (_c, value) => value === null, LAZY),
    test('number', (_c, value) => isInt(value) || isFloat(value) || typeof value === 'boolean', LAZY),
    test('sameas(other)', (_c, value, other) => sameAs(value, other), LAZY),
    test('sequence', (_c, value) => iterable(value), LAZY),
    test('string', (_c, value) => typeof value === 'string', LAZY),
    test('match(pattern="", ignorecase=false, multiline=false)', regexTest('match')),
    test('search(pattern="", ignorecase=false, multiline=false)', regexTest('search')),
    test('regex(pattern="", ignorecase=false, multiline=false, match_type="search")', regexTest('search')),
    test('version(version, operator="eq", strict=null, version_type=null)', (_c, value, other, operator, strict, type) =>
      compareVersions(value, other, toText(operator), strict, type)),
    test('subset(b)', (_c, a, b) => subset(a, b)),
    test('superset(b)', (_c, a, b) => subset(b, a)),
    test('contains(value)', (_c, list, value) => contains(list, value)),
    test('any', (_c, list) => toList(list).some(truthy)),
    test('all', (_c, list) => toList(list).every(truthy)),
    test('truthy(convert_bool=false)', (_c, value, convert) => (truthy(convert) ? converted(value) : truthy(value))),
    test('falsy(convert_bool=false)', (_c, value, convert) => !(truthy(convert) ? converted(value) : truthy(value))),
    test('nan', (_c, value) => typeof numeric(value) === 'number' && Number.isNaN(numeric(value))),
    resultTest('failed', flag('failed')),
    resultTest('succeeded', not(flag('failed'))),
    resultTest('changed', changed),
    resultTest('skipped', flag('skipped')),
    resultTest('unreachable', flag('unreachable')),
    resultTest('reachable', not(flag('unreachable'))),
    resultTest('started', (result, c) => !result.has('started') || flag('started')(result, c)),
    resultTest('finished', (result, c) => !result.has('finished') || flag('finished')(result, c)),
    resultTest('timedout', (result) => {
      const timedout = result.get('timedout');
      return timedout instanceof Map && truthy(timedout.get('period') ?? false);
    }),
    fileTest('exists', (path) => Boolean(statSync(path))),
    fileTest('link_exists', (path) => Boolean(lstatSync(path))),
    fileTest('file', (path) => statSync(path).isFile()),
    fileTest('directory', (path) => statSync(path).isDirectory()),
    fileTest('link', (path) => lstatSync(path).isSymbolicLink()),
    fileTest('mount', isMount),
    test('abs', (_c, value) => textOf(value, 'abs').startsWith('/')),
    test('same_file(other)', (c, value, other) => {
      const full = (path: Py) => realpathSync(posix.resolve(c.options.folder ?? '.', toText(path)));
      return full(value) === full(other);
    }),
    test('uri(schemes=null)', (_c, value, schemes) => addressOf(value, schemes).listed),
    test('url(schemes=null)', (_c, value, schemes) => {
      const { listed, host } = addressOf(value, schemes);
      return listed && host !== '';
    }),
    test('urn', (_c, value) => /^urn:/i.test(textOf(value, 'urn'))),
    test('vault_encrypted', (_c, value) => value instanceof VaultText, LAZY),
    test('vaulted_file', (c, value) =>
      readFileSync(posix.resolve(c.options.folder ?? '.', toText(value)), 'utf8').startsWith('$ANSIBLE_VAULT')),
  ],
  {
    '==': 'eq',
    equalto: 'eq',
    '!=': 'ne',
    '<': 'lt',
    lessthan: 'lt',
    '<=': 'le',
    '>': 'gt',
    greaterthan: 'gt',
    '>=': 'ge',
    issubset: 'subset',
    issuperset: 'superset',
    isnan: 'nan',
    version_compare: 'version',
    failure: 'failed',
    success: 'succeeded',
    successful: 'succeeded',
    change: 'changed',
    skip: 'skipped',
    is_file: 'file',
    is_dir: 'directory',
    is_link: 'link',
    is_mount: 'mount',
    is_abs: 'abs',
    is_same_file: 'same_file',
  },
);

function converted(value: Py): boolean {
  const known = typeof value === 'string' && /^(y|yes|on|1|true|t|1\.0|n|no|off|0|false|f|0\.0)$/i.test(value.trim());
  return known ? /^(y|t|1\.0)$/i.test(value.trim()) || toBool(value.trim()) : truthy(value);
}

function sameAs(a: Py, b: Py): boolean {
  if (typeof a === 'object' && a !== null) return a === b || (!iterable(a) && !(a instanceof PyObject) && equals(a, b));
  return typeof a === typeof b && a === b;
}
