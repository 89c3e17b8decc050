/**
 * Every error a user can meet. Whoever finds a mistake throws an AuthorError (or collects several) with its place; this file
 * alone words how it is shown: `file:line:column`, the line itself, a caret, the nearest valid name, what to do.
 * Anything thrown that is none of these classes is a bug in Troupe and is shown with its stack.
 */
import type { Place } from './values.ts';

export interface Finding {
  /** One sentence without a final period: what is wrong. */
  message: string;
  place?: Place | undefined;
  /** What to do about it, one sentence. */
  help?: string | undefined;
  /** Only a warning: does not stop the run. */
  warning?: boolean;
  /** A warning now, and a failure of the task once it is reached: something may catch it or pass it by. */
  later?: boolean;
  /** What kind of finding it is, for programs; the message is for people and may change. */
  code?: FindingCode | undefined;
  /** Further places of the same finding. */
  also?: readonly Place[];
  /** The name that the code is about: of a filter, a module, an argument. */
  subject?: string | undefined;
}

/** Kinds of findings that something depends on. */
type FindingCode =
  | 'unknown-filter'
  | 'unknown-test'
  | 'unknown-lookup'
  | 'unknown-module'
  | 'unknown-handler'
  | 'unknown-name'
  | 'missing-argument'
  | 'vault';

/** A mistake in what the user wrote (playbook, inventory, variables, command line); may carry several findings. */
export class AuthorError extends Error {
  readonly findings: Finding[];
  constructor(findings: Finding | Finding[]) {
    const list = Array.isArray(findings) ? findings : [findings];
    super(list.map((f) => f.message).join('; '));
    this.name = 'AuthorError';
    this.findings = list;
  }
}

/** Shorthand for a single finding. */
export function mistake(message: string, place?: Place, help?: string): AuthorError {
  return new AuthorError({ message, place, help });
}

/** A wrong command line; the command ends with 5 (docs/cli.md has all exit codes). */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly help?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A host can't be reached, or was lost: connection refused, host key, authentication, time-out. Becomes an `unreachable` result. */
export class UnreachableError extends Error {
  constructor(
    message: string,
    readonly help?: string,
  ) {
    super(message);
    this.name = 'UnreachableError';
  }
}

/** A module could not do its work; becomes a `failed` result with these keys. */
export class ModuleFailure extends Error {
  constructor(
    message: string,
    /** Further keys of the result (rc, stdout, dest ...). */
    readonly result: Record<string, unknown> = {},
    /** What is shown below the message and registered nowhere. */
    readonly explanation?: string,
  ) {
    super(message);
    this.name = 'ModuleFailure';
  }
}

/** A template uses a name that is not defined. `path` is the whole reference, such as `tls.cert_dir`. */
export class UndefinedError extends Error {
  constructor(
    message: string,
    readonly path: string,
    readonly place?: Place,
    readonly help?: string,
    /** An inline if without else was false: Jinja2 has another undefined for it, which is empty, false and of no length. */
    readonly choice = false,
  ) {
    super(message);
    this.name = 'UndefinedError';
  }
}

/** A template could not be parsed or evaluated. */
export class TemplateError extends Error {
  readonly code: FindingCode | undefined;
  readonly subject: string | undefined;
  constructor(
    message: string,
    readonly place?: Place,
    readonly help?: string,
    about: { code?: FindingCode | undefined; subject?: string | undefined } = {},
  ) {
    super(message);
    this.name = 'TemplateError';
    this.code = about.code;
    this.subject = about.subject;
  }
}

/** A value that only a real run can know: in a plan, what needs it may change. */
export class UnknownError extends TemplateError {
  constructor(
    name: string,
    /** Which task it would have come from, as part of a sentence. */
    readonly why: string,
    place: Place | undefined,
  ) {
    super(`needs \`${name}\`, which is known only in a real run: ${why}`, place);
    this.name = 'UnknownError';
  }
}

/** Which file it was that could not be opened says nothing: any would have been one too many. */
const TOO_MANY_FILES =
  'this process may open no more files: raise its limit (`ulimit -n 4096`), or let fewer hosts work at a time (--forks)';

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it is there already',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system can only be read',
  EMFILE: TOO_MANY_FILES,
  ENFILE: 'too many open files on this machine',
  ENOMEM: 'out of memory',
  EIO: 'the disk reports an error',
};

/** Why the system of this machine refused something; undefined for any other error. */
export function systemReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined || code === undefined ? undefined : SYSTEM_REASONS[code];
}

/** Why something could not be done, in words. */
export function reasonOf(error: unknown): string {
  return systemReason(error) ?? (error instanceof Error ? error.message : String(error));
}

/** The same as a sentence that names the file. */
export function systemFailure(error: unknown): string | undefined {
  const reason = systemReason(error);
  if (reason === undefined || reason === TOO_MANY_FILES) return reason;
  const { syscall, path } = error as NodeJS.ErrnoException;
  return path === undefined ? `${reason} (${syscall})` : `cannot use ${path}: ${reason} (${syscall})`;
}

/** `file:line:column` of a place. */
export function placeText(place: Place): string {
  const { line, column } = place.source.position(place.offset);
  return `${place.source.file}:${line}:${column}`;
}

/** In the place of a line of an encrypted file. */
const HIDDEN = '(a line of an encrypted file)';

/** A finding as lines: message, place, the line itself with a caret, help. */
export function describe(finding: Finding): string {
  return `${finding.warning ? 'warning' : 'error'}: ${explained(finding)}`;
}

const MOST_PLACES = 5;

/** The same without the word that says how severe it is. */
export function explained(finding: Finding): string {
  const lines = [finding.message];
  if (finding.place) {
    const { line, column } = finding.place.source.position(finding.place.offset);
    const { source } = finding.place;
    const number = String(line);
    lines.push(`${' '.repeat(number.length)}--> ${placeText(finding.place)}`);
    const text = source.secret ? HIDDEN : source.line(line);
    const shown = window(text, column);
    lines.push(`${number} | ${shown.text}`);
    const before = source.secret ? '' : shown.text.slice(0, shown.column - 1);
    lines.push(`${' '.repeat(number.length)} | ${' '.repeat(cells(before))}^`);
  }
  const callers: string[] = [];
  for (let from = finding.place?.from; from && callers.length < MOST_PLACES; from = from.from)
    callers.push(placeText(from));
  if (callers.length > 0) lines.push(`called from: ${callers.join(', ')}`);
  const others = finding.also ?? [];
  if (others.length > 0) {
    const named = others.slice(0, MOST_PLACES).map(placeText).join(', ');
    lines.push(`also: ${named}${others.length > MOST_PLACES ? ` and ${others.length - MOST_PLACES} more places` : ''}`);
  }
  if (finding.later) lines.push('note: this fails only if it is reached');
  if (finding.help) lines.push(`help: ${finding.help}`);
  return lines.join('\n');
}

/** The same finding at many places as one, which says where else it is; lists and long help are told once. */
export function gathered(findings: readonly Finding[]): Finding[] {
  const found = new Map<string, Finding & { also: Place[] }>();
  return findings.flatMap((finding) => {
    const key = JSON.stringify([finding.message, finding.help, finding.warning ?? false, finding.later ?? false]);
    const first = found.get(key);
    if (first && finding.place) {
      first.also.push(finding.place);
      return [];
    }
    const kept = { ...finding, also: [] };
    found.set(key, kept);
    return [kept];
  });
}

const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;

/** How many cells of a terminal a text takes: letters of the Far East and pictures take two, combining marks none. */
function cells(text: string): number {
  let count = 0;
  for (const letter of text)
    count += WIDE.test(letter) ? 2 : /^(?:\p{Mn}|\p{Me}|[\u200b-\u200d])$/u.test(letter) ? 0 : 1;
  return count;
}

/** Cuts a very long line around the caret, so that the message stays readable. */
function window(text: string, column: number): { text: string; column: number } {
  const width = 110;
  const plain = text.replaceAll('\t', ' ');
  if (plain.length <= width) return { text: plain, column };
  const start = Math.max(0, Math.min(column - 1 - width / 2, plain.length - width));
  const cut = plain.slice(start, start + width);
  return { text: (start > 0 ? '…' : '') + cut, column: column - start + (start > 0 ? 1 : 0) };
}

/** The candidate nearest to a mistyped name, if one is near enough to be meant. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  // Of two letters one wrong is half of all: no name is near then but in another case or order.
  let bestDistance = (name.length <= 2 ? 0 : Math.max(1, Math.floor(name.length / 3))) + 0.5;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > bestDistance) continue;
    const swapped = name.length === 2 && candidate === name[1]! + name[0]!;
    // Of two that are equally near, a letter left out or doubled is meant rather than another one.
    const lettersLess = isWithin(name, candidate) || isWithin(candidate, name) ? 0.25 : 0;
    const distance = swapped ? 0.4 : editDistance(name.toLowerCase(), candidate.toLowerCase()) - lettersLess;
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Whether the letters of one name stand in the other in the same order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of whole) if (letter === part[at]) at++;
  return at === part.length;
}

/** "did you mean `x`?" or undefined. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(name, candidates);
  return found === undefined ? undefined : `did you mean \`${found}\`?`;
}

/** Edit distance in which a swap of neighbours counts once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
