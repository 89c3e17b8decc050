/** `vars_prompt`: asks for variables before a play begins. */

import { mistake } from '../errors.ts';
import { cryptMethods } from '../playbook/choices.ts';
import { keyword } from '../playbook/keyword.ts';
import type { Play } from '../playbook/nodes.ts';
import { evaluate, parseExpression, toText } from '../template/index.ts';
import { type Dict, placeOfValue, toPlain, type Value } from '../values.ts';
import type { Session } from './session.ts';
import { asBoolean } from './task/conditions.ts';
import { playScope } from './walk/settings.ts';

/** An answer as its `encrypt` wants it kept: as a hash for a file of passwords. */
function encrypted(session: Session, play: Play, entry: Dict, answer: string): Value {
  const method = entry.get('encrypt');
  if (method === undefined || method === null) return answer;
  const scope = playScope(session, play);
  const salt = entry.get('salt') ?? null;
  const given: Dict = new Map<Value, Value>([
    ['answer', answer],
    ['method', cryptMethods[String(method)]!],
    ['salt', salt],
    ['size', entry.get('salt_size') ?? 8],
  ]);
  const expression =
    salt === null ? 'answer | password_hash(method, salt_size=size)' : 'answer | password_hash(method, salt)';
  const inner = scope.with(given);
  return inner.resolve(evaluate(parseExpression(expression), inner, inner.options));
}

/** Answers to vars_prompt. */
export async function promptsOf(session: Session, play: Play): Promise<Dict> {
  const answers: Dict = new Map();
  const list = keyword(play, 'vars_prompt') ?? [];
  for (const [i, item] of list.entries()) {
    if (!(item instanceof Map)) continue;
    if (typeof item.get('name') !== 'string')
      throw mistake(
        'an entry of `vars_prompt` needs the name of its variable',
        placeOfValue(list, i),
        'add `name: ...`',
      );
    const name = String(item.get('name'));
    if (session.extraVars.has(name)) continue;
    const given = session.recording?.answers?.get(name);
    if (given !== undefined) {
      answers.set(name, encrypted(session, play, item, given));
      session.recording?.journal?.answer(name, given);
      continue;
    }
    const fallback = item.get('default');
    const standard =
      fallback === undefined || fallback === null ? undefined : toText(playScope(session, play).resolve(fallback));
    const keep = (answer: string) => void answers.set(name, encrypted(session, play, item, answer));
    const secret = item.get('private') === undefined ? true : asBoolean(item.get('private'));
    if (!session.options.ask) {
      if (standard === undefined)
        throw mistake(
          `the play asks for \`${name}\`, and nobody is there to answer`,
          undefined,
          `give it with -e ${name}=...`,
        );
      keep(standard);
      continue;
    }
    const text = String(toPlain(item.get('prompt') ?? name)) + (standard !== undefined ? ` [${standard}]` : '') + ': ';
    const answer = await session.options.ask({
      text,
      secret,
      confirm: asBoolean(item.get('confirm')),
      ...(standard === undefined ? {} : { default: standard }),
    });
    if (secret) session.redactor.add(answer);
    const answered = answer === '' && standard !== undefined ? standard : answer;
    if (!secret) session.recording?.journal?.answer(name, answered);
    keep(answered);
  }
  return answers;
}
