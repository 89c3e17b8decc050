/** Values of keywords that can be known to be wrong before a host is touched: names that must be one of a few, and the like. */
import { didYouMean } from '../errors.ts';
import { isVariableName } from '../modules/control/variable-name.ts';
import { collectionOf, isBuiltin } from '../names.ts';
import { becomeMethods, cryptMethods, debuggerWords, loopControlKeys, promptKeys } from '../playbook/choices.ts';
import { ownKeyword, placeOfKeyword } from '../playbook/keyword.ts';
import { isRendered, keywordProblem } from '../playbook/keyword_types.ts';
import { type KeywordName, keywords, orders } from '../playbook/keywords.ts';
import { asList, type Play, type Scoped, type Task } from '../playbook/nodes.ts';
import { supportedConnections } from '../run/view/connection.ts';
import { shortName } from '../template/compile/definitions.ts';
import { lookups } from '../template/library/lookups.ts';
import { isDict, isList, type Place, placeOfKey, placeOfValue, Template, type Value } from '../values.ts';
import type { Report } from './report.ts';

type Choice = { what: string; names: readonly string[] };

const oneOf = {
  connection: { what: 'connection', names: supportedConnections },
  become_method: {
    what: 'become method',
    names: becomeMethods.flatMap((name) => [name, `ansible.builtin.${name}`, `community.general.${name}`]),
  },
  debugger: { what: 'moment for the debugger called', names: debuggerWords },
  order: { what: 'order', names: orders },
} satisfies { [name in KeywordName]?: Choice };

/** What only a play has: questions, and the sizes of its batches. */
export function checkPlayKeywords(play: Play, strictly: Report, report: Report): void {
  checkPrompts(ownKeyword(play, 'vars_prompt'), strictly);
  checkSerial(ownKeyword(play, 'serial'), placeOfKeyword(play, 'serial'), report);
}

function checkPrompts(prompts: Value | undefined, report: Report): void {
  for (const entry of asList(prompts)) {
    if (!isDict(entry)) continue;
    for (const key of entry.keys())
      if (!promptKeys.includes(String(key)))
        report({
          message: `an entry of \`vars_prompt\` has no key \`${String(key)}\``,
          place: placeOfKey(entry, key),
          help: didYouMean(String(key), promptKeys) ?? `its keys are: ${promptKeys.join(', ')}`,
        });
    const method = entry.get('encrypt');
    if (typeof method === 'string' && !Object.hasOwn(cryptMethods, method))
      report({
        message: `\`encrypt\` of \`vars_prompt\` can't be \`${method}\``,
        place: placeOfValue(entry, 'encrypt'),
        help: `it is one of: ${Object.keys(cryptMethods).join(', ')}`,
      });
  }
}

/** What stands outright on a play, block or task; a template is checked when it is rendered. */
export function checkKeywordValues(owner: Scoped, report: Report): void {
  for (const [name, { what, names }] of Object.entries(oneOf) as [keyof typeof oneOf, Choice][]) {
    const value = ownKeyword(owner, name);
    if (typeof value !== 'string' || value === '' || names.includes(value)) continue;
    const short = names.filter((each) => !each.includes('.'));
    report({
      message: `there is no ${what} \`${value}\``,
      place: placeOfKeyword(owner, name),
      help: didYouMean(value, short) ?? `there are: ${short.join(', ')}`,
    });
  }
  if (owner.kind === 'play') return;
  for (const keyword of keywords.values()) {
    if (!isRendered(keyword)) continue;
    const name = keyword.name as KeywordName;
    const value = ownKeyword(owner, name);
    const problem = value === undefined ? undefined : keywordProblem(keyword, value);
    if (problem) report({ ...problem, place: placeOfKeyword(owner, name) });
  }
}

function checkSerial(serial: Value | undefined, place: Place | undefined, report: Report): void {
  if (serial === undefined || serial === null) return;
  for (const size of asList(serial)) {
    if (size instanceof Template || /^\d+%?$/.test(String(size))) continue;
    report({
      message: `\`serial\` is ${String(size)}, not a number or a percentage`,
      place,
      help: 'write how many hosts a batch has: 2, "30%", or a list such as [1, "50%"]',
    });
  }
}

/** What only tasks have: the name to register, the loop's lookup and its control. */
export function checkTaskKeywords(task: Task, report: Report): void {
  const written = ownKeyword(task, 'register');
  const name = written instanceof Template ? written.text : written;
  const register = String(name);
  if (name !== undefined && (typeof name !== 'string' || !isVariableName(name)))
    report({
      message: `Invalid variable name in \`register\`: \`${register}\``,
      place: placeOfKeyword(task, 'register'),
      help:
        written instanceof Template
          ? 'the name must be known before the run; to choose one later, use set_fact or a dict'
          : `letters, digits and underscores only, not beginning with a digit: \`${register.replace(/\W+/g, '_').replace(/^(?=\d)/, '_')}\``,
    });
  const control = ownKeyword(task, 'loop_control');
  if (isDict(control))
    for (const key of control.keys())
      if (!loopControlKeys.includes(String(key)))
        report({
          message: `\`loop_control\` has no key \`${String(key)}\``,
          place: placeOfKey(control, key),
          help: didYouMean(String(key), loopControlKeys) ?? `its keys are: ${loopControlKeys.join(', ')}`,
        });
}

/**
 * The lookup of `with_NAME`. One of Ansible's own that is not there is refused when a playbook is loaded; another collection may
 * have it, which is only not here.
 */
export function checkLoopLookup(task: Task, strictly: Report, report: Report): void {
  const { loop } = task;
  const kind = loop && shortName(loop.kind);
  const foreign = loop !== undefined && collectionOf(loop.kind) !== undefined && !isBuiltin(loop.kind);
  if (kind !== undefined && kind !== 'loop' && !Object.hasOwn(lookups, kind))
    (foreign ? report : strictly)({
      message: `there is no lookup \`${kind}\` for \`with_${kind}\``,
      place: placeOfKey(task.own, `with_${task.loop!.kind}`) ?? task.loop!.place ?? task.place,
      help:
        didYouMean(
          `with_${kind}`,
          Object.keys(lookups).map((name) => `with_${name}`),
        ) ?? 'write `loop:` with a list',
    });
}

/** `loop:` with a single value: only a list can be walked. */
export function checkLoopValue({ loop }: Task, report: Report): void {
  if (loop?.kind !== 'loop' || isList(loop.value) || loop.value instanceof Template || loop.value === null) return;
  const text = String(loop.value);
  let help = 'a single value goes into [brackets]';
  if (isDict(loop.value)) help = 'use `| dict2items`, or write the entries as a list';
  else if (/^\d+$/.test(text)) help = `to count, write "{{ range(${text}) | list }}"`;
  else if (text.includes(',')) help = `write [${text.split(',').join(', ')}]`;
  else if (/^\w+$/.test(text)) help = `for the list in a variable write "{{ ${text} }}"`;
  const shown = isDict(loop.value) ? 'a mapping' : `\`${text}\``;
  report({ message: `\`loop\` needs a list, and this is ${shown}`, place: loop.place, help });
}
