/** Versions as indexes of roles and collections have them: 1.2.3, v1.2, 2.0.0-rc1; and ranges of them. */

const PART = /^v?(\d+(?:\.\d+)*)(?:[-.]?([a-z][\w.-]*))?(?:\+.*)?$/i;

/** Whether a name is a version. */
export const isVersion = (name: string): boolean => PART.test(name);

/** Negative where a is older. */
export function compareVersions(a: string, b: string): number {
  const [, one = '0', before] = PART.exec(a) ?? [];
  const [, other = '0', after] = PART.exec(b) ?? [];
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  // 2.0.0-rc1 comes before 2.0.0.
  if (before === undefined || after === undefined) return before === after ? 0 : before === undefined ? 1 : -1;
  return before < after ? -1 : before > after ? 1 : 0;
}

/** Whether a version is in a range: `1.2.3`, `>=1.0,<2`, `*`. */
function isIn(version: string, range: string | undefined): boolean {
  if (range === undefined || range.trim() === '' || range.trim() === '*') return true;
  return range.split(',').every((part) => {
    const [, operator = '==', wanted = ''] = /^\s*(==|!=|>=|<=|>|<|=)?\s*(\S+)\s*$/.exec(part) ?? [];
    if (wanted === '*') return true;
    const order = compareVersions(version, wanted);
    const holds: Record<string, boolean> = {
      '==': order === 0,
      '=': order === 0,
      '!=': order !== 0,
      '>=': order >= 0,
      '<=': order <= 0,
      '>': order > 0,
      '<': order < 0,
    };
    return holds[operator]!;
  });
}

/** The newest of some versions that is in a range; one before its release only where the range names such a one. */
export function newest(versions: readonly string[], range?: string): string | undefined {
  const early = range !== undefined && /[\d.]+-?[a-z]/i.test(range);
  return versions
    .filter(
      (version) =>
        isVersion(version) &&
        isIn(version, range) &&
        (early || !/[a-z]/i.test(version.replace(/^v/, '').replace(/\+.*/, ''))),
    )
    .sort(compareVersions)
    .at(-1);
}
