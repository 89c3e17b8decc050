/** Values of keywords of a kind that the keyword does not take. */
import { isDict, isList, Template, type Value } from '../values.ts';
import type { Keyword } from './keywords.ts';

/** What is wrong with a value as it is written, and what to write; a template is judged when it is rendered. */
export function keywordProblem(
  keyword: Keyword,
  value: Value,
): { message: string; help: string | undefined } | undefined {
  const problem = typeProblem(keyword.type, value);
  return problem === undefined
    ? undefined
    : { message: `\`${keyword.name}\` ${problem}`, help: typeHelp(keyword, value) };
}

/** Whether Ansible reads the value only when it is needed: a wrong one is no reason not to load the playbook. */
export function isRendered({ type }: Keyword): boolean {
  return ['bool', 'int', 'number', 'percent'].includes(type);
}

/** What to write instead, where that is not said by the problem itself. */
function typeHelp({ name, type }: Keyword, value: Value): string | undefined {
  if (name === 'become') return `write \`become: true\`, and the user as \`become_user: ${String(value)}\``;
  if (type === 'tasks') return 'begin each task with a dash: `- name: ...`';
  if (type === 'dict' && isList(value)) return 'write `name: value` without a dash';
  if (type === 'dicts' && typeof value === 'string') return 'write `NAME: value` on a line below it';
  if (type === 'list' && isDict(value)) return 'write each entry on a line of its own, after a dash';
  return undefined;
}

const BOOL_WORDS = /^(y|yes|n|no|on|off|true|false|t|f|0|1)$/i;

function typeProblem(type: string, value: Value): string | undefined {
  if (value === null) return undefined;
  // Its names must be known before anything is rendered.
  if (value instanceof Template) return type === 'dict' ? 'must be a mapping, not a template' : undefined;
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ||
        (typeof value === 'string' && BOOL_WORDS.test(value)) ||
        value === 0 ||
        value === 1
        ? undefined
        : 'must be yes or no';
    case 'int':
      return Number.isInteger(typeof value === 'string' && value.trim() !== '' ? Number(value) : value)
        ? undefined
        : 'must be a whole number';
    case 'number':
    case 'percent':
      return typeof value === 'number' ||
        (typeof value === 'string' && /^\d+(\.\d+)?%?$/.test(value)) ||
        typeof value === 'object'
        ? undefined
        : 'must be a number';
    case 'str':
      return isDict(value) || isList(value) ? 'must be a text' : undefined;
    case 'dict':
      return isDict(value) ? undefined : 'must be a mapping';
    case 'dicts':
      return isDict(value) || (isList(value) && value.every((v) => isDict(v) || v instanceof Template))
        ? undefined
        : 'must be a mapping, or a list of mappings';
    case 'list':
      return isDict(value) ? 'must be a list' : undefined;
    case 'tasks':
      return isList(value) ? undefined : 'must be a list of tasks';
    case 'expressions':
      return isDict(value) ? 'must be an expression or a list of expressions' : undefined;
    default:
      return undefined;
  }
}
