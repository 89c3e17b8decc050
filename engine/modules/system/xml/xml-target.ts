/** Makes what an XPath of simple steps names where it is missing: the last step is taken apart, the rest comes first. */
import { ModuleFailure } from '../../../errors.ts';
import {
  type Document,
  type Element,
  isElement,
  makeElement,
  type Namespaces,
  nodes,
  setText,
  textOf,
} from './xml-tree.ts';

const NAME = '(?:[a-zA-Z-][a-zA-Z0-9_.-]*:)?[a-zA-Z-][a-zA-Z0-9_.-]*';
const QUOTED = `(?:'(.*)'|"(.*)")`;
const LAST = {
  element: new RegExp(`^(.*)/(${NAME})$`, 's'),
  elementWithText: new RegExp(`^(.*)/(${NAME})/text\\(\\)=${QUOTED}$`, 's'),
  attribute: new RegExp(`^(.*)/@(${NAME})$`, 's'),
  attributeWithValue: new RegExp(`^(.*)/@(${NAME})=${QUOTED}$`, 's'),
  predicate: new RegExp(`^(.*)/(${NAME})\\[(.*)\\]$`, 's'),
  text: new RegExp(`^(.*)/text\\(\\)=${QUOTED}$`, 's'),
};

/** Makes it below `around`, the document or an element that a relative expression starts from. */
export function makeTarget(around: Document | Element, written: string, namespaces: Namespaces): void {
  const xpath = written.trim();
  const step = take(xpath);
  if (!step) throw new ModuleFailure(`Can't process Xpath ${xpath} in order to spawn nodes!`);
  const inside = () => nodes(step.rest, around, namespaces).filter(isElement);
  if (step.rest === '') throw new ModuleFailure(`Can't process Xpath ${xpath} in order to spawn nodes!`);
  if (inside().length === 0) makeTarget(around, step.rest, namespaces);
  for (const element of inside()) step.apply(element, namespaces);
}

interface Step {
  rest: string;
  apply(element: Element, namespaces: Namespaces): void;
}

function take(xpath: string): Step | undefined {
  let match = LAST.element.exec(xpath);
  if (match) return adding(match[1]!, match[2]!);
  match = LAST.elementWithText.exec(xpath);
  if (match) return adding(match[1]!, match[2]!, match[3] ?? match[4]);
  match = LAST.attribute.exec(xpath) ?? LAST.attributeWithValue.exec(xpath);
  if (match) return setting(match[1]!, match[2]!, match[3] ?? match[4]);
  match = LAST.predicate.exec(xpath);
  if (match)
    return within(
      match[1]!,
      match[2]!,
      match[3]!.split(' and ').map((part) => part.trim()),
    );
  match = LAST.text.exec(xpath);
  if (!match) return undefined;
  const [rest, text] = [match[1]!, match[2] ?? match[3] ?? ''];
  return { rest, apply: (element) => textOf(element) !== text && setText(element, text) };
}

function adding(rest: string, name: string, text?: string): Step {
  return {
    rest,
    apply(element, namespaces) {
      const made = makeElement(name, element, namespaces);
      if (text) setText(made, text);
      element.appendChild(made);
    },
  };
}

function setting(rest: string, name: string, value = ''): Step {
  return {
    rest,
    apply(element, namespaces) {
      const uri = name.includes(':') ? namespaces[name.split(':')[0]!] : null;
      if (uri === undefined) throw new ModuleFailure(`the prefix of ${name} is not among the namespaces`);
      element.setAttributeNS(uri, name, value);
    },
  };
}

function within(rest: string, name: string, conditions: string[]): Step {
  return {
    rest,
    apply(element, namespaces) {
      const made = makeElement(name, element, namespaces);
      element.appendChild(made);
      for (const condition of conditions) makeTarget(made, `./${condition}`, namespaces);
    },
  };
}
