/**
 * The variables of a script that a request may leave unset. The host's environment, or a task's, may hold one of that name, and
 * it must not be taken for an argument: `environment: {make: 1}` is for the commands that run, not for our scripts.
 */
import type { ShellScript } from '../remote.ts';

const known = new WeakMap<ShellScript, ReadonlySet<string>>();

/** Names that a script and what it needs read; not those of the prelude, of proxies, or that are set where they are loaded. */
export function namesRead(script: ShellScript): ReadonlySet<string> {
  let names = known.get(script);
  if (!names) {
    const texts = withNeeds(script).map(({ text }) => text);
    const all = new Set(texts.flatMap((text) => namesIn(text, /\$\{?#?([a-z][a-z0-9_]*)/g)));
    const kept = new Set(texts.flatMap((text) => namesIn(outside(text), /\b([a-z][a-z0-9_]*)=/g)));
    names = new Set([...all].filter((name) => !kept.has(name) && !/^t_|_proxy$/.test(name)));
    known.set(script, names);
  }
  return names;
}

const withNeeds = (script: ShellScript): ShellScript[] => [script, ...script.needs.flatMap(withNeeds)];

const namesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((found) => found[1]!);

/** What a script does when it is loaded: its text without its functions. */
const outside = (text: string): string => text.replace(/^[a-z0-9_]+\(\) [{(][\s\S]*?^[})]/gm, '');

/** The function that empties them, loaded with the script; undefined for a script that reads none. */
export function blankFunction(script: ShellScript): string | undefined {
  const names = [...namesRead(script)];
  return names.length === 0
    ? undefined
    : `t_blank_${script.name}() { ${names.map((name) => `${name}=`).join(' ')}; }\n`;
}
