/** XML documents for module `xml`: read, searched by XPath, written as libxml2 writes them. */
import { DOMParser, type Document, type Element, type Node, XMLSerializer } from '@xmldom/xmldom';
import xpath from 'xpath';
import { ModuleFailure } from '../../../errors.ts';

export type { Document, Element } from '@xmldom/xmldom';

export type Namespaces = Record<string, string>;

const ELEMENT = 1;
const ATTRIBUTE = 2;
const TEXT = 3;
const CDATA = 4;
const COMMENT = 8;

export const isElement = (node: unknown): node is Element => (node as Node | null)?.nodeType === ELEMENT;
export const isAttribute = (node: unknown): boolean => (node as Node | null)?.nodeType === ATTRIBUTE;
const isText = (node: Node | null): boolean => node?.nodeType === TEXT || node?.nodeType === CDATA;

/** Reads a document; entities of its own are refused, they are a way to other files and to endless texts. */
export function parseXml(text: string, name: string): Document {
  if (/<!ENTITY/i.test(text)) throw new ModuleFailure(`Error while parsing document: ${name} (entities are not read)`);
  const wrong = (message: string) => {
    throw new ModuleFailure(`Error while parsing document: ${name} (${message.split('\n')[0]})`);
  };
  const parser = new DOMParser({ onError: (_level, message) => wrong(message) });
  try {
    return parser.parseFromString(text.replace(/^\ufeff/, ''), 'text/xml');
  } catch (error) {
    if (error instanceof ModuleFailure) throw error;
    return wrong((error as Error).message);
  }
}

/** What an XPath selects: nodes, or a number, text or boolean. */
export function select(expression: string, node: Node, namespaces: Namespaces): Node[] | string | number | boolean {
  try {
    return xpath.useNamespaces(namespaces)(expression, node as never) as unknown as Node[] | string | number | boolean;
  } catch (error) {
    throw new ModuleFailure(`Syntax error in xpath expression: ${expression} (${(error as Error).message})`);
  }
}

/** The nodes an XPath selects. */
export function nodes(expression: string, node: Node, namespaces: Namespaces): Node[] {
  const found = select(expression, node, namespaces);
  return Array.isArray(found) ? found : [];
}

const children = (node: Node): Node[] => {
  const found: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
};

/** The elements directly in an element. */
export const elementsOf = (node: Node): Element[] => children(node).filter(isElement);

/** The text before an element's first child, null where there is none. */
export function textOf(element: Element): string | null {
  let text: string | null = null;
  for (let child = element.firstChild; child && isText(child); child = child.nextSibling)
    text = (text ?? '') + child.nodeValue;
  return text;
}

/** Replaces that text. */
export function setText(element: Element, text: string): void {
  while (isText(element.firstChild)) element.removeChild(element.firstChild!);
  if (text !== '') element.insertBefore(element.ownerDocument!.createTextNode(text), element.firstChild);
}

/** Takes an element out with the text that follows it. */
export function removeElement(element: Element): void {
  const parent = element.parentNode;
  if (!parent || parent.nodeType !== ELEMENT) throw new ModuleFailure('the root of a document cannot be removed');
  while (isText(element.nextSibling)) parent.removeChild(element.nextSibling!);
  parent.removeChild(element);
}

/** `{namespace}name`, as lxml names an element or attribute. */
export function clark(node: { namespaceURI: string | null; localName: string | null; nodeName: string }): string {
  return node.namespaceURI ? `{${node.namespaceURI}}${node.localName}` : nameOf(node);
}

const nameOf = (node: { localName: string | null; nodeName: string }) => node.localName ?? node.nodeName;

/** The XPath of an element by position, as lxml's getpath. */
export function pathOf(element: Node): string {
  if (element.nodeType === ATTRIBUTE) {
    const { ownerElement, name } = element as unknown as { ownerElement: Element; name: string };
    return `${pathOf(ownerElement)}/@${name}`;
  }
  const parent = element.parentNode;
  const same = parent ? elementsOf(parent).filter((other) => other.nodeName === element.nodeName) : [];
  const at = same.length > 1 ? `[${same.indexOf(element as Element) + 1}]` : '';
  return `${parent && parent.nodeType === ELEMENT ? pathOf(parent) : ''}/${element.nodeName}${at}`;
}

/** A new element; `prefix:name` takes its namespace from the list, and the prefix the document has for it. */
export function makeElement(name: string, around: Element, namespaces: Namespaces): Element {
  const document = around.ownerDocument!;
  const [prefix, local] = name.includes(':') ? (name.split(':', 2) as [string, string]) : [undefined, name];
  if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(local)) throw new ModuleFailure(`Invalid tag name '${name}'`);
  if (prefix === undefined) return document.createElementNS(null, local);
  const uri = namespaces[prefix];
  if (uri === undefined) throw new ModuleFailure(`the prefix ${prefix} of ${name} is not among the namespaces`);
  const own = prefixOf(uri, around);
  return document.createElementNS(uri, own === undefined ? name : own === '' ? local : `${own}:${local}`);
}

/** The prefix that stands for a namespace where an element is: '' where it is the default, undefined where there is none. */
function prefixOf(uri: string, element: Element): string | undefined {
  for (let at: Node | null = element; isElement(at); at = at.parentNode) {
    for (const { name, value } of at.attributes) {
      if (value === uri && (name === 'xmlns' || name.startsWith('xmlns:'))) return name.slice('xmlns:'.length);
    }
  }
  return undefined;
}

/** Blank text between elements, which indenting replaces. */
export function removeBlankText(node: Node): void {
  for (const child of children(node)) {
    if (child.nodeType === TEXT && /^\s*$/.test(child.nodeValue ?? '')) node.removeChild(child);
    else removeBlankText(child);
  }
}

/** The document with its declaration as libxml2 writes it; `pretty`: indented where no text is in the way. */
export function writeXml(document: Document, pretty: boolean): string {
  const copy = pretty ? (document.cloneNode(true) as Document) : document;
  if (pretty && copy.documentElement) indent(copy.documentElement, 1);
  const serializer = new XMLSerializer();
  const parts = children(copy)
    .filter((node) => !isText(node) && !(node.nodeType === 7 && node.nodeName === 'xml'))
    .map((node) => serializer.serializeToString(node));
  return `<?xml version='1.0' encoding='UTF-8'?>\n${parts.join(pretty ? '\n' : '')}${pretty ? '\n' : ''}`;
}

function indent(element: Element, depth: number): void {
  const inside = children(element);
  if (inside.length === 0 || inside.some((node) => isText(node))) return;
  const document = element.ownerDocument!;
  for (const child of inside) {
    if (child.nodeType !== ELEMENT && child.nodeType !== COMMENT && child.nodeType !== 7) continue;
    element.insertBefore(document.createTextNode(`\n${'  '.repeat(depth)}`), child);
    if (isElement(child)) indent(child, depth + 1);
  }
  element.appendChild(document.createTextNode(`\n${'  '.repeat(depth - 1)}`));
}
