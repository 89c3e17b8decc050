/** The fields of a file's state as Ansible's stat and find name them, from what `stat -c` printed. */

const kinds: Record<string, number> = {
  isdir: 0o040000,
  ischr: 0o020000,
  isblk: 0o060000,
  isreg: 0o100000,
  isfifo: 0o010000,
  islnk: 0o120000,
  issock: 0o140000,
};

const bits: Record<string, number> = {
  wusr: 0o200,
  rusr: 0o400,
  xusr: 0o100,
  wgrp: 0o020,
  rgrp: 0o040,
  xgrp: 0o010,
  woth: 0o002,
  roth: 0o004,
  xoth: 0o001,
  isuid: 0o4000,
  isgid: 0o2000,
};

/** mode, is*, ids, sizes, times: of the whole st_mode and what else stat told. */
export function stateFields(mode: number, numbers: Record<string, number>): Record<string, unknown> {
  const values: Record<string, unknown> = { mode: (mode & 0o7777).toString(8).padStart(4, '0'), ...numbers };
  for (const [name, kind] of Object.entries(kinds)) values[name] = (mode & 0o170000) === kind;
  for (const [name, bit] of Object.entries(bits)) values[name] = (mode & bit) !== 0;
  return values;
}

/** Seconds since 1970 with the fraction that a time such as `2026-01-01 10:00:00.123456789 +0000` has. */
export function exactTime(seconds: string, written: string | undefined): number {
  const fraction = /\.(\d+)/.exec(written ?? '')?.[1];
  return fraction === undefined ? Number(seconds) : Number(`${seconds}.${fraction}`);
}
