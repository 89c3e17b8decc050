/** The checker of names: where run/, check/ and reporters/ know a module, take its name apart, or read a message as a program would. */
import { codeOnly } from './architecture.ts';

/** Words that are names of modules too, and what they are where they stand. */
const ALSO: Readonly<Record<string, string>> = {
  debug: 'a strategy',
  pause: 'a key of loop_control',
  file: 'an argument of include_tasks',
  group_by: 'an effect',
  add_host: 'an effect',
  set_fact: 'an effect',
  set_stats: 'an effect',
  include_vars: 'an effect',
  template: 'a word of a message',
  command: 'a key of a result',
  replace: 'a setting',
  gather_facts: 'a keyword of a play',
  group: 'a view of the page',
};

/** String literals of a source text that hold no `${}`, and its regular expressions. */
function literals(text: string): string[] {
  const withoutComments = text.replace(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '');
  return [...withoutComments.matchAll(/'((?:[^'\\\n]|\\.)*)'|\/((?:[^/\\\n]|\\.)+)\/[dgimsuy]*[.),;]/g)].map(
    ([, quoted, expression]) => quoted ?? expression!,
  );
}

/** Modules that a text names: outright, with their collection, or in an expression for the end of a name. */
export function modulesNamed(path: string, text: string, modules: ReadonlySet<string>): string[] {
  const effects = path === 'run/task/effects.ts' || path === 'run/host_state.ts';
  return literals(text).flatMap((literal) => {
    const name = literal
      .replace(/^\(\^\|\\\.\)/, '')
      .replace(/^\^?(ansible\\?\.(builtin|legacy)\\?\.)?/, '')
      .replace(/\$$/, '');
    if (!modules.has(name)) return [];
    const meant = literal === name ? ALSO[name] : undefined;
    if (meant !== undefined && (meant !== 'an effect' || effects)) return [];
    return [`${path}: knows the module ${name}; declare what is particular to it in its traits`];
  });
}

const TAKES_APART =
  /\baction\b[?!]?\.(endsWith|startsWith|includes|replace|replaceAll|split|slice|match|lastIndexOf|indexOf)\(|\.(?:test|exec)\((?:\w+\.)*action\b/;
const READS_PROSE =
  /\b(?:message|msg)\)?\.(?:includes|startsWith|endsWith|match|matchAll|replace|replaceAll|split|indexOf)\(|\.(?:test|exec)\(\(?(?:\w+(?: as \w+)?\)?\.)?(?:message|msg)\b/;

/** Places where a name of an action is taken apart. */
export function namesTakenApart(path: string, text: string): string[] {
  return TAKES_APART.test(codeOnly(text)) ? [`${path}: takes the name of an action apart; ask shortName()`] : [];
}

/** Places where code reads the words of a message. */
export function proseRead(path: string, text: string): string[] {
  return READS_PROSE.test(codeOnly(text)) ? [`${path}: reads a message; give what it stands for a code`] : [];
}
