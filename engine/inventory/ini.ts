/** The ini form of an inventory: host lines, `[group]`, `[group:children]`, `[group:vars]`. */
import { AuthorError, didYouMean, type Finding, mistake } from '../errors.ts';
import { type Dict, type Place, type Source, setPlaces, type Value } from '../values.ts';
import { addVars, type Group, type Inventory } from './hosts.ts';
import { readLiteral } from './literals.ts';
import { expandHostName } from './names.ts';

type Section = 'hosts' | 'children' | 'vars';

interface Line {
  text: string;
  /** Offset of the text in the source. */
  start: number;
}

/** A group that is named before a section defines it, and the groups that wait to have it as a child. */
interface Pending {
  parents: Group[];
  place: Place;
}

/** A file of another kind would have one in each line. */
const MOST_FINDINGS = 20;

/** Reads an ini inventory into `inventory`; all its mistakes are told at once. */
export function readIni(source: Source, inventory: Inventory): void {
  let group = inventory.addGroup('ungrouped');
  let section: Section = 'hosts';
  const waitingVars = new Map<string, Place>();
  const waitingChildren = new Map<string, Pending>();
  const findings: Finding[] = [];
  /** Below a header that cannot be read nobody knows what the lines are. */
  let lost = false;
  const readLine = (line: Line): void => {
    const place = (offset = 0): Place => ({ source, offset: line.start + offset });
    if (line.text.startsWith('[') && !isHostRange(line.text)) {
      lost = true;
      const header = readHeader(line, place);
      lost = false;
      section = header.section;
      if (section === 'vars' && !inventory.groups.has(header.name)) waitingVars.set(header.name, place(1));
      group = inventory.addGroup(header.name);
      if (section !== 'vars') {
        waitingVars.delete(header.name);
        // Children come in the order of their own sections, as in Ansible, not of the lines that name them.
        const waiting = waitingChildren.get(header.name);
        for (const parent of waiting?.parents ?? []) inventory.addChild(parent, group, waiting!.place);
        waitingChildren.delete(header.name);
      }
    } else if (lost) {
      return;
    } else if (section === 'hosts') {
      readHostLine(line, source, group, inventory);
    } else if (section === 'vars') {
      readVarLine(line, source, group, inventory);
    } else {
      const name = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line.text)?.[1];
      if (!name)
        throw mistake(
          `expected the name of a group, and found \`${line.text}\``,
          place(),
          'one group a line stands under [group:children]',
        );
      const child = inventory.groups.get(name);
      const waiting = waitingChildren.get(name);
      if (child && !waitingVars.has(name)) inventory.addChild(group, child, place());
      else if (waiting) waiting.parents.push(group);
      else waitingChildren.set(name, { parents: [group], place: place() });
    }
  };
  for (const line of contentLines(source)) {
    try {
      readLine(line);
    } catch (error) {
      if (!(error instanceof AuthorError)) throw error;
      findings.push(...error.findings);
      if (findings.length >= MOST_FINDINGS) break;
    }
  }
  if (findings.length > 0) throw new AuthorError(findings);
  refuseUndefined(waitingVars, waitingChildren, inventory);
}

function refuseUndefined(vars: Map<string, Place>, children: Map<string, Pending>, inventory: Inventory): void {
  const defined = [...inventory.groups.keys()].filter((name) => !vars.has(name));
  const unknown = [...children].map(([name, { parents, place }]): Finding => {
    const section = parents[0]!.name;
    return {
      message: `\`[${section}:children]\` lists the group \`${name}\`, which is defined nowhere`,
      place,
      help: didYouMean(name, defined) ?? `define it with a line [${name}]; hosts stand under [${section}] instead`,
    };
  });
  for (const [name, place] of vars)
    unknown.push({
      message: `\`[${name}:vars]\` is for the group \`${name}\`, which is defined nowhere`,
      place,
      help: didYouMean(name, defined) ?? `define it with a line [${name}]`,
    });
  if (unknown.length > 0) throw new AuthorError(unknown);
}

function* contentLines(source: Source): Generator<Line> {
  let start = source.text.startsWith('\ufeff') ? 1 : 0;
  while (start < source.text.length) {
    let end = source.text.indexOf('\n', start);
    if (end < 0) end = source.text.length;
    const raw = source.text.slice(start, end);
    const text = raw.trim();
    if (text !== '' && !text.startsWith('#') && !text.startsWith(';')) {
      yield { text, start: start + raw.length - raw.trimStart().length };
    }
    start = end + 1;
  }
}

/** `[1:3].example.com` and `[::1]:22` are hosts, although they begin with a bracket. */
const isHostRange = (text: string): boolean =>
  /^\[[^\]]*\][^\s#;]/.test(text) || /^\[[0-9a-fA-F:.]*::[0-9a-fA-F:.]*\]/.test(text);

function readHeader(line: Line, place: (offset?: number) => Place): { name: string; section: Section } {
  const found = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(line.text);
  if (!found) {
    const inner = /^\[\s*([^\]]*?)\s*\]?\s*(?:#.*)?$/.exec(line.text)?.[1] ?? '';
    const space = /\s/.exec(line.text.replace(/\].*$/, ''));
    const closed = line.text.includes(']');
    throw mistake(
      closed ? `\`${line.text}\` is not a valid section header` : 'this section header has no closing `]`',
      place(closed && space ? space.index : closed ? 0 : line.text.length),
      closed && space
        ? `a group's name holds no spaces: [${inner.replace(/\s+/g, '_')}]`
        : 'write [group], [group:children] or [group:vars]',
    );
  }
  const section = found[2] ?? 'hosts';
  if (section !== 'hosts' && section !== 'children' && section !== 'vars') {
    throw mistake(
      `\`[${found[1]}:${section}]\` is not a kind of section`,
      place(found[1]!.length + 2),
      didYouMean(section, ['children', 'vars', 'hosts']) ?? 'write [group], [group:children] or [group:vars]',
    );
  }
  return { name: found[1]!, section };
}

function readVarLine(line: Line, source: Source, group: Group, inventory: Inventory): void {
  const equals = line.text.indexOf('=');
  if (equals < 1) {
    throw mistake(
      `expected key=value, and found \`${line.text}\``,
      { source, offset: line.start },
      `hosts stand under [${group.name}], variables under [${group.name}:vars]`,
    );
  }
  const key = line.text.slice(0, equals).trim();
  const rest = line.text.slice(equals + 1);
  const text = rest.trim();
  const place = { source, offset: line.start + line.text.length - rest.trimStart().length };
  const value = readLiteral(text, place);
  if (key === 'ansible_group_priority') inventory.setGroupVar(group, key, value, place);
  else addVars(group.vars, new Map([[key, value]]), inventory.merge, place);
}

interface Word {
  text: string;
  start: number;
}

function readHostLine(line: Line, source: Source, group: Group, inventory: Inventory): void {
  const [first, ...rest] = shellWords(line, source);
  if (!first) return;
  const place = { source, offset: first.start };
  if (first.text === '---') {
    throw mistake(
      'this looks like YAML, but is read as an ini inventory',
      place,
      'give the file a name that ends in .yml or .yaml',
    );
  }
  if (/^[\w.-]+:$/.test(first.text) && rest.length === 0) {
    throw mistake(
      `\`${first.text}\` looks like YAML, but is read as an ini inventory`,
      place,
      'give the file a name that ends in .yml or .yaml; in ini a group is [name]',
    );
  }
  const { names, port } = expandHostName(first.text, place);
  const vars: Dict = new Map();
  const values = new Map<Value, Place>();
  for (const word of rest) {
    const equals = word.text.indexOf('=');
    const at = { source, offset: word.start };
    if (equals < 1) {
      throw mistake(
        `expected key=value behind the host's name, and found \`${word.text}\``,
        at,
        equals === 0 || rest.some((w) => w.text.endsWith('='))
          ? 'there is no space around the `=`: key=value'
          : 'quote a value that holds spaces: key="a b"; one host stands on a line',
      );
    }
    const key = word.text.slice(0, equals);
    const valuePlace = { source, offset: word.start + equals + 1 };
    vars.set(key, readLiteral(word.text.slice(equals + 1), valuePlace));
    values.set(key, valuePlace);
  }
  setPlaces(vars, { self: place, values });
  for (const name of names) addVars(inventory.listHost(name, group, port).vars, vars, inventory.merge, place);
}

/** Words as a POSIX shell splits them, quotes removed; `#` begins a comment. */
function shellWords(line: Line, source: Source): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  const { text } = line;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '#') break;
    if (/\s/.test(char)) {
      if (word) words.push(word);
      word = undefined;
      continue;
    }
    word ??= { text: '', start: line.start + i };
    if (char === '\\' && i + 1 < text.length) {
      word.text += text[++i];
    } else if (char === "'" || char === '"') {
      const end = closingQuote(text, i);
      if (end < 0) {
        throw mistake(
          `the quote ${char} is never closed on this line`,
          { source, offset: line.start + i },
          `close it; an apostrophe in a value is written ${char === "'" ? `"it's"` : `'"'`}`,
        );
      }
      const inner = text.slice(i + 1, end);
      word.text += char === '"' ? inner.replace(/\\(["\\])/g, '$1') : inner;
      i = end;
    } else {
      word.text += char;
    }
  }
  if (word) words.push(word);
  return words;
}

function closingQuote(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[open] === '"' && text[i] === '\\') i++;
    else if (text[i] === text[open]) return i;
  }
  return -1;
}
