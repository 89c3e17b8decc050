/** Module `xml`: the host sends the file, the controller edits the document and sends it back where it differs. */
import { ModuleFailure } from '../../../errors.ts';
import { type Dict, isDict, toPlain, type Value } from '../../../values.ts';
import { atMostOneOf, bool, dict, exactlyOneOf, list, path, raw, requiredBy, requiredIf, str } from '../../args.ts';
import { changed, defineModule, type ModuleResult } from '../../define.ts';
import { type EditArgs, readFile, writeFile } from '../../parts/edit.ts';
import { makeTarget } from './xml-target.ts';
import {
  clark,
  type Document,
  type Element,
  elementsOf,
  isAttribute,
  isElement,
  makeElement,
  type Namespaces,
  nodes,
  parseXml,
  pathOf,
  removeBlankText,
  removeElement,
  select,
  setText,
  textOf,
  writeXml,
} from './xml-tree.ts';

export default defineModule({
  name: 'xml',
  doc: 'Reads and edits an XML file by XPath.',
  reference: 'community.general.xml',
  args: {
    path: path({ doc: 'The file.', aliases: ['dest', 'file'] }),
    xmlstring: str({ doc: 'A document to work on instead of a file.' }),
    xpath: str({ doc: 'What to look for: elements or attributes.' }),
    namespaces: dict({ doc: 'Prefixes of the expression and their namespaces.', default: new Map() }),
    state: str({
      doc: 'Whether it should be there.',
      default: 'present',
      choices: ['absent', 'present'],
      aliases: ['ensure'],
    }),
    value: raw({ doc: 'The text, or the value of `attribute`.' }),
    attribute: raw({ doc: 'The attribute that gets `value`.' }),
    add_children: list(raw(), { doc: 'Elements to add.' }),
    set_children: list(raw(), { doc: 'Elements that replace those in the selected ones.' }),
    count: bool({ doc: 'Count what is selected.', default: false }),
    print_match: bool({ doc: 'Show where what is selected stands.', default: false }),
    pretty_print: bool({ doc: 'Indent the document.', default: false }),
    content: str({ doc: 'Show the attributes or the text of what is selected.', choices: ['attribute', 'text'] }),
    input_type: str({ doc: 'How children are written.', default: 'yaml', choices: ['xml', 'yaml'] }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    strip_cdata_tags: bool({ doc: 'CDATA sections become plain text.', default: false }),
    insertbefore: bool({ doc: 'Add children before the first that is selected.', default: false }),
    insertafter: bool({ doc: 'Add children after the last that is selected.', default: false }),
  },
  rules: [
    exactlyOneOf('path', 'xmlstring'),
    atMostOneOf('add_children', 'content', 'count', 'print_match', 'set_children', 'value'),
    atMostOneOf('insertbefore', 'insertafter'),
    requiredBy('attribute', ['value']),
    ...['add_children', 'content', 'set_children', 'value'].map((name) => requiredBy(name, ['xpath'])),
    ...['count', 'print_match', 'insertbefore', 'insertafter'].map((name) => requiredIf(name, true, ['xpath'])),
  ],
  check: 'full',
  returns: {
    actions: 'The expression, the namespaces and the state.',
    count: 'How many were found.',
    matches: 'What was found.',
    msg: 'What was found, in words.',
    xmlstring: 'The document, where `xmlstring` was given.',
    backup_file: 'Name of the copy that was kept.',
  },
  examples: `- xml:
    path: /foo/bar.xml
    xpath: /business/rating
    value: 11`,
  async run(args, env): Promise<ModuleResult> {
    const edit: EditArgs = { path: args.path ?? '', backup: args.backup } as EditArgs;
    const file = args.path === undefined ? undefined : await readFile(edit, env.remote);
    if (file && !file.exists) throw new ModuleFailure(`The target XML source '${file.path}' does not exist.`);
    const text = file ? file.content.toString('utf8') : args.xmlstring!;
    const name = file?.path ?? 'xml_string';
    const document = parseXml(text, name);
    if (args.strip_cdata_tags) plainText(document);
    if (args.pretty_print) removeBlankText(document);
    const before = writeXml(document, false);
    const beforeShown = writeXml(document, true);
    const namespaces = toPlain(args.namespaces) as Namespaces;
    const told = args.xpath === undefined ? {} : work(document, args as Wish, namespaces);
    const onlyPretty = args.xpath === undefined;
    const after = writeXml(document, args.pretty_print);
    const differs = onlyPretty ? after !== text : writeXml(document, false) !== before;
    const values: Record<string, unknown> = onlyPretty
      ? {}
      : { actions: { xpath: args.xpath, namespaces, state: args.state }, ...told };
    if (file && differs) {
      const written = await writeFile(file, Buffer.from(after), edit, env);
      if (written.backup) values['backup_file'] = written.backup;
    }
    if (!file) values['xmlstring'] = after;
    const shown = { before: beforeShown, after: writeXml(document, true) };
    return changed(differs, values, env.diff && differs && !onlyPretty ? [shown] : undefined);
  },
});

interface Wish {
  xpath: string;
  state: 'absent' | 'present';
  value?: Value;
  attribute?: Value;
  add_children?: Value[];
  set_children?: Value[];
  count: boolean;
  print_match: boolean;
  content?: 'attribute' | 'text';
  input_type: 'xml' | 'yaml';
  insertbefore: boolean;
  insertafter: boolean;
}

/** Does what is asked with the document; returns what the result tells of it. */
function work(document: Document, wish: Wish, namespaces: Namespaces): Record<string, unknown> {
  const { xpath } = wish;
  if (wish.print_match) {
    const matches = nodes(xpath, document, namespaces).map(pathOf);
    return { msg: `selector '${xpath}' match: [${matches.map((m) => JSON.stringify(m)).join(', ')}]`, matches: [] };
  }
  if (wish.count) {
    const count = Number(select(`count(/${xpath})`, document, namespaces));
    return { msg: `found ${count} nodes`, count };
  }
  const found = nodes(xpath, document, namespaces);
  if (wish.content) return shown(found, wish);
  if (wish.state === 'absent') return removed(found, xpath);
  if (wish.set_children) setChildren(found, wish.set_children, wish, namespaces);
  else if (wish.add_children && wish.add_children.length > 0) addChildren(found, wish, namespaces);
  else if (wish.value !== undefined && wish.value !== null) setValue(document, wish, namespaces);
  else if (!isElement(found[0]) && select(xpath, document, namespaces) !== true)
    makeTarget(document, xpath, namespaces);
  return {};
}

function shown(found: unknown[], { xpath, content }: Wish): Record<string, unknown> {
  if (!isElement(found[0])) throw new ModuleFailure(`Xpath ${xpath} does not reference a node!`);
  const matches = found.filter(isElement).map((element) => {
    if (content === 'text') return { [clark(element)]: textOf(element) };
    const attributes = [...element.attributes].filter((a) => a.prefix !== 'xmlns' && a.name !== 'xmlns');
    return { [clark(element)]: Object.fromEntries(attributes.map((a) => [clark(a), a.value])) };
  });
  return { msg: matches.length, count: matches.length, matches };
}

function removed(found: unknown[], xpath: string): Record<string, unknown> {
  for (const node of found) {
    if (isElement(node)) removeElement(node);
    else if (isAttribute(node)) {
      const attribute = node as { ownerElement: Element; name: string };
      attribute.ownerElement.removeAttribute(attribute.name);
    } else throw new ModuleFailure(`Couldn't delete xpath target: ${xpath} (it is neither element nor attribute)`);
  }
  return {};
}

function setChildren(found: unknown[], wanted: Value[], wish: Wish, namespaces: Namespaces): void {
  for (const match of found.filter(isElement)) {
    const fresh = wanted.map((child) => childOf(child, match, wish.input_type, namespaces));
    const there = elementsOf(match);
    if (there.length === fresh.length && there.every((one, i) => String(one) === String(fresh[i]))) continue;
    for (const one of there) removeElement(one);
    for (const one of fresh) match.appendChild(one);
  }
}

function addChildren(found: unknown[], wish: Wish, namespaces: Namespaces): void {
  const elements = found.filter(isElement);
  const first = elements[0];
  if (!first) return;
  const make = (around: Element) =>
    wish.add_children!.map((child) => childOf(child, around, wish.input_type, namespaces));
  if (!wish.insertbefore && !wish.insertafter) {
    // lxml moves an element that is added twice: the last one keeps it.
    const last = elements.at(-1)!;
    for (const child of make(last)) last.appendChild(child);
    return;
  }
  const at = wish.insertbefore ? first : elements.at(-1)!;
  const parent = at.parentNode;
  if (!isElement(parent)) throw new ModuleFailure(`${wish.xpath} has no element around it`);
  const siblings = elementsOf(parent);
  const next = wish.insertbefore ? at : (siblings[siblings.indexOf(at) + 1] ?? null);
  for (const child of make(parent)) parent.insertBefore(child, next);
}

function setValue(document: Document, wish: Wish, namespaces: Namespaces): void {
  const { xpath } = wish;
  if (!isElement(nodes(xpath, document, namespaces)[0])) makeTarget(document, xpath, namespaces);
  const found = nodes(xpath, document, namespaces).filter(isElement);
  if (found.length === 0) throw new ModuleFailure(`Xpath ${xpath} does not reference a node!`);
  const value = asText(wish.value!);
  const attribute = wish.attribute === undefined || wish.attribute === null ? '' : asText(wish.attribute);
  for (const element of found) {
    if (attribute === '') {
      if (textOf(element) !== value) setText(element, value);
    } else if (attribute.includes(':')) {
      const uri = namespaces[attribute.split(':')[0]!];
      if (uri === undefined) throw new ModuleFailure(`the prefix of ${attribute} is not among the namespaces`);
      element.setAttributeNS(uri, attribute, value);
    } else element.setAttribute(attribute, value);
  }
}

const asText = (value: Value): string => {
  const plain = toPlain(value);
  return typeof plain === 'boolean' ? (plain ? 'True' : 'False') : String(plain);
};

/** An element from what was written: XML, a name, or a dict of a name and its text, attributes (`_`: children, `+value`: text). */
function childOf(child: Value, around: Element, type: 'xml' | 'yaml', namespaces: Namespaces): Element {
  const document = around.ownerDocument!;
  if (type === 'xml')
    return document.importNode(parseXml(asText(child), 'child element').documentElement!, true) as Element;
  if (!isDict(child)) return makeElement(asText(child), around, namespaces);
  if (child.size !== 1) throw new ModuleFailure('Can only create children from hashes with one key');
  const [[name, value]] = [...child] as [[string, Value]];
  const element = makeElement(String(name), around, namespaces);
  if (!isDict(value)) {
    if (value !== null) setText(element, asText(value));
    return element;
  }
  for (const [key, inner] of value as Dict) {
    if (key === '+value') setText(element, asText(inner));
    else if (key !== '_') element.setAttribute(String(key), asText(inner));
    else if (!Array.isArray(inner)) throw new ModuleFailure('Invalid children type: `_` must be a list.');
    else for (const one of inner) element.appendChild(childOf(one, around, 'yaml', namespaces));
  }
  return element;
}

function plainText(document: Document): void {
  const walk = (node: Document | Element): void => {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (isElement(child)) walk(child);
      else if (child.nodeType === 4) {
        const text = document.createTextNode(child.nodeValue ?? '');
        node.replaceChild(text, child);
        child = text;
      }
    }
  };
  walk(document);
}
