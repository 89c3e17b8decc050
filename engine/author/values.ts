/** What a playbook in TypeScript says, as the values and places that a YAML file would have had. */
import type { Finding } from '../errors.ts';
import { type Dict, Float, type Place, setPlaces, Template, Timestamp, type Value } from '../values.ts';
import type { CallPlaces, CallSite } from './call_site.ts';
import { type Layout, startOfTemplate } from './layout.ts';
import { partsOf } from './nodes.ts';
import { type Expression, isExpression, isTemplateText, type TemplateText, writtenText } from './templates.ts';

/** Where a value is written, as far as that is known, and the call that it is an argument of. */
export interface At {
  readonly layout: Layout | undefined;
  readonly call: Place | undefined;
}

/** One entry of a dict that is being made. */
export interface Entry {
  key: string;
  value: Value;
  keyPlace: Place | undefined;
  place: Place | undefined;
}

export class ValueMaker {
  readonly findings: Finding[] = [];

  constructor(readonly places: CallPlaces) {}

  report(message: string, place: Place | undefined, help?: string): null {
    this.findings.push({ message, place, help });
    return null;
  }

  placeOf({ layout, call }: At): Place | undefined {
    return layout && call ? { ...call, offset: layout.offset } : call;
  }

  /** Where the value under a key is written. */
  under(at: At, key: string): At {
    return { call: at.call, layout: at.layout?.keys?.get(key)?.value };
  }

  /** Where the key itself is, or what holds it. */
  keyPlace(at: At, key: string): Place | undefined {
    const offset = at.layout?.keys?.get(key)?.key;
    return offset !== undefined && at.call ? { ...at.call, offset } : this.placeOf(at);
  }

  value(written: unknown, at: At): Value {
    if (written === undefined || written === null) return null;
    switch (typeof written) {
      case 'string':
      case 'boolean':
      case 'bigint':
        return written;
      case 'number':
        return Number.isFinite(written)
          ? written
          : this.report(`${written} is not a value that a task can be given`, this.placeOf(at));
      case 'object':
        return this.#object(written, at);
      default:
        return this.report(`a ${typeof written} is not a value that a task can be given`, this.placeOf(at));
    }
  }

  #object(written: object, at: At): Value {
    if (isTemplateText(written) || isExpression(written)) return this.template(written, at);
    if (written instanceof Float || written instanceof Timestamp) return written;
    if (Array.isArray(written)) return this.list(written, at, (item, where) => this.value(item, where));
    // Keys keep their type: 8080 and '8080' are two.
    if (written instanceof Map)
      return new Map([...written].map(([key, item]) => [this.value(key, at), this.value(item, at)]));
    const parts = partsOf(written);
    if (parts) return this.report(`a ${parts.kind} cannot be a value`, this.placeOf(at));
    if (!isPlain(written)) {
      const help = written instanceof Promise ? 'await it' : 'give a plain object, a list, a string or a number';
      const name = Object.prototype.toString.call(written).slice(8, -1);
      return this.report(`a ${name} is not a value that a task can be given`, this.placeOf(at), help);
    }
    return this.dict(
      entriesOf(written).map(([key, item]) => this.entry(key, this.value(item, this.under(at, key)), at)),
      at,
    );
  }

  /** A template, as a text that the run renders; an expression is one that comes to its value. */
  template(written: TemplateText | Expression, at: At): Template {
    const { text, place } = this.textOf(written, at);
    return isExpression(written) ? new Template(`{{ ${text} }}`, place) : new Template(text, place);
  }

  /** The text of a tagged template, and where it begins in the file. */
  textOf(written: TemplateText | Expression, at: At): { text: string; place: Place | undefined } {
    let found: ReturnType<typeof writtenText>;
    try {
      found = writtenText(written);
    } catch (error) {
      this.report((error as Error).message, this.placeOf(at));
      return { text: '', place: undefined };
    }
    const site: CallSite | undefined = found.site;
    const tag = site && this.places.of(site);
    const place = tag && { ...tag, offset: startOfTemplate(tag.source.text, tag.offset) };
    return { text: found.text, place: place ?? this.placeOf(at) };
  }

  /** A condition: what it says is kept as it is written, and evaluated where it is used. */
  condition(written: unknown, at: At, name: string): { value: Value; place: Place | undefined } {
    const place = this.placeOf(at);
    if (Array.isArray(written)) {
      const list = this.list(written, at, (item, where) => this.condition(item, where, name));
      return { value: list, place };
    }
    if (isExpression(written)) {
      const { text, place: own } = this.textOf(written, at);
      return { value: text, place: own };
    }
    if (isTemplateText(written)) return { value: this.template(written, at), place };
    if (typeof written === 'boolean' || written === null || written === undefined)
      return { value: written ?? null, place };
    const help =
      typeof written === 'string' ? `a string is data; write expr\`${written}\`` : 'write expr`...`, or true or false';
    return { value: this.report(`\`${name}\` is a ${typeof written}, not an expression`, place, help), place };
  }

  list(
    items: readonly unknown[],
    at: At,
    make: (item: unknown, at: At) => Value | { value: Value; place: Place | undefined },
  ): Value[] {
    const places = new Map<Value, Place>();
    const list = items.map((item, i) => {
      const where = { call: at.call, layout: at.layout?.items?.[i] };
      const made = make(item, where);
      const isPlaced =
        typeof made === 'object' && made !== null && 'place' in made && 'value' in made && !(made instanceof Template);
      const value = isPlaced ? (made as { value: Value }).value : (made as Value);
      const place =
        (isPlaced && (made as { place: Place | undefined }).place) || this.placeOf(where.layout ? where : at);
      if (place) places.set(i, place);
      return value;
    });
    const self = this.placeOf(at);
    if (self) setPlaces(list, { self, values: places });
    return list;
  }

  entry(key: string, value: Value, at: At): Entry {
    const under = this.under(at, key);
    return {
      key,
      value,
      keyPlace: this.keyPlace(at, key),
      place: under.layout ? this.placeOf(under) : this.keyPlace(at, key),
    };
  }

  dict(entries: readonly Entry[], at: At): Dict {
    return this.placed(entries, this.placeOf(at));
  }

  placed(entries: readonly Entry[], self: Place | undefined): Dict {
    const dict: Dict = new Map();
    const keys = new Map<Value, Place>();
    const values = new Map<Value, Place>();
    for (const { key, value, keyPlace, place } of entries) {
      dict.set(key, value);
      if (keyPlace) keys.set(key, keyPlace);
      if (place) values.set(key, place);
    }
    if (self) setPlaces(dict, { self, keys, values });
    return dict;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** What an object holds itself: `vars` answers with references where its values are asked for in the usual way. */
export function entriesOf(object: object): [string, unknown][] {
  if (object instanceof Map) return [...object].map(([key, value]) => [String(key), value]);
  return Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([key, { value, get, enumerable }]) => {
    const found: unknown = get ? get.call(object) : value;
    return enumerable && found !== undefined ? [[key, found] as [string, unknown]] : [];
  });
}
