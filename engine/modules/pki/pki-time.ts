/** Times as community.crypto takes them. */

const UNITS = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;

/** `+32w1d2h`, `-1d` from now, or `20300101120000Z`; throws RangeError for anything else. */
export function parseTime(text: string, now: Date): Date {
  const absolute = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(text);
  if (absolute) {
    const [, year, month, day, hour, minute, second] = absolute.map(Number) as number[];
    return new Date(Date.UTC(year!, month! - 1, day, hour, minute, second || 0));
  }
  const relative = /^([+-])(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/i.exec(text);
  if (!relative || text.length < 2)
    throw new RangeError(`"${text}" is not a time such as +52w, +30d or 20300101120000Z`);
  const seconds = Object.values(UNITS).reduce((sum, unit, i) => sum + unit * Number(relative[i + 2] ?? 0), 0);
  // Certificates count whole seconds.
  return new Date(Math.floor(now.getTime() / 1000 + (relative[1] === '-' ? -seconds : seconds)) * 1000);
}
